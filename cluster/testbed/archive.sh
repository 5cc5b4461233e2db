# shellcheck shell=bash
# The archive of launch/package, outside and in a bare Debian, and the module file in it.

# in_debian COMMAND...: in the bare root, with nothing of this environment; what is mounted there goes with the command.
in_debian() {
  # shellcheck disable=SC2016
  unshare --mount --propagation private bash -c '
    mount -t proc proc "$1/proc" && mount --rbind /dev "$1/dev" && mount -t tmpfs shm "$1/dev/shm" &&
      exec chroot "$1" env -i HOME=/root PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin "${@:2}"' \
    bash "$state/debian" "$@"
}

# section NAME: what stands under %NAME in the Apptainer definition.
section() { awk -v name="%$1" '/^%/ {inside = $1 == name; next} inside' "$here/fairtat-dist.def"; }

unpack() { mkdir -p "$1" && tar -C "$1" --strip-components=1 -xzf "$archive"; }

# The steps of the Apptainer definition, then two ranks in there against one rank of the same program out here.
archive_in_a_bare_debian() {
  local arguments want
  mapfile -t arguments < <(tiny 2)
  ((archive_size < 64 << 20))
  cp "$archive" "$state/debian/opt/fairtat-dist.tar.gz"
  in_debian sh -c "$(section post)"
  in_debian sh -c "$(section test)" | grep cifar10-preactresnet18-fairtat
  in_debian /opt/fairtat-dist/launch/run -np 2 doctor
  in_debian /opt/fairtat-dist/launch/run -np 2 train "${arguments[@]}" --run /root/run
  unpack outside
  FAIRTAT_PROGRAM='' outside/launch/run -np 1 train "${arguments[@]}" --run run
  want=$(digest_of run)
  echo "digest $want one rank here"
  expect "digest of two ranks in the bare Debian" "$(digest_of "$state/debian/root/run")" "^$want\$"
}

# Loaded by its path and through a link, in another folder than it was packed in.
module_file() {
  local prefix=$PWD/else/where program
  command -v modulecmd >/dev/null
  unpack "$prefix"
  mkdir -p modules/fairtat-dist
  ln -s "$prefix/cluster/modulefile" modules/fairtat-dist/1
  for program in "load $prefix/cluster/modulefile" "use $PWD/modules" "load fairtat-dist/1"; do
    # shellcheck disable=SC2086
    eval "$(modulecmd bash $program)"
    [[ $program != load* ]] || {
      expect "home after $program" "$FAIRTAT_HOME" "^$prefix\$"
      expect "program" "$(command -v fairtat-dist)" "^$prefix/bin/fairtat-dist\$"
      fairtat-dist list recipes | grep cifar10-small-fairtat
      "$FAIRTAT_HOME/cluster/submit" --help >/dev/null
      eval "$(modulecmd bash unload "${program#load }")"
      expect "after the unload" "${FAIRTAT_HOME:-none} $(command -v fairtat-dist || echo none)" '^none none$'
    }
  done
}

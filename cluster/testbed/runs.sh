# shellcheck shell=bash
# Tiny runs, and what they must come to: the digest of the same run on one rank, without any batch system.

# The arguments of a run of so many epochs of two steps.
tiny() {
  printf '%s\n' --set data.train-count=256 --set data.test-count=64 --set data.size=32 --set augmentation.crop=4 \
    --set data.validation=0.02 --set model.width=4 --epochs "$1" --quiet
}

digest_of() { grep '"kind":"epoch"' "$1/metrics.jsonl" | tail -n 1 | sed 's/.*"digest":"\([0-9a-f]*\)".*/\1/'; }

# reference EPOCHS: prints the digest, from a run made at the first call.
reference() {
  local folder=$state/reference-$1 arguments
  if [[ ! -e $folder.done ]]; then
    mapfile -t arguments < <(tiny "$1")
    "$root/launch/run" -np 1 train "${arguments[@]}" --run "$folder" >&2
    touch "$folder.done"
  fi
  digest_of "$folder"
}

# expect_digest EPOCHS FOLDER: the run there ended as the reference did.
expect_digest() {
  local want got
  want=$(reference "$1")
  got=$(digest_of "$2")
  echo "digest $got ${2#"$state/"}"
  [[ $got = "$want" ]] || { echo "the digest is not $want" >&2; return 1; }
}

# expect WHAT GOT PATTERN
expect() {
  [[ $2 =~ $3 ]] || { echo "$1: got '$2', not $3" >&2; return 1; }
  echo "$1: $2"
}

# within SECONDS COMMAND...: repeats the command until it succeeds.
within() {
  local end=$((SECONDS + $1))
  shift
  until "$@"; do
    ((SECONDS < end)) || { echo "waited in vain for: $*" >&2; return 1; }
    sleep 0.2
  done
}

checkpointed() { compgen -G "$1/checkpoints/step-*" >/dev/null; }

# Every number of ranks on this host.
ranks_on_one_host() {
  local count arguments
  mapfile -t arguments < <(tiny 2)
  for count in 1 2 3 4 8; do
    "$root/launch/run" -np "$count" train "${arguments[@]}" --run "$state/ranks-$count"
    expect_digest 2 "$state/ranks-$count"
  done
}

# Ranks on two hosts by mpirun and its rsh agent, over TCP; the agent brings no environment, as ssh does not.
ranks_on_two_hosts() {
  local count before sent arguments
  mapfile -t arguments < <(tiny 2)
  for count in 2 4; do
    before=$(host_sent fairtat2)
    on_host fairtat1 "$root/launch/run" --host "fairtat1:$((count / 2)),fairtat2:$((count / 2))" -np "$count" \
      --mca plm_rsh_agent "$here/testbed/rsh-agent" -x FAIRTAT_TESTBED \
      --mca oob_tcp_if_include "$subnet.0/24" --mca btl_tcp_if_include "$subnet.0/24" --bind-to none -- \
      train "${arguments[@]}" --expect-ranks "$count" --run "$state/two-hosts-$count"
    expect_digest 2 "$state/two-hosts-$count"
    sent=$(($(host_sent fairtat2) - before))
    echo "the second host sent $sent bytes"
    ((sent > 1000000))
  done
}

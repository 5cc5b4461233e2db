# shellcheck shell=bash
# Several hosts on this machine: network namespaces on one bridge, each with its own host name, /etc/hosts and /dev/shm.
# Needs $state, a folder for what belongs to a host; its names and addresses are fixed, so that leftovers can be found.

bridge=fairtat-br
subnet=10.213.77
controller=$subnet.254

host_name() { echo "fairtat$1"; }
host_address() { echo "$subnet.$1"; }

# hosts_up COUNT: fairtat1, fairtat2, ...
hosts_up() {
  local count=$1 i name
  ip link add "$bridge" type bridge
  ip addr add "$controller/24" dev "$bridge"
  ip link set "$bridge" up
  {
    echo "127.0.0.1 localhost"
    echo "$controller $(hostname -s)"
    for ((i = 1; i <= count; i++)); do echo "$(host_address "$i") $(host_name "$i")"; done
  } >"$state/hosts"
  for ((i = 1; i <= count; i++)); do
    name=$(host_name "$i")
    ip netns add "$name"
    ip link add "fairtat-v$i" type veth peer name eth0 netns "$name"
    ip link set "fairtat-v$i" master "$bridge" up
    ip -n "$name" addr add "$(host_address "$i")/24" dev eth0
    ip -n "$name" link set eth0 up
    ip -n "$name" link set lo up
  done
}

# on_host NAME COMMAND...: runs a command there, with the environment of the caller. Not by `ip netns exec`: its fresh /sys
# has no cgroups, which slurmd wants to see.
on_host() {
  local name=$1
  shift
  # shellcheck disable=SC2016
  nsenter --net="/run/netns/$name" unshare --uts --mount --propagation private bash -c '
    hostname "$1" && mount --bind "$2" /etc/hosts && mount -t tmpfs shm /dev/shm && shift 2 && exec "$@"' \
    bash "$name" "$state/hosts" "$@"
}

# Bytes that a host has sent to others.
host_sent() { ip netns exec "$1" cat /sys/class/net/eth0/statistics/tx_bytes; }

hosts_down() {
  local name process
  command -v ip >/dev/null || return 0
  for name in $(ip netns list 2>/dev/null | awk '$1 ~ /^fairtat[0-9]+$/ {print $1}'); do
    for process in $(ip netns pids "$name"); do kill -KILL "$process" 2>/dev/null || true; done
    ip netns del "$name"
  done
  ! ip link show "$bridge" >/dev/null 2>&1 || ip link del "$bridge"
}

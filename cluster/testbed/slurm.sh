# shellcheck shell=bash
# A private SLURM: all its files, its key and its socket lie in $state; nothing of the machine's own is touched.
# Nodes are either pretended (several slurmd on one host) or the hosts of hosts.sh.

export PATH=$PATH:/usr/sbin:/sbin
export SLURM_CONF=$state/slurm.conf

# write_slurm_conf KIND COUNT: KIND is pretended or hosts.
write_slurm_conf() {
  local kind=$1 count=$2 port=$((20000 + RANDOM % 10000)) address nodes
  if [[ $kind = hosts ]]; then
    address=$controller
    nodes="NodeName=fairtat[1-$count] NodeAddr=$subnet.[1-$count] Port=$((port + 1))"
  else
    address=127.0.0.1
    nodes="NodeName=fairtat[1-$count] NodeHostname=$(hostname -s) NodeAddr=127.0.0.1 Port=[$((port + 1))-$((port + count))]"
  fi
  cat >"$SLURM_CONF" <<CONF
ClusterName=fairtat
SlurmctldHost=$(hostname -s)($address)
SlurmctldPort=$port
AuthType=auth/munge
# A requeued job waits for as long as a credential is valid.
AuthInfo=socket=$state/munge/socket,cred_expire=5
CredType=cred/munge
SlurmUser=root
SlurmdUser=root
StateSaveLocation=$state/controller
SlurmdSpoolDir=$state/spool/%n
# Several slurmd on one /tmp would share the folders that pmix makes there.
TmpFS=$state/tmp/%n
SlurmctldPidFile=$state/slurmctld.pid
SlurmdPidFile=$state/slurmd.%n.pid
SlurmctldLogFile=$state/log/slurmctld
SlurmdLogFile=$state/log/slurmd.%n
ProctrackType=proctrack/linuxproc
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
AccountingStorageType=accounting_storage/none
JobCompType=jobcomp/none
MpiDefault=none
ReturnToService=2
SlurmdParameters=config_overrides
SchedulerType=sched/backfill
SchedulerParameters=batch_sched_delay=0,sched_interval=2,bf_interval=2
SelectType=select/cons_tres
SelectTypeParameters=CR_CPU
KillWait=10
SlurmctldTimeout=30
SlurmdTimeout=10
PropagateResourceLimits=NONE
$nodes CPUs=4 Sockets=1 CoresPerSocket=4 ThreadsPerCore=1 RealMemory=16000 State=UNKNOWN
PartitionName=main Nodes=ALL Default=YES MaxTime=INFINITE OverTimeLimit=0 State=UP
CONF
}

# start_slurmd KIND NAME
start_slurmd() {
  local start=(nice -n 10 slurmd -N "$2" -f "$SLURM_CONF")
  if [[ $1 = hosts ]]; then on_host "$2" "${start[@]}"; else "${start[@]}"; fi
}

# slurm_up KIND COUNT: starts it and waits until every node is idle.
slurm_up() {
  local kind=$1 count=$2 i
  mkdir -p "$state"/{controller,spool,log,munge}
  for ((i = 1; i <= count; i++)); do mkdir -p "$state/tmp/fairtat$i" "$state/spool/fairtat$i"; done
  chmod 0711 "$state/munge"
  (umask 077 && head -c 1024 /dev/urandom >"$state/munge/key")
  munged --key-file="$state/munge/key" --socket="$state/munge/socket" --pid-file="$state/munged.pid" \
    --log-file="$state/munge/log" --seed-file="$state/munge/seed" --num-threads=2
  write_slurm_conf "$kind" "$count"
  slurmctld -f "$SLURM_CONF"
  for ((i = 1; i <= count; i++)); do start_slurmd "$kind" "fairtat$i"; done
  for ((i = 0; i < 100; i++)); do
    [[ $(sinfo -h -t idle -N 2>/dev/null | wc -l) -lt $count ]] || return 0
    sleep 0.1
  done
  tail -n 5 "$state"/log/* >&2
  return 1
}

# Processes that cluster/test started, and theirs: they have its folder in their environment.
testbed_processes() {
  local folder
  for folder in /proc/[0-9]*; do
    grep -qaF "FAIRTAT_TESTBED=$state" "$folder/environ" 2>/dev/null || continue
    grep -q '^State:[[:space:]]*Z' "$folder/status" 2>/dev/null || echo "${folder#/proc/}"
  done
}

# slurm_down: ends the jobs, then the daemons, then whatever is left of them.
slurm_down() {
  local i process
  if [[ -e $state/slurmctld.pid ]]; then
    timeout 5 scancel --user=root 2>/dev/null || true
    for ((i = 0; i < 100; i++)); do
      [[ $(timeout 5 squeue -h 2>/dev/null) ]] || break
      sleep 0.1
    done
  fi
  for signal in TERM KILL; do
    for ((i = 0; i < 50; i++)); do
      mapfile -t processes < <(testbed_processes)
      ((${#processes[@]})) || return 0
      if ((i == 0)); then for process in "${processes[@]}"; do kill -s "$signal" "$process" 2>/dev/null || true; done; fi
      sleep 0.1
    done
  done
  echo "still there: ${processes[*]}" >&2
  return 1
}

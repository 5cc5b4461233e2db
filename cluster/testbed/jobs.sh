# shellcheck shell=bash
# What is tried in a SLURM. Every function is a scenario of its own and works in a folder of its own.

# submit SCRIPT EPOCHS [OPTIONS OF sbatch] [-- ARGUMENTS OF train]: prints the number of the job.
submit() {
  local script=$1 arguments
  mapfile -t arguments < <(tiny "$2")
  shift 2
  local options=(--parsable --time=10 --ntasks-per-node=1 --cpus-per-task=1 --mem-per-cpu=1G)
  while (($#)) && [[ $1 != -- ]]; do
    options+=("$1")
    shift
  done
  [[ ! ${1:-} ]] || shift
  "$here/submit" "$script" "${options[@]}" -- "${arguments[@]}" "$@"
}

# field JOB NAME: a field of `scontrol show job`.
field() { scontrol -o show job "$1" | head -n 1 | tr ' ' '\n' | sed -n "s/^$2=//p" | head -n 1; }

is_over() { [[ $(field "$1" JobState) =~ ^(COMPLETED|FAILED|CANCELLED|TIMEOUT|NODE_FAIL|OUT_OF_MEMORY)$ ]]; }
is_running() { [[ $(field "$1" JobState) = RUNNING ]]; }

# ends JOB STATE [EXIT]: waits until the job is over, and compares.
ends() {
  within 400 is_over "$1"
  cat ./*.log
  expect "job $1" "$(field "$1" JobState) $(field "$1" ExitCode) $(field "$1" Restarts)" "^$2 ${3:-0:0} "
}
restarts() { expect "restarts of $1" "$(field "$1" Restarts)" "$2"; }

# signal JOB: what --signal=B:USR1 does, when we want it.
signal() { scancel --batch --signal=USR1 "$1"; }

to_the_end() {
  local job
  job=$(submit "$@" -- --run run)
  ends "$job" COMPLETED
  expect_digest 2 run
}
one_node_to_the_end() { to_the_end one-node 2 --ntasks-per-node=2; }
srun_to_the_end() { to_the_end nodes-srun 2 --nodes=2; }
mpirun_to_the_end() { to_the_end nodes-mpirun 2 --nodes=2; }

# One seed's directory holds a run of another recipe: that task fails with 78, for good, and no other with it.
seeds_of_which_one_fails() {
  local job
  mapfile -t arguments < <(tiny 1)
  "$root/launch/run" train "${arguments[@]}" --seed 1 --set training.learning-rate=0.2
  job=$(submit seeds-array 2 --array=0-2)
  ends "${job}_0" COMPLETED
  ends "${job}_1" FAILED 78:0
  ends "${job}_2" COMPLETED
  restarts "${job}_1" '^0$'
  expect_digest 2 runs/synthetic-small-seed0
  digest_of runs/synthetic-small-seed2
}

# The task whose number is that of the array: requeueing by that number would start all of them anew.
seed_asked_for_a_checkpoint() {
  local job task other
  job=$(submit seeds-array 15 --array=0-1)
  within 60 checkpointed runs/synthetic-small-seed0
  within 60 checkpointed runs/synthetic-small-seed1
  task=0 other=1
  [[ $(field "${job}_0" JobId) = "$job" ]] || task=1 other=0
  expect "number of the task" "$(field "${job}_$task" JobId)" "^$job\$"
  signal "${job}_$task"
  ends "${job}_$other" COMPLETED
  ends "${job}_$task" COMPLETED
  restarts "${job}_$task" '^1$'
  restarts "${job}_$other" '^0$'
  expect_digest 15 runs/synthetic-small-seed0
}

asked_for_a_checkpoint() {
  local job
  job=$(submit "$@" -- --run run)
  within 60 checkpointed run
  signal "$job"
  ends "$job" COMPLETED
  restarts "$job" '^1$'
  expect_digest 15 run
}
one_node_asked_for_a_checkpoint() { asked_for_a_checkpoint one-node 15 --ntasks-per-node=2; }
mpirun_asked_for_a_checkpoint() { asked_for_a_checkpoint nodes-mpirun 15 --nodes=2; }

# SLURM looks at time limits every 30 s: the signal comes between 5 and 35 s after the start.
srun_meets_its_time_limit() {
  local job
  job=$(submit nodes-srun 70 --nodes=2 --time=1 --signal=B:USR1@55 -- --run run)
  ends "$job" COMPLETED
  restarts "$job" '^[1-9]'
  expect_digest 70 run
}

# Taken back into the queue from outside, as by a preemption.
srun_requeued_from_outside() {
  local job
  job=$(submit nodes-srun 15 --nodes=2 -- --run run)
  within 60 checkpointed run
  scontrol requeue "$job"
  ends "$job" COMPLETED
  restarts "$job" '^1$'
  expect_digest 15 run
}

# Cancelled means cancelled; under srun the ranks write their checkpoint, and the same line goes on.
srun_cancelled() {
  local job
  job=$(submit nodes-srun 15 --nodes=2 -- --run run)
  within 60 checkpointed run
  scancel "$job"
  ends "$job" CANCELLED '.*'
  restarts "$job" '^0$'
  job=$(submit nodes-srun 15 --nodes=2 -- --run run --resume must)
  ends "$job" COMPLETED
  expect_digest 15 run
}

# A rank dies: the others do not wait for it, and the same line goes on.
srun_loses_a_rank() {
  local job
  job=$(submit nodes-srun 15 --nodes=2 -- --run run)
  within 60 checkpointed run
  pkill -KILL --newest -f '^[^ ]*fairtat-dist train .*--run run'
  within 60 is_over "$job"
  ends "$job" FAILED '.*'
  restarts "$job" '^0$'
  job=$(submit nodes-srun 15 --nodes=2 -- --run run --resume must)
  ends "$job" COMPLETED
  expect_digest 15 run
}

# Nothing is requeued that would fail again.
wrong_recipe() {
  local job
  job=$(submit one-node 2 -- --run run --set training.learning-rate=-1)
  ends "$job" FAILED 78:0
  restarts "$job" '^0$'
}

# A host that goes out like a light: its daemon and all its ranks are gone at once.
put_out() {
  local process
  for process in $(ip netns pids "$1"); do kill -KILL "$process" 2>/dev/null || true; done
}

# lost FIRST|LAST SCRIPT [OPTIONS OF sbatch]: the job goes on on other hosts.
lost() {
  local which=$1 job host hosts
  shift
  job=$(submit "$1" 15 --nodes=2 "${@:2}" -- --run run)
  within 60 checkpointed run
  mapfile -t hosts < <(scontrol show hostnames "$(field "$job" NodeList)")
  [[ $which = first ]] && host=${hosts[0]} || host=${hosts[1]}
  put_out "$host"
  ends "$job" COMPLETED
  restarts "$job" '^[1-9]'
  start_slurmd hosts "$host"
  within 30 is_idle "$host"
  expect_digest 15 run
}
is_idle() { [[ $(sinfo -h -n "$1" -o %T) = idle ]]; }

# The first host has rank 0, its lock on the run directory, which counts for 120 s elsewhere, and the batch script.
srun_loses_its_first_host() { lost first nodes-srun; }
srun_loses_its_last_host() { lost last nodes-srun --nodelist=fairtat1; }
mpirun_loses_its_last_host() { lost last nodes-mpirun --nodelist=fairtat1; }

# Files of the layout of CIFAR-10 with so many records each, of noise: labels in turn.
noise_as_cifar() { # FOLDER RECORDS
  local file record
  mkdir -p "$1/cifar-10-batches-bin"
  for file in data_batch_{1..5} test_batch; do
    for ((record = 0; record < $2; ++record)); do
      printf "\\x$(printf %02x $((record % 10)))"
      head -c 3072 /dev/urandom
    done >"$1/cifar-10-batches-bin/$file.bin"
  done
}

# Rows of a table as an array, and after it a row that starts from another one's weights: each comes to the weights that the
# study trains here without a batch system. --collect keeps the results. Ten epochs of two steps: the rows' recipes are not
# touched, or they would not be rows.
rows_of_a_study() {
  local rows=at,clean,frl-reweight numbers array late row
  local study=("$root/launch/study" table1 --small --rows "$rows" --data "$PWD/data" --results results)
  noise_as_cifar data 30
  mkdir alone
  (cd alone && "${study[@]}")

  "${study[@]}" --submit --time=10 --ntasks-per-node=2 --cpus-per-task=1 2>submitted || { cat submitted; return 1; }
  cat submitted
  mapfile -t numbers < <(sed -n 's/^launch\/study: job \([0-9]*\): .*/\1/p' submitted)
  array=${numbers[0]} late=${numbers[1]}
  expect "what the late row waits for" "$(field "$late" Dependency)" "^afterok:${array}_"
  ends "${array}_0" COMPLETED
  ends "${array}_1" COMPLETED
  within 100 is_over "${late}_2"
  ends "${late}_2" COMPLETED
  for row in ${rows//,/ }; do
    row=runs/table1-cifar10-small-$row-seed0
    expect "weights of $row" "$(digest_of "$row")" "^$(digest_of "alone/$row")\$"
  done
  "${study[@]}" --collect 2>collected
  expect "collected" "$(cat collected)" '3 of 3 results lie in results'
  "${study[@]}" --submit 2>again
  expect "nothing twice" "$(cat again)" 'nothing to submit'
}

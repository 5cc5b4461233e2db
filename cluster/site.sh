# shellcheck shell=bash disable=SC2034
# The one place to edit for a site. cluster/submit reads it before it calls sbatch, and every job before it starts ranks.
# FAIRTAT_SITE names another file instead, so that a shared installation need not be edited.

# Where jobs go (man sbatch, "INPUT ENVIRONMENT VARIABLES"). Options given to cluster/submit come first, then these, then
# the #SBATCH lines of the scripts.
#export SBATCH_PARTITION=standard
#export SBATCH_ACCOUNT=project
#export SBATCH_CONSTRAINT=avx512

# The Open MPI that the program was built with (Debian 12: 4.1), and OpenBLAS, in PATH and LD_LIBRARY_PATH.
#module load openmpi/4.1 openblas

# Another program than bin/fairtat-dist or .build/release/fairtat-dist beside this folder.
#export FAIRTAT_PROGRAM=/apps/fairtat-dist/bin/fairtat-dist

# How srun introduces the ranks to each other: `srun --mpi=list` must name it, and Open MPI must be built with it.
srun_options=(--mpi=pmix)

# Options of mpirun between nodes, such as the network: --mca btl_tcp_if_include 10.0.0.0/8
mpirun_options=()

# Seconds after the start in which ranks may not listen yet: a request for a checkpoint is passed on after them.
start_seconds=10

# A lost host's lock on the run directory counts for 120 s: for so many seconds a requeued job tries again.
lock_seconds=300

# A job of mpirun that loses a host is requeued, but not after a life shorter than this: then the network may be at fault.
early_seconds=60

"""Faults that end processes at once."""

import signal
import time

from fault import Fault, random_moment, shoot
from job import kill


class KillRank(Fault):
    name, codes, kills, shares = "kill-rank", {137}, True, True
    how = "SIGKILL to one rank, at a random moment"

    def inject(self, job, chance, span):
        random_moment(job, chance, span)
        ranks = job.all_ranks()
        return shoot([ranks[chance.randrange(job.ranks)]]) if ranks else False


class KillRanks(Fault):
    name, codes, kills, shares = "kill-ranks", {137}, True, True
    how = "SIGKILL to all ranks at once, at a random moment"

    def inject(self, job, chance, span):
        random_moment(job, chance, span)
        return shoot(job.all_ranks().values())


class KillLauncher(Fault):
    name, codes, kills, shares = "kill-mpirun", {137}, True, True
    how = "SIGKILL to mpirun, at a random moment"

    def inject(self, job, chance, span):
        return random_moment(job, chance, span) and shoot(job.processes("mpirun").values())


class KillHost(Fault):
    name, codes, kills, shares = "kill-host", {137}, True, True
    how = "SIGKILL to launch/run, mpirun and all ranks at once, as when a host is lost, at a random moment"

    def inject(self, job, chance, span):
        return random_moment(job, chance, span) and shoot(job.processes().values())


class KillWriter(Fault):
    name, codes, kills, shares = "kill-writing", {137}, True, True
    how = "SIGKILL to rank 0, or to all ranks, up to 10 ms after a checkpoint began to be written"

    def inject(self, job, chance, span):
        random_moment(job, chance, span)
        ranks = job.all_ranks()
        if not job.wait_until(lambda: any(job.run.glob("checkpoints/.step-*.partial-*")), pause=0.001):
            return False
        time.sleep(chance.uniform(0, 0.01))
        return shoot([ranks[0]] if chance.random() < 0.5 else ranks.values())


class KillScript(Fault):
    name, codes, kills = "kill-script", {137}, True
    how = "SIGKILL to launch/run alone, at a random moment; the ranks end by themselves"

    def inject(self, job, chance, span):
        return random_moment(job, chance, span) and kill(job.process.pid, signal.SIGKILL)

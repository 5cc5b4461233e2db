"""Faults that ask a run to stop, or stop a part of it."""

import signal

from fault import Fault, random_moment
from job import kill


class Terminate(Fault):
    name, codes = "term", {75}
    how = "SIGTERM to launch/run, at a random moment"

    def inject(self, job, chance, span):
        return random_moment(job, chance, span) and kill(job.process.pid, signal.SIGTERM)


class SignalRank(Fault):
    name, codes = "usr1", {75}
    how = "SIGUSR1 to one rank, at a random moment"

    def inject(self, job, chance, span):
        random_moment(job, chance, span)
        ranks = job.all_ranks()
        return kill(ranks[chance.randrange(job.ranks)], signal.SIGUSR1) if ranks else False


class Stop(Fault):
    name, codes = "stop", {0}
    how = "a file `STOP` in the run directory, at a random moment"

    def inject(self, job, chance, span):
        if not random_moment(job, chance, span):
            return False
        job.run.mkdir(exist_ok=True)
        (job.run / "STOP").touch()
        return True


class Limit(Fault):
    name, codes = "max-wall", {75}
    how = "`--max-wall` of a random part of the time that the run needs"

    def options(self, chance, span):
        return ["--max-wall", max(1, round(chance.uniform(0.35, 0.8) * span))]

    def inject(self, job, chance, span):
        return True


class Hang(Fault):
    name, ranks, codes = "hang", (2, 3, 4), {76}
    how = "SIGSTOP to one rank, at a random moment; `engine.stall-timeout` is 5 s"

    def inject(self, job, chance, span):
        ranks = job.all_ranks()
        if not job.wait_until(job.has_done_a_step) or not job.sleep(chance.uniform(0, 0.3 * span)):
            return False
        return kill(ranks[chance.randrange(job.ranks)], signal.SIGSTOP)

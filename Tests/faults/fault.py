"""What a fault is: how it is injected into a run, and which exit codes it may end with."""

import signal

from job import kill


class Fault:
    """One kind of fault.

    name: for --only. how: for the table. codes: exit codes that launch/run may end with. kills: whether it is a SIGKILL.
    shares: whether it is one of those that share the number of kills. Each injection is a life of its own: `inject` waits
    for a random moment and does it, `repair` is done before the next start, `check` looks at that one's end. `chance` is
    the source of all that is random, `span` the seconds of an undisturbed run.
    """

    kills = shares = False
    ranks = (1, 2, 3, 4)
    codes = ()

    def prepare(self, run):
        """Before the first start."""

    def clean(self, run):
        """After the last one."""

    def options(self, chance, span):
        return []

    def inject(self, job, chance, span):
        """Whether there was a run to do it to."""
        raise NotImplementedError

    def repair(self, run, chance):
        """Between the end and the next start."""

    def check(self, job):
        """After the life that follows: raises Wrong where it did not do what it should."""


def random_moment(job, chance, span):
    """Waits until one comes, after launch/run has begun to start ranks; whether the run still goes on."""
    return job.wait_until(lambda: job.processes("mpirun")) and job.sleep(chance.uniform(0, 0.7 * span))


def shoot(processes):
    """SIGKILL to all of them; whether any was there."""
    return any([kill(process, signal.SIGKILL) for process in processes])


def checkpoints(run):
    """The checkpoints that have a name that counts, by step."""
    found = [path for path in run.glob("checkpoints/step-*") if path.name[5:].isdigit()]
    return sorted(found, key=lambda path: int(path.name[5:]))

"""Injects faults into runs until they are finished, and keeps count of what comes of it."""

import collections
import os
import pathlib
import random
import subprocess
import sys
import time

from job import Job, Wrong, lines
from traces import Trace


class Tally:
    """What came of one fault: exit codes, ranks, the steps gone on from, the steps computed again, what went wrong.

    segments: files that Open MPI has left in shared memory.
    """

    def __init__(self):
        self.injected, self.runs, self.again, self.segments = 0, 0, 0, 0
        self.codes, self.ranks = collections.Counter(), collections.Counter()
        self.first, self.losses, self.skipped = [], [], ""


class Progress:
    """Says what was done, and how long the rest takes at this pace."""

    def __init__(self, total):
        self.total, self.done, self.began = total, 0, time.monotonic()

    def say(self, text):
        left = (time.monotonic() - self.began) / max(1, self.done) * (self.total - self.done)
        pace = f"{left / 60:.0f} min left" if left > 90 else f"{left:.0f} s left"
        print(f"[{self.done}/{self.total}, {pace}] {text}", file=sys.stderr, flush=True)


class Experiment:
    """The undisturbed run, and the others that must equal it.

    folder: where the runs lie. memory: where Open MPI has its shared memory. whole: what the undisturbed run left. span:
    the seconds that it took.
    """

    def __init__(self, folder, memory, seed, progress):
        self.folder, self.memory, self.seed, self.progress = pathlib.Path(folder), pathlib.Path(memory), seed, progress
        os.environ["TMPDIR"] = str(folder)
        os.environ["OMPI_MCA_btl_vader_backing_directory"] = str(memory)
        progress.say(f"seed {seed}; the runs lie in {folder}")
        job = Job(self.folder / "undisturbed", 2)
        try:
            job.wait()
        finally:
            job.end()
        if not job.is_finished:
            raise Wrong(f"the undisturbed run ended with {job.code}: {job.said}")
        self.whole, self.span = Trace(job.run), job.seconds
        progress.say(f"the undisturbed run took {self.span:.1f} s and ended with {self.whole.digests[-1][:16]}")
        progress.began = time.monotonic()

    def inject(self, fault, times):
        """Injects a fault so many times, into as many runs as that takes."""
        chance, tally = random.Random(f"{self.seed} {fault.name}"), Tally()
        while tally.injected < times and not tally.losses:
            tally.runs += 1
            run = self.folder / f"{fault.name}-{tally.runs}"
            try:
                fault.prepare(run)
            except (OSError, subprocess.CalledProcessError):
                tally.skipped = "skipped: no small file system can be mounted here (that needs root)"
                break
            try:
                self._finish(run, fault, times, chance, tally)
                tally.losses += [f"{run.name}: {line}" for line in Trace(run).differences(self.whole)]
            except Wrong as wrong:
                tally.losses.append(f"{run.name}: {wrong}")
            finally:
                if tally.losses:
                    self.progress.say(f"WRONG: {'; '.join(tally.losses)}; what it said is in {run}.*.out")
                fault.clean(run)
        return tally

    def _finish(self, run, fault, times, chance, tally):
        """The lives of one run until it is finished."""
        last = None
        while True:
            ranks = chance.choice(fault.ranks)
            disturbed = tally.injected < times
            job = Job(run, ranks, fault.options(chance, self.span) if disturbed else [])
            try:
                hit = disturbed and fault.inject(job, chance, self.span)
                job.wait()
            finally:
                job.end()
            for segment in self.memory.iterdir():
                segment.unlink()
                tally.segments += 1
            # A life that ended before it knew where to go on says nothing of the one before.
            if last is not None and job.first is not None:
                fault.check(job)
                tally.first.append(job.first)
                tally.again += last - job.first
                last = None
            if job.is_finished:
                return
            if not hit or job.code not in fault.codes:
                raise Wrong(f"ended with {job.code} on {ranks} ranks, {'after the fault' if hit else 'without a fault'}")
            fault.repair(run, chance)
            tally.injected += 1
            tally.codes[job.code] += 1
            tally.ranks[ranks] += 1
            last = max((line["step"] for line in lines(run, "metrics.jsonl")), default=0)
            self.progress.done += 1
            self.progress.say(
                f"{fault.name}: {ranks} rank{'s' * (ranks > 1)}, {job.seconds:.2f} s, at step {last}: {job.code}")

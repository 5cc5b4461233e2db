"""A training under launch/run: started, looked at, shot at, waited for."""

import json
import os
import pathlib
import re
import signal
import subprocess
import time

ROOT = pathlib.Path(__file__).resolve().parents[2]
PATIENCE = 180

# Some seconds on two cores: 45 steps in 3 epochs, 14 checkpoints, validation, averages, prior and margins.
SETTINGS = {
    "training.epochs": 3, "model.width": 8, "data.train-count": 512, "data.test-count": 100, "data.validation": 0.1,
    "training.batch-size": 32, "training.shards": 8, "training.log-every": 1, "attack.steps": 5,
    "evaluation.attack.steps": 5, "averaging.start": 0, "averaging.fawa-threshold": 0, "checkpoint.every-steps": 3,
    "engine.threads": 1, "engine.stall-timeout": 5,
}


class Wrong(Exception):
    """Something that must not happen; the text says what."""


class Job:
    """One life of a run, from a start to its end.

    run: the run directory. ranks: how many. output: the file with all that it says. code: the exit code of launch/run once
    it has ended. first: the step it began at; nothing where it ended before it knew. seconds: how long it took.
    """

    def __init__(self, run, ranks, options=()):
        self.run, self.ranks, self.code, self.lines_before = pathlib.Path(run), ranks, None, len(lines(run, "metrics.jsonl"))
        self.starts_before = len(self.starts())
        life = 1 + len(list(self.run.parent.glob(f"{self.run.name}.*.out")))
        self.output = self.run.with_name(f"{self.run.name}.{life}.out")
        words = [str(ROOT / "launch" / "run"), "-np", str(ranks), "train", "--run", str(run), *map(str, options)]
        for key, value in SETTINGS.items():
            words += ["--set", f"{key}={value}"]
        self.began = time.monotonic()
        with open(self.output, "w") as out:
            self.process = subprocess.Popen(
                words, stdin=subprocess.DEVNULL, stdout=out, stderr=subprocess.STDOUT, start_new_session=True)

    def processes(self, name=None):
        """The processes of this run, or those of a name: numbers by rank, or by process where they have no rank."""
        found = {}
        mark = b"\0" + os.fsencode(self.run) + b"\0"
        for number in filter(str.isdigit, os.listdir("/proc")):
            try:
                place = pathlib.Path("/proc", number)
                if mark not in (place / "cmdline").read_bytes():
                    continue
                if name and (place / "comm").read_text().strip() != name:
                    continue
                rank = re.search(rb"(?:^|\0)OMPI_COMM_WORLD_RANK=(\d+)\0", (place / "environ").read_bytes())
            except OSError:
                continue
            found[int(rank[1]) if rank else f"process {number}"] = int(number)
        return found

    def all_ranks(self):
        """The processes of the ranks, once all have begun; nothing where the run ends before."""
        while self.is_running():
            ranks = self.processes("fairtat-dist")
            if len(ranks) == self.ranks:
                return ranks
            time.sleep(0.01)
        return {}

    def is_running(self):
        return self.process.poll() is None

    def sleep(self, seconds):
        """Waits so long, or until the end; whether it still runs."""
        try:
            self.process.wait(seconds)
        except subprocess.TimeoutExpired:
            return True
        return False

    def wait_until(self, condition, pause=0.01):
        """Waits until a condition holds; whether it did before the end."""
        while self.is_running():
            if condition():
                return True
            time.sleep(pause)
        return False

    def has_done_a_step(self):
        return len(lines(self.run, "metrics.jsonl")) > self.lines_before

    def wait(self):
        """Waits until launch/run and all ranks have ended."""
        try:
            code = self.process.wait(PATIENCE)
            self.code = code if code >= 0 else 128 - code
            end = time.monotonic() + PATIENCE
            while left := self.processes():
                if time.monotonic() > end:
                    raise Wrong(f"{len(left)} processes are left {PATIENCE} s after the end")
                time.sleep(0.01)
        except subprocess.TimeoutExpired:
            raise Wrong(f"hangs: no end within {PATIENCE} s") from None
        finally:
            self.end()
        self.seconds = time.monotonic() - self.began

    def end(self):
        """Ends whatever is left of it."""
        for process in self.processes().values():
            kill(process, signal.SIGKILL)
        if self.is_running():
            self.process.kill()
            self.process.wait()

    @property
    def said(self):
        return self.output.read_text(errors="replace")

    @property
    def is_finished(self):
        return self.code == 0 and bool(re.search(r"^(the run lies in|.* is finished: )", self.said, re.MULTILINE))

    def starts(self):
        """The steps at which the lives of the run began."""
        return [line["position"]["step"] for line in lines(self.run, "lives.jsonl") if line["event"] == "started"]

    @property
    def first(self):
        return next(iter(self.starts()[self.starts_before:]), None)


def lines(run, name):
    """The whole lines of a file of JSON objects of a run."""
    try:
        with open(pathlib.Path(run) / name) as file:
            return [json.loads(line) for line in file if line.endswith("\n")]
    except OSError:
        return []


def kill(process, number):
    """Sends a signal; whether the process was there."""
    try:
        os.kill(process, number)
    except ProcessLookupError:
        return False
    return True

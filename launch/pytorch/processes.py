"""Runs the processes that are measured: on given cores, with their memory sampled, all ended where one fails."""

import json
import os
import subprocess
import tempfile
import time

SAMPLING = 0.05


class Failed(Exception):
    """A process that ended with an error; its text holds the last words."""


class Cores:
    """The physical cores this process may use, each a list of its CPUs."""

    def __init__(self):
        cores = {}
        for cpu in sorted(os.sched_getaffinity(0)):
            cores.setdefault(self._core_of(cpu), []).append(cpu)
        self.cpus = list(cores.values())

    @staticmethod
    def _core_of(cpu):
        numbers = []
        for name in ("physical_package_id", "core_id"):
            try:
                with open(f"/sys/devices/system/cpu/cpu{cpu}/topology/{name}") as file:
                    numbers.append(file.read().strip())
            except OSError:
                return cpu
        return tuple(numbers)

    def share(self, index, count, each):
        """The CPUs of the share `index` of `count`, `each` cores a share; all cores where they do not suffice."""
        cores = self.cpus[index * each:(index + 1) * each] if count * each <= len(self.cpus) else self.cpus
        return {cpu for core in cores for cpu in core}


class Outcome:
    """What a group of processes left.

    output: the standard output of the first; first_step: seconds from the start to its first step, if it made any;
    peaks: the largest proportional set size seen of each process, bytes, between the first step and the last.
    """

    def __init__(self):
        self.output, self.first_step, self.peaks = "", None, []


def run(commands, step_lines=lambda output: [], steps=0, memory=False):
    """Runs processes side by side until all have ended.

    commands: for each process its words, its additional environment, and its CPUs. step_lines: makes of the file with the
    first one's standard output the lines of the steps done so far. With `memory`, samples while they are fewer than `steps`.
    """
    outcome, peaks, measured = Outcome(), {}, []
    with tempfile.TemporaryDirectory() as folder:
        files = [(open(f"{folder}/{i}.out", "w+"), open(f"{folder}/{i}.err", "w+")) for i in range(len(commands))]
        running = []
        start = time.monotonic()
        try:
            for (words, environment, cpus), (out, err) in zip(commands, files):
                running.append(subprocess.Popen(
                    [str(word) for word in words], env=os.environ | environment, stdin=subprocess.DEVNULL, stdout=out,
                    stderr=err, preexec_fn=lambda cpus=cpus: os.sched_setaffinity(0, cpus)))
            while None in (codes := [process.poll() for process in running]) and not any(codes):
                if outcome.first_step is None and steps:
                    if step_lines(files[0][0].name):
                        outcome.first_step = time.monotonic() - start
                        measured = _descendants([process.pid for process in running]) if memory else []
                    else:
                        time.sleep(0.005)
                        continue
                if measured and len(step_lines(files[0][0].name)) < steps:
                    for pid in measured:
                        peaks[pid] = max(peaks.get(pid, 0), _proportional_size(pid))
                time.sleep(SAMPLING)
        finally:
            for process in running:
                if process.poll() is None:
                    process.terminate()
            for process in running:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
                    process.wait()
        for process, code, (words, _, _), (out, err) in zip(running, codes, commands, files):
            if code:
                raise Failed(f"{' '.join(map(str, words))} ended with {code}\n{_last_words(err) or _last_words(out)}")
        files[0][0].seek(0)
        outcome.output = files[0][0].read()
        for out, err in files:
            out.close()
            err.close()
    outcome.peaks = list(peaks.values())
    return outcome


def json_lines(path):
    """The whole lines of a file of JSON objects; none where it is not there."""
    try:
        with open(path) as file:
            return [json.loads(line) for line in file if line.startswith("{") and line.endswith("\n")]
    except OSError:
        return []


def _last_words(file):
    file.seek(0)
    return "\n".join(file.read().strip().splitlines()[-15:])


def _descendants(pids):
    """The processes of `pids` and all that came of them."""
    children = {}
    for name in os.listdir("/proc"):
        if name.isdigit():
            try:
                with open(f"/proc/{name}/stat") as file:
                    parent = int(file.read().rpartition(")")[2].split()[1])
            except OSError:
                continue
            children.setdefault(parent, []).append(int(name))
    found = list(pids)
    for pid in found:
        found += children.get(pid, [])
    return found


def _proportional_size(pid):
    """Bytes of memory of a process, what it shares divided by those who share it; 0 where it is gone."""
    try:
        with open(f"/proc/{pid}/smaps_rollup") as file:
            return next((1024 * int(line.split()[1]) for line in file if line.startswith("Pss:")), 0)
    except OSError:
        return 0

"""launch/faults [--kills N] [--seed N] [--only FAULT]... [--keep]

Trains a small network undisturbed, then again and again with faults at random moments: the same command is started on 1, 2,
3 or 4 ranks, a fault is injected, and so on until the run is finished. Every run must end with the undisturbed one's
digests, last checkpoint, results and log (but for times), and every life with an exit code that is right for its fault.
Prints the table of faults as Markdown; progress goes to standard error. The exit code is 0 where all was as it should be;
otherwise 1, and the runs are kept.

Some seconds a fault on two cores. The choices follow from the seed, the moments also from the speed of the machine.
"""

import argparse
import os
import pathlib
import platform
import shutil
import signal
import subprocess
import sys
import tempfile

import faults
from experiment import Experiment, Progress
from job import ROOT, Wrong


class Parser(argparse.ArgumentParser):
    def error(self, message):
        self.exit(64, f"launch/faults: {message}; see launch/faults --help\n")


def arguments():
    names = [fault.name for fault in faults.ALL]
    parser = Parser(prog="launch/faults", usage=argparse.SUPPRESS, description=__doc__,
                    epilog="faults: " + ", ".join(names), formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, metavar="N",
                        help="SIGKILLs shared by kill-rank to kill-writing (50); every other fault comes N/10 times")
    parser.add_argument("--seed", type=int, default=0, metavar="N", help="of all that is random (0)")
    parser.add_argument("--only", action="append", choices=names, metavar="FAULT", help="this one; may be repeated")
    parser.add_argument("--keep", action="store_true", help="keep the runs")
    options = parser.parse_args()
    if options.kills < 1:
        parser.error("--kills takes a number from 1")
    return options


def program():
    packed = ROOT / "bin" / "fairtat-dist"
    return os.environ.get("FAIRTAT_PROGRAM") or (packed if packed.exists() else ROOT / ".build/release/fairtat-dist")


def circumstances():
    """Version and machine."""
    told = subprocess.run([program(), "--version"], capture_output=True, text=True)
    with open("/proc/cpuinfo") as file:
        fields = dict(line.rstrip("\n").split("\t: ", 1) for line in file if "\t: " in line)
    processor = fields.get("model name", platform.machine())
    return f"{told.stdout.strip() or 'unknown version'}; {processor}, {len(os.sched_getaffinity(0))} cores"


def row(cells):
    print("| " + " | ".join(cells) + " |")


def counted(number, thing):
    return f"{number} {thing}{'s' * (number != 1)}"


def print_row(fault, tally):
    if tally.skipped:
        return row([fault.how, tally.skipped, "", ""])
    what = "ended with " + ", ".join(f"{code} ({count})" for code, count in sorted(tally.codes.items()))
    if tally.first:
        what += f"; went on from steps {min(tally.first)} to {max(tally.first)}; {counted(tally.again, 'step')} computed again"
    if tally.segments:
        what += f"; Open MPI left {counted(tally.segments, 'file')} in shared memory"
    often = f"{tally.injected} in {counted(tally.runs, 'run')}; on " + ", ".join(map(str, sorted(tally.ranks))) + " ranks"
    row([fault.how, what, often, "; ".join(tally.losses) or "none: all the same"])


def print_table(tallies, options, experiment):
    print(f"{circumstances()}; seed {options.seed}; the undisturbed run took {experiment.span:.1f} s on 2 ranks and ended "
          f"with digest {experiment.whole.digests[-1][:16]}.\n")
    row(["fault, and how it is injected", "what happened: exit codes (how often), steps", "how often", "losses"])
    row(["---"] * 4)
    for fault, tally in tallies:
        print_row(fault, tally)
    kills = sum(tally.injected for fault, tally in tallies if fault.kills)
    print(f"\n{counted(sum(tally.injected for _, tally in tallies), 'fault')} in "
          f"{counted(sum(tally.runs for _, tally in tallies), 'run')}, {kills} of them with SIGKILL.")


def main():
    options = arguments()
    chosen = [fault for fault in faults.ALL if not options.only or fault.name in options.only]
    sharing = sum(fault.shares for fault in faults.ALL)
    times = {fault: -(-options.kills // (sharing if fault.shares else 10)) for fault in chosen}
    # So that jobs are ended and file systems unmounted.
    signal.signal(signal.SIGTERM, lambda number, frame: sys.exit(128 + number))
    folder, keeps = pathlib.Path(tempfile.mkdtemp(prefix="fairtat-faults-")), True
    memory = tempfile.mkdtemp(prefix="fairtat-faults-", dir="/dev/shm")
    try:
        experiment = Experiment(folder, memory, options.seed, Progress(sum(times.values())))
        tallies = [(fault, experiment.inject(fault, times[fault])) for fault in chosen]
        print_table(tallies, options, experiment)
        failed = any(tally.losses for _, tally in tallies)
        keeps = failed or options.keep
    except Wrong as wrong:
        raise SystemExit(f"launch/faults: {wrong}") from None
    finally:
        shutil.rmtree(memory)
        if keeps:
            print(f"launch/faults: the runs stay in {folder}", file=sys.stderr)
        else:
            shutil.rmtree(folder)
    sys.exit(1 if failed else 0)


if __name__ == "__main__":
    main()

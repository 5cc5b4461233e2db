"""Runs fairtat-dist and PyTorch in turn on the same work and prints how their speeds compare.

The machine's speed drifts, so each round measures both, one right after the other and in alternating order, and yields one
ratio; the result is the median of the ratios, with the least and the greatest beside it.
"""

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile

HERE = os.path.dirname(os.path.abspath(__file__))


def output(command):
    """What a command writes; ends the comparison with its last words where it fails."""
    result = subprocess.run(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    if result.returncode:
        words = (result.stderr or result.stdout).strip().splitlines()[-15:]
        raise SystemExit("compare-pytorch: " + " ".join(command) + f" ended with {result.returncode}\n" + "\n".join(words))
    return result.stdout


def ours(options):
    """Images per second of fairtat-dist: the median over the step lines of a short training, without the first ones."""
    steps = options.warmup + options.steps
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        # One epoch of so many steps, and as little as possible around it.
        settings = {
            "model.name": "preactresnet18", "model.width": options.width, "method.name": "fairtat",
            "attack.steps": 10, "training.batch-size": options.batch, "training.log-every": 1, "training.epochs": 1,
            "data.validation": 0, "averaging.fawa": "false", "averaging.ema": "false", "evaluation.attack.steps": 0,
            "engine.threads": options.threads,
        }
        if options.data:
            settings |= {"data.limit-train": options.batch * steps, "data.limit-test": 100}
        else:
            settings |= {"data.train-count": options.batch * steps, "data.test-count": 100}
        command = [os.path.join(HERE, "..", "run"), "-np", str(options.ranks), "train", "--quiet", "--resume", "never", "--run", run]
        if options.data:
            command += ["--data", options.data]
        for key, value in settings.items():
            command += ["--set", f"{key}={value}"]
        output(command)
        try:
            with open(os.path.join(run, "metrics.jsonl")) as file:
                lines = [json.loads(line) for line in file]
        except OSError as error:
            raise SystemExit(f"compare-pytorch: the training of fairtat-dist left no metrics: {error}")
    speeds = [line["images_per_second"] for line in lines if line["kind"] == "step"][options.warmup:]
    if len(speeds) < options.steps:
        raise SystemExit(f"compare-pytorch: fairtat-dist logged {len(speeds)} steps of {options.steps}")
    return statistics.median(speeds)


def theirs(options):
    """Images per second of PyTorch."""
    command = [sys.executable, os.path.join(HERE, "torch_step.py"), "--width", options.width, "--batch", options.batch,
               "--steps", options.steps, "--warmup", options.warmup, "--processes", options.ranks,
               "--threads", options.threads, "--memory-format", options.memory_format]
    if options.data:
        command += ["--data", options.data]
    return json.loads(output([str(word) for word in command]).splitlines()[-1])["images_per_second"]


def main():
    parser = argparse.ArgumentParser(prog="launch/compare-pytorch", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--ranks", type=int, default=2, help="ranks here, processes there")
    parser.add_argument("--threads", type=int, default=1, help="threads of each")
    parser.add_argument("--width", type=int, default=64)
    parser.add_argument("--batch", type=int, default=128, help="pictures a step, of all ranks together")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--steps", type=int, default=5, help="timed steps a round")
    parser.add_argument("--warmup", type=int, default=1, help="steps before them")
    parser.add_argument("--memory-format", choices=("channels_last", "default"), default="channels_last",
                        help="PyTorch's; channels_last is the faster one")
    parser.add_argument("--data", default="", help="a folder with CIFAR-10's binary files; made-up pictures without")
    parser.add_argument("--json", default="", help="also write the numbers to this file")
    options = parser.parse_args()
    if min(options.ranks, options.threads, options.batch, options.rounds, options.steps, options.warmup) < 1:
        parser.error("ranks, threads, batch, rounds, steps and warmup are at least 1")
    if options.data:
        options.data = os.path.abspath(options.data)

    print(f"images/s of whole FAIR-TAT steps: PreActResNet-18 of width {options.width}, batch {options.batch}, PGD-10, "
          f"{options.ranks} ranks of {options.threads} threads; PyTorch in {options.memory_format}")
    print("BatchNorm: fairtat-dist over the whole batch, PyTorch over each process's part", flush=True)
    print(f"{'round':>6} {'fairtat-dist':>13} {'PyTorch':>9} {'ratio':>7}")
    rounds = []
    for number in range(1, options.rounds + 1):
        measured = {}
        for side in (ours, theirs) if number % 2 else (theirs, ours):
            measured[side.__name__] = side(options)
        measured["ratio"] = measured["ours"] / measured["theirs"]
        rounds.append(measured)
        print(f"{number:6} {measured['ours']:13.2f} {measured['theirs']:9.2f} {measured['ratio']:7.2f}", flush=True)
    column = {key: [r[key] for r in rounds] for key in ("ours", "theirs", "ratio")}
    median = {key: statistics.median(values) for key, values in column.items()}
    print(f"{'median':>6} {median['ours']:13.2f} {median['theirs']:9.2f} {median['ratio']:7.2f}"
          f"   (ratios from {min(column['ratio']):.2f} to {max(column['ratio']):.2f})")
    if options.json:
        with open(options.json, "w") as file:
            json.dump({"settings": vars(options), "rounds": rounds, "median": median}, file, indent=1)
            file.write("\n")


if __name__ == "__main__":
    main()

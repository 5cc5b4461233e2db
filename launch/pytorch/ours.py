"""fairtat-dist's side of the comparison: short trainings and evaluations by launch/run."""

import glob
import json
import os
import statistics
import struct
import tempfile
import time

import methods
import processes

RUN = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "run")
PASSES = 10  # forward passes that time one
LEAST_SECONDS = 0.5  # shorter differences are noise


def speed(method, setting, options, memory=False):
    """Images per second: the median over the step lines of a short training, without the first ones; and the start-up.

    With `memory` the largest memory between the first and the last step instead. Beside them the forward passes of a step,
    the mean over all steps, where they can be counted.
    """
    steps = options.warmup + options.steps
    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        metrics = os.path.join(run, "metrics.jsonl")
        outcome = _launch(setting, _training(method, setting, options, run, setting["batch"] * steps),
                          lambda _: _steps(metrics), steps, memory)
        lines = _steps(metrics)
        passes = None if methods.METHODS[method].regularised else _training_passes(run)
    speeds = [line["images_per_second"] for line in lines][options.warmup:]
    if len(speeds) < options.steps:
        raise processes.Failed(f"fairtat-dist logged {len(speeds)} steps of {options.steps} after the warm-up")
    return {
        "images_per_second": statistics.median(speeds), "peaks": outcome.peaks,
        "first_step_line": outcome.first_step, "first_step": setting["batch"] / lines[0]["images_per_second"],
        "forward_passes": passes / steps if passes else None,
    }


def evaluation(setting, options):
    """Images per second of an evaluation: of clean accuracy alone, and of clean and robust accuracy.

    The program prints no times, so whole evaluations are timed, and their differences taken: start, data and end cancel.
    An attack of no steps still judges its random starts, one forward pass for each restart. None where the difference is
    too short.
    """
    def seconds(run, steps, restarts):
        start = time.monotonic()
        _launch(setting, ["evaluate", "--quiet", "--checkpoint", run, "--steps", steps, "--restarts", restarts,
                          "--limit", options.eval_count, "--batch", options.eval_batch, "--threads", setting["threads"]])
        return time.monotonic() - start

    with tempfile.TemporaryDirectory() as folder:
        run = os.path.join(folder, "run")
        small = setting | {"batch": 8 * setting["ranks"]}
        _launch(setting, _training("fairtat", small, options, run, small["batch"], tests=options.eval_count))
        base, passes, attack = seconds(run, 0, 1), seconds(run, 0, 1 + PASSES), seconds(run, options.attack_steps, 1)
    long_enough = min(passes, attack) - base >= LEAST_SECONDS
    forward = (passes - base) / PASSES
    return {
        "seconds": {"base": base, "passes": passes, "attack": attack},
        "pictures_per_second": {
            "clean": options.eval_count / forward if long_enough else None,
            "attacked": options.eval_count / (attack - base + 2 * forward) if long_enough else None,
        },
    }


def _steps(metrics):
    return [line for line in processes.json_lines(metrics) if line["kind"] == "step"]


def _training_passes(run):
    """Passes in train mode of a whole run, which its last checkpoint has counted; None where there is none.

    All passes of AT and FAT are such; TRADES attacks in evaluation mode.
    """
    paths = glob.glob(os.path.join(run, "checkpoints", "step-*", "model.safetensors"))
    if not paths:
        return None
    with open(max(paths, key=lambda path: int(path.split(os.sep)[-2].removeprefix("step-"))), "rb") as file:
        header = json.loads(file.read(struct.unpack("<Q", file.read(8))[0]))
        tracked = next(entry for name, entry in header.items() if name.endswith("num_batches_tracked"))
        file.seek(tracked["data_offsets"][0], os.SEEK_CUR)
        return struct.unpack("<q", file.read(8))[0]


def _launch(setting, words, *watching):
    cpus = processes.Cores().share(0, 1, setting["ranks"] * setting["threads"])
    return processes.run([([RUN, "-np", setting["ranks"], *words], {}, cpus)], *watching)


def _training(method, setting, options, run, images, tests=100):
    """The words for one epoch of so many images, with as little as possible around it."""
    settings = {
        "model.name": "preactresnet18", "model.width": setting["width"], "method.name": method,
        "attack.steps": options.attack_steps, "augmentation.crop": 4, "training.batch-size": setting["batch"],
        "training.log-every": 1, "training.epochs": 1, "data.validation": 0, "averaging.fawa": "false",
        "averaging.ema": "false", "evaluation.attack.steps": 0, "engine.threads": setting["threads"],
        # The network's memory is made for this if it is more than the rank's part of a batch.
        "evaluation.batch": max(1, setting["batch"] // setting["ranks"]),
        "attack.precision": options.attack_precision,
    }
    if methods.METHODS[method].friendly:
        settings["attack.budget"] = options.budget
    if options.data:
        settings |= {"data.limit-train": images, "data.limit-test": tests}
    else:
        # The size of PyTorch's images.
        settings |= {"data.size": 32, "data.train-count": images, "data.test-count": tests}
    words = ["train", "--quiet", "--resume", "never", "--run", run]
    if options.data:
        words += ["--data", options.data]
    for key, value in settings.items():
        words += ["--set", f"{key}={value}"]
    return words

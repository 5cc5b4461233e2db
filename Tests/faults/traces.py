"""What a finished run has left, as far as it must equal what the undisturbed run left: all but times."""

import hashlib
import pathlib

import job

TIMES = ("seconds", "images_per_second", "ranks")


class Trace:
    """digests: of the state at the end of each epoch. parts: name and contents of all that is compared."""

    def __init__(self, run):
        run = pathlib.Path(run)
        lines = job.lines(run, "metrics.jsonl")
        self.digests = [line["digest"] for line in lines if line["kind"] == "epoch"]
        self.parts = {"the digests of the epochs": self.digests}
        self.parts["metrics.jsonl"] = [{k: v for k, v in line.items() if k not in TIMES} for line in lines]
        for name in ("classes.csv", "best.json", "recipe.resolved.yaml"):
            self.parts[name] = (run / name).read_bytes() if (run / name).exists() else None
        steps = [line["step"] for line in lines if line["kind"] == "step"]
        last = run / "checkpoints" / f"step-{max(steps, default=0)}"
        self.parts["the last checkpoint"] = {
            path.name: hashlib.sha256(path.read_bytes()).hexdigest() for path in sorted(last.glob("*"))}
        self.leftovers = [path.name for path in run.glob("checkpoints/.*")] + [path.name for path in run.glob("lock")]

    def differences(self, whole):
        """One line for each thing that another trace, of the undisturbed run, has otherwise."""
        found = [f"{name} differs" for name, part in whole.parts.items() if self.parts[name] != part]
        return found + [f"{name} is left over" for name in self.leftovers]

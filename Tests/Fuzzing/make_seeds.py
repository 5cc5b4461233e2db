"""Makes the seeds of the fuzzer: small whole files of every kind, from which it makes up others.

    pip install torch numpy
    python Tests/Fuzzing/make_seeds.py

Check sums of zip entries are left out (0), or no changed archive would be read beyond them.
"""

import collections
import io
import json
import struct
from pathlib import Path

import numpy as np
import torch

SEEDS = Path(__file__).parent / "seeds"


def write(kind, name, data):
    folder = SEEDS / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_bytes(data)


def saved(value, **options):
    buffer = io.BytesIO()
    torch.save(value, buffer, **options)
    return buffer.getvalue()


def torch_seeds():
    torch.serialization.set_crc32_options(False)
    whole = torch.arange(6, dtype=torch.float32).reshape(2, 3)
    state = collections.OrderedDict({"module.a": whole, "module.b": whole.t(), "mu": torch.zeros(3)})
    wrapped = {"state_dict": state, "epoch": 3, "best": 0.5, "log": [1, None, True, "x"], "sizes": whole.shape}
    kinds = {str(kind): torch.ones(2).to(kind) for kind in (torch.float16, torch.bfloat16, torch.float64, torch.int64)}
    parameter = {"p": torch.nn.Parameter(torch.ones(1)), "empty": torch.zeros(0, 2)}
    for name, value in (("state", state), ("wrapped", wrapped), ("kinds", kinds), ("parameter", parameter)):
        write("torch", f"{name}.pt", saved(value))
        write("torch", f"{name}-older.pt", saved(value, _use_new_zipfile_serialization=False))
        write("torch", f"{name}-4.pt", saved(value, pickle_protocol=4))


def safetensors_seeds():
    def file(header, data):
        text = json.dumps(header).encode()
        return struct.pack("<Q", len(text)) + text + data

    a = {"dtype": "F32", "shape": [1, 2], "data_offsets": [0, 8]}
    b = {"dtype": "I64", "shape": [], "data_offsets": [8, 16]}
    h = {"dtype": "F16", "shape": [3], "data_offsets": [0, 6]}
    write("safetensors", "two", file({"__metadata__": {"format": "pt"}, "module.a": a, "b": b}, bytes(16)))
    write("safetensors", "half", file({"mu": h, "sigma": {**h, "data_offsets": [6, 12]}}, bytes(12)))
    write("safetensors", "none", file({}, b""))


def npy_seeds():
    def array(value, version=None):
        buffer = io.BytesIO()
        np.lib.format.write_array(buffer, value, version=version)
        return buffer.getvalue()

    write("npy", "images", array(np.zeros((2, 16, 16, 3), np.uint8)))
    write("npy", "floats", array(np.ones((1, 2, 2, 3), np.float32), (2, 0)))
    write("npy", "labels", array(np.array([1, -2, 3], ">i4"), (3, 0)))
    write("npy", "fortran", array(np.zeros((2, 3), np.int64, order="F")))


def cifar_seeds():
    write("cifar", "ten", bytes([0, 7]) + bytes(3072))
    write("cifar", "hundred", bytes([1, 19, 99]) + bytes(3072))
    write("cifar", "names", bytes([2]) + b"airplane\nautomobile\nbird\ncat\ndeer\ndog\nfrog\nhorse\nship\ntruck\n")


def recipe_seeds():
    texts = {
        "short": "method:\n  name: trades\n",
        "many": "# About it.\nmodel: {name: preactresnet18, width: 16}\ndata:\n  name: cifar10\n  path: data\n  limit-train: 100\n"
        "training:\n  epochs: 3\n  milestones: [1, 2]\n  learning-rate: 0.1\nattack:\n  epsilon: 8/255\n"
        "method:\n  name: dafa\n  warm-up: 2\nfairness:\n  margins: false\nevaluation:\n  attack:\n    name: square\n    queries: 100\n",
        "aliases": "a: &x {b: 1}\nmethod: *x\n---\n- 1\n- !!str 2\n- |\n  text\n",
    }
    for name, text in texts.items():
        write("recipe", name, text.encode())


def metrics_seeds():
    result = {
        "clean_accuracy": 0.5, "robust_accuracy": 0.25, "clean_worst": 0.0, "robust_worst": 0.0,
        "class_clean": [0.0, 1.0], "class_robust": [0.0, 0.5],
    }
    step = {
        "kind": "step", "epoch": 0, "step": 2, "loss": 0.7, "learning_rate": 0.1, "images_per_second": 10.5,
        "seconds": {"attack": 0.1, "training": 0.1, "statistics": 0.0, "reduction": 0.0, "waiting": 0.0},
        "ranks": {"minimum": 0.4, "median": 0.4, "maximum": 0.5, "slowest": 0, "host": "a"},
    }
    def epoch(number):
        return {
            "kind": "epoch", "epoch": number, "step": 4 * number + 4, "digest": "ab" * 32, "images_per_second": 10.0,
            "train": {
                "loss": 0.5, "robust_accuracy": 0.5, "class_count": [2, 2], "class_correct": [1, 1], "false_positives": [1, 1],
            },
            "cfp": [0.5, 0.5], "prior": [0.5, 0.5], "prior_entropy": 0.69, "targets": [2, 2], "margins255": [8.0, 8.0],
            "validation": {"raw": result, "ema": result}, "test": {"raw": result}, "accepted": {"ema": 1}, "best": True,
        }
    lines = [json.dumps(line) for line in (step, epoch(0), epoch(1))]
    write("metrics", "run", "\n".join(lines).encode() + b"\n")
    write("metrics", "step", lines[0].encode() + b"\n")


if __name__ == "__main__":
    for make in (torch_seeds, safetensors_seeds, npy_seeds, cifar_seeds, recipe_seeds, metrics_seeds):
        make()

"""Times whole FAIR-TAT training steps in PyTorch, data-parallel over gloo: the baseline of our speed comparison.

One step is what the method needs and no more: targets drawn from a prior, targeted PGD with class-wise margins against the
network in train mode (gradients of the pictures only), one training pass on the adversaries, gradients averaged by
DistributedDataParallel, SGD. The batch is divided over the processes.

DistributedDataParallel normalises each process's part of the batch by its own statistics; PyTorch's SyncBatchNorm, which
would take those of the whole batch, exists for GPUs only. So the baseline exchanges less than our default does.

Prints one line of JSON: images per second from the median over the steps of the slowest process's time.
"""

import argparse
import glob
import json
import os
import socket
import statistics
import time

import torch
import torch.distributed as dist
import torch.multiprocessing as mp
import torch.nn.functional as F
from torch import nn

MEAN = (0.49139968, 0.48215841, 0.44653091)
STD = (0.24703223, 0.24348513, 0.26158784)
CLASSES = 10


class Block(nn.Module):
    """Pre-activation block; the 1x1 shortcut, where there is one, takes the activated input."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride, 1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, 1, 1, bias=False)
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride, bias=False))
        else:
            self.shortcut = None

    def forward(self, x):
        o = F.relu(self.bn1(x))
        kept = x if self.shortcut is None else self.shortcut(o)
        return self.conv2(F.relu(self.bn2(self.conv1(o)))) + kept


class PreActResNet18(nn.Module):
    """For pictures of 32 x 32 in [0, 1], normalised inside; with a BatchNorm before the pooling."""

    def __init__(self, width, classes):
        super().__init__()
        self.register_buffer("mean", torch.tensor(MEAN).view(1, 3, 1, 1))
        self.register_buffer("std", torch.tensor(STD).view(1, 3, 1, 1))
        self.conv1 = nn.Conv2d(3, width, 3, 1, 1, bias=False)
        blocks, inputs = [], width
        for outputs, stride in ((width, 1), (2 * width, 2), (4 * width, 2), (8 * width, 2)):
            blocks += [Block(inputs, outputs, stride), Block(outputs, outputs, 1)]
            inputs = outputs
        self.blocks = nn.Sequential(*blocks)
        self.bn = nn.BatchNorm2d(8 * width)
        self.linear = nn.Linear(8 * width, classes)

    def forward(self, x):
        x = self.blocks(self.conv1((x - self.mean) / self.std))
        return self.linear(F.relu(self.bn(x)).mean((2, 3)))


def pictures(folder, count):
    """`count` pictures [count, 3, 32, 32] in [0, 1] and labels: CIFAR-10's binary files where given, else random."""
    files = sorted(glob.glob(os.path.join(folder, "**", "data_batch_*.bin"), recursive=True)) if folder else []
    if folder and not files:
        raise SystemExit(f"torch_step.py: no data_batch_*.bin of CIFAR-10 under {folder}")
    if not files:
        generator = torch.Generator().manual_seed(1)
        return (torch.rand(count, 3, 32, 32, generator=generator),
                torch.randint(CLASSES, (count,), generator=generator))
    parts, found = [], 0
    for name in files:
        with open(name, "rb") as file:
            parts.append(torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).view(-1, 3073))
        found += len(parts[-1])
        if found >= count:
            break
    rows = torch.cat(parts)[torch.arange(count) % found]
    return rows[:, 1:].reshape(-1, 3, 32, 32).float() / 255, rows[:, 0].long()


def attack(model, x, targets, margins, step_size, steps):
    """Targeted PGD from a random start: down the loss of the targets, in the ball of each picture's margin."""
    delta = (2 * torch.rand_like(x) - 1) * margins
    delta = (x + delta).clamp(0, 1) - x
    for _ in range(steps):
        moved = (x + delta).requires_grad_()
        loss = F.cross_entropy(model(moved), targets, reduction="sum")
        (gradient,) = torch.autograd.grad(loss, moved)
        delta = torch.maximum(torch.minimum(delta - step_size * gradient.sign(), margins), -margins)
        delta = (x + delta).clamp(0, 1) - x
    return (x + delta).detach()


def run(rank, options, port):
    if options.cores:
        os.sched_setaffinity(0, options.cores[rank])
    torch.set_num_threads(options.threads)
    os.environ.update(MASTER_ADDR="127.0.0.1", MASTER_PORT=str(port))
    dist.init_process_group("gloo", rank=rank, world_size=options.processes)
    torch.manual_seed(1)
    layout = torch.channels_last if options.memory_format == "channels_last" else torch.contiguous_format
    model = PreActResNet18(options.width, CLASSES).to(memory_format=layout).train()
    parallel = nn.parallel.DistributedDataParallel(model)
    optimizer = torch.optim.SGD(parallel.parameters(), lr=0.1, momentum=0.9, weight_decay=5e-4)

    steps = options.warmup + options.steps
    images, labels = pictures(options.data, options.batch * steps)
    torch.manual_seed(100 + rank)
    local = options.batch // options.processes
    prior = torch.full((CLASSES,), 1 / CLASSES)
    margin_of_class = torch.full((CLASSES,), 8 / 255)
    counts = torch.zeros(2, CLASSES, dtype=torch.long)
    times = []
    for step in range(steps):
        first = step * options.batch + rank * local
        x = images[first:first + local].contiguous(memory_format=layout)
        y = labels[first:first + local]
        dist.barrier()
        start = time.perf_counter()
        targets = torch.multinomial(prior.repeat(local, 1).scatter(1, y[:, None], 0), 1)[:, 0]
        margins = margin_of_class[y].view(-1, 1, 1, 1)
        # The attack runs the module itself: nothing of it is for the other processes.
        adversarial = attack(model, x, targets, margins, 2 / 255, options.attack_steps)
        logits = parallel(adversarial)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        predicted = logits.detach().argmax(1)
        counts[0] += torch.bincount(predicted[predicted == y], minlength=CLASSES)
        counts[1] += torch.bincount(predicted[predicted != y], minlength=CLASSES)
        slowest = torch.tensor([time.perf_counter() - start], dtype=torch.float64)
        dist.all_reduce(slowest, dist.ReduceOp.MAX)
        if step >= options.warmup:
            times.append(slowest.item())
    if rank == 0:
        median = statistics.median(times)
        print(json.dumps({
            "images_per_second": options.batch / median,
            "seconds": {"median": median, "least": min(times), "greatest": max(times)},
            "steps": options.steps, "warmup": options.warmup, "batch": options.batch, "width": options.width,
            "attack_steps": options.attack_steps, "processes": options.processes, "threads": options.threads,
            "memory_format": options.memory_format, "loss": loss.item(),
            "parameters": sum(p.numel() for p in model.parameters()),
            "torch": torch.__version__, "cpu_capability": torch.backends.cpu.get_cpu_capability(),
            "batch_norm": "each process's own statistics",
        }), flush=True)
    dist.destroy_process_group()


def shares(processes, threads):
    """The CPUs of each process, `threads` of those we may use; none where there are not enough for all."""
    allowed = sorted(os.sched_getaffinity(0))
    if len(allowed) < processes * threads:
        return None
    return [allowed[i * threads:(i + 1) * threads] for i in range(processes)]


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=64, help="channels of the first stage")
    parser.add_argument("--batch", type=int, default=128, help="pictures a step, of all processes together")
    parser.add_argument("--steps", type=int, default=5, help="steps that are timed")
    parser.add_argument("--warmup", type=int, default=1, help="steps before them")
    parser.add_argument("--attack-steps", type=int, default=10, help="steps of PGD")
    parser.add_argument("--processes", type=int, default=2)
    parser.add_argument("--threads", type=int, default=1, help="threads of each process")
    parser.add_argument("--memory-format", choices=("default", "channels_last"), default="channels_last")
    parser.add_argument("--data", default="", help="a folder with CIFAR-10's binary files; random pictures without")
    options = parser.parse_args()
    if min(options.width, options.batch, options.steps, options.processes, options.threads) < 1:
        parser.error("width, batch, steps, processes and threads are at least 1")
    if options.batch % options.processes:
        parser.error(f"a batch of {options.batch} cannot be divided over {options.processes} processes")
    options.cores = shares(options.processes, options.threads)
    mp.spawn(run, (options, free_port()), options.processes)


if __name__ == "__main__":
    main()

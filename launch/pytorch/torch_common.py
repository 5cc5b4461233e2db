"""What the timed PyTorch programs share: options, the process group, the network as configured, images, PGD.

Each program is one process of a group that the usual variables describe (RANK, WORLD_SIZE, MASTER_ADDR, MASTER_PORT), so
torchrun starts them too; without the variables it is alone. Threads are OMP_NUM_THREADS.
"""

import argparse
import glob
import os
import sys

import torch
import torch.distributed as dist

from torch_model import PreActResNet18

CLASSES = 10


def arguments(description):
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--width", type=int, default=64, help="channels of the first stage")
    parser.add_argument("--attack-steps", type=int, default=10, help="steps of PGD")
    parser.add_argument("--format", choices=("default", "channels_last"), default="channels_last", help="memory format")
    parser.add_argument("--mode", choices=("eager", "compile"), default="eager")
    parser.add_argument("--bf16", action="store_true", help="autocast to bfloat16; float32 throughout without")
    parser.add_argument("--data", default="", help="a folder with CIFAR-10's binary files; random images without")
    return parser


class Group:
    """The processes at work, this one among them."""

    def __init__(self):
        self.rank, self.size = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        self.threads = int(os.environ.get("OMP_NUM_THREADS", torch.get_num_threads()))
        torch.set_num_threads(self.threads)
        torch.set_float32_matmul_precision("highest")  # no bfloat16 or TF32 inside of float32 operators
        if not torch.backends.mkldnn.is_available():
            raise SystemExit("this PyTorch has no oneDNN (MKL-DNN): it would be no baseline")
        if self.size > 1:
            dist.init_process_group("gloo")

    def share(self, count):
        """How many of `count` images this process takes."""
        if count % self.size:
            raise SystemExit(f"{count} images cannot be divided over {self.size} processes")
        return count // self.size

    def barrier(self):
        if self.size > 1:
            dist.barrier()

    def greatest(self, number):
        """The greatest of the processes' numbers, such as the time of the slowest."""
        value = torch.tensor([number], dtype=torch.float64)
        if self.size > 1:
            dist.all_reduce(value, dist.ReduceOp.MAX)
        return value.item()

    def all_equal(self, value):
        """Whether `value`, a Double, is the same in every process."""
        mine = torch.tensor([value], dtype=torch.float64)
        values = [torch.empty_like(mine) for _ in range(self.size)]
        if self.size > 1:
            dist.all_gather(values, mine)
        else:
            values = [mine]
        return all(torch.equal(v, mine) for v in values)

    def end(self):
        """Ends this process when all have come here; gloo's own end may abort a process whose peers are gone."""
        self.barrier()
        sys.stdout.flush()
        os._exit(0)


def layout(options):
    return torch.channels_last if options.format == "channels_last" else torch.contiguous_format


def network(options):
    """The module that holds the parameters, and what is called: the same, or compiled."""
    torch.manual_seed(1)
    module = PreActResNet18(options.width, CLASSES).to(memory_format=layout(options))
    return module, torch.compile(module) if options.mode == "compile" else module


def autocast(options):
    return torch.autocast("cpu", dtype=torch.bfloat16, enabled=options.bf16)


def images(options, rows):
    """Images [N, 3, 32, 32] in [0, 1], in the memory format, and labels: the records `rows` of CIFAR-10's binary files
    where given (round and round), else random ones."""
    files = sorted(glob.glob(os.path.join(options.data, "**", "data_batch_*.bin"), recursive=True)) if options.data else []
    if options.data and not files:
        raise SystemExit(f"no data_batch_*.bin of CIFAR-10 under {options.data}")
    if files:
        with open(files[0], "rb") as file:
            records = torch.frombuffer(bytearray(file.read()), dtype=torch.uint8).view(-1, 3073)
        records = records[torch.as_tensor(rows) % len(records)]
        images, labels = records[:, 1:].reshape(-1, 3, 32, 32).float() / 255, records[:, 0].long()
    else:
        generator = torch.Generator().manual_seed(1 + rows[0])
        images = torch.rand(len(rows), 3, 32, 32, generator=generator)
        labels = torch.randint(CLASSES, (len(rows),), generator=generator)
    return images.contiguous(memory_format=layout(options)), labels


def uniform(x, margins):
    """Random images in the ball around x, cut to [0, 1]."""
    return x.add((2 * torch.rand_like(x) - 1) * margins).clamp_(0, 1)


def ball(x, margins):
    """The least and the greatest value of each pixel: within the margin of its image and in [0, 1]."""
    return (x - margins).clamp_(min=0), (x + margins).clamp_(max=1)


def pgd(call, options, start, bounds, objective, moves=None, step_size=2 / 255):
    """PGD from `start` within `bounds`, up on `objective` of the logits; and how many forward passes it made.

    `moves` of the logits, where given, says which images take the next step; where none does the search ends, and else the last
    images pass once more, for the running statistics, as in CFA's FAT. Only gradients of the images are asked for; the caller
    has switched off those of the parameters.
    """
    x = start
    for step in range(options.attack_steps):
        x.requires_grad_()
        with autocast(options):
            logits = call(x)
            value = objective(logits)
        if moves:
            moving = moves(logits.detach())
            if not moving.any():
                return x.detach(), step + 1
        (gradient,) = torch.autograd.grad(value, x)
        x = x.detach()
        moved = torch.clamp(x.add(gradient.sign_(), alpha=step_size), *bounds)
        x = torch.where(moving.view(-1, 1, 1, 1), moved, x) if moves else moved
    if moves:
        with torch.no_grad(), autocast(options):
            call(x)
    return x, options.attack_steps + bool(moves)


def description(options, group):
    """What a result is the result of."""
    return {
        "width": options.width, "attack_steps": options.attack_steps, "processes": group.size, "threads": group.threads,
        "format": options.format, "mode": options.mode, "bf16": options.bf16,
        "torch": torch.__version__, "cpu_capability": torch.backends.cpu.get_cpu_capability(),
    }

"""Makes the golden files of the tests with PyTorch.

    pip install torch numpy
    python Tests/goldens/generate.py

Weights and data are not stored: both sides make them from the addressed generator (Sources/Tensors/Philox.swift,
RandomStream.swift), here re-made with numpy. The addresses:

    weights   purpose 1, example = number t of the tensor in named_parameters(), position = element in memory order;
              (2u - 1) * (1 / sqrt(fan in)), each operation in float32; with "affine": "addressed" batch norms
              have weight 0.5 + u and bias u - 0.5 (float32), else 1 and 0; running mean 0, running variance 1
    data      purpose 63, epoch = kind below, example = number of the example, position = place in CHW order;
              pixels u; label: integer below K at 0; noise 2u - 1; epsilon (0.5 + u) * 8 / 255;
              target: (label + 1 + integer below K - 1 at 0) mod K;
              patterned pixels 0.5 * prototype(label) + 0.5 * u
    values    purpose 63, epoch = kind VALUES, example = number of the tensor: 2u - 1
    samples   of a tensor of n elements: at the integers below n at positions 0 ... 7 of kind SAMPLE, example 0

u is the upper 24 bits of a word, over 2^24. A tensor is stored as its shape, sum, Euclidean norm and eight samples.
All figures are float64 but for float32.json: what float32 loses against float64 on the machine that made the file.
"""

import json
import math
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

SEED = 7
CLASSES = 10
MEAN = (0.49139968, 0.48215841, 0.44653091)
DEVIATION = (0.24703223, 0.24348513, 0.26158784)
INITIALIZATION, TEST = 1, 63
PIXELS, LABEL, NOISE, EPSILON, TARGET, PROTOTYPE, SAMPLE, VALUES = range(8)


# The addressed generator.


def philox(counter, key):
    """Philox4x32-10 of uint32 counters [n, 4] under a 64-bit key."""
    low = np.uint64(0xFFFFFFFF)
    c = [counter[:, i].astype(np.uint64) for i in range(4)]
    k = [key & 0xFFFFFFFF, key >> 32]
    for _ in range(10):
        p0 = np.uint64(0xD2511F53) * c[0]
        p1 = np.uint64(0xCD9E8D57) * c[2]
        shift = np.uint64(32)
        c = [(p1 >> shift) ^ c[1] ^ np.uint64(k[0]), p1 & low, (p0 >> shift) ^ c[3] ^ np.uint64(k[1]), p0 & low]
        k = [(k[0] + 0x9E3779B9) & 0xFFFFFFFF, (k[1] + 0xBB67AE85) & 0xFFFFFFFF]
    return np.stack(c, axis=1).astype(np.uint32)


def words(count, purpose, epoch=0, example=0):
    """The first words of a stream."""
    blocks = (count + 3) // 4
    counter = np.zeros((blocks, 4), dtype=np.uint32)
    counter[:, 0] = np.arange(blocks)
    counter[:, 1] = example
    counter[:, 2] = epoch
    counter[:, 3] = purpose << 26
    return philox(counter, SEED).reshape(-1)[:count]


def uniform(count, purpose, epoch=0, example=0):
    return (words(count, purpose, epoch, example) >> np.uint32(8)).astype(np.float32) * np.float32(2.0**-24)


def integer(bound, count, kind, example):
    return [int(word) * bound >> 32 for word in words(count, TEST, kind, example)]


# Data.


def pictures(kind, examples, height, width):
    u = [uniform(3 * height * width, TEST, kind, example) for example in examples]
    return torch.from_numpy(np.stack(u).reshape(len(examples), 3, height, width)).double()


def labels(examples):
    return torch.tensor([integer(CLASSES, 1, LABEL, example)[0] for example in examples])


def targets(examples):
    steps = torch.tensor([integer(CLASSES - 1, 1, TARGET, example)[0] for example in examples])
    return (labels(examples) + 1 + steps) % CLASSES


def epsilons(examples):
    u = [float(uniform(1, TEST, EPSILON, example)[0]) for example in examples]
    return torch.tensor([(0.5 + u) * 8 / 255 for u in u], dtype=torch.float64)


def patterned(examples, height, width):
    prototypes = pictures(PROTOTYPE, range(CLASSES), height, width)
    return 0.5 * prototypes[labels(examples)] + 0.5 * pictures(PIXELS, examples, height, width)


def values(shape, number):
    u = uniform(math.prod(shape), TEST, VALUES, number).astype(np.float64)
    return torch.from_numpy((2 * u - 1).reshape(shape))


# The network.


class Block(nn.Module):
    """o = ReLU(BN1(x)); conv2(ReLU(BN2(conv1(o)))) + shortcut, which convolves o where the shape changes."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False))

    def forward(self, x):
        o = F.relu(self.bn1(x))
        shortcut = self.shortcut(o) if hasattr(self, "shortcut") else x
        return self.conv2(F.relu(self.bn2(self.conv1(o)))) + shortcut


class PreActResNet18(nn.Module):
    """Channels w, 2w, 4w, 8w; pixels in [0, 1] are normalised first."""

    def __init__(self, width):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.layer1 = nn.Sequential(Block(width, width, 1), Block(width, width, 1))
        self.layer2 = nn.Sequential(Block(width, 2 * width, 2), Block(2 * width, 2 * width, 1))
        self.layer3 = nn.Sequential(Block(2 * width, 4 * width, 2), Block(4 * width, 4 * width, 1))
        self.layer4 = nn.Sequential(Block(4 * width, 8 * width, 2), Block(8 * width, 8 * width, 1))
        self.bn = nn.BatchNorm2d(8 * width)
        self.linear = nn.Linear(8 * width, CLASSES)

    def forward(self, pixels):
        mean = torch.tensor(MEAN, dtype=torch.float64).to(pixels.dtype).view(1, 3, 1, 1)
        deviation = torch.tensor(DEVIATION, dtype=torch.float64).to(pixels.dtype).view(1, 3, 1, 1)
        x = self.conv1((pixels - mean) / deviation)
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.linear(F.relu(self.bn(x)).mean(dim=(2, 3)))


def network(width, affine="identity"):
    """The float64 network with addressed weights."""
    model = PreActResNet18(width)
    assert len(list(model.named_parameters())) == 56
    for t, (name, parameter) in enumerate(model.named_parameters()):
        u = uniform(parameter.numel(), INITIALIZATION, example=t)
        if parameter.dim() == 1 and name != "linear.bias":
            if affine == "identity":
                continue
            initial = np.float32(0.5) + u if name.endswith(".weight") else u - np.float32(0.5)
        else:
            fan_in = 8 * width if name == "linear.bias" else parameter[0].numel()
            bound = np.float32(1) / np.sqrt(np.float32(fan_in))
            initial = (np.float32(2) * u - np.float32(1)) * bound
        assert initial.dtype == np.float32
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(initial).view_as(parameter))
    return model.double().train()


def buffers(model):
    return {name: buffer for name, buffer in model.named_buffers() if "running" in name}


def gradients(model, pixels, labels):
    """Logits, loss, and the gradients of the loss in every parameter and in the pixels."""
    pixels = pixels.detach().clone(memory_format=torch.preserve_format).requires_grad_(True)
    logits = model(pixels)
    loss = F.cross_entropy(logits, labels)
    names, parameters = zip(*model.named_parameters())
    result = torch.autograd.grad(loss, (*parameters, pixels))
    return logits.detach(), loss.item(), dict(zip(names, result)), result[-1]


# The files.


def fingerprint(tensor):
    flat = tensor.detach().double().contiguous().view(-1)
    positions = integer(flat.numel(), 8, SAMPLE, 0)
    return {
        "shape": list(tensor.shape),
        "sum": flat.sum().item(),
        "norm": flat.norm().item(),
        "samples": [flat[position].item() for position in positions],
    }


def fingerprints(tensors):
    return {name: fingerprint(tensor) for name, tensor in tensors.items()}


def write(name, content):
    lines = json.dumps({"seed": SEED, **content}, separators=(",", ":")).replace("},", "},\n")
    Path(__file__).with_name(name).write_text(lines + "\n")


def warm_up(model, batch, height, width):
    """Three forward passes that give the running statistics something to say: examples 100 j ... 100 j + batch - 1."""
    model.train()
    with torch.no_grad():
        for j in (1, 2, 3):
            model(pictures(PIXELS, range(100 * j, 100 * j + batch), height, width))


def operators():
    """Single operators: convolutions of several geometries, batch norm, losses."""
    convolutions = []
    geometries = [  # inputs, outputs, height, width, kernel height and width, stride, padding
        (3, 4, 8, 8, 3, 3, 1, 1), (5, 3, 9, 7, 3, 3, 2, 1), (4, 6, 8, 10, 1, 1, 2, 0), (2, 3, 7, 7, 1, 1, 1, 0),
        (3, 2, 11, 9, 5, 5, 3, 2), (2, 2, 6, 9, 3, 5, 1, 0), (1, 2, 5, 5, 4, 4, 4, 1), (2, 1, 1, 1, 3, 3, 1, 1),
        (2, 3, 6, 6, 2, 2, 2, 0),
    ]
    for number, (c, o, h, w, kh, kw, stride, padding) in enumerate(geometries):
        x = values((2, c, h, w), 3 * number).requires_grad_(True)
        filters = values((o, c, kh, kw), 3 * number + 1).requires_grad_(True)
        y = F.conv2d(x, filters, stride=stride, padding=padding)
        dy = values(tuple(y.shape), 3 * number + 2)
        dx, dw = torch.autograd.grad(y, (x, filters), dy)
        convolutions.append({
            "input": list(x.shape), "filters": list(filters.shape), "stride": stride, "padding": padding,
            "y": fingerprint(y), "dx": fingerprint(dx), "dw": fingerprint(dw),
        })
    norms = {}
    for mode in ("batch", "running"):
        x = values((3, 4, 5, 2), 100).requires_grad_(True)
        gamma, beta = values((4,), 101).requires_grad_(True), values((4,), 102).requires_grad_(True)
        mean, variance = values((4,), 103), values((4,), 104) + 1.5
        y = F.batch_norm(x, mean, variance, gamma, beta, training=mode == "batch", momentum=0.1, eps=1e-5)
        result = torch.autograd.grad(y, (x, gamma, beta), values(tuple(y.shape), 105))
        norms[mode] = fingerprints(dict(zip(
            ("y", "dx", "dgamma", "dbeta", "mean", "variance"), (y, *result, mean, variance))))
    z, other = (4 * values((6, CLASSES), number) for number in (110, 111))
    z.requires_grad_(True)
    other.requires_grad_(True)
    truth = labels(range(6))
    ce = F.cross_entropy(z, truth, reduction="none")
    kl = F.kl_div(F.log_softmax(other, 1), F.softmax(z, 1), reduction="none").sum(dim=1)
    dp, dq = torch.autograd.grad(kl.mean(), (z, other))
    losses = {
        "crossEntropy": ce, "dlogits": torch.autograd.grad(ce.mean(), z)[0], "kl": kl, "dp": dp, "dq": dq,
    }
    write("operators.json", {"convolutions": convolutions, "batchNorm": norms, "losses": fingerprints(losses)})


def networks():
    """(a) Forward and backward passes of a narrow net, in train and eval mode."""
    cases = []
    for batch, height, width, affine in ((6, 32, 32, "identity"), (5, 32, 32, "addressed"), (5, 16, 24, "addressed")):
        for mode in ("train", "eval"):
            model = network(8, affine)
            if mode == "eval":
                warm_up(model, batch, height, width)
                model.eval()
            examples = range(batch)
            logits, loss, parameters, pixels = gradients(
                model, pictures(PIXELS, examples, height, width), labels(examples))
            cases.append({
                "width": 8, "batch": batch, "height": height, "pixelWidth": width, "affine": affine, "mode": mode,
                "loss": loss, "logits": fingerprint(logits), "pixels": fingerprint(pixels),
                "gradients": fingerprints(parameters), "buffers": fingerprints(buffers(model)),
            })
    write("network.json", {"cases": cases})


def sgd(model, learning_rate):
    return torch.optim.SGD(model.parameters(), lr=learning_rate, momentum=0.9, weight_decay=5e-4)


def training():
    """(b) Ten steps; step s has the examples 8 s ... 8 s + 7."""
    model, losses = network(8), []
    optimizer = sgd(model, 0.1)
    for step in range(10):
        examples = range(8 * step, 8 * step + 8)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(pictures(PIXELS, examples, 32, 32)), labels(examples))
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    write("training.json", {
        "width": 8, "batch": 8, "learningRate": 0.1, "momentum": 0.9, "weightDecay": 5e-4, "losses": losses,
        "parameters": fingerprints(dict(model.named_parameters())), "buffers": fingerprints(buffers(model)),
    })


def attack():
    """(d) Targeted PGD-10 in train mode; the training loss is that of an eleventh forward pass, with the labels."""
    model, examples, step_size = network(8, "addressed"), range(8), 2 / 255
    x, noise = pictures(PIXELS, examples, 32, 32), 2 * pictures(NOISE, examples, 32, 32) - 1
    radius = epsilons(examples).view(-1, 1, 1, 1)

    def projected(delta):
        return torch.clamp(torch.clamp(delta, -radius, radius), -x, 1 - x)

    delta, losses = projected(noise * radius), []
    for _ in range(10):
        _, loss, _, dx = gradients(model, x + delta, targets(examples))
        losses.append(loss)
        delta = projected(delta - step_size * dx.sign())
    after = {name: buffer.clone() for name, buffer in buffers(model).items()}
    write("attack.json", {
        "width": 8, "batch": 8, "steps": 10, "stepSize": step_size, "affine": "addressed", "losses": losses,
        "epsilons": epsilons(examples).tolist(), "targets": targets(examples).tolist(),
        "pixels": fingerprint(x + delta), "buffers": fingerprints(after),
        "trainingLoss": F.cross_entropy(model(x + delta), labels(examples)).item(),
    })


def through_float32(model):
    with torch.no_grad():
        for tensor in (*model.parameters(), *buffers(model).values()):
            tensor.copy_(tensor.float())


def losses_of_float32(model, width, mode, batches):
    """Relative L2 errors of float32 channels_last, for each batch: logits (of the largest), gradients."""
    single = PreActResNet18(width)
    single.load_state_dict(model.state_dict())
    single = single.float().to(memory_format=torch.channels_last)
    state = {name: buffer.clone() for name, buffer in model.named_buffers()}
    result = {"logits": [], "pixels": [], "gradients": {}}

    def add(into, error):
        into.append(float(f"{error:.3g}"))

    for pixels, truth in batches:
        for net in (model, single):
            net.load_state_dict(state, strict=False)
            net.train(mode == "train")
        exact = gradients(model, pixels, truth)
        rounded = gradients(single, pixels.float().contiguous(memory_format=torch.channels_last), truth)
        add(result["logits"], ((rounded[0] - exact[0]).abs().max() / exact[0].abs().max()).item())
        add(result["pixels"], ((rounded[3] - exact[3]).norm() / exact[3].norm()).item())
        for name, gradient in exact[2].items():
            error = (rounded[2][name] - gradient).norm() / gradient.norm()
            add(result["gradients"].setdefault(name, []), error.item())
    return result


def float32():
    """(c) What float32 loses, at addressed weights and after thirty steps on a problem that can be learnt."""
    cases = []
    for width in (16, 64):
        batches = [
            (pictures(PIXELS, examples, 32, 32), labels(examples))
            for examples in (range(8 * b, 8 * b + 8) for b in range(4))
        ]
        for mode in ("train", "eval"):
            model = network(width)
            if mode == "eval":
                warm_up(model, 8, 32, 32)
                through_float32(model)
            cases.append({
                "weights": "addressed", "width": width, "mode": mode, **losses_of_float32(model, width, mode, batches)})
    model = network(16)
    optimizer = sgd(model, 0.05)
    for step in range(30):
        examples = range(16 * step, 16 * step + 16)
        optimizer.zero_grad()
        loss = F.cross_entropy(model(patterned(examples, 32, 32)), labels(examples))
        loss.backward()
        optimizer.step()
        print(f"step {step}: loss {loss.item():.4f}")
    through_float32(model)
    batches = [
        (patterned(examples, 32, 32), labels(examples))
        for examples in (range(1000 + 8 * b, 1008 + 8 * b) for b in range(4))
    ]
    for mode in ("train", "eval"):
        cases.append({"weights": "trained", "width": 16, "mode": mode, **losses_of_float32(model, 16, mode, batches)})
    write("float32.json", {"batch": 8, "torch": torch.__version__.split("+")[0], "cases": cases})


if __name__ == "__main__":
    known = philox(np.array([[0x243F6A88, 0x85A308D3, 0x13198A2E, 0x03707344]], dtype=np.uint32), 0x299F31D0A4093822)
    assert known.tolist() == [[0xD16CFE09, 0x94FDCCEB, 0x5001E420, 0x24126EA1]]
    torch.set_num_threads(1)
    operators()
    networks()
    training()
    attack()
    float32()

"""Makes residual.json: small residual networks other than PreActResNet-18, in PyTorch float64.

    python Tests/goldens/generate_residual.py

Written after the papers and the tensors' names alone; weights and data as generate.py has them. For each network: the
names and shapes of its state, the number of parameters at full size, and forward and backward passes of a small one;
beside each gradient what PyTorch loses in float32 (relative L2 norm).
"""

import numpy as np
import torch
import torch.nn.functional as F
from torch import nn

import generate as g


class Plain(nn.Module):
    """Deep residual learning (CVPR 2016): ReLUs behind the convolutions, the last behind the sum."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.shortcut = nn.Sequential()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Sequential(
                nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False), nn.BatchNorm2d(outputs))

    def forward(self, x):
        return F.relu(self.bn2(self.conv2(F.relu(self.bn1(self.conv1(x))))) + self.shortcut(x))


class Wide(nn.Module):
    """Wide residual networks (BMVC 2016): pre-activation; the convolved shortcut takes the activated input."""

    def __init__(self, inputs, outputs, stride):
        super().__init__()
        self.bn1 = nn.BatchNorm2d(inputs)
        self.conv1 = nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False)
        self.bn2 = nn.BatchNorm2d(outputs)
        self.conv2 = nn.Conv2d(outputs, outputs, 3, padding=1, bias=False)
        if stride != 1 or inputs != outputs:
            self.convShortcut = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)

    def forward(self, x):
        o = F.relu(self.bn1(x))
        shortcut = self.convShortcut(o) if hasattr(self, "convShortcut") else x
        return self.conv2(F.relu(self.bn2(self.conv1(o)))) + shortcut


def stage(block, inputs, outputs, stride, count):
    return nn.Sequential(*(block(inputs if i == 0 else outputs, outputs, stride if i == 0 else 1) for i in range(count)))


class Normalised(nn.Module):
    def normalised(self, pixels):
        def colours(values):
            return torch.tensor(values, dtype=torch.float64).to(pixels.dtype).view(1, 3, 1, 1)

        return (pixels - colours(g.MEAN)) / colours(g.DEVIATION)


class ResNet18(Normalised):
    def __init__(self, width, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        self.bn1 = nn.BatchNorm2d(width)
        for i in range(4):
            setattr(self, f"layer{i + 1}", stage(Plain, width << max(0, i - 1), width << i, 2 if i else 1, 2))
        self.linear = nn.Linear(8 * width, classes)

    def forward(self, pixels):
        x = F.relu(self.bn1(self.conv1(self.normalised(pixels))))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.linear(x.mean(dim=(2, 3)))


class PreActResNet18FRL(Normalised):
    """Without the last BatchNorm and ReLU."""

    def __init__(self, width, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, width, 3, padding=1, bias=False)
        for i in range(4):
            setattr(self, f"layer{i + 1}", stage(g.Block, width << max(0, i - 1), width << i, 2 if i else 1, 2))
        self.linear = nn.Linear(8 * width, classes)

    def forward(self, pixels):
        x = self.conv1(self.normalised(pixels))
        x = self.layer4(self.layer3(self.layer2(self.layer1(x))))
        return self.linear(x.mean(dim=(2, 3)))


class Block(nn.Module):
    """Holds a stage as TRADES' code names it."""

    def __init__(self, layer):
        super().__init__()
        self.layer = layer

    def forward(self, x):
        return self.layer(x)


class WideResNet(Normalised):
    def __init__(self, blocks, factor, classes):
        super().__init__()
        self.conv1 = nn.Conv2d(3, 16, 3, padding=1, bias=False)
        inputs = 16
        for i in range(3):
            outputs = 16 * factor << i
            setattr(self, f"block{i + 1}", Block(stage(Wide, inputs, outputs, 2 if i else 1, blocks)))
            inputs = outputs
        self.bn1 = nn.BatchNorm2d(inputs)
        self.fc = nn.Linear(inputs, classes)

    def forward(self, pixels):
        x = self.block3(self.block2(self.block1(self.conv1(self.normalised(pixels)))))
        return self.fc(F.relu(self.bn1(x)).mean(dim=(2, 3)))


def addressed(model):
    """The float64 network with addressed weights, BatchNorms too; a bias has the fan in of the weight before it."""
    names = [name for name, module in model.named_modules() if isinstance(module, nn.BatchNorm2d)]
    fan_in = 0
    for t, (name, parameter) in enumerate(model.named_parameters()):
        u = g.uniform(parameter.numel(), g.INITIALIZATION, example=t)
        if name.rsplit(".", 1)[0] in names:
            initial = np.float32(0.5) + u if name.endswith(".weight") else u - np.float32(0.5)
        else:
            fan_in = parameter[0].numel() if parameter.dim() > 1 else fan_in
            initial = (np.float32(2) * u - np.float32(1)) * (np.float32(1) / np.sqrt(np.float32(fan_in)))
        assert initial.dtype == np.float32
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(initial).view_as(parameter))
    return model.double().train()


NETWORKS = [  # a recipe's name, the class, full size, small size and its keys
    ("resnet18", ResNet18, (64,), (8,), {"model.width": "8"}),
    ("preactresnet18-frl", PreActResNet18FRL, (64,), (8,), {"model.width": "8"}),
    ("wideresnet-34-10", WideResNet, (5, 10), (2, 1), {"model.blocks": "2", "model.widen-factor": "1"}),
    ("wideresnet-28-10", WideResNet, (4, 10), (1, 2), {"model.blocks": "1", "model.widen-factor": "2"}),
]


def cases(make, size):
    for batch, height, width in ((5, 32, 32), (4, 16, 24)):
        for mode in ("train", "eval"):
            model = addressed(make(*size, g.CLASSES))
            if mode == "eval":
                g.warm_up(model, batch, height, width)
                g.through_float32(model)
                model.eval()
            single = make(*size, g.CLASSES)
            single.load_state_dict(model.state_dict())
            single = single.float().train(mode == "train")
            pixels, truth = g.pictures(g.PIXELS, range(batch), height, width), g.labels(range(batch))
            logits, loss, parameters, dpixels = g.gradients(model, pixels, truth)
            _, _, rounded, _ = g.gradients(single, pixels.float(), truth)
            float32 = {
                name: float(f"{((rounded[name] - exact).norm() / exact.norm()).item():.3g}")
                for name, exact in parameters.items()
            }
            yield {
                "batch": batch, "height": height, "pixelWidth": width, "mode": mode, "loss": loss,
                "logits": g.fingerprint(logits), "pixels": g.fingerprint(dpixels),
                "gradients": g.fingerprints(parameters), "buffers": g.fingerprints(g.buffers(model)), "float32": float32,
            }


def count(make, size, classes):
    with torch.device("meta"):
        return sum(parameter.numel() for parameter in make(*size, classes).parameters())


if __name__ == "__main__":
    torch.set_num_threads(1)
    networks = []
    for name, make, full, small, options in NETWORKS:
        model = make(*small, g.CLASSES)
        networks.append({
            "name": name, "options": options, "counts": {str(k): count(make, full, k) for k in (10, 100)},
            "parameters": [[key, list(p.shape)] for key, p in model.named_parameters()],
            "state": list(model.state_dict()), "cases": list(cases(make, small)),
        })
        print(name, networks[-1]["counts"])
    g.write("residual.json", {"networks": networks})

"""Makes xcit.json and adamw.json: a small XCiT of timm in PyTorch float64, and steps of AdamW on its parameters.

    pip install timm torchvision
    python Tests/goldens/generate_xcit.py

The network is timm's class with the first two strides set to 1, so that a patch has 4x4 pixels, behind the pixels'
normalisation; weights and data as generate.py has them: tensor number t of named_parameters() is the stream of
example t; factors (norms' and gammas' weights, temperatures) 0.5 + u, norms' biases and the class token u - 0.5, all
others (2u - 1) / sqrt(fan in), a bias with the fan in of the weight before it. The gradient of tensor number t in step
s of AdamW (from 1) is values(shape, 1000 s + t).
"""

import numpy as np
import torch
from torch import nn
from timm.models.xcit import Xcit

import generate as g

DIM, DEPTH, HEADS = 32, 2, 2
FULL = {"embed_dim": 384, "depth": 12, "num_heads": 8}


class Normalised(nn.Module):
    def __init__(self, **sizes):
        super().__init__()
        self.net = Xcit(img_size=32, patch_size=16, eta=1.0, tokens_norm=True, **sizes)
        for i in (0, 2):
            self.net.patch_embed.proj[i][0].stride = (1, 1)

    def forward(self, pixels):
        def colours(values):
            return torch.tensor(values, dtype=torch.float64).to(pixels.dtype).view(1, 3, 1, 1)

        return self.net((pixels - colours(g.MEAN)) / colours(g.DEVIATION))


def small():
    return Normalised(embed_dim=DIM, depth=DEPTH, num_heads=HEADS, num_classes=g.CLASSES)


def named(tensors):
    return {name.removeprefix("net."): tensor for name, tensor in tensors}


def addressed(model):
    """The float64 network with addressed weights."""
    norms = [
        name for name, module in model.net.named_modules() if isinstance(module, (nn.BatchNorm2d, nn.LayerNorm))
    ]
    fan_in = 0
    for t, (name, parameter) in enumerate(model.net.named_parameters()):
        u = g.uniform(parameter.numel(), g.INITIALIZATION, example=t)
        half = np.float32(0.5)
        if "gamma" in name or name.endswith("temperature"):
            initial = half + u
        elif name == "cls_token":
            initial = u - half
        elif name.rsplit(".", 1)[0] in norms:
            initial = half + u if name.endswith(".weight") else u - half
        else:
            fan_in = parameter[0].numel() if parameter.dim() > 1 else fan_in
            initial = (np.float32(2) * u - np.float32(1)) * (np.float32(1) / np.sqrt(np.float32(fan_in)))
        assert initial.dtype == np.float32
        with torch.no_grad():
            parameter.copy_(torch.from_numpy(initial).view_as(parameter))
    return model.double().train()


def gradients(model, pixels, truth):
    logits, loss, parameters, dpixels = g.gradients(model, pixels, truth)
    return logits, loss, {name.removeprefix("net."): tensor for name, tensor in parameters.items()}, dpixels


def cases():
    for batch, height, width in ((5, 32, 32), (4, 16, 24)):
        for mode in ("train", "eval"):
            model = addressed(small())
            if mode == "eval":
                g.warm_up(model, batch, height, width)
                g.through_float32(model)
                model.eval()
            single = small()
            single.load_state_dict(model.state_dict())
            single = single.float().train(mode == "train")
            pixels, truth = g.pictures(g.PIXELS, range(batch), height, width), g.labels(range(batch))
            logits, loss, parameters, dpixels = gradients(model, pixels, truth)
            _, _, rounded, _ = gradients(single, pixels.float(), truth)
            float32 = {
                name: float(f"{((rounded[name] - exact).norm() / exact.norm()).item():.3g}")
                for name, exact in parameters.items()
            }
            buffers = {name.removeprefix("net."): tensor for name, tensor in g.buffers(model).items()}
            yield {
                "batch": batch, "height": height, "pixelWidth": width, "mode": mode, "loss": loss,
                "logits": g.fingerprint(logits), "pixels": g.fingerprint(dpixels),
                "gradients": g.fingerprints(parameters), "buffers": g.fingerprints(buffers), "float32": float32,
            }


def count(classes):
    return sum(parameter.numel() for parameter in Normalised(**FULL, num_classes=classes).parameters())


def adamw():
    """Ten steps with decay of tensors of several extents but the class token."""
    named = list(addressed(small()).net.named_parameters())
    decays = [name != "cls_token" and parameter.dim() > 1 for name, parameter in named]
    optimizer = torch.optim.AdamW([
        {"params": [p for (_, p), own in zip(named, decays) if own], "weight_decay": 0.5},
        {"params": [p for (_, p), own in zip(named, decays) if not own], "weight_decay": 0.0},
    ], lr=0.0, betas=(0.9, 0.999), eps=1e-8)
    for step in range(1, 11):
        for t, (_, parameter) in enumerate(named):
            parameter.grad = g.values(tuple(parameter.shape), 1000 * step + t)
        for group in optimizer.param_groups:
            group["lr"] = 1e-3 * step
        optimizer.step()
    some = ["cls_token", "blocks.0.attn.temperature", "blocks.1.mlp.fc1.weight", "norm.bias"]
    moments = {
        name: {key: g.fingerprint(optimizer.state[parameter][key]) for key in ("exp_avg", "exp_avg_sq")}
        for name, parameter in named if name in some
    }
    g.write("adamw.json", {
        "weightDecay": 0.5, "steps": 10, "learningRate": 1e-3, "parameters": g.fingerprints(dict(named)),
        "moments": moments,
    })


if __name__ == "__main__":
    torch.set_num_threads(1)
    adamw()
    model = small().net
    network = {
        "name": "xcit-s12", "options": {"model.dim": str(DIM), "model.depth": str(DEPTH), "model.heads": str(HEADS)},
        "counts": {str(k): count(k) for k in (10, 100)},
        "parameters": [[key, list(p.shape)] for key, p in model.named_parameters()],
        "state": list(model.state_dict()), "cases": list(cases()),
    }
    print(network["counts"])
    g.write("xcit.json", {"networks": [network]})

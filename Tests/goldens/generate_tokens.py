"""Makes tokens.json: operators on tokens in PyTorch float64, forward and backward.

    python Tests/goldens/generate_tokens.py

Values are addressed as in generate.py: tensor number n of an operator is `values(shape, n)`.
"""

import torch
import torch.nn.functional as F

import generate as g


def gradients(y, inputs, number):
    names, tensors = zip(*inputs.items())
    result = torch.autograd.grad(y, tensors, g.values(tuple(y.shape), number))
    return {"y": y, **{f"d{name}": gradient for name, gradient in zip(names, result)}}


def leaf(shape, number, scale=1.0):
    return (scale * g.values(shape, number)).requires_grad_(True)


if __name__ == "__main__":
    torch.set_num_threads(1)
    x = leaf((7, 13), 200, 6.0)
    gelu = gradients(F.gelu(x), {"x": x}, 201)
    x, gamma, beta = leaf((5, 19), 202), leaf((19,), 203), leaf((19,), 204)
    layer_norm = gradients(F.layer_norm(x, (19,), gamma, beta, 1e-6), {"x": x, "gamma": gamma, "beta": beta}, 205)
    x = leaf((9, 17), 206)
    token_norm = gradients(F.normalize(x, dim=0), {"x": x}, 207)
    x, w, b = leaf((2, 6, 5, 4), 208), leaf((6, 1, 3, 3), 209), leaf((6,), 210)
    depthwise = gradients(F.conv2d(x, w, b, padding=1, groups=6), {"x": x, "w": w, "b": b}, 211)
    q, k, v, tau = leaf((9, 6), 212), leaf((9, 6), 213), leaf((9, 6), 214), leaf((1,), 215)
    attention = torch.softmax(tau * (q.T @ k), dim=-1)
    attention = gradients((attention @ v.T).T, {"q": q, "k": k, "v": v, "tau": tau}, 216)
    operators = {"attention": attention, "gelu": gelu, "layerNorm": layer_norm, "tokenNorm": token_norm, "depthwise": depthwise}
    g.write("tokens.json", {"operators": {name: g.fingerprints(tensors) for name, tensors in operators.items()}})

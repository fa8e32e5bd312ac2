"""Blocks whose last weights are zero: with a skip they pass everything on as it is. Loads torch."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torchvision.models import resnet

from explorer.training.gradient_flow import checked
from explorer.training.gradient_flow_records import SAMPLES, Bench, Setup, ZeroBlock
from explorer.training.nets.chains import Layer, SkippedLayer
from explorer.training.nets.form import Form
from explorer.vision.question import seeded


def zero_blocks(bench: Bench) -> tuple[ZeroBlock, ...]:
    """Blocks whose last weights are zero, with and without a skip, on real numbers."""
    checked(Setup(), bench)
    form = Form(bench.depth, bench.width)
    with seeded(bench.seed, torch.device("cpu")):
        x = torch.randn(SAMPLES, bench.width, 1, 1)
        up = torch.randn(SAMPLES, bench.width, 1, 1)
        plain, skipped = Layer(1, form), SkippedLayer(1, form)
        deep = nn.Sequential(*(SkippedLayer(1, form) for _ in range(bench.depth)))
        own = resnet.BasicBlock(bench.width, bench.width)
    for layer in (plain, skipped, *deep):
        for each in layer.conv.parameters():
            nn.init.zeros_(each)
    nn.init.zeros_(own.bn2.weight)
    positive = x.abs() + 0.1
    return (
        _tried("Plain layer", "y = f(x), weights of f zero", plain, x, up),
        _tried("Layer with a skip", "y = x + f(x), weights of f zero", skipped, x, up),
        _tried(f"{bench.depth} of these in a row", "each y = x + f(x)", deep, x, up),
        _tried(
            "ResNet's own block", "y = relu(x + f(x)), γ of its last batch norm zero, x positive",
            own, positive, up,
        ),
    )  # fmt: skip


def _tried(title: str, how: str, block: nn.Module, x: Tensor, up: Tensor) -> ZeroBlock:
    given = x.clone().requires_grad_()
    out = block(given)
    out.backward(up)
    back = given.grad if given.grad is not None else torch.zeros_like(x)
    return ZeroBlock(
        title, how, _most(out - x), _most(out), _most(back - up), _most(back)
    )  # fmt: skip


def _most(tensor: Tensor) -> float:
    return float(tensor.detach().abs().max())

"""One forward and one backward pass at initialisation: what is left of a signal, layer by layer.

The chains are those of the training lab (`explorer.training.nets.chains`) on vectors, so that
every layer multiplies by a matrix and the theory of wide layers applies.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.errors import BadRequest
from explorer.training import streams
from explorer.training.data.loading import load
from explorer.training.gradient_flow_records import (
    ACTIVATIONS,
    DEEPEST,
    INITIALISATIONS,
    NARROWEST,
    NORMALISATIONS,
    SAMPLES,
    SHALLOWEST,
    WIDEST,
    Bench,
    Flow,
    Setup,
)
from explorer.training.initialisation import initialise
from explorer.training.nets.chains import Chain, ResidualChain
from explorer.training.nets.form import Form
from explorer.vision.question import seeded

if TYPE_CHECKING:
    from explorer.training.gradient_flow_records import Batch

CLASSES = 10
_CPU = torch.device("cpu")


def flow(setup: Setup, bench: Bench) -> Flow:
    """Send a batch through a chain as it is built, and its loss's gradient back.

    Raises BadRequest for a setting out of range.
    """
    checked(setup, bench)
    pictures, labels = batch(bench)
    with seeded(bench.seed, _CPU):
        built = chain(setup, bench, pictures.shape[1])
    weights = [each.weight for each in built.modules() if isinstance(each, nn.Conv2d)]
    outputs: list[Tensor] = []
    for layer in (built.stem, *built.layers):
        # Nothing here works in place, so an output stays what it was.
        layer.register_forward_hook(lambda *seen: outputs.append(seen[-1]))
    loss = F.cross_entropy(built(pictures), labels)
    gradients = torch.autograd.grad(loss, [*outputs, *weights])
    n = len(outputs)
    first = outputs[0].detach().double()
    return Flow(
        setup, bench,
        activations=_norms(outputs) / np.sqrt(first.numel()),
        gradients=_norms(gradients[:n]),
        # The first layer's matrix may have another shape than the others'.
        weights=np.concatenate([_norms(gradients[n : n + 1]), _norms(gradients[n + 1 :])]),
        spread=float(first.var(0, unbiased=False).mean().sqrt()),
        loss=float(loss.detach()),
    )  # fmt: skip


def _norms(tensors: Sequence[Tensor]) -> np.ndarray:
    """Euclidean norms (n,) of tensors of one shape; in float64, for squares may leave fp32."""
    rows = torch.stack(list(tensors)).detach().flatten(1)
    norms: np.ndarray = torch.linalg.vector_norm(rows, dim=1, dtype=torch.float64).numpy()
    return norms


def batch(bench: Bench) -> tuple[Tensor, Tensor]:
    """Vectors (N, C, 1, 1) and labels (N,): real digits or noise."""
    return _batch(bench.batch, bench.seed)


@lru_cache(maxsize=16)
def _batch(kind: Batch, seed: int) -> tuple[Tensor, Tensor]:
    if kind == "digits":
        train = load("digits").train
        flat = train.values[:SAMPLES].flatten(1).float()
        values, labels = (flat - flat.mean()) / flat.std(), train.labels[:SAMPLES]
    else:
        generator = streams.generator(seed, "gradient flow")
        values = torch.randn(SAMPLES, 64, generator=generator)
        labels = torch.randint(CLASSES, (SAMPLES,), generator=generator)
    return values[:, :, None, None], labels


def checked(setup: Setup, bench: Bench) -> None:
    """Raise BadRequest for a setting out of range."""
    for what, value, known in (
        ("Activation", setup.activation, ACTIVATIONS),
        ("Initialisation", setup.initialisation, INITIALISATIONS),
        ("Normalisation", setup.normalisation, NORMALISATIONS),
        ("Batch", bench.batch, ("digits", "noise")),
    ):
        if value not in known:
            raise BadRequest(f"{what} is one of {', '.join(known)}, not {value!r}.")
    for what, number, low, high in (
        ("Depth", bench.depth, SHALLOWEST, DEEPEST),
        ("Width", bench.width, NARROWEST, WIDEST),
    ):
        if not low <= number <= high:
            raise BadRequest(f"{what} is a whole number from {low} to {high}, not {number}.")


def chain(setup: Setup, bench: Bench, channels: int) -> Chain:
    """Build a chain for vectors of so many channels, drawing from torch's global generator."""
    form = Form(bench.depth, bench.width, setup.normalisation, setup.activation)
    built = (ResidualChain if setup.skip else Chain)((channels, 1, 1), CLASSES, form)
    initialise(built, setup.initialisation)
    return built.train()

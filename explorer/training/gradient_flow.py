"""One forward and one backward pass at initialisation: what is left of a signal, layer by layer.

The chains are those of the training lab (`explorer.training.nets.chains`) on vectors, so that
every layer multiplies by a matrix and the theory of wide layers applies.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.errors import BadRequest
from explorer.training import streams
from explorer.training.data.loading import load
from explorer.training.flow_watch import Watched, gradient_norm
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
    layers = [built.stem, *built.layers]
    weights = [each.weight for each in built.modules() if isinstance(each, nn.Conv2d)]
    watched = Watched(layers)
    with watched.watching():
        loss = F.cross_entropy(built(pictures), labels)
        loss.backward()
    return Flow(
        setup, bench, watched.activations, watched.spreads, watched.gradients,
        np.array([gradient_norm(each) for each in weights]), float(loss.detach()),
    )  # fmt: skip


def batch(bench: Bench) -> tuple[Tensor, Tensor]:
    """Vectors (N, C, 1, 1) and labels (N,): real digits or noise."""
    if bench.batch == "digits":
        train = load("digits").train
        flat = train.values[:SAMPLES].flatten(1).float()
        values, labels = (flat - flat.mean()) / flat.std(), train.labels[:SAMPLES]
    else:
        generator = streams.generator(bench.seed, "gradient flow")
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

"""The same pass through a network of the zoo, with random or trained weights. Loads torch."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from explorer.pictures import samples
from explorer.training import streams
from explorer.training.flow_watch import Watched, gradient_norm
from explorer.training.gradient_flow_records import NetworkFlow
from explorer.vision import loading, preprocess

if TYPE_CHECKING:
    from explorer.vision.loaded import LoadedModel

MOST_PICTURES = 4


def network_flow(name: str, weights: str | None = None) -> NetworkFlow:
    """Send the bundled pictures through a network of the zoo, and the loss's gradient back.

    `weights` is a key such as "random"; None takes the best on disk. Raises what
    `explorer.vision.loading.load` does.
    """
    model = loading.load(name, weights)
    recipe = model.preprocessing
    subject = samples.suiting(len(recipe.mean), max(recipe.crop))
    names = [each.name for each in samples.of(subject)][:MOST_PICTURES]
    pictures = torch.cat(
        [preprocess.input_tensor(samples.accepted(each), recipe) for each in names]
    ).to(model.device)
    labels = torch.randint(
        len(model.classes), (len(pictures),),
        generator=streams.generator(loading.SEED, "gradient flow"),
    ).to(model.device)  # fmt: skip
    with model.borrowed() as network, _as_in_training(network):
        return _through(model, network, pictures, labels)


def _through(
    model: LoadedModel, network: nn.Module, pictures: Tensor, labels: Tensor
) -> NetworkFlow:
    named = [
        (name, each)
        for name, each in network.named_modules()
        if isinstance(each, nn.modules.conv._ConvNd | nn.Linear)
    ]
    network.requires_grad_(True)
    watched = Watched([each for _, each in named])
    with watched.watching():
        loss = F.cross_entropy(network(pictures), labels)
        loss.backward()
    order = list(dict.fromkeys(watched.order))
    return NetworkFlow(
        model.card.name, model.card.title, model.choice.title, model.choice.kind == "random",
        tuple(named[place][0] for place in order),
        watched.activations[order], watched.gradients[order],
        np.array([gradient_norm(named[place][1].weight) for place in order]),
        float(loss.detach()), len(pictures),
    )  # fmt: skip


@contextmanager
def _as_in_training(network: nn.Module) -> Iterator[None]:
    """Have batch norm take the batch's statistics, and not remember them."""
    norms = [
        each for each in network.modules() if isinstance(each, nn.modules.batchnorm._BatchNorm)
    ]
    before = [each.track_running_stats for each in norms]
    for each in norms:
        each.train()
        each.track_running_stats = False
    try:
        yield
    finally:
        for each, tracked in zip(norms, before, strict=True):
            each.track_running_stats = tracked

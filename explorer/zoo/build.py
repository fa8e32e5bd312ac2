"""Build the models of the zoo, and inputs to run them on. Loads torch."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explorer.errors import BuildFailed
from explorer.zoo import catalogue, torchvision_models
from explorer.zoo.classics import CLASSICS
from explorer.zoo.skeleton import without_initialising

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.zoo.cards import ModelCard


def network(name: str) -> nn.Module:
    """Build a model on the meta device, in evaluation mode: its structure without any numbers.

    Raises UnknownModel for a name nobody registered, BuildFailed if its constructor raises.
    """
    with without_initialising():
        model = _construct(name)
    # Buffers computed from data are still real.
    return model.to("meta").eval()


def real_network(name: str, device: torch.device | str = "cpu") -> nn.Module:
    """Build a model on a device, initialised as its authors do, in evaluation mode.

    Raises UnknownModel for a name nobody registered, BuildFailed if its constructor raises.
    """
    return _construct(name).eval().to(device)


def example_inputs(
    card: ModelCard,
    size: tuple[int, int] | None = None,
    batch: int = 1,
    device: torch.device | str = "cpu",
) -> tuple[Any, ...]:
    """Make the positional arguments of a model's forward, with values in [0, 1).

    `size` is (H, W), by default the card's. Detectors take a list of `batch` images (C, H, W),
    optical flow two tensors (N, C, H, W), video one tensor (N, C, T, H, W).
    """
    height, width = size or card.input_size
    shape = (*card.input_shape[:-2], height, width)
    if card.task == "detection":
        return ([torch.rand(shape, device=device) for _ in range(batch)],)
    return tuple(torch.rand((batch, *shape), device=device) for _ in range(card.inputs))


def card(name: str) -> ModelCard:
    """Say what is known of any model by name; raise UnknownModel with the nearest names."""
    return catalogue.find(name)


def _construct(name: str) -> nn.Module:
    constructor = _constructor(name)
    try:
        return constructor()
    except Exception as error:
        raise BuildFailed(f"Building {name} failed: {error}") from error


def _constructor(name: str) -> Callable[[], nn.Module]:
    if name in CLASSICS:
        return CLASSICS[name].construct
    if name in torchvision_models.names():
        return partial(torchvision_models.construct, name)
    raise catalogue.unknown(name)

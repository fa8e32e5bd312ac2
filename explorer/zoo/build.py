"""Build the models of the zoo, and inputs to run them on. Loads torch."""

from __future__ import annotations

import dataclasses
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any

import torch
from torch import nn

from explorer.anatomy import dissect
from explorer.errors import BuildFailed, ExplorerError
from explorer.zoo import (
    catalogue,
    timm_models,
    torchvision_models,
    trained_runs,
    user_models,
)
from explorer.zoo.classics import CLASSICS
from explorer.zoo.skeleton import in_evaluation, moved_to_meta, without_initialising

if TYPE_CHECKING:
    from collections.abc import Callable

    from explorer.zoo.cards import ModelCard


def network(name: str) -> nn.Module:
    """Build a model on the meta device, in evaluation mode: its structure without any numbers.

    Raises UnknownModel for a name nobody registered, BuildFailed if its constructor raises.
    """
    try:
        with without_initialising():
            model = _construct(name)
    except BuildFailed:
        # Code that computes with its own weights while it is built needs real ones.
        model = _construct(name)
    # Buffers computed from data are still real.
    return in_evaluation(moved_to_meta(model))


def real_network(name: str, device: torch.device | str = "cpu") -> nn.Module:
    """Build a model on a device, initialised as its authors do, in evaluation mode.

    Raises UnknownModel for a name nobody registered, BuildFailed if its constructor raises.
    """
    return _construct(name).eval().to(device)


def built(name: str) -> nn.Module:
    """Build a model as its authors do, wherever tensors are made just now.

    Raises UnknownModel for a name nobody registered, BuildFailed if its constructor raises.
    """
    return _construct(name)


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
    """Say what is known of a model by its name: of the catalogue, timm, a run or the user's own.

    Raises UnknownModel with the nearest names for one nobody has registered.
    """
    if ":" not in name:
        return catalogue.find(name)
    if trained_runs.is_run(name):
        return _completed(trained_runs.draft(name))
    source = timm_models if name.startswith(timm_models.PREFIX) else user_models
    return _counted(source.draft(name))


@lru_cache(maxsize=64)
def _completed(draft: ModelCard) -> ModelCard:
    """Count a run's network and find the sizes it accepts, once."""
    from explorer.zoo import extent  # noqa: PLC0415 - which builds networks by this module

    return extent.complete(draft)


def _counted(draft: ModelCard) -> ModelCard:
    """Fill in a card's parameters and multiply-adds."""
    model = network(draft.name)
    params = sum(each.numel() for each in model.parameters())
    return dataclasses.replace(
        draft,
        params=params,
        macs=dissect(model, inputs=example_inputs(draft, device="meta")).macs,
        weights=tuple(dataclasses.replace(each, params=params) for each in draft.weights),
    )


def _construct(name: str) -> nn.Module:
    constructor = _constructor(name)
    try:
        return constructor()
    except ExplorerError:
        raise
    except Exception as error:
        what = " ".join(str(error).split()) or "it gave no message"
        raise BuildFailed(f"Building {name} failed with {type(error).__name__}: {what}") from error


def _constructor(name: str) -> Callable[[], nn.Module]:
    if name in CLASSICS:
        return CLASSICS[name].construct
    if name in torchvision_models.names():
        return partial(torchvision_models.construct, name)
    if name.startswith(timm_models.PREFIX):
        return partial(timm_models.construct, name)
    if trained_runs.is_run(name):
        from explorer.training import trained  # noqa: PLC0415 - which builds networks of the zoo

        return partial(trained.construct, name)
    if ":" in name:
        return partial(user_models.construct, name)
    raise catalogue.unknown(name)

"""Every picture of a collection through a network: what it says, and what its head reads."""

from __future__ import annotations

import io
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image

from explorer.collections.store import CollectionStore
from explorer.errors import BadCheckpoint
from explorer.progress import Progress, silent
from explorer.training import losses
from explorer.vision import preprocess

if TYPE_CHECKING:
    from torch import Tensor, nn

    from explorer.vision.records import Preprocessing

AT_ONCE = 32
"""Pictures that are read before anybody is told how far it is."""
VALUES = 8 * 3 * 224 * 224
"""Numbers in one batch, as in `explorer.vision.predict`."""


@dataclass(frozen=True, slots=True)
class Watched:
    """A network in evaluation mode, and the name of the module whose input are its features."""

    network: nn.Module
    head: str


@dataclass(frozen=True, slots=True)
class Passed:
    """What a network says of n pictures, (n, classes), and its features, (n, d), of each."""

    probabilities: np.ndarray
    features: np.ndarray


def passed(
    networks: Sequence[Watched],
    opened: Callable[[int], Image.Image],
    count: int,
    prepared: Preprocessing,
    where: torch.device,
    progress: Progress = silent,
) -> tuple[Passed, ...]:
    """Send pictures 0 to `count` - 1 through networks that are given them in the same way.

    Features that are maps, or one for each place, are averaged over their places. Raises
    BadCheckpoint for a network that gives no numbers, and lets Cancelled through.
    """
    found: list[list[tuple[Tensor, Tensor]]] = [[] for _ in networks]
    with torch.inference_mode():
        for batch in _batches(opened, count, prepared, progress):
            for each, kept in zip(networks, found, strict=True):
                kept.append(_one(each, batch.to(where)))
    return tuple(_together(kept) for kept in found)


def opener(key: str, items: Sequence[int]) -> Callable[[int], Image.Image]:
    """What opens the pictures of a collection by their place among these numbers."""
    store = CollectionStore()

    def opened(place: int) -> Image.Image:
        with Image.open(io.BytesIO(store.picture(key, items[place]))) as image:
            return image.convert("RGB")

    return opened


def _batches(
    opened: Callable[[int], Image.Image], count: int, prepared: Preprocessing, progress: Progress
) -> Iterator[Tensor]:
    """Pictures as inputs (N, C, H, W), read on as many threads as torch has."""
    values = len(prepared.mean) * int(np.prod(prepared.crop))
    size = max(1, min(VALUES // values, AT_ONCE))
    mean, std = (torch.tensor(each)[:, None, None] for each in (prepared.mean, prepared.std))

    def read(place: int) -> Tensor:
        cropped = torch.from_numpy(preprocess.cropped(opened(place), prepared).copy())
        return (cropped.float().div(255) - mean) / std

    with ThreadPoolExecutor(max(1, torch.get_num_threads())) as pool:
        for first in range(0, count, AT_ONCE):
            progress(first / count, f"Looking at picture {first + 1:,} of {count:,}")
            read_now = list(pool.map(read, range(first, min(first + AT_ONCE, count))))
            yield from torch.stack(read_now).split(size)


def _one(watched: Watched, batch: Tensor) -> tuple[Tensor, Tensor]:
    """Probabilities and features of one batch, on the CPU."""
    read: list[Tensor] = []
    with ExitStack() as hooks:
        head = watched.network.get_submodule(watched.head)
        hooks.callback(
            head.register_forward_pre_hook(lambda _, given: read.append(given[0])).remove
        )
        scores = losses.heads(watched.network(batch))[0]
    return scores.double().softmax(dim=1).float().cpu(), _pooled(read[-1]).float().cpu()


def _pooled(features: Tensor) -> Tensor:
    """One number for each channel: maps (N, C, H, W) and places (N, T, d) are averaged."""
    if features.dim() == 4:
        return features.mean(dim=(2, 3))
    return features.flatten(1, -2).mean(dim=1) if features.dim() > 2 else features


def _together(kept: Sequence[tuple[Tensor, Tensor]]) -> Passed:
    probabilities, features = (torch.cat(each) for each in zip(*kept, strict=True))
    if not bool(probabilities.isfinite().all() and features.isfinite().all()):
        raise BadCheckpoint(
            "The network gives scores that are no numbers (NaN or infinite); train it again with a "
            "smaller learning rate."
        )
    return Passed(probabilities.numpy(), features.numpy())

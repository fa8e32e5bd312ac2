"""Is a file that is shipped the one its card tells of, and as good? Loads torch."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import safetensors.torch
import torch

from explorer.pictures import intake
from explorer.training.data import catalogue as data_catalogue
from explorer.training.data import folders, loading, placed
from explorer.training.data.loading import Pictures
from explorer.training.evaluation import batches, evaluating
from explorer.training.feed import Feed
from explorer.training.shapes import fitted
from explorer.zoo import build, catalogue, state_dicts
from explorer.zoo.own_weights import digest

if TYPE_CHECKING:
    import numpy.typing as npt
    from torch import Tensor

    from explorer.zoo.own_weights import OwnWeights

FIXED = 1000
"""Test pictures on which a file is checked, as many of each class."""
TOLERANCE = 1.0
"""Percentage points between stated and measured accuracy that another machine may bring."""


@dataclass(frozen=True, slots=True)
class Checked:
    """What became of a check: `problems` are sentences, none if all is well.

    `stated` and `measured` are percentages of the same test pictures, None where the data are not
    on this computer.
    """

    model: str
    stated: float
    measured: float | None
    problems: tuple[str, ...]


def check(weights: OwnWeights, pictures: Pictures | None) -> Checked:
    """Hold a file against its card: its digest, and its accuracy on the pictures of `fixed`."""
    path, problems = Path(weights.path), []
    again = f"python -m explorer weights make {weights.model} writes both anew"
    if digest(path) != weights.sha256:
        problems.append(f"{path.name} is not the file its card tells of; {again}.")
    measured = None
    if pictures is not None:
        measured = share(right(weights.model, path, pictures, weights.mean, weights.std))
        if abs(measured - weights.top1_of_1000) > TOLERANCE:
            problems.append(
                f"{path.name} names {measured:.1f} % of the pictures rightly, not the "
                f"{weights.top1_of_1000:.1f} % its card states; {again}."
            )
    return Checked(weights.model, weights.top1_of_1000, measured, tuple(problems))


def right(
    model: str, path: Path, pictures: Pictures, mean: tuple[float, ...], std: tuple[float, ...]
) -> Tensor:
    """Which pictures the network of a file names rightly: bool (N,), in fp32 on the CPU.

    They are brought to the network as in training, without its augmentation.
    """
    network = build.real_network(model)
    state = state_dicts.fit(safetensors.torch.load_file(path), network, model).state
    state_dicts.load(network, state)
    channels, height, width = catalogue.find(model).input_shape
    normalisation = (torch.tensor(mean), torch.tensor(std))
    shape = (channels, height, width)
    feed = Feed(pictures, shape, partial(fitted, shape=shape), torch.device("cpu"), normalisation)
    with evaluating(network):
        said = [network(feed.normalised(numbers)).argmax(dim=1) for numbers in batches(feed)]
    return torch.cat(said) == pictures.labels


def share(right: Tensor) -> float:
    """How many of (N,) are true, in percent."""
    return 100 * right.double().mean().item()


def fixed(labels: npt.NDArray[np.int64]) -> npt.NDArray[np.intp]:
    """Places of the 1,000 test pictures, alike of each class, in rising order.

    Drawn once and for all, from the labels (N,) of the whole test set alone.
    """
    order = np.random.default_rng(0).permutation(len(labels))
    classes = np.unique(labels)
    each = FIXED // len(classes)
    return np.sort(np.concatenate([order[labels[order] == one][:each] for one in classes]))


def fixed_pictures(key: str) -> Pictures:
    """Read the 1,000 test pictures of a data set; of an archive no others are decoded.

    Raises MissingData, BadData.
    """
    if data_catalogue.find(key).kind != "placed":
        test = loading.load(key).test
        return test[torch.from_numpy(fixed(test.labels.numpy()))]
    arranged, opened = folders.listed(placed.archive(key))
    members = [each for each in arranged.members if each.part == "test"]
    labels = np.array([each.label for each in members], np.int64)
    places = fixed(labels)
    values = np.stack([intake.rgb(opened(members[place].name)) for place in places])
    return Pictures(
        torch.from_numpy(np.ascontiguousarray(values.transpose(0, 3, 1, 2))),
        torch.from_numpy(labels[places]),
    )

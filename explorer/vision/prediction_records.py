"""What a classifier says of a picture, as data, and how such answers are judged. No torch here.

Probabilities are the softmax of the network's scores (its logits): positive, adding up to 1 over
all classes it knows. Ranks count from 1; of equal probabilities the lower class number is first.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
import numpy.typing as npt

if TYPE_CHECKING:
    from explorer.vision.records import Box, NetworkUse, Preprocessing

Probabilities: TypeAlias = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Guess:
    """One class of an answer. `logit` is NaN where probabilities were averaged: there is none."""

    rank: int
    name: str
    index: int
    probability: float
    logit: float = math.nan


@dataclass(frozen=True, slots=True)
class Prediction:
    """A network's answer to one picture.

    `top` are the likeliest classes, the best first; `probabilities` are those of all classes, in
    their order. Times are of this pass alone, in seconds per picture: `prepare_seconds` from the
    decoded picture to the tensor, `forward_seconds` through the network with `batch` pictures at
    once. `window` is what the network saw, in pixels of the picture.
    """

    picture: str
    digest: str
    use: NetworkUse
    top: tuple[Guess, ...]
    probabilities: Probabilities
    window: Box
    prepare_seconds: float
    forward_seconds: float
    batch: int

    @property
    def entropy_bits(self) -> float:
        """How undecided the answer is: 0 if one class has it all, log2(classes) if all are equal.

        Shannon, "A Mathematical Theory of Communication" (1948): H = -sum p log2 p.
        """
        return entropy_bits(self.probabilities)


@dataclass(frozen=True, slots=True)
class Timed:
    """A prediction of one of several models, and the time of a forward pass alone, in seconds.

    The median of `passes`, one picture at a time, after one pass that does not count.
    """

    prediction: Prediction
    seconds: float
    passes: int


@dataclass(frozen=True, slots=True)
class Unable:
    """A model that gave no answer, and why in one sentence."""

    model: str
    reason: str


@dataclass(frozen=True, slots=True)
class Average:
    """The mean of several answers' probabilities, class by class.

    `members` says whose, `left_out` in one sentence each which answers could not join.
    """

    members: tuple[str, ...]
    top: tuple[Guess, ...]
    probabilities: Probabilities
    left_out: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Comparison:
    """Several models on one picture; the average is of those that name the same classes.

    None where fewer than two do.
    """

    answers: tuple[Timed | Unable, ...]
    average: Average | None


@dataclass(frozen=True, slots=True)
class View:
    """One crop of a picture: where it lies, whether it was mirrored, and the answer to it.

    `png` shows it as the network saw it, before normalising.
    """

    title: str
    window: Box
    mirrored: bool
    png: bytes
    best: Guess
    probabilities: Probabilities


@dataclass(frozen=True, slots=True)
class TenCrops:
    """Ten views of one picture and their average, beside the single view in the middle.

    Seconds are medians over `passes` forward passes: of one view, and of all ten at once.
    """

    use: NetworkUse
    single: Prediction
    views: tuple[View, ...]
    average: Average
    single_seconds: float
    ten_seconds: float
    passes: int


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel of a tensor: its extremes, its mean, and a grey picture of it."""

    name: str
    low: float
    mean: float
    high: float
    png: bytes


@dataclass(frozen=True, slots=True)
class Step:
    """What the picture is after one step of its preparation.

    `shape` and `kind` are the array's; `low`, `mean` and `high` are over all its numbers.
    `channels` are its channels one by one, where looking at them teaches something.
    """

    title: str
    sentence: str
    shape: tuple[int, ...]
    kind: str
    low: float
    mean: float
    high: float
    png: bytes
    channels: tuple[Channel, ...] = ()


@dataclass(frozen=True, slots=True)
class Seen:
    """The tensor a network was given, (C, H, W) float32, and how it came from the picture."""

    use: NetworkUse
    recipe: Preprocessing
    window: Box
    steps: tuple[Step, ...]
    tensor: npt.NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class InputView:
    """What is left of a picture when a network is given it: `pixels` (H, W, 3) uint8.

    They are those before normalising; `inverted` says that light and dark were exchanged, `title`
    is the network's.
    """

    title: str
    recipe: Preprocessing
    window: Box
    pixels: npt.NDArray[np.uint8]
    inverted: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """Where the class that is right stands in an answer of so many classes."""

    name: str
    rank: int
    probability: float
    classes: int

    def error(self, k: int) -> int:
        """The top-k error of this one picture: 0 if the right class is among the first k, else 1.

        Russakovsky et al., "ImageNet Large Scale Visual Recognition Challenge" (2015), section 4.1.
        """
        return int(self.rank > k)


@dataclass(frozen=True, slots=True)
class Change:
    """A class in two answers: its probability and rank before and after."""

    name: str
    before: float
    after: float
    rank_before: int
    rank_after: int


def written(number: float, digits: int = 2) -> str:
    """Write a number of a tensor: two decimals and a real minus sign."""
    return f"{number:.{digits}f}".replace("-", "−")


def ranked(
    probabilities: Sequence[float] | Probabilities, names: Sequence[str], k: int
) -> tuple[Guess, ...]:
    """Return the k likeliest classes, or all if there are fewer."""
    values = np.asarray(probabilities, dtype=np.float64)
    order = np.argsort(-values, kind="stable")[:k]
    return tuple(
        Guess(rank, names[index], int(index), float(values[index]))
        for rank, index in enumerate(order, 1)
    )


def rank_of(probabilities: Sequence[float] | Probabilities, index: int) -> int:
    """Return the rank of a class, 1 for the likeliest."""
    values = np.asarray(probabilities, dtype=np.float64)
    before = (values > values[index]).sum() + (values[:index] == values[index]).sum()
    return 1 + int(before)


def judged(
    probabilities: Sequence[float] | Probabilities, names: Sequence[str], right: int
) -> Verdict:
    """Hold an answer against the number of the class that is right."""
    return Verdict(
        name=names[right],
        rank=rank_of(probabilities, right),
        probability=float(probabilities[right]),
        classes=len(names),
    )


def entropy_bits(probabilities: Sequence[float] | Probabilities) -> float:
    """Return the entropy -sum p log2 p, in bits; a class of probability 0 adds nothing."""
    values = np.asarray(probabilities, dtype=np.float64)
    present = values[values > 0]
    return float(-(present * np.log2(present)).sum()) + 0.0


def changes(
    before: Probabilities, after: Probabilities, names: Sequence[str], k: int
) -> tuple[Change, ...]:
    """Say of each class in either top k what became of it, in the order of the second answer."""
    tops = [guess.index for each in (after, before) for guess in ranked(each, names, k)]
    known = sorted(set(tops), key=lambda index: rank_of(after, index))
    return tuple(
        Change(
            names[index],
            float(before[index]),
            float(after[index]),
            rank_of(before, index),
            rank_of(after, index),
        )
        for index in known
    )

"""What a data set is, before anything of it is loaded. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Kind: TypeAlias = Literal["bundled", "download", "placed", "generated", "yours"]

POINT = (2, 1, 1)
"""The shape of a point in the plane: two channels of one pixel."""


@dataclass(frozen=True, slots=True)
class DataSet:
    """A labelled data set: `train` pictures to learn from and `test` pictures to be judged by.

    `shape` is (C, H, W) of each picture; points of the plane have (2, 1, 1). `megabytes` (10^6
    bytes) is what has to be downloaded, 0 for nothing. `paper` and `link` say where it comes from.
    A set that is "placed" nobody can download: its archive has to be put into the data folder.
    """

    key: str
    title: str
    idea: str
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    train: int
    test: int
    kind: Kind
    megabytes: float = 0.0
    licence: str = ""
    paper: str = ""
    link: str = ""
    notes: tuple[str, ...] = ()

    @property
    def points(self) -> bool:
        """Whether its samples are points of the plane, not pictures."""
        return self.shape == POINT

    @property
    def bytes(self) -> int:
        """What all its samples take in memory: a byte a value, four for coordinates."""
        channels, height, width = self.shape
        each = channels * height * width * (4 if self.points else 1)
        return each * (self.train + self.test)


@dataclass(frozen=True, slots=True)
class Split:
    """One part of a data set: how many samples of each class it has, and what it is for."""

    name: Literal["train", "validation", "test"]
    counts: tuple[int, ...]

    @property
    def count(self) -> int:
        """All its samples."""
        return sum(self.counts)


@dataclass(frozen=True, slots=True)
class Sheet:
    """A PNG of samples without words: a class in each of the `rows`, `across` pictures of it.

    Each has `tile` pixels (height, width), of which the last row and column are clear.
    """

    png: bytes
    tile: tuple[int, int]
    across: int
    rows: int


@dataclass(frozen=True, slots=True)
class Description:
    """What there is to know of a data set as a recipe splits it, before anything learns from it.

    Labels are counted as they are in the data, before any of them is drawn anew; `redrawn` says
    how many of the training labels will be. `mean` and `std` are per channel, over all pixels of
    the training part, black being 0 and white 1; of points, of their coordinates. `sheet` is None
    for points, whose training samples are then in `points` (n, 2), with the `labels` (n,) that
    are learned from.
    """

    data: DataSet
    splits: tuple[Split, ...]
    redrawn: int
    mean: tuple[float, ...]
    std: tuple[float, ...]
    sheet: Sheet | None
    points: np.ndarray | None = None
    labels: np.ndarray | None = None

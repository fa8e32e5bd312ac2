"""What names of files say: folders are classes, or parts with classes in them. No torch here.

cat/1.jpg            a class; a fifth of each class becomes the test set
train/cat/1.jpg      a class of the training set, test/cat/2.jpg of the test set
pets/cat/1.jpg       the same as without "pets", if everything lies in it
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import PurePosixPath
from typing import Literal, TypeAlias

import numpy as np
import numpy.typing as npt

from explorer.errors import BadData

Part: TypeAlias = Literal["", "train", "test"]

TEST_SHARE = 0.2
"""What is kept for testing of data that come without a test set."""
MOST_CLASSES = 1000
SHAPE = "a data set is a folder for each class, with its pictures in it"

_SUFFIXES = (
    ".jpg", ".jpeg", ".jpe", ".jfif", ".png", ".apng", ".webp", ".bmp", ".dib", ".gif", ".tif",
    ".tiff", ".avif",
)  # fmt: skip
_PARTS: Mapping[str, Part] = {
    **dict.fromkeys(("train", "training", "val", "valid", "validation"), "train"),
    **dict.fromkeys(("test", "testing"), "test"),
}
_VALIDATION = ("val", "valid", "validation")


@dataclass(frozen=True, slots=True)
class Member:
    """A file that is a sample: its name, its class, and the part it lies in, if it says so."""

    name: str
    label: int
    part: Part


@dataclass(frozen=True, slots=True)
class Arranged:
    """Files in the order of their names, the classes they show, and what was left out."""

    members: tuple[Member, ...]
    classes: tuple[str, ...]
    notes: tuple[str, ...]

    @property
    def is_split(self) -> bool:
        """Whether the files come with a test set of their own."""
        return bool(self.members[0].part)


def arrange(names: Sequence[str]) -> Arranged:
    """Find classes and parts in the names of files, "/" between folders.

    Files in the wrong place, hidden ones and ones that are no pictures are left out. Raises BadData
    where no two classes remain.
    """
    wanted = sorted(name for name in names if _is_picture(name))
    placed = _without_common({name: PurePosixPath(name).parts for name in wanted})
    loose = sum(len(parts) == 1 for parts in placed.values())
    placed = {name: parts for name, parts in placed.items() if len(parts) > 1}
    parts = _parts({each[0] for each in placed.values()})
    if parts:
        shallow = sum(len(each) == 2 for each in placed.values())
        loose += shallow
        placed = {name: each for name, each in placed.items() if len(each) > 2}
    shown = {name: each[1] if parts else each[0] for name, each in placed.items()}
    classes = tuple(sorted(set(shown.values())))
    _check(classes, len(wanted))
    numbers = {name: number for number, name in enumerate(classes)}
    members = tuple(
        Member(name, numbers[shown[name]], parts[each[0]] if parts else "")
        for name, each in placed.items()
    )
    _check_parts(members, classes)
    return Arranged(members, classes, _notes(len(names) - len(wanted), loose))


def _is_picture(name: str) -> bool:
    path = PurePosixPath(name)
    hidden = any(part.startswith((".", "__MACOSX")) for part in path.parts)
    return path.suffix.lower() in _SUFFIXES and not hidden


def _without_common(placed: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Leave out outer folders that everything lies in, but never the classes themselves."""
    while placed and len({each[0] for each in placed.values()}) == 1:
        if min(map(len, placed.values())) < 3:
            break
        placed = {name: each[1:] for name, each in placed.items()}
    return placed


def _parts(folders: set[str]) -> Mapping[str, Part]:
    """Which part each outer folder is; empty where the outer folders are classes."""
    known = {folder: _PARTS.get(folder.lower()) for folder in folders}
    if None in known.values():
        return {}
    found = {folder: part for folder, part in known.items() if part}
    if "test" not in found.values():  # a validation set is then what there is to test on
        found |= {folder: "test" for folder in found if folder.lower() in _VALIDATION}
    return found if set(found.values()) == {"train", "test"} else {}


def _check(classes: tuple[str, ...], pictures: int) -> None:
    if not pictures:
        raise BadData(f"There are no pictures in here; {SHAPE}.")
    if len(classes) < 2:
        raise BadData(f"The pictures in here are not in two classes or more; {SHAPE}.")
    if len(classes) > MOST_CLASSES:
        raise BadData(
            f"There are {len(classes):,} folders in here, and at most {MOST_CLASSES:,} classes can "
            f"be learned; {SHAPE}."
        )


def _check_parts(members: Sequence[Member], classes: tuple[str, ...]) -> None:
    """Hold that every class can be learned from and, without a test set, also tested on."""
    counts = Counter(member.label for member in members if member.part != "test")
    least = 1 if members[0].part else 2
    for number, name in enumerate(classes):
        if counts[number] < least:
            raise BadData(
                f"The class {name[:40]!r} has {counts[number] or 'no'} "
                f"picture{'' if counts[number] == 1 else 's'} to learn from; add some, or remove "
                "its folder."
            )


def _notes(others: int, loose: int) -> tuple[str, ...]:
    return (
        *((f"{others:,} files are no pictures and were left out.",) * bool(others)),
        *((f"{loose:,} pictures lie outside of the classes and were left out.",) * bool(loose)),
    )


def parted(labels: npt.NDArray[np.int64]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Places of the training and the test part of data that come in one, in rising order.

    A fifth, alike of every class, drawn once and for all: the split belongs to the data, not to a
    recipe. Every class has two samples at least, and is in both parts.
    """
    # scikit-learn splits so too, but refuses small sets, and takes a second to import.
    classes, sizes = np.unique(labels, return_counts=True)
    share = sizes * TEST_SHARE
    counts = np.maximum(np.floor(share), 1).astype(np.int64)
    left = math.ceil(share.sum()) - counts.sum()
    counts[np.argsort(counts - share, kind="stable")[: max(0, left)]] += 1
    order = np.random.default_rng(0).permutation(len(labels))
    of_class = [order[labels[order] == each] for each in classes]
    test = np.concatenate([own[:count] for own, count in zip(of_class, counts, strict=True)])
    return np.setdiff1d(order, test), np.sort(test)

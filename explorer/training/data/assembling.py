"""Files of pictures become one array, all at a common size. No torch here.

Every file goes through the gate for pictures, whoever it comes from.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

import numpy as np
from PIL import Image, ImageOps

from explorer.errors import BadData, BadPicture
from explorer.pictures import intake
from explorer.progress import Progress, silent
from explorer.training.data.class_folders import Arranged, Member, parted

if TYPE_CHECKING:
    import numpy.typing as npt

    Pixels = npt.NDArray[np.uint8]

Opener: TypeAlias = Callable[[str], bytes]
Shape: TypeAlias = tuple[int, int, int]

LARGEST_SIDE = 224
LOOKED_AT = 64
"""Files whose headers decide the common size, evenly spread over all."""
_KEPT_PIXELS = 4 * LARGEST_SIDE**2


@dataclass(frozen=True, slots=True)
class Assembled:
    """Samples uint8 (N, C, H, W) and classes int64 (N,) of both parts; notes on how they came."""

    train: Pixels
    train_labels: npt.NDArray[np.int64]
    test: Pixels
    test_labels: npt.NDArray[np.int64]
    notes: tuple[str, ...]


def shape_of(arranged: Arranged, opened: Opener, most_bytes: int) -> Shape:
    """Decide the shape (C, H, W) that all pictures are brought to.

    Their own, if those looked at share one of 224 pixels a side or fewer; else a square with the
    median of their short sides. Smaller where all would take more than `most_bytes`. One channel
    if the files looked at are stored as grey. Raises BadData where none can be read.
    """
    members = arranged.members
    spread = members[:: math.ceil(len(members) / LOOKED_AT)]
    seen = [each for member in spread if (each := _header(member, opened)) is not None]
    if not seen:
        raise BadData("None of the pictures looked at can be read; open one of them to see why.")
    channels = 1 if all(grey for _, _, grey in seen) else 3
    sizes = {(height, width) for height, width, _ in seen}
    if len(sizes) == 1 and max(next(iter(sizes))) <= LARGEST_SIDE:
        height, width = next(iter(sizes))
    else:
        height = width = min(LARGEST_SIDE, int(np.median([min(h, w) for h, w, _ in seen])))
    shrink = min(1.0, math.sqrt(most_bytes / (len(members) * channels * height * width)))
    return channels, max(1, int(height * shrink)), max(1, int(width * shrink))


def _header(member: Member, opened: Opener) -> tuple[int, int, bool] | None:
    try:
        return intake.header(opened(member.name))
    except (BadPicture, OSError):
        return None


def assemble(
    arranged: Arranged, opened: Opener, shape: Shape, progress: Progress = silent
) -> Assembled:
    """Decode all files, bring them to one shape and split them.

    A larger or longer picture is scaled until it covers the frame, and its middle cut out. Files
    that cannot be read are left out. Raises BadData where a class loses too many by that, and lets
    Cancelled through.
    """
    members, classes = arranged.members, arranged.classes
    values = np.empty((len(members), *shape), np.uint8)
    refused: dict[int, str] = {}
    scaled = 0
    for place, member in enumerate(members):
        if place % 50 == 0:
            progress(place / len(members), f"Reading picture {place + 1:,} of {len(members):,}")
        try:
            values[place], fitted = _fitted(opened(member.name), shape)
            scaled += fitted
        except (BadPicture, OSError) as error:
            refused[place] = f"{member.name}: {error}"
    good = np.array([place not in refused for place in range(len(members))])
    labels = np.array([member.label for member in members], np.int64)
    testing = np.array([member.part == "test" for member in members])
    if arranged.is_split:
        train, test = np.flatnonzero(good & ~testing), np.flatnonzero(good & testing)
    else:
        _check(labels[good], classes, 2, refused)
        train, test = (np.flatnonzero(good)[part] for part in parted(labels[good]))
    _check(labels[train], classes, 1, refused)
    if not len(test):
        raise BadData(f"No test picture can be read ({_first(refused)}); replace them.")
    return Assembled(
        values[train],
        labels[train],
        values[test],
        labels[test],
        _said(arranged, shape, scaled, refused),
    )


def _fitted(data: bytes, shape: Shape) -> tuple[Pixels, bool]:
    """One picture as (C, H, W), and whether it had another size."""
    channels, height, width = shape
    image = Image.fromarray(intake.rgb(data, _KEPT_PIXELS))
    if other := image.size != (width, height):
        image = ImageOps.fit(image, (width, height), Image.Resampling.BICUBIC)
    if channels == 1:
        return np.asarray(image.convert("L"))[None], other
    return np.asarray(image).transpose(2, 0, 1), other


def _check(
    labels: npt.NDArray[np.int64],
    classes: Sequence[str],
    least: int,
    refused: dict[int, str],
) -> None:
    counts = np.bincount(labels, minlength=len(classes))
    if (fewest := int(counts.argmin())) >= 0 and counts[fewest] < least:
        raise BadData(
            f"Too few pictures of the class {classes[fewest][:40]!r} can be read "
            f"({_first(refused)}); replace them, or remove its folder."
        )


def _first(refused: dict[int, str]) -> str:
    """Why the first of them was refused, without its full stop."""
    return next(iter(refused.values()), "none is left").rstrip(".")


def _said(
    arranged: Arranged, shape: Shape, scaled: int, refused: dict[int, str]
) -> tuple[str, ...]:
    _, height, width = shape
    split = (
        "Its own test folder is the test set."
        if arranged.is_split
        else "A fifth of each class is the test set, the same at every visit."
    )
    fitted = f"{scaled:,} pictures were scaled to cover {height} x {width} pixels, and cut there."
    unread = f"{len(refused):,} pictures cannot be read and were left out; {_first(refused)}."
    return (
        split,
        *((fitted,) * bool(scaled)),
        *arranged.notes,
        *((unread,) * bool(refused)),
    )

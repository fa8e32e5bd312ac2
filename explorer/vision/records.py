"""What every result about a picture says of the network and of what it was given. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Interpolation: TypeAlias = Literal["bilinear", "bicubic", "nearest"]


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle, in pixels from the top left corner; `bottom` and `right` lie just outside."""

    top: float
    left: float
    bottom: float
    right: float


@dataclass(frozen=True, slots=True)
class Preprocessing:
    """How a picture becomes the network's input: resize, crop, scale to [0, 1], normalise.

    `resize` is the length of the shorter side (None: the picture is brought to `crop` whole),
    `crop` is (H, W), cut from the middle. `mean` and `std` have one number per channel; with one
    channel the picture is made grey first, and with `invert_light` turned to its negative where
    its border is light. With `grey` it is made grey though the network reads three channels; with
    `through` its shorter side is brought to that many pixels before everything else, as small as
    the network ever saw pictures. `source` says whose recipe it is.
    """

    resize: int | None
    crop: tuple[int, int]
    interpolation: Interpolation
    mean: tuple[float, ...]
    std: tuple[float, ...]
    source: str
    invert_light: bool = False
    through: int | None = None
    grey: bool = False

    def resized(self, height: int, width: int) -> tuple[int, int]:
        """Height and width of a picture after the resize step, as torchvision rounds them."""
        if self.resize is None:
            return self.crop
        if self.through is not None:
            height, width = _brought(height, width, self.through)
        return _brought(height, width, self.resize)

    def window(self, height: int, width: int) -> Box:
        """Where in a picture of this size the network's input lies; outside it is padding."""
        tall, wide = self.resized(height, width)
        top, left = _offset(tall, self.crop[0]), _offset(wide, self.crop[1])
        down, across = height / tall, width / wide
        return Box(
            top * down,
            left * across,
            (top + self.crop[0]) * down,
            (left + self.crop[1]) * across,
        )


@dataclass(frozen=True, slots=True)
class NetworkUse:
    """Which network made a result: model, weights and device; `random` if it learned nothing."""

    model: str
    title: str
    weights: str
    weights_title: str
    random: bool
    device: str

    @property
    def warning(self) -> str:
        """What a picture made with these weights has to say on itself; "" if nothing."""
        return "random weights: nothing was learned" if self.random else ""


def _brought(height: int, width: int, side: int) -> tuple[int, int]:
    """A size whose shorter side is `side` long."""
    if height <= width:
        return side, int(side * width / height)
    return int(side * height / width), side


def _offset(side: int, crop: int) -> int:
    """First pixel of a central crop; negative where the picture is smaller and gets a border."""
    if side < crop:
        return -((crop - side) // 2)
    return round((side - crop) / 2.0)

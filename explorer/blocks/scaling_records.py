"""What scaling a whole network comes to: plain numbers. No torch here."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Multipliers:
    """How much deeper and wider than EfficientNet-B0, and at how many pixels a side."""

    depth: float
    width: float
    resolution: int


@dataclass(frozen=True, slots=True)
class Scaled:
    """One scaled network, counted from the real module.

    MACs are multiply-adds for one picture; `activation_bytes` is written in a forward pass without
    gradients, fp32. `field` is the side of the receptive field of the last map along its
    convolutions alone, in pixels: squeeze-and-excitation lets every unit see the whole picture.
    `layers` are layers with weights on the longest path, `channels` those of the last map.
    """

    multipliers: Multipliers
    params: int
    macs: int
    activation_bytes: int
    field: int
    layers: int
    channels: int


@dataclass(frozen=True, slots=True)
class Published:
    """A network of the family: its multipliers as published, by the name of its card."""

    name: str
    title: str
    multipliers: Multipliers


@dataclass(frozen=True, slots=True)
class Reported:
    """What the authors measured when they scaled B0 to about 1.8 G multiply-adds (table 7)."""

    way: str
    multipliers: Multipliers
    top1: float

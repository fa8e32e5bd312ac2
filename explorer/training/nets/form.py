"""What a recipe says of a small network's form."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Form:
    """Layers with weights, channels, and the words for what stands between the layers."""

    depth: int
    width: int
    normalisation: str = "none"
    activation: str = "relu"

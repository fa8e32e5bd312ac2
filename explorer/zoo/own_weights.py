"""The weights this project trained itself and ships in `assets/weights`. No torch here.

Each set is a pair of files: `NAME.safetensors` with the numbers and `NAME.json` with what one has
to know to use them.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from explorer import config

if TYPE_CHECKING:
    from pathlib import Path


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """One set of weights, and how a picture must be prepared for it.

    `path` is the safetensors file. `mean` and `std` are of values in [0, 1], one number per input
    channel; `grey` says that the network reads one channel, `invert_light` that it was trained on
    light figures on a dark ground, so a picture with a light border is inverted first. `top1` is
    the accuracy in percent on the test set of `dataset`, as measured from this very file.
    """

    model: str
    path: str
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    grey: bool
    invert_light: bool
    top1: float
    dataset: str
    licence: str
    note: str


def own(model: str) -> OwnWeights | None:
    """Return the weights this project ships for a model of the zoo, or None where it has none."""
    return _all(config.checkout() / "assets" / "weights").get(model)


@cache
def _all(folder: Path) -> dict[str, OwnWeights]:
    """Every set in a folder whose file is there, by its model."""
    found = (_read(path) for path in sorted(folder.glob("*.json")))
    return {each.model: each for each in found if each is not None}


def _read(path: Path) -> OwnWeights | None:
    weights = path.with_suffix(".safetensors")
    if not weights.is_file():
        return None
    told: dict[str, Any] = json.loads(path.read_text("utf-8"))
    sequences = {name: tuple(told[name]) for name in ("classes", "mean", "std")}
    return OwnWeights(**told | sequences | {"path": str(weights)})

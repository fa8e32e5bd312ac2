"""The weights this project trained itself and ships in `assets/weights`. No torch here.

Each set is a pair of files: `NAME.safetensors` with the numbers and `NAME.json` with what one has
to know to use them. `python -m explorer weights make` writes both.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from explorer import config
from explorer.training.recipe import checked

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.training.recipe import Recipe

FileType: TypeAlias = Literal["fp32", "fp16"]


@dataclass(frozen=True, slots=True)
class OwnWeights:
    """One set of weights, how a picture must be prepared for it, and how it was made.

    `path` is the safetensors file. `mean` and `std` are of values in [0, 1], one number per input
    channel; `grey` says that the network reads one channel, `invert_light` that it was trained on
    light figures on a dark ground, so a picture with a light border is inverted first. `pictures`
    is the data's own (C, H, W), from which the network's input is made.

    Accuracies are percentages. `top1` is that on all pictures of the test set of `dataset`, and
    `top1_of_1000` on the 1,000 of `explorer.shipped.check.fixed`, both measured from this very
    file in fp32. `train_top1` is the mean over the last epoch's own batches, each before its step
    and as it was shown (augmented, with dropout).

    `seconds` is the time spent on `epochs` of training, evaluation and pauses left out, on
    `machine`. `precision` is that of the numbers in the file, `sha256` its digest, `command` what
    makes it again; `full` says in sentences what the full schedule is and whether it was run.
    """

    model: str
    path: str
    classes: tuple[str, ...]
    mean: tuple[float, ...]
    std: tuple[float, ...]
    grey: bool
    invert_light: bool
    pictures: tuple[int, int, int]
    top1: float
    top1_of_1000: float
    train_top1: float
    dataset: str
    licence: str
    note: str
    recipe: Recipe
    seed: int
    epochs: float
    seconds: float
    machine: str
    precision: FileType
    sha256: str
    command: str
    full: str


_SEQUENCES = ("classes", "mean", "std", "pictures")


def folder() -> Path:
    """Return where the files are."""
    return config.checkout() / "assets" / "weights"


def own(model: str) -> OwnWeights | None:
    """Return the weights this project ships for a model of the zoo, or None where it has none."""
    return _all(folder()).get(model)


def all_own() -> tuple[OwnWeights, ...]:
    """Return every set of weights this project ships, in the order of the models' names."""
    return tuple(_all(folder()).values())


def read(card: Path) -> OwnWeights | None:
    """Read a card, `NAME.json`; None where the weights beside it are missing."""
    weights = card.with_suffix(".safetensors")
    if not weights.is_file():
        return None
    told: dict[str, Any] = json.loads(card.read_text("utf-8"))
    sequences = {name: tuple(told[name]) for name in _SEQUENCES}
    made = {"path": str(weights), "recipe": checked(**told["recipe"])}
    return OwnWeights(**told | sequences | made)


def digest(path: Path) -> str:
    """Return the SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


@cache
def _all(place: Path) -> dict[str, OwnWeights]:
    """Every set in a folder whose file is there, by its model."""
    found = (read(path) for path in sorted(place.glob("*.json")))
    return {each.model: each for each in found if each is not None}

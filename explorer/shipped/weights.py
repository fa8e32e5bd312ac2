"""Writes what is shipped of a network: weights, card and recorded run. Loads torch."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import safetensors.torch
import torch

from explorer.errors import MissingWeights
from explorer.runs import artefacts
from explorer.runs.shipped import ENDING
from explorer.runs.told import machine
from explorer.shipped import recorded, words
from explorer.shipped.check import fixed, right, share
from explorer.training import recipe as recipes
from explorer.training.data import catalogue as data_catalogue
from explorer.training.data import loading
from explorer.zoo.own_weights import OwnWeights, digest
from explorer.zoo.trained_runs import LIGHT_ON_DARK

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.runs.records import Run
    from explorer.runs.store import RunStore
    from explorer.training.records import Began, Ended
    from explorer.zoo.own_weights import FileType

COSTS_NOTHING = 0.1
"""Percentage points on the 1,000 test pictures of `fixed` up to which half the bytes are preferred:
a picture of a thousand, far less than another seed changes."""
WHOLE = ("running_mean", "running_var")
"""Statistics of batch normalisation: few numbers, whose range is the data's."""


@dataclass(frozen=True, slots=True)
class _Measured:
    """A file yet to be moved, its precision, and what it does on the test pictures, in percent."""

    path: Path
    precision: FileType
    top1: float
    top1_of_1000: float


def write(run: Run, store: RunStore, folder: Path) -> OwnWeights:
    """Write the three files of a run that is done, and return what its card says.

    They appear when all is measured, so that an interruption leaves the old ones. Raises BadRequest
    for a run that is not done, MissingWeights for one without weights, MissingData.
    """
    began, ended, train = recorded.over(run)
    if ended.weights not in run.weights:
        raise MissingWeights(f"{run.name} kept no weights; train it again.")
    path = folder / f"{run.recipe.network}.safetensors"
    folder.mkdir(parents=True, exist_ok=True)
    # In the same folder, so that the file is moved whole.
    with TemporaryDirectory(dir=folder, prefix=".") as place:
        measured = _written(run, Path(place), began, ended)
        card = _card(run, began, ended, measured) | {"train_top1": round(train.top1, 2)}
        recorded.write(run.id, store, path.with_name(f"{path.stem}{ENDING}"))
        measured.path.replace(path)
    text = json.dumps(card | {"recipe": recipes.told(run.recipe)}, indent=2, ensure_ascii=False)
    path.with_suffix(".json").write_text(f"{text}\n", "utf-8")
    return OwnWeights(**card, path=str(path), recipe=run.recipe)


def _written(run: Run, place: Path, began: Began, ended: Ended) -> _Measured:
    """Write the weights into a folder, in fp16 where that costs nothing, and measure them."""
    test = loading.load(run.recipe.data).test
    some = torch.from_numpy(fixed(test.labels.numpy()))
    judge = partial(right, run.recipe.network, mean=began.mean, std=began.std)
    state = safetensors.torch.load_file(artefacts.weights_file(run.folder, ended.weights))
    forms: dict[FileType, dict[str, Tensor]] = {"fp16": halved(state), "fp32": state}
    files: dict[FileType, Path] = {}
    shares: dict[FileType, float] = {}
    for precision, numbers in forms.items():
        files[precision] = place / f"{precision}.safetensors"
        safetensors.torch.save_file(numbers, files[precision], {"convzoo": run.recipe.network})
        shares[precision] = share(judge(files[precision], test[some]))
    better = _better(shares)
    good = judge(files[better], test)
    return _Measured(files[better], better, round(share(good), 2), round(share(good[some]), 2))


def _better(shares: Mapping[FileType, float]) -> FileType:
    """Which precision is shipped, by the accuracies of both in percent."""
    # Shares of a thousand are not exact in binary.
    return "fp16" if shares["fp32"] - shares["fp16"] <= COSTS_NOTHING + 1e-9 else "fp32"


def halved(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """Weights with 16 bits a number, but for counters and the statistics of batch normalisation."""
    return {
        name: each.half() if each.is_floating_point() and not name.endswith(WHOLE) else each
        for name, each in state.items()
    }


def _card(run: Run, began: Began, ended: Ended, measured: _Measured) -> dict[str, Any]:
    """What a card says beside the recipe and how well that was learned."""
    recipe, data = run.recipe, data_catalogue.find(run.recipe.data)
    pictures = began.pictures or data.shape
    return {
        "model": recipe.network,
        "dataset": data.title,
        "top1": measured.top1,
        "top1_of_1000": measured.top1_of_1000,
        "precision": measured.precision,
        "sha256": digest(measured.path),
        "seed": recipe.seed,
        "epochs": round(ended.epochs, 4),
        "seconds": round(ended.seconds, 1),
        "machine": words.on(dict(machine(run))),
        "command": words.command(recipe),
        "full": words.full(recipe),
        "note": words.note(data, ended.epochs),
        "licence": words.licence(data),
        "classes": began.classes,
        "pictures": pictures,
        "mean": began.mean,
        "std": began.std,
        "grey": pictures[0] == 1,
        "invert_light": recipe.data in LIGHT_ON_DARK,
    }

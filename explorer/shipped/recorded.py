"""Writes a run into the file in which it comes with ConvZoo. No torch here.

`MODEL.run.gz` in `assets/weights` is one line of JSON (what the run was and what came of it) and
NumPy's archive of its rows after it, compressed together; `explorer.runs.shipped` reads it.
"""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import BadRequest
from explorer.runs.records import LayerSteps, Steps
from explorer.runs.shipped import WHEN
from explorer.runs.told import machine
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.runs.reading import RunReader
    from explorer.runs.records import Run
    from explorer.training.records import Began, Ended, Score


def write(id: str, store: RunReader, path: Path) -> None:
    """Write a run of a store that is done into a file, with the name of its network in the zoo.

    All numbers keep all their bits. Left out is what the network said of sample pictures, for
    the pictures are not ours to give, and histograms. The same run gives the same bytes. Raises
    BadRequest for one that is not done, UnknownModel for a network that is not in the zoo.
    """
    done = store.run(id)
    began, ended, _ = over(done)
    said = json.dumps(_described(done, began, ended, store))
    file = io.BytesIO(f"{said}\n".encode())
    file.seek(0, io.SEEK_END)
    arrays: dict[str, Any] = {name: _narrow(each) for name, each in _arrays(id, store).items()}
    np.savez(file, **arrays)
    beside = path.with_name(f"{path.name}.part")
    beside.write_bytes(gzip.compress(file.getvalue(), mtime=0))
    beside.replace(path)


def over(run: Run) -> tuple[Began, Ended, Score]:
    """What a run that is done began with, ended with, and how well it knew its own pictures then.

    Raises BadRequest for any other.
    """
    began, ended = run.began, run.result
    if run.state != "done" or began is None or ended is None or ended.train is None:
        raise BadRequest(f"{run.name} is not done; ship it when it has run its length.")
    return began, ended, ended.train


def _described(done: Run, began: Began, ended: Ended, store: RunReader) -> dict[str, Any]:
    return {
        "name": catalogue.find(done.recipe.network).title,
        "sentence": done.sentence,
        **{name: getattr(done, name) for name in WHEN},
        "recipe": dataclasses.asdict(done.recipe),
        "began": dataclasses.asdict(began),
        "result": dataclasses.asdict(ended),
        "epochs": [dataclasses.asdict(epoch) for epoch in store.epochs(done.id)],
        "machine": dict(machine(done)),
    }


def _arrays(id: str, store: RunReader) -> dict[str, np.ndarray]:
    told, per_layer, kept = store.steps(id), store.layers(id), store.filters(id)
    columns = {field.name: getattr(told, field.name) for field in dataclasses.fields(Steps)}
    columns["number"] = np.arange(1.0, len(told.step) + 1)
    fields = dataclasses.fields(LayerSteps)
    return {
        **{f"steps.{name}": values for name, values in columns.items()},
        **{f"layers.{field.name}": getattr(per_layer, field.name) for field in fields},
        "filters.step": np.array([each.step for each in kept], np.float64),
        "filters.weights": np.array([each.weights for each in kept], np.float32),
    }


def _narrow(values: np.ndarray) -> np.ndarray:
    """The same numbers in 32 bits, where that loses none of them a bit."""
    with np.errstate(over="ignore"):
        half = values.astype(np.float32)
    return half if np.array_equal(half.astype(values.dtype), values, equal_nan=True) else values

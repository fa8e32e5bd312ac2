"""Runs and records as the store's rows hold them, there and back. No torch here.

Numbers and words are JSON, arrays are NumPy's own format: nothing that could run code.
"""

from __future__ import annotations

import dataclasses
import functools
import io
import json
import sqlite3
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, cast

import numpy as np

from explorer.runs import processes
from explorer.runs.records import OVER, Run, State
from explorer.training.recipe import Recipe
from explorer.training.records import (
    Began,
    Ended,
    Epoch,
    Filters,
    Histogram,
    Histograms,
    Layers,
    Score,
    Seen,
)

_SETTINGS = {field.name for field in dataclasses.fields(Recipe)}
_HISTOGRAMS = ("weights", "gradients", "activations")


def recipe_text(recipe: Recipe) -> str:
    """Write all of a recipe: its defaults too, for they may change."""
    return json.dumps(dataclasses.asdict(recipe))


@functools.lru_cache(maxsize=1024)
def recipe_of(text: str) -> Recipe:
    """Read a recipe as `recipe_text` wrote it; it was checked then."""
    return Recipe(**{name: value for name, value in json.loads(text).items() if name in _SETTINGS})


def record_text(record: Began | Ended | Epoch) -> str:
    """Write a record of numbers and words."""
    return json.dumps(dataclasses.asdict(record))


@functools.lru_cache(maxsize=1024)
def began_of(text: str) -> Began:
    """Read a record of how a run began."""
    data: dict[str, Any] = json.loads(text)
    lists = {name: tuple(value) for name, value in data.items() if isinstance(value, list)}
    return Began(**{**data, **lists})


@functools.lru_cache(maxsize=1024)
def ended_of(text: str) -> Ended:
    """Read a record of how a run ended."""
    return Ended(**_scored(json.loads(text), "train", "validation", "test"))


def epoch_of(data: bytes) -> Epoch:
    """Read a record of an epoch."""
    return Epoch(**_scored(json.loads(data), "train", "validation"))


def _scored(data: dict[str, Any], *names: str) -> dict[str, Any]:
    scores = {name: None if data[name] is None else Score(**data[name]) for name in names}
    return {**data, **scores}


def packed(record: Layers | Epoch | Seen | Filters | Histograms) -> bytes:
    """Write a record as bytes."""
    if isinstance(record, Epoch):
        return record_text(record).encode()
    if isinstance(record, Layers):
        return np.array([record.gradient_norms, record.update_ratios], np.float64).tobytes()
    if isinstance(record, Histograms):
        return _archive(_histogram_arrays(record), compressed=True)
    arrays = {field.name: getattr(record, field.name) for field in dataclasses.fields(record)}
    return _archive({name: value for name, value in arrays.items() if value is not None})


def _archive(arrays: Mapping[str, Any], *, compressed: bool = False) -> bytes:
    file = io.BytesIO()
    (np.savez_compressed if compressed else np.savez)(file, **arrays)
    return file.getvalue()


def _opened(data: bytes) -> dict[str, np.ndarray]:
    with np.load(io.BytesIO(data), allow_pickle=False) as archive:
        return {name: archive[name] for name in archive.files}


def seen_of(data: bytes) -> Seen:
    """Read what a network said of the sample."""
    arrays = _opened(data)
    step = int(arrays.pop("step"))
    return Seen(step=step, **arrays)


def filters_of(data: bytes) -> Filters:
    """Read the first layer's filters."""
    arrays = _opened(data)
    return Filters(step=int(arrays["step"]), weights=arrays["weights"])


def layers_of(rows: Sequence[sqlite3.Row], count: int) -> np.ndarray:
    """Read the records of all layers at some steps: norms and ratios (T, 2, L)."""
    flat = np.frombuffer(b"".join(row["data"] for row in rows), np.float64)
    return flat.reshape(len(rows), 2, count)


def _histogram_arrays(record: Histograms) -> dict[str, Any]:
    arrays: dict[str, Any] = {"step": record.step, "layers": np.array(record.layers, np.str_)}
    for name in _HISTOGRAMS:
        for place, each in enumerate(getattr(record, name)):
            arrays[f"{name}.{place}.counts"] = each.counts
            arrays[f"{name}.{place}.edges"] = each.edges
            arrays[f"{name}.{place}.not_finite"] = each.not_finite
    return arrays


def histograms_of(data: bytes) -> Histograms:
    """Read the histograms of all layers."""
    arrays = _opened(data)
    layers = tuple(str(name) for name in arrays["layers"])
    kinds = {
        name: tuple(
            Histogram(
                counts=arrays[f"{name}.{place}.counts"],
                edges=arrays[f"{name}.{place}.edges"],
                not_finite=int(arrays[f"{name}.{place}.not_finite"]),
            )
            for place in range(len(layers))
            if f"{name}.{place}.counts" in arrays
        )
        for name in _HISTOGRAMS
    }
    return Histograms(step=int(arrays["step"]), layers=layers, **kinds)


def run_of(row: sqlite3.Row, folder: Path) -> Run:
    """Read a run as it is now: a row whose process is gone tells what became of it."""
    state, sentence = state_now(row)
    return Run(
        id=row["id"],
        name=row["name"],
        note=row["note"],
        owner=row["owner"],
        shared=bool(row["shared"]),
        group=row["group"],
        variant=row["variant"],
        recipe=recipe_of(row["recipe"]),
        state=state,
        wish=row["wish"] if state == "running" else "",
        sentence=sentence,
        created=row["created"],
        started=row["started"],
        ended=row["touched"] if state in OVER and row["state"] == "running" else row["ended"],
        step=row["step"],
        epoch=row["epoch"],
        fraction=row["fraction"],
        seconds=row["seconds"],
        began=None if row["began"] is None else began_of(row["began"]),
        result=None if row["result"] is None else ended_of(row["result"]),
        folder=folder / row["id"],
        continues=bool(row["continues"]),
        weights=tuple(row["weights"].split()),
    )


def lost_sentence(how: str, *, continues: bool) -> str:
    """Say that a run's process is gone, and what can be done."""
    then = "continue it from its last checkpoint" if continues else "start it again"
    return f"Its process {how}; {then}."


def state_now(row: sqlite3.Row) -> tuple[State, str]:
    """Return a run's state and sentence, looking whether its process is still there."""
    state, sentence = cast(State, row["state"]), str(row["sentence"])
    if state != "running":
        return state, sentence
    if processes.alive(row["pid"], row["birth"]):
        return state, _running_sentence(row)
    if row["claimed"]:  # the broker went before its process began: it waits for the next one
        return "queued", "Waiting for its turn."
    if row["wish"] == "cancel":
        return "cancelled", "Cancelled."
    return "lost", lost_sentence("ended before it was done", continues=bool(row["continues"]))


def _running_sentence(row: sqlite3.Row) -> str:
    asked = {"pause": "Pausing.", "stop": "Stopping.", "cancel": "Cancelling."}
    if row["wish"]:
        return asked[row["wish"]]
    return "" if row["began"] is not None else "Starting."

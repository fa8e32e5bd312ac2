"""The runs that come with ConvZoo, read from its files as others are from a store. No torch here.

They are in nobody's store: `RunReader` asks here for ids that begin as theirs do, so that whoever
reads one run reads these too, and nobody can change them. `explorer.shipped.recorded` writes them.
"""

from __future__ import annotations

import dataclasses
import gzip
import io
import json
import zipfile
import zlib
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.errors import StoreFailed, UnknownRun
from explorer.runs import coding
from explorer.runs.records import LayerSteps, Run, Steps
from explorer.shipped.table import SHIPPED, find
from explorer.training.records import Filters
from explorer.zoo.own_weights import folder

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from pathlib import Path

    from explorer.training.records import Epoch

ENDING = ".run.gz"
PREFIX = "shipped-"
"""What their ids begin with; the ids of a store have no hyphen."""
OWNER = "shipped"
"""Whose they are: no visitor is called so."""

WHEN = ("created", "started", "ended", "step", "epoch", "fraction", "seconds")
"""What a file says of a run under the names of `Run`."""
_DAMAGED = (OSError, EOFError, ValueError, KeyError, TypeError, zlib.error, zipfile.BadZipFile)


@dataclass(frozen=True, slots=True)
class _Head:
    """What a run was; `machine` is what it ran on, in words."""

    run: Run
    epochs: tuple[Epoch, ...]
    machine: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class _Rows:
    steps: Steps
    layers: LayerSteps
    filters: tuple[Filters, ...]


def known(id: str) -> bool:
    """Whether an id is that of a run that comes with ConvZoo, be it there or not."""
    return id.startswith(PREFIX)


def id_of(model: str) -> str:
    """Return the id of the run in which the weights of a model were made."""
    return f"{PREFIX}{model}"


def model_of(id: str) -> str:
    """Return the model of the zoo that has the weights of a run."""
    return id.removeprefix(PREFIX)


def runs() -> tuple[Run, ...]:
    """Return all that are there, as `SHIPPED` orders them. Raises StoreFailed for a damaged one."""
    paths = (_path(each.model) for each in SHIPPED)
    return tuple(_head(path, path.stat().st_mtime_ns).run for path in paths if path.is_file())


def run(id: str) -> Run:
    """Return one. Raises UnknownRun, and StoreFailed where its file is damaged."""
    return _head(*_file(id)).run


def machine(id: str) -> tuple[tuple[str, str], ...]:
    """Return what a run ran on, such as ("threads", "1")."""
    return _head(*_file(id)).machine


def epochs(id: str) -> tuple[Epoch, ...]:
    """Return the ends of its epochs, in order."""
    return _head(*_file(id)).epochs


def steps(id: str, after: int = 0) -> Steps:
    """Return its steps with a row number higher than `after`, in order."""
    found = _rows(*_file(id)).steps
    if not after:
        return found
    newer = found.number > after
    names = (field.name for field in dataclasses.fields(Steps))
    return Steps(*(getattr(found, name)[newer] for name in names))


def layers(id: str) -> LayerSteps:
    """Return gradient norms and update ratios of all its layers."""
    return _rows(*_file(id)).layers


def filters(id: str, *, ends: bool = False) -> tuple[Filters, ...]:
    """Return its first layer's filters, in order; with `ends` the first and the last."""
    found = _rows(*_file(id)).filters
    return (found[0], found[-1]) if ends and len(found) > 1 else found


def _path(model: str) -> Path:
    return folder() / f"{model}{ENDING}"


def _file(id: str) -> tuple[Path, int]:
    """The file of a run, and when it was written: what is remembered of another one is stale."""
    path = _path(model_of(id))
    # Only names of the table: an id stands in an address and must not lead out of the folder.
    if find(model_of(id)) is None or not path.is_file():
        raise UnknownRun(f"There is no run {id[:40]!r} among ConvZoo's own; choose another one.")
    return path, path.stat().st_mtime_ns


@lru_cache(maxsize=64)
def _head(path: Path, written: int) -> _Head:
    try:
        with gzip.open(path) as file:
            said: Mapping[str, Any] = json.loads(file.readline())
        return _Head(
            run=_run(path, said),
            epochs=tuple(coding.epoch_of(json.dumps(each).encode()) for each in said["epochs"]),
            machine=tuple((name, str(value)) for name, value in said["machine"].items()),
        )
    except _DAMAGED as error:
        raise _damaged(path) from error


def _run(path: Path, said: Mapping[str, Any]) -> Run:
    return Run(
        id=id_of(path.name.removesuffix(ENDING)),
        name=said["name"],
        note="",
        owner=OWNER,
        shared=True,
        group="",
        variant="",
        recipe=coding.recipe_of(json.dumps(said["recipe"])),
        state="done",
        wish="",
        sentence=said["sentence"],
        **{name: said[name] for name in WHEN},
        began=coding.began_of(json.dumps(said["began"])),
        result=coding.ended_of(json.dumps(said["result"])),
        folder=path.parent,
        continues=False,
    )


@lru_cache(maxsize=32)
def _rows(path: Path, written: int) -> _Rows:
    try:
        with gzip.open(path) as file:
            file.readline()
            with np.load(io.BytesIO(file.read()), allow_pickle=False) as archive:
                found = {name: archive[name] for name in archive.files}
        return _Rows(
            steps=Steps(**_columns(found, "steps")),
            layers=LayerSteps(**_columns(found, "layers")),
            filters=_filters(found["filters.step"], found["filters.weights"]),
        )
    except _DAMAGED as error:
        raise _damaged(path) from error


def _columns(found: Mapping[str, np.ndarray], table: str) -> dict[str, np.ndarray]:
    """A table's columns as the store gives them: all float64, and no one's to change."""
    columns = {
        name.removeprefix(f"{table}."): values.astype(np.float64)
        for name, values in found.items()
        if name.startswith(f"{table}.")
    }
    for values in columns.values():
        values.flags.writeable = False
    return columns


def _filters(at: np.ndarray, weights: Sequence[np.ndarray]) -> tuple[Filters, ...]:
    return tuple(Filters(int(step), each) for step, each in zip(at, weights, strict=True))


def _damaged(path: Path) -> StoreFailed:
    model = path.name.removesuffix(ENDING)
    return StoreFailed(
        f"The recorded run {path} is damaged; take the file from the repository again, or make it "
        f"anew by python -m explorer weights make {model}."
    )

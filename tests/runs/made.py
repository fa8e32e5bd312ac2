"""Runs as a store would give them, with numbers that can be checked by hand."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.runs import shipped
from explorer.runs.records import LayerSteps, NewRun, Run, Steps
from explorer.runs.told import Told
from explorer.shipped import recorded
from explorer.training.recipe import Recipe, checked
from explorer.training.records import Began, Ended, Epoch, Layers, Score, Step

if TYPE_CHECKING:
    import pytest

    from explorer.runs.store import RunStore

BEGAN = Began(
    title="LeNet-5", params=61_706, layers=("conv1", "fc"), classes=tuple("0123456789"),
    shape=(1, 32, 32), train=1000, validation=100, test=200, steps_per_epoch=2, steps=4,
    top5=True, device="cpu", threads=1,
)  # fmt: skip
ENDED = Ended(
    reason="length", epochs=2.0, steps=4, seconds=0.8, train=Score(0.5, 80.0, 99.0, 1000),
    validation=Score(0.6, 75.0, 98.0, 100), test=Score(0.7, 72.5, 97.0, 200),
)  # fmt: skip
EPOCHS = (
    Epoch(1.0, 2, 0.4, Score(1.0, 60.0, 90.0, 1000), Score(1.1, 55.0, 88.0, 100), True),
    Epoch(2.0, 4, 0.8, Score(0.5, 80.0, 99.0, 1000), Score(0.6, 75.0, 98.0, 100), True),
)


def run(**changed: Any) -> Run:
    """A finished run of two epochs, or another with these fields."""
    fields: dict[str, Any] = {
        "id": "r1", "name": "First", "note": "", "owner": "me", "shared": False, "group": "",
        "variant": "", "recipe": checked(length=2), "state": "done", "wish": "",
        "sentence": "Done.", "created": 1_000_000.0, "started": 1_000_010.0, "ended": 1_000_011.0,
        "step": 4, "epoch": 2.0, "fraction": 1.0, "seconds": 0.8, "began": BEGAN, "result": ENDED,
        "folder": Path("/nonexistent"), "continues": True, "weights": ("last", "best"),
    }  # fmt: skip
    return Run(**{**fields, **changed})


def steps(loss: list[float]) -> Steps:
    """Two steps an epoch, 0.2 s each, with these losses."""
    number = np.arange(1.0, len(loss) + 1)
    return Steps(
        number=number, step=number, epoch=number / 2, seconds=number * 0.2, loss=np.array(loss),
        accuracy=number * 20, learning_rate=number * 0 + 0.1,
        samples_per_second=number * 0 + 1234.5, gradient_norm=number / 3,
    )  # fmt: skip


def layers() -> LayerSteps:
    """Two layers at steps 1 and 4."""
    return LayerSteps(
        np.array([1, 4]), np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[0.1, 0.2], [0.3, 0.4]])
    )


def told(
    loss: list[float] | None = None, machine: dict[str, str] | None = None, **run_: Any
) -> Told:
    """A run with four steps, or these losses."""
    rows = steps([2.0, 1.5, 1.0, 0.1 + 0.2] if loss is None else loss)
    return Told(run(**run_), rows, layers(), EPOCHS, tuple((machine or {}).items()))


def kept(store: RunStore, **changed: Any) -> str:
    """Put such a run into a store, as a process that did it would have, and return its id."""
    fields = {"recipe": checked(length=2), "name": "First", "owner": "", **changed}
    id = store.create(NewRun(**fields), queue=False)
    told_ = told()
    rows = zip(*(getattr(told_.steps, name) for name in _STEP), strict=True)
    records = [Step(int(row[0]), *map(float, row[1:])) for row in rows]
    per_layer = [
        Layers(int(step), tuple(map(float, norms)), tuple(map(float, ratios)))
        for step, norms, ratios in zip(
            told_.layers.step, told_.layers.gradient_norms, told_.layers.update_ratios, strict=True
        )
    ]
    store.begin(id)
    store.add(id, [BEGAN, *records, *per_layer, *EPOCHS, ENDED])
    store.finish(id, "done", "It ran its length.")
    return id


def comes(
    store: RunStore, folder: Path, patch: pytest.MonkeyPatch, *models: str, **changed: Any
) -> list[str]:
    """Have these runs alone come with ConvZoo, from a folder of their own; returns their ids."""
    folder.mkdir(exist_ok=True)
    patch.setattr(shipped, "folder", lambda: folder)
    for model in models:
        made = kept(store, recipe=checked(network=model, length=2, **changed))
        recorded.write(made, store, folder / f"{model}{shipped.ENDING}")
        store.delete(made)
    return [shipped.id_of(model) for model in models]


_STEP = tuple(Step.__dataclass_fields__)


def recipe(**given: Any) -> Recipe:
    """A recipe that a page would let through."""
    return checked(**given)

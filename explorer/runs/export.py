"""What runs told, as files: steps and epochs as CSV, everything as JSON. No torch here.

Numbers are written so that reading them back gives the same number to the bit. JSON has no word
for a loss that is infinite or no number: it stands as null there, and as inf or nan in CSV.
"""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from explorer.runs import compare
from explorer.runs.told import machine
from explorer.training import recipe as recipes

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.runs.told import Told
    from explorer.training.records import Epoch, Score

STEP_COLUMNS = (
    "step", "epoch", "seconds", "loss", "accuracy", "learning_rate", "samples_per_second",
    "gradient_norm",
)  # fmt: skip
SCORES = ("train", "validation")
EPOCH_COLUMNS = (
    "epoch", "step", "seconds",
    *(f"{part}_{what}" for part in SCORES for what in ("loss", "top1", "top5", "count")),
    "best",
)  # fmt: skip
_WHOLE = "step"


def steps_csv(runs: Sequence[Told]) -> str:
    """Every step that was told of, a row each: losses of a batch before its step, accuracies in %.

    Which steps are told of thins out as a run goes on; see `explorer.training.records.Step`.
    """
    rows = ((each.run, row) for each in runs for row in _steps(each))
    return _csv(STEP_COLUMNS, ((run.id, run.name, row) for run, row in rows))


def epochs_csv(runs: Sequence[Told]) -> str:
    """Every epoch, a row each; empty where nothing was held out."""
    rows = ((each.run, _epoch(epoch)) for each in runs for epoch in each.epochs)
    return _csv(EPOCH_COLUMNS, ((run.id, run.name, row) for run, row in rows))


def to_json(runs: Sequence[Told]) -> str:
    """Everything the store has of runs, as a list of objects; columns as lists."""
    return json.dumps([whole(each) for each in runs], indent=2, allow_nan=False, ensure_ascii=False)


def as_object(run: Run, epochs: Sequence[Epoch] = ()) -> dict[str, Any]:
    """One run as JSON has it, without its rows: what it is, its recipe and what came of it."""
    found: dict[str, Any] = _finite(
        {
            **compare.summary(run, epochs),
            "sentence": run.sentence,
            "note": run.note,
            "group": run.group,
            "variant": run.variant,
            "shared": run.shared,
            "created": run.created,
            "started": run.started,
            "ended": run.ended,
            "fraction": run.fraction,
            "continues": run.continues,
            "weights": list(run.weights),
            "folder": str(run.folder),
            "machine": dict(machine(run)),
            "recipe": json.loads(recipes.to_json(run.recipe)),
        }
    )
    return found


def whole(told: Told) -> dict[str, Any]:
    """One run as JSON has it, with every row it told; columns as lists."""
    layers = told.run.began.layers if told.run.began else ()
    found: dict[str, Any] = {
        **as_object(told.run, told.epochs),
        "per_step": {name: _column(told, name) for name in STEP_COLUMNS},
        "per_layer": {
            "layers": list(layers),
            "step": [int(step) for step in told.layers.step],
            "gradient_norms": told.layers.gradient_norms.tolist(),
            "update_ratios": told.layers.update_ratios.tolist(),
        },
        "per_epoch": [_epoch(epoch) for epoch in told.epochs],
    }
    finite: dict[str, Any] = _finite(found)
    return finite


def _steps(told: Told) -> Iterable[dict[str, Any]]:
    columns = [_column(told, name) for name in STEP_COLUMNS]
    for values in zip(*columns, strict=True):
        yield dict(zip(STEP_COLUMNS, values, strict=True))


def _column(told: Told, name: str) -> list[Any]:
    values: list[Any] = getattr(told.steps, name).tolist()
    return [int(value) for value in values] if name == _WHOLE else values


def _epoch(epoch: Epoch) -> dict[str, Any]:
    scores = {"train": epoch.train, "validation": epoch.validation}
    return {
        "epoch": epoch.epoch,
        "step": epoch.step,
        "seconds": epoch.seconds,
        **{name: value for part in SCORES for name, value in _score(part, scores[part]).items()},
        "best": epoch.best,
    }


def _score(part: str, score: Score | None) -> dict[str, Any]:
    names = ("loss", "top1", "top5", "count")
    return {f"{part}_{name}": None if score is None else getattr(score, name) for name in names}


def _csv(columns: Sequence[str], rows: Iterable[tuple[str, str, dict[str, Any]]]) -> str:
    file = io.StringIO()
    writer = csv.writer(file, lineterminator="\n")
    writer.writerow(("run", "name", *columns))
    for run, name, row in rows:
        writer.writerow((run, harmless(name), *(row[column] for column in columns)))
    return file.getvalue()


def harmless(name: str) -> str:
    """A name that no spreadsheet takes for a formula."""
    return f"'{name}" if name[:1] in tuple("=+-@\t\r") else name


def _finite(value: Any) -> Any:
    """The same with null for what JSON cannot say."""
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, dict):
        return {name: _finite(each) for name, each in value.items()}
    if isinstance(value, (list, tuple)):
        return [_finite(each) for each in value]
    return value.item() if isinstance(value, np.generic) else value

"""Runs side by side: in what their recipes differ, and what came of it. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import PurePath
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.training import recipe as recipes
from explorer.training.recipe_knobs import KNOBS

if TYPE_CHECKING:
    from explorer.runs.records import Run
    from explorer.training.recipe import Recipe
    from explorer.training.records import Ended, Epoch, Score

Row: TypeAlias = dict[str, Any]

TITLES: Mapping[str, str] = {
    "network": "Network",
    "design": "Design",
    "data": "Data",
    "weights": "Starts from",
    **{knob.name: knob.title for knob in KNOBS},
    "unit": "Length in",
}
"""What a person calls each setting of a recipe."""
_UNITS = {knob.name: knob.unit for knob in KNOBS if knob.unit}
_DESIGN_CHARACTERS, _DATA_CHARACTERS = 60, 24


def summary(run: Run, epochs: Sequence[Epoch] = ()) -> Row:
    """What came of a run: accuracies in %, losses as means over pictures, None for unknown.

    Of a run that is not over, train and validation are those of its last epoch.
    """
    ended = run.result
    train, validation = _scores(ended, epochs[-1] if epochs else None)
    test = ended.test if ended else None
    return {
        "run": run.id,
        "name": run.name,
        "state": run.state,
        "epochs": ended.epochs if ended else run.epoch,
        "steps": ended.steps if ended else run.step,
        "train_loss": _loss(train),
        "train_accuracy": _top1(train),
        "validation_loss": _loss(validation),
        "validation_accuracy": _top1(validation),
        "test_loss": _loss(test),
        "test_accuracy": _top1(test),
        "seconds": ended.seconds if ended else run.seconds,
    }


def differing(runs: Sequence[Run]) -> dict[str, tuple[str, ...]]:
    """The settings in which runs differ, by title, each as written for every one of them."""
    found = recipes.differences([run.recipe for run in runs])
    return {
        TITLES[name]: tuple(written(name, value) for value in values)
        for name, values in found.items()
    }


def written(name: str, value: Any) -> str:
    """A setting's value as a person reads it: with its unit, and a long design cut short."""
    if name == "design":
        text = str(value)
        return text if len(text) <= _DESIGN_CHARACTERS else f"{text[: _DESIGN_CHARACTERS - 1]}…"
    text = f"{value:g}" if isinstance(value, float) else str(value)
    unit = _UNITS.get(name, "")
    return f"{text} {unit}" if unit else text


def in_short(recipe: Recipe) -> str:
    """A recipe in a line: network, data, length, and how it learns."""
    batch = f"batch {recipe.batch_size}" if recipe.batch_size else "full batch"
    return (
        f"{recipe.network} on {data(recipe)}, {length(recipe)}, {batch}, "
        f"{recipe.optimiser} at {recipe.learning_rate:g}"
    )


def data(recipe: Recipe) -> str:
    """What a recipe learns from, in few letters: of a folder its name, of an upload its digest."""
    kind, colon, where = recipe.data.partition(":")
    if not colon:
        return recipe.data
    return f"{kind} {PurePath(where).name[:_DATA_CHARACTERS]}"


def settings(recipe: Recipe) -> list[Row]:
    """Every setting of a recipe that is not its default, as rows of title and value."""
    return [
        {"setting": TITLES[name], "value": written(name, value)}
        for name, value in {**recipes.told(recipe), "length": length(recipe)}.items()
        if name != "unit"
    ]


def length(recipe: Recipe) -> str:
    """How long a recipe trains: "10 epochs"."""
    return f"{recipe.length:g} {recipe.unit[:-1] if recipe.length == 1 else recipe.unit}"


def _scores(ended: Ended | None, last: Epoch | None) -> tuple[Score | None, Score | None]:
    """Train and validation as the run ended, or else as its last epoch did."""
    train, validation = (ended.train, ended.validation) if ended else (None, None)
    if last is None:
        return train, validation
    return train or last.train, validation or last.validation


def _loss(score: Score | None) -> float | None:
    return None if score is None else score.loss


def _top1(score: Score | None) -> float | None:
    return None if score is None else score.top1

"""Answers to many pictures as JSON and CSV, as the command line and the page give them.

No torch here.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, TypeAlias

from explorer.pictures.records import Refused

if TYPE_CHECKING:
    from explorer.vision.prediction_records import Prediction

CSV_COLUMNS = ("picture", "model", "weights", "rank", "class", "index", "probability", "error")

Outcome: TypeAlias = "tuple[str, Prediction | Refused]"
"""What a picture is called, and what came of it."""


def as_object(name: str, outcome: Prediction | Refused) -> dict[str, Any]:
    """Return a picture's answer as JSON has it, or its error."""
    if isinstance(outcome, Refused):
        return {"picture": name, "error": outcome.reason}
    return {
        "picture": name,
        "model": outcome.use.model,
        "weights": outcome.use.weights,
        "top": [
            {"class": each.name, "index": each.index, "probability": each.probability}
            for each in outcome.top
        ],
    }


def to_json(outcomes: Iterable[Outcome]) -> str:
    """Write a list with one object per picture."""
    objects = [as_object(name, each) for name, each in outcomes]
    return json.dumps(objects, indent=2, allow_nan=False)


def to_csv(outcomes: Iterable[Outcome]) -> str:
    """Write one line per picture and class, or per picture that was refused."""
    text = io.StringIO()
    table = csv.DictWriter(text, CSV_COLUMNS, lineterminator="\n")
    table.writeheader()
    for name, each in outcomes:
        table.writerows(_lines(name, each))
    return text.getvalue()


def _lines(name: str, outcome: Prediction | Refused) -> list[dict[str, Any]]:
    if isinstance(outcome, Refused):
        return [{"picture": name, "error": outcome.reason}]
    shared = {"picture": name, "model": outcome.use.model, "weights": outcome.use.weights}
    return [
        {
            **shared,
            "rank": each.rank,
            "class": each.name,
            "index": each.index,
            "probability": each.probability,
        }
        for each in outcome.top
    ]

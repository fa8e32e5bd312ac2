"""Answers as JSON and CSV, read back."""

from __future__ import annotations

import csv
import io
import json

import numpy as np

from explorer.pictures.records import Refused
from explorer.vision.prediction_export import CSV_COLUMNS, to_csv, to_json
from explorer.vision.prediction_records import Prediction, ranked
from explorer.vision.records import Box, NetworkUse

USE = NetworkUse("net", "Net", "V1", "ImageNet · V1", False, "cpu")
SCORES = np.array([0.25, 0.75])
ANSWER = Prediction(
    "a.png", "d", USE, ranked(SCORES, ("cat, grey", "dog"), 2), SCORES, Box(0, 0, 1, 1), 0.1, 0.1, 1
)
OUTCOMES = [("a.png", ANSWER), ("b.png", Refused("b.png", "This file is empty."))]


def test_json() -> None:
    """An object per picture; a refused one has an error and nothing else."""
    assert json.loads(to_json(OUTCOMES)) == [
        {
            "picture": "a.png",
            "model": "net",
            "weights": "V1",
            "top": [
                {"class": "dog", "index": 1, "probability": 0.75},
                {"class": "cat, grey", "index": 0, "probability": 0.25},
            ],
        },
        {"picture": "b.png", "error": "This file is empty."},
    ]
    assert json.loads(to_json([])) == []


def test_csv() -> None:
    """A line per picture and class; names with commas survive."""
    rows = list(csv.DictReader(io.StringIO(to_csv(OUTCOMES))))
    assert tuple(rows[0]) == CSV_COLUMNS
    assert [(row["picture"], row["rank"], row["class"]) for row in rows] == [
        ("a.png", "1", "dog"), ("a.png", "2", "cat, grey"), ("b.png", "", ""),
    ]  # fmt: skip
    assert float(rows[1]["probability"]) == 0.25
    assert rows[2]["error"] == "This file is empty."

"""`python -m explorer predict`: what a network says of pictures. No torch until it runs."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from typing import TYPE_CHECKING

from explorer import units
from explorer.commands import asked
from explorer.errors import BadRequest
from explorer.pictures.records import Picture, Refused
from explorer.vision import prediction_export

if TYPE_CHECKING:
    from explorer.commands import Commands
    from explorer.vision.prediction_export import Outcome

REFUSED = 1
AT_ONCE = 16
"""Pictures read before they are predicted; a folder may hold thousands."""


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    predict = commands.add_parser(
        "predict",
        help="classify pictures",
        description="Say which classes a network sees in pictures, with softmax probabilities. "
        "Exit code 1 means that a picture was refused; the others are answered all the same.",
    )
    predict.add_argument(
        "pictures", nargs="+", metavar="PICTURE", help="a file, a folder, or a ZIP archive"
    )
    predict.add_argument("--model", required=True, metavar="NAME", help="a classifier of the zoo")
    predict.add_argument(
        "--weights", metavar="KEY", help="such as IMAGENET1K_V1 or random (default: the best here)"
    )
    predict.add_argument("--top", type=int, default=5, metavar="K", help="classes (default: 5)")
    predict.add_argument("--json", action="store_true", help="a list with an object per picture")
    predict.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Predict each picture and print the answers; 1 if one was refused."""
    if chosen.top < 1:
        raise BadRequest(f"--top must be a whole number from 1 on, not {chosen.top}.")
    asked.admit([chosen.model])
    outcomes = _predicted(chosen)
    refused = _as_json(outcomes) if chosen.json else _as_text(outcomes)
    return REFUSED if refused else 0


def _predicted(chosen: argparse.Namespace) -> Iterator[Outcome]:
    from explorer.vision.loading import load  # noqa: PLC0415 - loads torch
    from explorer.vision.predict import predict  # noqa: PLC0415 - loads torch

    # Weights that are missing are an error before any picture is read.
    use = load(chosen.model, chosen.weights).use
    if use.random:
        print(f"{use.title} has random weights: it learned nothing.", file=sys.stderr, flush=True)
    found = iter(asked.pictures(chosen.pictures))
    while chunk := list(islice(found, AT_ONCE)):
        pictures = [each for _, each in chunk if isinstance(each, Picture)]
        answers = iter(predict(chosen.model, pictures, weights=use.weights, top=chosen.top))
        for path, each in chunk:
            yield path, each if isinstance(each, Refused) else next(answers)


def _as_json(outcomes: Iterable[Outcome]) -> int:
    known = list(outcomes)
    print(prediction_export.to_json(known))
    return sum(isinstance(each, Refused) for _, each in known)


def _as_text(outcomes: Iterable[Outcome]) -> int:
    refused = 0
    for path, outcome in outcomes:
        if isinstance(outcome, Refused):
            print(f"{path}: {outcome.reason}", file=sys.stderr, flush=True)
            refused += 1
            continue
        use = outcome.use
        print(f"{path}  ({use.title}, {use.weights_title}, {use.device})", flush=True)
        width = max(len(each.name) for each in outcome.top)
        for each in outcome.top:
            share = units.percent(each.probability, 2)
            print(f"{each.rank:4}  {each.name:{width}}  {share:>9}  class {each.index}")
    return refused

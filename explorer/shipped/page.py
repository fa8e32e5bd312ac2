"""What is shipped as a table: on the page in `assets/weights`, and on a terminal. No torch here."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import units
from explorer.runs.shipped import ENDING
from explorer.shipped.table import SHIPPED
from explorer.training import recipe as recipes
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.zoo.own_weights import OwnWeights

PAGE = "README.md"
HEADINGS = (
    "model", "parameters", "data", "epochs", "training", "test", "of 1,000", "trained in", "seed",
    "numbers", "file",
)  # fmt: skip

_HEAD = f"""# Weights trained by this project

Written by `python -m explorer weights make` from the cards; nothing here is edited by hand. There
are three files for each network: `MODEL.safetensors` holds the weights, `MODEL.json` is the card
(data, recipe, seed, time, machine, accuracy, command to repeat, SHA-256), and `MODEL{ENDING}` is
the recorded run with all its curves.

Accuracies are percentages. **test** is measured on all test pictures, **of 1,000** on a fixed
choice of them, as many of each class, both from the very file, in fp32 on a processor;
**training** is the mean over the last epoch's own batches, each before its step and as it was shown
(augmented). **trained in** leaves evaluation out; the machine had other work to do meanwhile.
**numbers** is the precision in the file: fp16 where that costs one of the 1,000 pictures at most,
with the statistics of batch normalisation in fp32.

All networks of a data set have one recipe; where two are listed below they differ in the precision
that a processor multiplies faster in. The recipes are short, for two processor cores: what the full
schedule is, and whether it was run, is said on each card.
"""


def text(sets: Sequence[OwnWeights]) -> str:
    """The page of sets of weights, in the order of the table of what is shipped."""
    ordered = in_order(sets)
    lines = [_HEAD, f"| {' | '.join(HEADINGS)} |", f"|{' --- |' * len(HEADINGS)}"]
    lines += [f"| {' | '.join(row(each))} |" for each in ordered]
    lines += ["", f"Together {units.memory(sum(map(_bytes, ordered)))} with cards and curves.", ""]
    for title in dict.fromkeys(each.dataset for each in ordered):
        lines += _data([each for each in ordered if each.dataset == title])
    return "\n".join([*lines, *_HOW]).rstrip("\n") + "\n"


_HOW = (
    "## How they are made",
    "",
    "```",
    "make weights                                  all of them, one after the other",
    "python -m explorer weights make MODEL         one of them",
    "python -m explorer weights make MODEL --full  with the full schedule, for a GPU",
    "python -m explorer weights check              do the files still do what their cards say?",
    "```",
    "",
    "Ctrl-C pauses; the same command goes on. The same seed on the same machine with the same",
    "number of threads gives the same weights.",
)


def in_order(sets: Sequence[OwnWeights]) -> tuple[OwnWeights, ...]:
    """Sets of weights as the table of what is shipped has them."""
    places = {each.model: place for place, each in enumerate(SHIPPED)}
    return tuple(sorted(sets, key=lambda each: places.get(each.model, len(places))))


def row(weights: OwnWeights) -> tuple[str, ...]:
    """A set of weights in the columns of `HEADINGS`."""
    return (
        weights.model,
        units.count(catalogue.find(weights.model).params),
        weights.dataset,
        f"{weights.epochs:g}",
        f"{weights.train_top1:.2f} %",
        f"{weights.top1:.2f} %",
        f"{weights.top1_of_1000:.1f} %",
        units.duration(weights.seconds),
        str(weights.seed),
        weights.precision,
        units.memory(Path(weights.path).stat().st_size),
    )


def _bytes(weights: OwnWeights) -> int:
    path = Path(weights.path)
    three = (path, path.with_suffix(".json"), path.with_name(f"{path.stem}{ENDING}"))
    return sum(each.stat().st_size for each in three)


def _data(sets: Sequence[OwnWeights]) -> list[str]:
    """What sets of weights that learned from the same data have in common."""
    first = sets[0]
    machines = dict.fromkeys(each.machine for each in sets)
    mean, std = (", ".join(f"{each:.4f}" for each in part) for part in (first.mean, first.std))
    light = " A picture with a light border (ink on paper) is inverted first." * first.invert_light
    return [
        f"## {first.dataset}",
        "",
        f"{first.licence}",
        "",
        f"Pictures of {units.shape(first.pictures)}, values in [0, 1], minus {mean}, divided by "
        f"{std}.{light}",
        "",
        f"Classes: {', '.join(first.classes)}.",
        "",
        f"Trained on: {'; '.join(machines)}.",
        "",
        "```json",
        *_recipes(sets),
        "```",
        "",
    ]


def _recipes(sets: Sequence[OwnWeights]) -> list[str]:
    """Their recipes without the network, each once."""
    told = [
        {name: value for name, value in recipes.told(each.recipe).items() if name != "network"}
        for each in sets
    ]
    return list(dict.fromkeys(json.dumps(each) for each in told))

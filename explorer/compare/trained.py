"""Nets that this project trained under one recipe: accuracy against what they cost. No torch here.

Published accuracies come from as many recipes as papers. These do not: data, schedule, optimiser
and augmentation are the same for all, so that what is left to differ is the architecture, the seed
apart. They are of other pictures than published ones and stand in no axis with them.
"""

from __future__ import annotations

import csv
import dataclasses
import io
import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

from explorer.finetune.intervals import wilson
from explorer.runs import compare as recipes
from explorer.shipped.comparisons import PLAIN, RESIDUAL
from explorer.training.data import catalogue as data_catalogue
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.compare.records import Profile
    from explorer.training.recipe import Recipe
    from explorer.zoo.own_weights import OwnWeights

DATA = "cifar10-jpeg"
KINDS: Mapping[str, tuple[str, ...]] = {
    "AlexNet": ("small_alexnet",),
    "VGG": ("small_vgg",),
    "Network in Network": ("small_nin",),
    "Inception": ("small_inception",),
    "Plain": PLAIN,
    "ResNet": RESIDUAL,
    "DenseNet": ("densenet_bc40",),
    "MobileNet": ("small_mobilenet_v1", "small_mobilenet_v2"),
    "EfficientNet": tuple(f"small_efficientnet_{scale}" for scale in range(3)),
}
"""The nets of each idea, in the order in which a line joins them."""
ALONE, TOGETHER = 1, 64
"""Batches whose time is measured."""

Value: TypeAlias = str | int | float | None


@dataclass(frozen=True, slots=True)
class Net:
    """A network, what it costs, and how well it learned what all of them were taught.

    `params` and `macs` are counted for one picture at the network's own input. `top1` is the
    accuracy in percent on all test pictures, `low` to `high` what so many pictures leave open
    (Wilson, 95 %), `train_top1` that of the last epoch's own batches. `seconds` is the time spent
    on its training.
    """

    name: str
    title: str
    kind: str
    side: int
    params: int
    macs: int
    top1: float
    low: float
    high: float
    train_top1: float
    epochs: float
    seconds: float
    seed: int


@dataclass(frozen=True, slots=True)
class Trained:
    """Nets with a recipe in common, and why others are left out, a sentence each.

    `recipe` is that of the first of them; None where there are no nets. `precisions` are those in
    which they were multiplied while they learned.
    """

    nets: tuple[Net, ...]
    recipe: Recipe | None
    precisions: tuple[str, ...]
    left_out: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Axis:
    """What a net costs: what a person reads, and the unit its numbers have."""

    title: str
    short: str
    unit: str = ""


AXES: Mapping[str, Axis] = {
    "params": Axis("Parameters", "parameters"),
    "macs": Axis("MACs for one picture", "MACs"),
    "time": Axis("Measured here: one picture alone", "time, alone", "ms"),
    "together": Axis(
        f"Measured here: a picture in a batch of {TOGETHER}", f"time, batch {TOGETHER}", "ms"
    ),
}


def alike(sets: Sequence[OwnWeights]) -> Trained:
    """Return the nets trained on CIFAR-10 by the recipe that most of them have in common.

    Network, precision and seed may differ.
    """
    learned = [each for each in sets if each.recipe.data == DATA and _kind(each.model)]
    if not learned:
        return Trained((), None, (), ())
    common, _ = Counter(_shared(each.recipe) for each in learned).most_common(1)[0]
    kept = [each for each in learned if _shared(each.recipe) == common]
    left = [_why_not(each) for each in learned if _shared(each.recipe) != common]
    order = [name for names in KINDS.values() for name in names]
    nets = sorted(map(_net, kept), key=lambda net: order.index(net.name))
    precisions = sorted({each.recipe.precision for each in kept})
    return Trained(tuple(nets), kept[0].recipe, tuple(precisions), tuple(left))


def cost(net: Net, across: str, profiles: Sequence[Profile]) -> float | None:
    """Return what a net costs along an axis, milliseconds for times; None while not measured."""
    if across in ("params", "macs"):
        return float(getattr(net, across))
    batch = ALONE if across == "time" else TOGETHER
    for profile in profiles:
        for run in profile.runs:
            if (profile.model, run.batch) == (net.name, batch):
                return run.median_ms / batch
    return None


def rows(nets: Sequence[Net], profiles: Sequence[Profile]) -> list[dict[str, Value]]:
    """Return every number of the nets; times in milliseconds a picture, None while not measured."""
    return [
        {
            "name": net.name,
            "model": net.title,
            "kind": net.kind,
            "input": net.side,
            "parameters": net.params,
            "MACs": net.macs,
            "ms alone": cost(net, "time", profiles),
            f"ms in a batch of {TOGETHER}": cost(net, "together", profiles),
            "test accuracy, %": net.top1,
            "from, %": round(net.low, 2),
            "to, %": round(net.high, 2),
            "training accuracy, %": net.train_top1,
            "epochs": net.epochs,
            "trained in, s": round(net.seconds, 1),
            "seed": net.seed,
        }
        for net in nets
    ]


def to_csv(nets: Sequence[Net], profiles: Sequence[Profile]) -> str:
    """Write `rows` as CSV, unknown times empty."""
    text = io.StringIO()
    told = rows(nets, profiles)
    writer = csv.DictWriter(text, list(told[0]) if told else [], lineterminator="\n")
    writer.writeheader()
    writer.writerows(told)
    return text.getvalue()


def to_json(nets: Sequence[Net], profiles: Sequence[Profile]) -> str:
    """Write `rows` as a JSON list, unknown times null."""
    return json.dumps(rows(nets, profiles), indent=2, allow_nan=False) + "\n"


def _kind(model: str) -> str | None:
    return next((kind for kind, models in KINDS.items() if model in models), None)


def _shared(recipe: Recipe) -> Recipe:
    """A recipe without what may differ."""
    return dataclasses.replace(recipe, network="", precision="", seed=0)


def _why_not(weights: OwnWeights) -> str:
    title = catalogue.find(weights.model).title
    return f"{title} was trained by another recipe, {recipes.in_short(weights.recipe)}: left out."


def _net(weights: OwnWeights) -> Net:
    card = catalogue.find(weights.model)
    tests = data_catalogue.find(DATA).test
    low, high = (100 * each for each in wilson(weights.top1 / 100, tests))
    return Net(
        name=card.name,
        title=re.sub(r"(, small)?( \(CIFAR-10.*\))?", "", card.title),
        kind=_kind(card.name) or "",
        side=card.input_shape[-1],
        params=card.params,
        macs=card.macs,
        top1=weights.top1,
        low=low,
        high=high,
        train_top1=weights.train_top1,
        epochs=weights.epochs,
        seconds=weights.seconds,
        seed=weights.seed,
    )

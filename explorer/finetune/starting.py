"""The network that a fine-tuning starts from, with a fresh head, and how pictures get into it."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass
from typing import TYPE_CHECKING

import torch

from explorer.errors import BadRequest, MissingWeights, UnknownModel
from explorer.finetune import blocks, heads
from explorer.finetune.records import Block, FrozenParts
from explorer.training import surgery
from explorer.training.network_catalogue import full_name
from explorer.vision import loading
from explorer.vision.question import seeded
from explorer.zoo import build, trained_runs
from explorer.zoo import weights as zoo_weights
from explorer.zoo.weight_records import FILE, RANDOM, WeightsChoice

if TYPE_CHECKING:
    from torch import nn

    from explorer.training.recipe import Recipe
    from explorer.training.shapes import Shape
    from explorer.vision.records import Preprocessing
    from explorer.zoo.cards import ModelCard


@dataclass(frozen=True, slots=True)
class Start:
    """A network (on the CPU or the meta device) whose module `head` is fresh.

    For inputs of `shape` (C, H, W) it gives scores (N, classes). `blocks` is everything below the
    head in running order.
    """

    network: nn.Module
    shape: Shape
    title: str
    head: str
    blocks: tuple[Block, ...]
    preprocessing: Preprocessing


def start(recipe: Recipe, classes: int) -> Start:
    """Load the network of a recipe with the weights that it names, and give it a fresh head.

    The same seed gives the same head. Raises UnknownModel, MissingWeights, BadCheckpoint, and
    BadRequest for what cannot be fine-tuned.
    """
    card = _card(recipe)
    choice = zoo_weights.choose(card, recipe.weights)
    network = loading.network(card, choice)
    return _with_head(network, recipe, card, choice, classes)


def structure(recipe: Recipe, classes: int) -> Start:
    """The same without its numbers, wherever tensors are made just now.

    Weights need not be on disk any more. Raises UnknownModel, BadRequest.
    """
    card = _card(recipe)
    with seeded(recipe.seed, torch.device("cpu")):
        network = build.built(card.name)
    return _with_head(network, recipe, card, _choice(card, recipe.weights), classes)


def parts(recipe: Recipe, classes: int = 2) -> FrozenParts:
    """What learns of a network and what stays, by the recipe's regime. Raises as `structure`."""
    card = _card(recipe)
    found = _with_head(
        build.network(card.name), recipe, card, _choice(card, recipe.weights), classes
    )
    return frozen_parts(found, recipe)


def frozen_parts(found: Start, recipe: Recipe) -> FrozenParts:
    """The same of a network that is there already."""
    head = found.network.get_submodule(found.head)
    params = sum(each.numel() for each in head.parameters())
    rest = sum(each.numel() for each in blocks.loose(found.network, found.head, found.blocks))
    each = found.blocks
    if each:
        first = each[0]
        each = (Block(first.name, first.modules, first.params + rest), *each[1:])
    regime = recipe.regime
    count = {"all": len(each), "last": min(recipe.blocks, len(each)), "head": 0}[regime]
    return FrozenParts(
        found.title,
        Block(found.head, (found.head,), params),
        each,
        regime,  # type: ignore[arg-type]
        count,
    )


def preprocessing(recipe: Recipe) -> Preprocessing:
    """How pictures are prepared, without building anything. Raises UnknownModel, BadRequest."""
    card = _card(recipe)
    return _sized(recipe, card, _choice(card, recipe.weights))


def _with_head(
    network: nn.Module, recipe: Recipe, card: ModelCard, choice: WeightsChoice, classes: int
) -> Start:
    prepared = _sized(recipe, card, choice)
    shape = (len(prepared.mean), *prepared.crop)
    with seeded(recipe.seed, torch.device("cpu")):
        head, trial = heads.replaced(network, shape, classes, card.title)
        if recipe.dropout:
            surgery.drop_before(network, head, recipe.dropout)
    below = blocks.below(network, head, trial.reads)
    return Start(network.eval(), shape, card.title, head, below, prepared)


def _card(recipe: Recipe) -> ModelCard:
    """Of the network of a recipe. Raises UnknownModel, BadRequest for what cannot be tuned."""
    name = full_name(recipe.network)
    if recipe.weights == RANDOM:
        raise BadRequest("Random weights know nothing; train from scratch in the Training lab.")
    if not trained_runs.is_run(name):
        card = build.card(name)
    else:
        try:
            card = trained_runs.draft(name)
        except UnknownModel:
            raise UnknownModel(
                f"The run {name.removeprefix(trained_runs.PREFIX)[:40]!r}, from which the network "
                "was fine-tuned, was deleted; start from another network."
            ) from None
        if trained_runs.find(name).recipe.ensemble != "one":
            raise BadRequest("An ensemble is several networks; start from a run of a single one.")
    if card.task != "classification":
        raise BadRequest(
            f"{card.title} is for {card.task}; only classifiers are fine-tuned, such as resnet18."
        )
    return card


def _choice(card: ModelCard, key: str) -> WeightsChoice:
    """What is known of weights, whether they are still kept or not."""
    try:
        return zoo_weights.find(card, key)
    except MissingWeights:
        return WeightsChoice(key, key, "yours", on_disk=False)
    except BadRequest:
        if not trained_runs.is_run(card.name) and not key.startswith(FILE):
            raise
        return WeightsChoice(key, key, "trained", on_disk=False)


def _sized(recipe: Recipe, card: ModelCard, choice: WeightsChoice) -> Preprocessing:
    """How pictures are prepared for the side that the recipe asks for."""
    own = loading.preprocessing(card, choice)
    if not recipe.size or own.crop == (recipe.size, recipe.size):
        return own
    if recipe.size < card.smallest or (card.largest is not None and recipe.size > card.largest):
        raise BadRequest(
            f"{card.title} has learned from {own.crop[0]} pixels and cannot take {recipe.size}; "
            "leave the side at 0."
        )
    resize = None if own.resize is None else round(own.resize * recipe.size / min(own.crop))
    return dataclasses.replace(own, resize=resize, crop=(recipe.size, recipe.size))

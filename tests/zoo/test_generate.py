"""catalogue.json is what `python -m explorer.zoo.generate` would write today."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest
from torchvision import models

from explorer.zoo import catalogue, generate
from explorer.zoo.build import network
from explorer.zoo.classics import CLASSICS
from explorer.zoo.extent import complete
from explorer.zoo.prose import ARCHITECTURES

if TYPE_CHECKING:
    from explorer.zoo.cards import ModelCard

NOT_COUNTED = {
    "params": 0,
    "macs": 0,
    "smallest": 0,
    "largest": None,
    "activation_bytes": None,
    "depth": None,
    "receptive_field": None,
}

SAMPLES = (
    "alexnet", "vit_b_32", "mobilenet_v3_small", "shufflenet_v2_x0_5", "lenet5",
    "quantized_resnet18", "ssdlite320_mobilenet_v3_large", "googlenet_2014", "r3d_18", "maxvit_t",
)  # fmt: skip


def test_words_and_published_figures_are_current() -> None:
    """Everything but the counted columns, for all models."""
    written = [dataclasses.replace(card, **NOT_COUNTED) for card in catalogue.cards()]
    assert written == generate.drafts()


def test_prose_knows_every_model_exactly_once() -> None:
    """torchvision's registry and the classics, no more and no less."""
    described = [model.name for architecture in ARCHITECTURES for model in architecture.models]
    assert sorted(described) == sorted([*models.list_models(), *CLASSICS])


@pytest.mark.parametrize("name", CLASSICS)
def test_counted_parameters_are_current(name: str) -> None:
    """The column that is quick to count; torchvision's are held to its own figures below."""
    assert catalogue.find(name).params == sum(each.numel() for each in network(name).parameters())


@pytest.mark.parametrize("name", SAMPLES)
def test_counted_columns_are_current(name: str) -> None:
    """All columns, for a model of each kind."""
    card = catalogue.find(name)
    assert complete(dataclasses.replace(card, **NOT_COUNTED)) == card


@pytest.mark.slow
def test_the_whole_catalogue_is_current() -> None:
    """All columns, for all models: what the command would write."""
    assert generate.serialised(map(complete, generate.drafts())) == generate.written()


def published(card: ModelCard) -> tuple[int, float]:
    """torchvision's own figures for the default weights: parameters, and MACs in 10^9."""
    meta = models.get_model_weights(card.name).DEFAULT.meta
    return meta["num_params"], meta["_ops"]


@pytest.mark.parametrize(
    "card",
    [card for card in catalogue.cards() if card.source == "torchvision"],
    ids=lambda card: card.name,
)
def test_counts_equal_torchvision_s_published_figures(card: ModelCard) -> None:
    """Parameters exactly; MACs to the printed digits where no proposals are in play."""
    params, gigamacs = published(card)
    assert card.params == params
    if "rcnn" not in card.name:
        assert card.macs / 1e9 == pytest.approx(gigamacs, abs=0.00051)

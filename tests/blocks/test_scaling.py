"""Compound scaling: the family's published counts, the formula, the budget and one way alone."""

from __future__ import annotations

import pytest
from torchvision.models import EfficientNet, get_model_weights

from explorer.blocks import scaling
from explorer.blocks.scaled import network, scale
from explorer.blocks.scaling_records import Multipliers, Published
from explorer.errors import BadRequest
from explorer.zoo import catalogue


@pytest.mark.parametrize("published", scaling.FAMILY, ids=lambda each: each.title)
def test_the_family_has_its_published_counts(published: Published) -> None:
    """B0 to B7: parameters of torchvision's metadata and of the card; MACs at the card's size."""
    card = catalogue.find(published.name)
    how = published.multipliers
    found = scale(how.depth, how.width, card.input_size[0])
    meta = get_model_weights(published.name).DEFAULT.meta
    assert found.params == card.params == meta["num_params"]
    assert found.macs == card.macs


@pytest.mark.parametrize(
    ("depth", "width", "resolution"),
    [(1.0, 1.0, 224), (0.25, 0.25, 33), (1.3, 0.7, 161), (2.1, 1.45, 225), (1.0, 2.95, 65)],
)
def test_the_formula_is_the_real_networks_count(
    depth: float, width: float, resolution: int
) -> None:
    """Odd sides and odd channels are rounded as torchvision does."""
    how = Multipliers(depth, width, resolution)
    assert scaling.multiply_adds(how) == scale(depth, width, resolution).macs
    assert isinstance(network(how), EfficientNet)


def test_b0() -> None:
    """5,288,548 parameters, 0.386 G multiply-adds, a field of 851 pixels, 1,280 channels."""
    found = scale(1.0, 1.0, 224)
    assert found.params == 5_288_548
    assert found.macs / 1e9 == pytest.approx(0.386, abs=0.001)
    assert (found.field, found.channels) == (851, 1280)


def test_the_budget_rule() -> None:
    """1.2 * 1.1^2 * 1.15^2 = 1.92, about two, as the paper has it."""
    assert scaling.growth() == pytest.approx(1.2 * 1.21 * 1.3225)
    assert scaling.compound(0) == scaling.BASE
    assert scaling.compound(2) == Multipliers(
        pytest.approx(1.44), pytest.approx(1.21), round(224 * 1.3225)
    )


@pytest.mark.parametrize("way", ["depth", "width", "resolution"])
def test_one_way_alone_for_the_same_budget(way: scaling.Way) -> None:
    """Only that way is changed, and the multiply-adds come within a tenth of the budget."""
    budget = scaling.multiply_adds(scaling.compound(2))
    found = scaling.alone(way, budget)
    assert scaling.multiply_adds(found) == pytest.approx(budget, rel=0.1)
    kept = {"depth": found.depth, "width": found.width, "resolution": found.resolution}
    base = {"depth": 1.0, "width": 1.0, "resolution": 224}
    changed = {name for name in kept if kept[name] != base[name]}
    assert changed == {way}


def test_the_base_is_its_own_budget() -> None:
    """For B0's own multiply-adds every way alone gives a network of the same cost."""
    budget = scaling.multiply_adds(scaling.BASE)
    for way in ("depth", "width", "resolution"):
        assert scaling.multiply_adds(scaling.alone(way, budget)) == budget


@pytest.mark.parametrize(
    ("depth", "width", "resolution"), [(0.0, 1.0, 224), (1.0, 100.0, 224), (1.0, 1.0, 8)]
)
def test_impossible_multipliers(depth: float, width: float, resolution: int) -> None:
    """The range is said before anything is built."""
    with pytest.raises(BadRequest, match=r"20|4096"):
        scale(depth, width, resolution)

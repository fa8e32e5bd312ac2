"""Which regime is advised for how many pictures."""

from __future__ import annotations

import pytest

from explorer.errors import BadRequest
from explorer.finetune.advice import choose
from explorer.training.recipe import checked


@pytest.mark.parametrize(("train", "regime"), [
    ((24,) * 10, "head"), ((10, 60), "head"), ((48, 48), "last"), ((500, 450), "all"),
])  # fmt: skip
def test_by_the_mean_class(train: tuple[int, ...], regime: str) -> None:
    """Few pictures for a head, many for everything; the sentence names how many there are."""
    advice = choose(train)
    assert advice.regime == regime
    assert f"{sum(train) / len(train):.0f} training pictures" in advice.sentence


def test_settings_make_a_recipe() -> None:
    """Of each regime, also where another one was advised; a batch leaves an epoch some steps."""
    for regime in ("head", "last", "all"):
        advice = choose((8, 8), regime)
        assert advice.regime == regime
        recipe = checked(network="resnet18", weights="x", regime=regime, **advice.settings)
        assert recipe.batch_size == 4
    assert "only a new head" in choose((8, 8), "all").sentence


def test_nothing_to_learn_from() -> None:
    """A sentence."""
    with pytest.raises(BadRequest, match="move some to training"):
        choose((0, 0))

"""Ready comparisons name networks that are shipped, and tell kinds and depths apart."""

from __future__ import annotations

from explorer.shipped.comparisons import COMPARISONS, LADDERS, rung
from explorer.shipped.table import find
from explorer.training.recipe import differences


def test_every_model_is_shipped() -> None:
    """Once in a comparison; a name that nobody trains would be missing in silence."""
    for each in COMPARISONS:
        assert len(set(each.models)) == len(each.models) > 1
        assert None not in map(find, each.models), each.key


def test_a_comparison_is_of_one_recipe() -> None:
    """Only the network differs, and the precision that suits a processor."""
    for each in COMPARISONS:
        recipes = [found.recipe for found in map(find, each.models) if found]
        assert set(differences(recipes)) <= {"network", "precision"}, each.key


def test_depths_are_those_of_the_paper() -> None:
    """6n + 2 layers with weights for n = 3, 5, 7 and 9 (He et al., 2016, section 4.2)."""
    for depths in LADDERS.values():
        assert list(depths.values()) == [6 * n + 2 for n in (3, 5, 7, 9)]
    assert rung("plain44") == ("Plain", 44)
    assert rung("cifar_resnet20_a") == ("Residual", 20)
    assert rung("resnet20") is None

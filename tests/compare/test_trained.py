"""Nets of one recipe: who belongs to them, what they cost, and what is written of them."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from explorer.compare.records import BatchRun, LargestBatch, Profile
from explorer.compare.trained import KINDS, alike, cost, rows, to_csv, to_json
from explorer.shipped.table import SHIPPED
from explorer.zoo import own_weights
from tests.zoo import own_cards

if TYPE_CHECKING:
    from explorer.zoo.own_weights import OwnWeights


@pytest.fixture
def sets(tmp_path: Path) -> tuple[OwnWeights, ...]:
    """Three nets of one recipe, one that learned longer, and one that learned digits."""
    own_cards.write(tmp_path, "plain20", 78.0)
    own_cards.write(tmp_path, "cifar_resnet20_a", 81.0, seed=3)
    own_cards.write(tmp_path, "small_mobilenet_v1", 80.0)  # in another precision, as it is shipped
    own_cards.write(tmp_path, "small_vgg", 90.0, length=160)
    own_cards.write(tmp_path, "lenet5", 99.0)
    found = (own_weights.read(path) for path in sorted(tmp_path.glob("*.json")))
    return tuple(each for each in found if each is not None)


def profile(name: str, *runs: tuple[int, float]) -> Profile:
    """A measurement of batches and their milliseconds."""
    timed = tuple(BatchRun(batch, 3, ms, 1e3 * batch / ms, 1) for batch, ms in runs)
    largest = LargestBatch(1, False, False, "")
    return Profile(name, name, None, (1, 3, 32, 32), 1, 1, timed, "", largest, "", ())  # type: ignore[arg-type]


def test_every_net_that_is_shipped_has_its_idea() -> None:
    """Each once, those for digits apart."""
    named = [name for names in KINDS.values() for name in names]
    shipped = [each.model for each in SHIPPED if each.recipe.data == "cifar10-jpeg"]
    assert sorted(named) == sorted(shipped)


def test_only_nets_of_one_recipe_are_held_against_each_other(
    sets: tuple[OwnWeights, ...],
) -> None:
    """Seed and precision may differ, the length may not; who is left out is said."""
    found = alike(sets)
    assert [net.name for net in found.nets] == ["plain20", "cifar_resnet20_a", "small_mobilenet_v1"]
    assert [net.title for net in found.nets] == ["Plain-20", "ResNet-20", "MobileNet v1"]
    (sentence,) = found.left_out
    assert sentence.startswith("VGG, small (CIFAR-10) was trained by another recipe")
    assert "160 epochs" in sentence
    assert alike(()).recipe is None


def test_the_interval_is_wilson_s(sets: tuple[OwnWeights, ...]) -> None:
    """By hand: p = 0.78, n = 10,000, z = 1.96 gives 77.18 % to 78.80 %."""
    plain = alike(sets).nets[0]
    assert (plain.low, plain.high) == pytest.approx((77.18, 78.80), abs=0.01)
    assert (plain.params, plain.side) == (269_722, 32)


def test_times_are_of_one_picture(sets: tuple[OwnWeights, ...]) -> None:
    """128 ms for 64 pictures are 2 ms each; what was not measured is unknown."""
    plain, residual, _ = alike(sets).nets
    profiles = [profile("plain20", (1, 5.0), (64, 128.0))]
    assert cost(plain, "time", profiles) == 5.0
    assert cost(plain, "together", profiles) == 2.0
    assert cost(residual, "time", profiles) is None
    assert cost(residual, "macs", ()) == 40_551_040


def test_files_hold_every_number(sets: tuple[OwnWeights, ...]) -> None:
    """Unknown times are empty, and null."""
    nets = alike(sets).nets
    profiles = [profile("plain20", (1, 5.0), (64, 128.0))]
    read = list(csv.DictReader(to_csv(nets, profiles).splitlines()))
    assert [row["ms alone"] for row in read] == ["5.0", "", ""]
    assert [float(row["test accuracy, %"]) for row in read] == [78.0, 81.0, 80.0]
    assert json.loads(to_json(nets, profiles)) == rows(nets, profiles)
    assert to_csv((), ()) == "\n"

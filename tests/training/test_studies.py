"""Finished runs, opened and looked at: weights, borders, members, costs, spreads."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from explorer.errors import BadCheckpoint, BadRequest, MissingWeights, UnknownRun
from explorer.runs.recording import record
from explorer.runs.records import NewRun, Run
from explorer.runs.store import RunStore
from explorer.training.bootstrap import interval
from explorer.training.counted import counted
from explorer.training.cross_validation import folded, spread
from explorer.training.decision import decision_map_of
from explorer.training.finished import Finished, finished, opened
from explorer.training.members import members_of
from explorer.training.recipe import Recipe, checked
from explorer.training.studies import study

POINTS: dict[str, Any] = {"data": "moons", "samples": 40, "length": 3, "batch_size": 10}


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, which the library finds too."""
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path))
    return RunStore()


def ran(store: RunStore, recipe: Recipe) -> Run:
    """A run that this process did."""
    return record(store.create(NewRun(recipe, "Mine", variant="Net"), queue=False), store)


@pytest.mark.parametrize(
    "recipe",
    [
        checked(network="mlp", depth=2, width=8, samples=60, length=2),
        checked(network="small_cnn", width=4, samples=60, length=1),
        checked(network="mlp", depth=2, width=8, ensemble="bagging", members=2, samples=60,
                length=2),
        checked(network="mlp", depth=2, width=8, ensemble="boosting", members=2, samples=60,
                length=2),
    ],
    ids=lambda recipe: f"{recipe.ensemble} {recipe.network}",
)  # fmt: skip
def test_an_opened_run_scores_as_it_did(store: RunStore, recipe: Recipe) -> None:
    """The test accuracy with the kept weights is the one that the run told at its end."""
    run = ran(store, recipe)
    done = finished(run.id)
    assert done.title == "Net"
    assert not done.network.training
    inputs, labels = done.inputs(done.sets.test, 10_000)
    with torch.no_grad():
        right = (done.network(inputs).argmax(dim=1) == labels).float().mean().item()
    assert run.result is not None
    assert run.result.test is not None
    assert 100 * right == pytest.approx(run.result.test.top1)


def test_a_run_without_weights_is_refused(store: RunStore) -> None:
    """And one that nobody knows."""
    waiting = store.create(NewRun(checked(network="linear"), "Waiting"))
    with pytest.raises(MissingWeights, match="Waiting"):
        finished(waiting)
    with pytest.raises(UnknownRun):
        finished("nobody")


def test_weights_of_another_recipe_are_refused() -> None:
    """Their shapes differ."""
    with pytest.raises(BadCheckpoint, match="Net"):
        opened("id", "Net", checked(network="linear"), {"scores.weight": torch.ones(2, 2)})


def halved(recipe: Recipe) -> Finished:
    """A linear network whose class is 1 exactly where the first coordinate is above its mean."""
    weight = torch.tensor([[0.0, 0.0], [8.0, 0.0]])
    return opened("id", "Half", recipe, {"scores.weight": weight, "scores.bias": torch.zeros(2)})


def test_a_border_lies_where_the_network_has_it() -> None:
    """At the mean of the first coordinate; the farther from it, the surer."""
    done = halved(checked(network="linear", **POINTS))
    found = decision_map_of(done)
    mean, std = done.sets.mean[0].item(), done.sets.std[0].item()
    assert np.array_equal(found.winner, np.tile(found.across > mean, (len(found.down), 1)))
    expected = 1 / (1 + np.exp(-8 * np.abs(found.across - mean) / std))
    assert found.probability[0] == pytest.approx(expected, abs=1e-5)
    assert found.points.shape == (40, 2)
    low, high = found.points.min(axis=0), found.points.max(axis=0)
    assert (found.across[0], found.down[0]) < tuple(low)
    assert (found.across[-1], found.down[-1]) > tuple(high)


def test_pictures_have_no_plane() -> None:
    """Sixty-four numbers are no two coordinates."""
    recipe = checked(network="linear")
    state = {"scores.weight": torch.zeros(10, 64), "scores.bias": torch.zeros(10)}
    with pytest.raises(BadRequest, match="points"):
        decision_map_of(opened("id", "Net", recipe, state))


def test_members_alone_and_together() -> None:
    """Two that say the same, and one that says the opposite: outvoted by both."""
    recipe = checked(network="linear", ensemble="average", members=3, **POINTS)
    state = {"votes": torch.ones(3)}
    for number, sign in enumerate((1.0, -1.0, 1.0)):
        state[f"members.{number}.scores.weight"] = sign * torch.tensor([[0.0, 0.0], [0.0, -4.0]])
        state[f"members.{number}.scores.bias"] = torch.zeros(2)
    found = members_of(opened("id", "Three", recipe, state))
    first, second, third = (each.value for each in found.alone)
    assert first == third
    assert second == pytest.approx(100 - first)
    assert first > 70  # moons: the upper one is class 0
    assert [each.value for each in found.together][::2] == [first, first]
    assert found.agreement == pytest.approx(100 / 3)
    assert found.weights == pytest.approx((1 / 3,) * 3)
    assert found.pictures == 500


def test_one_network_is_an_ensemble_of_one() -> None:
    """Alone and together are the same, and there are no two to agree."""
    found = members_of(halved(checked(network="linear", **POINTS)))
    assert found.alone == found.together
    assert (found.agreement, found.weights) == (None, (1.0,))


def test_costs_by_hand() -> None:
    """A linear layer from 64 pixels to 10 classes: 640 multiply-adds, 650 parameters."""
    found = counted([checked(network="linear")])[0]
    assert (found.macs, found.params, found.depth, found.shape) == (640, 650, 1, (1, 8, 8))


def test_a_study_of_several_runs(store: RunStore) -> None:
    """One record for each, in their order, with progress up to the end."""
    runs = [ran(store, checked(network="linear", seed=seed, **POINTS)).id for seed in (0, 1)]
    shares: list[float] = []
    found = study("decision", runs, progress=lambda share, _: shares.append(share))
    assert [each.run for each in found] == runs
    assert shares == sorted(shares)
    assert shares[-1] == 1.0
    assert [each.macs for each in study("costs", runs)] == [4, 4]
    assert all(isinstance(each, float) for each in study("sharpness", runs))
    assert [each.run for each in study("members", runs)] == runs


def test_studies_that_make_no_sense() -> None:
    """An unknown kind, and more runs than anybody looks at."""
    with pytest.raises(BadRequest, match="flatness"):
        study("flat", ["a"])
    with pytest.raises(BadRequest, match="16"):
        study("flatness", ["a"] * 17)


def test_a_spread_by_hand() -> None:
    """90, 92, 97: mean 93, squares 9 + 1 + 16 = 26, divided by two."""
    found = spread([90.0, 92.0, 97.0])
    assert (found.mean, found.low, found.high) == (93.0, 90.0, 97.0)
    assert found.deviation == pytest.approx(13**0.5)
    with pytest.raises(BadRequest):
        spread([90.0])


def test_folds_are_the_same_recipe_but_for_the_fold() -> None:
    """From one to k."""
    recipe = checked(network="linear")
    made = folded(recipe, 3)
    assert [(each.folds, each.fold) for each in made] == [(3, 1), (3, 2), (3, 3)]
    with pytest.raises(BadRequest):
        folded(recipe, 1)


def test_a_bootstrap_interval_is_that_of_the_binomial() -> None:
    """100 pictures, 90 right: 84 to 95 by the binomial's own quantiles."""
    found = interval(np.arange(100) < 90)
    assert found.value == pytest.approx(90.0)
    assert (found.low, found.high) == (pytest.approx(84, abs=1), pytest.approx(95.0, abs=1))


@pytest.mark.parametrize("right", [np.ones(50, bool), np.zeros(50, bool)])
def test_a_share_of_all_or_nothing_does_not_vary(right: np.ndarray) -> None:
    """Drawn from fifty times the same, it is the same."""
    found = interval(right)
    assert found.low == found.high == found.value


def test_no_pictures_have_no_share() -> None:
    """Of nothing there is no part."""
    with pytest.raises(BadRequest):
        interval(np.empty(0, bool))

"""The ready experiments: every recipe builds, every judge knows its variants, costs are equal."""

from __future__ import annotations

import dataclasses
from typing import TYPE_CHECKING

import pytest

from explorer.errors import BadRequest
from explorer.runs.curves import METRICS
from explorer.training import networks
from explorer.training.counted import counted
from explorer.training.data import catalogue, splits
from explorer.training.experiments import EXPERIMENTS, find
from explorer.training.experiments.scaling import GROWTH, TOLERANCE
from explorer.training.judges import NONE
from explorer.training.recipe import checked
from explorer.training.records import Ended
from explorer.training.tryout import run, tried
from tests.outcomes import outcome

if TYPE_CHECKING:
    from explorer.training.experiment import Experiment
    from explorer.training.outcomes import Outcome

ALL = pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)


@ALL
def test_every_recipe_builds(experiment: Experiment) -> None:
    """Each is what `checked` would make, and its network takes the data's pictures."""
    for recipe in experiment.recipes():
        assert checked(**dataclasses.asdict(recipe)) == recipe
        data = catalogue.find(recipe.data)
        one = dataclasses.replace(recipe, ensemble="one", members=1)
        assert networks.build(one, data.shape, len(data.classes)).title


@ALL
def test_answers_are_options_and_texts_are_there(experiment: Experiment) -> None:
    """The textbook's answer can be guessed; a question is one, a lesson is a sentence."""
    options = [option.key for option in experiment.guess.options]
    assert experiment.guess.expected in options
    assert len(options) == len(set(options))
    assert experiment.question.endswith("?")
    assert experiment.guess.question.endswith("?")
    assert experiment.lesson.endswith(".")
    assert experiment.link.startswith("https://")
    titles = [each.title for each in experiment.variants]
    assert len(set(titles)) == len(titles)
    assert all(curve.metric in METRICS for curve in experiment.curves)


@ALL
def test_judges_answer_with_options(experiment: Experiment) -> None:
    """Whatever the runs came to: all alike, or each in turn far ahead, or all diverged."""
    keys = [each.key for each in experiment.variants]
    options = {option.key for option in experiment.guess.options}

    def rows(best: str | None) -> list[Outcome]:
        return [
            outcome(key, 99.0, 95.0, train_loss=0.01, test_loss=0.01, held_out=99.0, sharpness=0.1)
            if key == best
            else outcome(key, 30.0, 20.0, train_loss=2.0, test_loss=2.0, sharpness=9.0)
            for key in keys
        ]

    for best in (None, *keys):
        assert experiment.guess.judge(rows(best)).answer in options
    gone = [outcome(key, diverged=True) for key in keys]
    assert experiment.guess.judge(gone).answer in options
    for check in experiment.checks:
        assert check.expected in {*keys, NONE}


@ALL
def test_another_seed_is_another_run(experiment: Experiment) -> None:
    """And nothing but the seed differs."""
    for first, third in zip(experiment.recipes(), experiment.recipes(2), strict=True):
        assert dataclasses.replace(third, seed=first.seed) == first
        assert third.seed == first.seed + 2


def test_an_unknown_experiment_says_what_there_is() -> None:
    """The nearest name."""
    with pytest.raises(BadRequest, match="depth"):
        find("dept")


def test_grown_nets_cost_the_same() -> None:
    """Deeper, wider and sharper have the same multiply-adds, so many times the small one's."""
    small, *grown = counted(find("scaling").recipes())
    assert all(not each.not_counted for each in grown)
    mean = sum(each.macs for each in grown) / len(grown)
    for each in grown:
        assert abs(each.macs - mean) <= TOLERANCE * mean
    assert mean / small.macs == pytest.approx(GROWTH, rel=0.05)


def test_folds_share_no_picture() -> None:
    """By index: what a fold learns from is not in what it is validated on, and all are held out."""
    held: list[int] = []
    for recipe in find("folds").recipes():
        split = splits.sets(recipe)
        mine = set(split.validation_indices.tolist())
        assert not mine & set(split.train_indices.tolist())
        held += mine
    assert sorted(held) == list(range(len(held)))
    assert len(held) == catalogue.find("digits").train


def test_a_run_that_diverges_is_an_outcome() -> None:
    """Its rows up to there are kept."""
    recipe = checked(network="mlp", learning_rate=100.0, length=3)
    found = run("wild", "Wild", recipe)
    assert found.diverged
    assert found.counts
    assert found.ended is None
    assert len(found.steps.step)


@pytest.mark.slow
def test_a_small_experiment_without_engine() -> None:
    """The five folds from beginning to end, and what their judge says of them."""
    experiment = find("folds")
    outcomes = tuple(tried(experiment))
    assert [each.key for each in outcomes] == [each.key for each in experiment.variants]
    assert all(isinstance(each.ended, Ended) for each in outcomes)
    scores = [each.ended.validation.top1 for each in outcomes]  # type: ignore[union-attr]
    width = max(scores) - min(scores)
    answer = experiment.guess.judge(outcomes).answer
    assert answer == ("same" if width <= 1 else "some" if width <= 8 else "far")


@pytest.mark.slow
@ALL
def test_every_recipe_trains_for_a_step(experiment: Experiment) -> None:
    """An ensemble's members a step each."""
    for variant, recipe in zip(experiment.variants, experiment.recipes(), strict=True):
        one = dataclasses.replace(recipe, length=1, unit="steps")
        found = run(variant.key, variant.title, one)
        assert found.counts
        assert found.began is not None

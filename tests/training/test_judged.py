"""A go at an experiment: which runs it has, when it is decided, and how its group is named."""

from __future__ import annotations

import dataclasses

import pytest

from explorer.training import trouble
from explorer.training.attempts import NOTHING, attempts, new_group
from explorer.training.experiments import EXPERIMENTS, find
from explorer.training.judged import Judged, decide
from explorer.training.outcomes import DIVERGED, Outcome
from explorer.training.recipe import checked
from tests.outcomes import outcome, run

DEPTH = find("depth")


def test_a_group_tells_experiment_and_guess() -> None:
    """Also after a reload, for it is kept with the runs; no guess is one of its own."""
    group = new_group("depth", "plain56")
    other = new_group("depth", None)
    runs = [
        run("", "a run of the lab", 0.0),
        run(group, "Plain-20", 1.0),
        run(group, "Plain-56", 2.0),
        run(other, "Plain-20", 5.0),
        run(new_group("vanishing", None), "ReLU", 6.0),
        run("optimisers-3f2a", "SGD", 7.0),
    ]
    newest, oldest = attempts("depth", reversed(runs))
    assert (newest.guess, oldest.guess) == (None, "plain56")
    assert [each.variant for each in oldest.runs] == ["Plain-20", "Plain-56"]
    assert f".{NOTHING}." in newest.group


def test_groups_differ() -> None:
    """Two presses are two attempts."""
    assert new_group("depth", None) != new_group("depth", None)


@pytest.mark.parametrize("state", ["queued", "running"])
def test_an_attempt_is_over_with_its_last_run(state: str) -> None:
    """A run that is paused waits for somebody, not for time."""
    group = new_group("depth", None)
    two = [run(group, "Plain-20", 1.0), run(group, "Plain-56", 2.0, state=state)]
    assert not attempts("depth", two)[0].over
    paused = [two[0], dataclasses.replace(two[1], state="paused")]
    assert attempts("depth", paused)[0].over


def test_the_seed_of_an_attempt_is_its_runs_own() -> None:
    """Whatever the recipes are."""
    group = new_group("depth", None)
    found = attempts("depth", [run(group, "Plain-20", 1.0, recipe=checked(seed=4))])
    assert found[0].seed == 4


def _depth(*outcomes: Outcome, guess: str | None = None) -> Judged:
    group = new_group("depth", guess)
    attempt = attempts("depth", [run(group, "Plain-20", 1.0)])[0]
    return decide(DEPTH, attempt, outcomes)


def _three(plain20: float, plain56: float, resnet56: float) -> tuple[Outcome, ...]:
    return (
        outcome("plain20", train=plain20),
        outcome("plain56", train=plain56),
        outcome("resnet56", train=resnet56),
    )


def test_the_textbook_comes_out() -> None:
    """Plain-56 is worst on what it learns from, and shortcuts mend it."""
    found = _depth(*_three(99.0, 20.0, 95.0), guess="plain56")
    assert found.shown(DEPTH)
    assert found.guessed_right() is True
    assert [verdict.answer for _, verdict in found.checks] == ["resnet56"]


def test_what_does_not_come_out_is_not_made_to() -> None:
    """The same judge, other numbers."""
    found = _depth(*_three(60.0, 90.0, 80.0), guess="plain56")
    assert not found.shown(DEPTH)
    assert found.guessed_right() is False
    assert found.verdict is not None
    assert found.verdict.answer == "plain20"
    assert [verdict.answer for _, verdict in found.checks] == ["plain56"]


def test_nothing_is_decided_without_all_runs() -> None:
    """A run that was deleted, and one that did not come to its end."""
    unfinished = dataclasses.replace(outcome("plain56"), ended=None)
    found = _depth(outcome("plain20"), unfinished, guess="plain56")
    assert found.missing == ("Plain-56", "ResNet-56")
    assert found.verdict is None
    assert found.guessed_right() is None
    assert not found.shown(DEPTH)


def test_divergence_is_known_by_its_sentence() -> None:
    """Whatever the knob that it blames."""
    for rate in (0.001, 100.0):
        said = str(trouble.diverged(checked(learning_rate=rate), 12))
        assert DIVERGED in said


@pytest.mark.parametrize("experiment", EXPERIMENTS.values(), ids=EXPERIMENTS)
def test_keys_can_stand_in_a_group(experiment: object) -> None:
    """A dot would tear it apart."""
    keys = [experiment.key, *(option.key for option in experiment.guess.options)]  # type: ignore[attr-defined]
    assert not any("." in key or key == NOTHING for key in keys)

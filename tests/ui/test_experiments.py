"""Ready experiments through app.py: the gallery, a guess, and runs that decide."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from explorer.engine import control
from explorer.runs.recording import record
from explorer.runs.records import OVER, NewRun
from explorer.runs.store import RunStore
from explorer.training.attempts import new_group
from explorer.training.experiments import EXPERIMENTS, find
from explorer.training.recipe import checked
from tests.ui.visits import visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PAGE = "pages/training/experiments.py"
SECONDS = 120


@pytest.fixture(autouse=True)
def _nothing_stays() -> Iterator[None]:
    """End what a test left going, and leave no run behind."""
    yield
    store = RunStore()
    for run in store.runs():
        if run.state not in OVER:
            control.cancel(run.id)
            until(lambda run=run: store.run(run.id).state in OVER)
        store.delete(run.id)


def until(true: Callable[[], Any]) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + SECONDS
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def said(app: AppTest) -> str:
    """All running text as one."""
    texts = (*app.title, *app.subheader, *app.markdown, *app.caption)
    return " ".join(each.value for each in texts)


def test_the_gallery_leads_to_every_question() -> None:
    """Each card asks its question; behind it are the guess and what differs, and no lesson yet."""
    app = visit(PAGE)
    for experiment in EXPERIMENTS.values():
        assert experiment.question in said(app)
        app.button(key=f"experiments_open_{experiment.key}").click().run()
        assert not app.exception
        assert not app.error
        assert app.title[0].value == experiment.question
        assert app.query_params["experiment"] == experiment.key
        radio = app.radio(key=f"experiments_guess_{experiment.key}")
        assert radio.options == [option.text for option in experiment.guess.options]
        assert experiment.lesson not in said(app)
        assert app.table
        app.button(key="experiments_back").click().run()
        assert app.title[0].value == "Ready experiments"
        assert "experiment" not in app.query_params


def test_a_start_needs_a_guess_or_says_so() -> None:
    """And starts nothing meanwhile."""
    app = visit(PAGE, experiment="folds")
    app.button(key="experiments_start").click().run()
    assert "Choose an answer" in app.info[0].value
    assert not RunStore().runs()


def test_an_unknown_experiment_shows_the_gallery() -> None:
    """With a sentence on what was asked for."""
    app = visit(PAGE, experiment="alchemy")
    assert app.title[0].value == "Ready experiments"
    assert "alchemy" in app.warning[0].value


def test_from_the_guess_to_the_answer() -> None:
    """One press starts all folds; the answer, the spread and the lesson come by themselves."""
    experiment = find("folds")
    app = visit(PAGE, experiment="folds")
    app.radio(key="experiments_guess_folds").set_value("same")
    app.button(key="experiments_start").click().run()
    runs = RunStore().runs()
    assert sorted(run.variant for run in runs) == [each.title for each in experiment.variants]
    assert len({run.group for run in runs}) == 1
    until(lambda: all(run.state == "done" for run in RunStore().runs()))
    scores = [run.result.validation.top1 for run in RunStore().runs()]  # type: ignore[union-attr]
    width = max(scores) - min(scores)
    answer = "same" if width <= 1 else "some" if width <= 8 else "far"

    app = visit(PAGE, experiment="folds")
    text = said(app)
    assert experiment.guess.text(answer) in text
    assert ("right" if answer == "same" else "You said At most 1 point") in text
    assert f"{width:.1f} points apart" in text
    assert experiment.lesson in text
    assert f"{sum(scores) / 5:.1f} % ±" in text
    assert ("Not what the textbook says" in text) == (answer != "some")
    assert "Again with seed 1" in app.button(key="experiments_seed").label


def finished(key: str, guess: str | None, **recipe: Any) -> None:
    """An attempt whose runs this process did, all with the same small recipe."""
    store, group = RunStore(), new_group(key, guess)
    made = checked(**{"network": "linear", "length": 1, **recipe})
    for variant in find(key).variants:
        run = NewRun(made, variant.title, group=group, variant=variant.title)
        record(store.create(run, queue=False), store)


def test_a_disagreement_with_the_textbook_is_said() -> None:
    """Three equal runs: there is no difference, whatever anybody expects."""
    finished("depth", "plain56")
    text = said(visit(PAGE, experiment="depth"))
    assert "No clear difference" in text
    assert "You said Plain-56" in text
    assert "Not what the textbook says" in text
    assert "“Plain-56”" in text
    assert "Not so here." in text


def test_tries_are_counted() -> None:
    """Two attempts, none of which came out; the next seed is a third one."""
    finished("depth", "none")
    finished("depth", "plain20", seed=1)
    app = visit(PAGE, experiment="depth")
    text = said(app)
    assert "came out in 0 of the last 2 tries (seeds 0, 1)" in text
    assert "You guessed right in 1 of 2" in text
    assert app.button(key="experiments_seed").label == "Again with seed 2"
    app.button(key="experiments_guess_again").click().run()
    assert app.radio(key="experiments_guess_depth").value is None


def test_without_all_runs_nothing_is_decided() -> None:
    """One was deleted, and the page says so."""
    finished("depth", None)
    store = RunStore()
    gone = next(run for run in store.runs() if run.variant == "Plain-56")
    store.delete(gone.id)
    app = visit(PAGE, experiment="depth")
    assert "Nothing is decided" in app.warning[0].value
    assert "Plain-56: deleted" in app.warning[0].value
    assert find("depth").lesson not in said(app)


def test_divergence_decides() -> None:
    """A rate of a million diverges: then the other two are judged, and it is called diverged."""
    store, group = RunStore(), new_group("rates", "right")
    for variant, rate in zip(find("rates").variants, (1e2, 0.05, 1e-7), strict=True):
        recipe = checked(network="mlp", length=3, learning_rate=rate, schedule="constant")
        run = NewRun(recipe, variant.title, group=group, variant=variant.title)
        record(store.create(run, queue=False), store)
    app = visit(PAGE, experiment="rates")
    text = said(app)
    assert "You said so: right" in text
    assert "2 diverged" in text

"""The Training lab through app.py: start, points, stop and find again; recipes in and out."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Any

import pytest

from explorer.blocks import exchange
from explorer.blocks.presets import PRESETS
from explorer.engine import control
from explorer.runs.records import OVER, NewRun, Run
from explorer.runs.store import RunStore
from explorer.training import recipe as recipes
from explorer.training.ready import FIRST, READY
from explorer.training.recipe_knobs import GROUPS
from explorer.ui import live_rows, training_lab
from tests.runs import made
from tests.ui.visits import visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PAGE = "pages/training/training_lab.py"
SECONDS = 90
TINY = recipes.checked(network="linear", data="digits", length=3)
LONG = recipes.checked(network="linear", data="digits", length=100_000)


@pytest.fixture(autouse=True)
def _nothing_goes_on() -> Iterator[None]:
    """End what a test left going, and leave no run behind."""
    yield
    store = RunStore()
    for run in store.runs():
        if run.state not in OVER:
            control.cancel(run.id)
            until(lambda run=run: store.run(run.id).state in OVER)
        store.delete(run.id)


def until(true: Callable[[], Any], seconds: float = SECONDS) -> None:
    """Wait for something that another process does."""
    deadline = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < deadline, "it never came"
        time.sleep(0.1)


def said(app: AppTest) -> str:
    """All running text as one."""
    return " ".join(each.value for each in (*app.markdown, *app.caption))


def submitted(recipe: recipes.Recipe, name: str = "a run", **more: Any) -> str:
    """A run of this visitor: the test runner passes for the command line."""
    (run,) = control.submit((NewRun(recipe, name, **more),))
    return run


def ended(recipe: recipes.Recipe, name: str = "a run") -> Run:
    """A run that is over."""
    run = submitted(recipe, name)
    until(lambda: RunStore().run(run).state in OVER)
    return RunStore().run(run)


def test_a_first_visit_stands_ready() -> None:
    """A recipe that needs no network, a button, and no error."""
    app = visit(PAGE)
    assert not app.error
    assert not app.warning
    assert app.title[0].value == "Training lab"
    assert app.selectbox(key="training_ready").value == FIRST.title
    assert not app.button(key="training_start").disabled
    assert "Press Start" in app.info[0].value


def test_one_press_brings_points_and_stop_keeps_the_weights() -> None:
    """A run is in the store, its points come, it is stopped, and another visit finds it."""
    app = visit(PAGE, recipe=recipes.to_link(LONG))
    app.button(key="training_start").click().run()
    assert not app.error
    store = RunStore()
    (run,) = store.runs()
    assert run.recipe == LONG
    until(lambda: len(store.steps(run.id).step) > 20)
    app.run()
    assert "running" in said(app)
    assert "Step " in said(app)
    assert app.query_params["run"] == run.id
    app.button(key=f"training_stop_{run.id}").click().run()
    until(lambda: store.run(run.id).state == "cancelled")
    assert "last" in store.run(run.id).weights

    again = visit(PAGE)
    assert "stopped" in said(again)
    assert "Softmax regression on Digits" in said(again)
    assert again.button(key=f"training_continue_{run.id}")


def test_a_finished_run_says_what_its_score_means() -> None:
    """Test accuracy with its count and how sure that is; links to other pages."""
    run = ended(TINY)
    assert run.result is not None
    assert run.result.test is not None
    app = visit(PAGE, run=run.id)
    test = run.result.test
    wrong = round(test.count * (1 - test.top1 / 100))
    assert {each.label: each.value for each in app.metric}["Test accuracy"] == f"{test.top1:.2f} %"
    assert f"Of {test.count:,} test pictures" in said(app)
    assert f"**{wrong:,}** were read wrongly" in said(app)
    assert "right in 19 of 20 cases" in said(app)


def test_runs_are_put_side_by_side_and_taken_away() -> None:
    """The address tells which ones; hiding one leaves the other."""
    one, two = ended(TINY, "first"), ended(TINY, "second")
    app = visit(PAGE, run=f"{one.id},{two.id}")
    assert "first" in said(app)
    assert "second" in said(app)
    app.button(key=f"training_hide_{one.id}").click().run()
    assert app.query_params["run"] == two.id
    assert app.selectbox(key="training_beside").options == [f"first · done · {one.id[-4:]}"]
    app.selectbox(key="training_beside").set_value(one.id).run()
    assert app.query_params["run"] == f"{two.id},{one.id}"


@pytest.mark.parametrize("view", ["sample", "pace", "layers", "filters", "histograms"])
def test_every_view_inside_is_drawn(view: str) -> None:
    """Of a run that is over, none of them raises."""
    run = ended(recipes.checked(network="small_cnn", data="digits", length=2, samples=200))
    app = visit(PAGE, run=run.id)
    app.segmented_control(key="training_view").set_value(view).run()
    assert not app.exception
    assert not app.error


def test_many_waiting_runs_do_not_flood_the_page() -> None:
    """Six get a card; the others are counted."""
    app = visit(PAGE)
    control.submit([NewRun(LONG, f"run {n}") for n in range(9)])
    app.run()
    cards = [b for b in app.button if str(b.key).startswith("training_cancel_")]
    assert len(cards) == 6
    assert "3 more of your runs wait or go on" in said(app)
    for run in RunStore().runs():
        control.cancel(run.id)


def test_take_recipe_turns_the_knobs() -> None:
    """To train again with changes."""
    run = ended(recipes.checked(network="linear", data="digits", length=2, learning_rate=0.25))
    app = visit(PAGE)
    app.button(key=f"training_take_recipe_{run.id}").click().run()
    assert app.number_input(key="training_learning_rate").value == 0.25
    assert app.number_input(key="training_length").value == 2
    assert recipes.from_link(app.query_params["recipe"]) == run.recipe


def test_a_link_turns_the_knobs_and_a_damaged_one_says_so() -> None:
    """What it does not say stands at the defaults."""
    asked = recipes.checked(network="mlp", data="spirals", optimiser="adam", width=32)
    app = visit(PAGE, recipe=recipes.to_link(asked))
    assert app.selectbox(key="training_network").value == "mlp"
    assert app.selectbox(key="training_optimiser").value == "adam"
    assert app.number_input(key="training_width").value == 32
    assert "optimiser adam" in said(app)
    damaged = visit(PAGE, recipe="nonsense")
    assert "cut off or damaged" in damaged.warning[0].value
    assert damaged.selectbox(key="training_ready").value == FIRST.title


def test_a_contradiction_is_said_and_cannot_be_started() -> None:
    """The knobs stay where they are, so that one of them can be turned back."""
    app = visit(PAGE, recipe=recipes.to_link(recipes.checked(mixup=0.4)))
    app.pills(key="training_before").set_value("settings").run()
    app.segmented_control(key="training_groups").set_value("Augmentation").run()
    app.slider(key="training_all_cutmix").set_value(1.0).run()
    assert "by mixup or by CutMix" in app.warning[0].value
    assert app.button(key="training_start").disabled
    app.slider(key="training_all_mixup").set_value(0.0).run()
    assert not app.warning
    assert not app.button(key="training_start").disabled


@pytest.mark.parametrize("ready", READY, ids=lambda each: each.title)
def test_every_ready_recipe_can_be_begun_with(ready: Any) -> None:
    """Its sentence is shown, its knobs are turned, and the address tells it."""
    app = visit(PAGE)
    app.selectbox(key="training_ready").set_value(ready.title).run()
    assert not app.exception
    assert ready.sentence in said(app)
    assert app.selectbox(key="training_optimiser").value == ready.recipe.optimiser
    told = app.query_params.get("recipe")
    assert (recipes.from_link(told) if told else FIRST.recipe) == ready.recipe


def test_every_knob_has_its_widget_sentence_and_paper() -> None:
    """Group by group; those for weights that learned before are not for a network that has none."""
    app = visit(PAGE)
    app.pills(key="training_before").set_value("settings").run()
    groups = app.segmented_control(key="training_groups").options
    assert groups == [title for title in GROUPS if title != "Fine-tuning"]
    for title in groups:
        knobs = GROUPS[title]
        app.segmented_control(key="training_groups").set_value(title).run()
        assert not app.exception
        for knob in knobs:
            if knob.name != "optimiser":
                assert knob.help in said(app), knob.name
                assert knob.link in said(app), knob.name


def test_a_design_is_handed_over() -> None:
    """By the link of the page that draws it; another network can be chosen and the design again."""
    design = exchange.to_json(PRESETS["LeNet-5"])
    app = visit(PAGE, recipe=recipes.to_link(recipes.checked(network="design", design=design)))
    assert app.selectbox(key="training_network").value == "design"
    app.selectbox(key="training_network").set_value("linear").run()
    assert recipes.from_link(app.query_params["recipe"]).design == ""
    app.selectbox(key="training_network").set_value("design").run()
    assert json.loads(recipes.from_link(app.query_params["recipe"]).design)["name"] == "LeNet-5"


def test_rates_are_tried_and_one_is_taken() -> None:
    """The proposed one becomes the recipe's."""
    app = visit(PAGE, recipe=recipes.to_link(TINY))
    app.pills(key="training_before").set_value("rate").run()
    app.button(key=f"rate {TINY}_start").click().run()
    until(
        lambda: not app.run().exception and any(b.key == "training_take_rate" for b in app.button)
    )
    app.button(key="training_take_rate").click().run()
    assert app.number_input(key="training_learning_rate").value != TINY.learning_rate


def test_augmentation_is_shown() -> None:
    """Its knobs, and pictures as they would be shown."""
    app = visit(PAGE, recipe=recipes.to_link(recipes.checked(data="digits", rotation=30)))
    app.pills(key="training_before").set_value("augmented").run()
    until(lambda: not app.run().exception and "four epochs" in said(app))
    assert not app.error


def test_a_diverged_run_says_what_to_turn() -> None:
    """In a sentence with the step, its rows kept."""
    wild = recipes.checked(
        network="lenet5", activation="relu", data="digits", length=3, optimiser="sgd",
        learning_rate=100.0, schedule="constant",
    )  # fmt: skip
    run = ended(wild)
    assert run.state == "failed"
    app = visit(PAGE, run=run.id)
    assert "learning rate" in app.error[0].value


def test_curves_as_csv_hold_no_formula(monkeypatch: pytest.MonkeyPatch) -> None:
    """A shared run is called what somebody else likes; a spreadsheet must not follow it."""
    rows = live_rows.Rows(made.steps([2.0, 1.0]), (), None)
    monkeypatch.setattr(live_rows, "of", lambda _: rows)
    first, second, *_ = training_lab.csv([made.run(name="=HYPERLINK(A1)")]).decode().splitlines()
    assert first.startswith("run,name,step,epoch,seconds,loss,")
    assert second.startswith("r1,'=HYPERLINK(A1),1.0,0.5,0.2,2.0,")


def test_an_unknown_run_and_another_visitors_are_not_shown() -> None:
    """Each with a sentence; a shared one is."""
    assert "0000" in visit(PAGE, run="0000").warning[0].value
    theirs = submitted(TINY, "theirs", owner="somebody")
    until(lambda: RunStore().run(theirs).state in OVER)
    assert "somebody else's" in visit(PAGE, run=theirs).warning[0].value
    RunStore().share(theirs, True)
    app = visit(PAGE, run=theirs)
    assert not app.warning
    assert "theirs" in said(app)
    assert not [b for b in app.button if b.key == f"training_take_recipe_{theirs}"]

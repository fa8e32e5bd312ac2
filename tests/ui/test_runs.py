"""The Runs page through the router: the list, links, comparisons, what is done with a run."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import streamlit as st

from explorer.engine import control
from explorer.runs import shipped
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.ui import visitor
from tests.runs import made
from tests.ui.visits import visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

RUNS = "pages/training/runs.py"
SECONDS = 90


@pytest.fixture
def store(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunStore:
    """An empty store, which the page finds too, and no run that comes with ConvZoo.

    The test runner has no cookies.
    """
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setattr(shipped, "folder", lambda: tmp_path)
    monkeypatch.setattr(visitor, "owner", str)
    return RunStore()


def words(app: AppTest) -> str:
    """All text of the page."""
    drawn = (*app.markdown, *app.info, *app.warning, *app.error, *app.caption, *app.subheader)
    return "\n".join(each.value for each in drawn)


def listed(app: AppTest) -> list[str]:
    """The names in the list."""
    return list(app.dataframe(key="runs_table").value["run"])


def chosen(app: AppTest) -> list[str]:
    """The ids of the runs that are drawn."""
    return list(app.session_state["runs_chosen"])


def test_an_empty_page_says_where_to_begin(store: RunStore) -> None:
    """In the lab, with an experiment, or in a terminal."""
    app = visit(RUNS)
    assert app.title[0].value == "Runs"
    assert "There is no run yet" in app.info[0].value
    assert not app.dataframe


def test_the_newest_run_is_looked_at_first(store: RunStore) -> None:
    """With its numbers, each with what it was measured on, and pages for its weights."""
    made.kept(store, name="Old")
    new = made.kept(store, name="New")
    app = visit(RUNS)
    assert listed(app) == ["New", "Old"]
    assert chosen(app) == [new]
    assert app.query_params["run"] == new
    values = {each.label: each.value for each in app.metric}
    assert values["Test accuracy"] == "72.50 %"
    assert values["Held out"] == "75.00 %"
    assert values["Steps"] == "4"
    assert "on 200 test pictures" in words(app)


def test_a_link_names_the_runs_and_what_is_not_there_is_said(store: RunStore) -> None:
    """Also what belongs to somebody else; what they share is there."""
    one, two = made.kept(store, name="One"), made.kept(store, name="Two")
    made.kept(store, name="Three")
    private = made.kept(store, name="Private", owner="somebody")
    shared = made.kept(store, name="Shared", owner="somebody", shared=True)
    app = visit(RUNS, runs=f"{one},{two},{private},nothing")
    assert chosen(app) == [one, two]
    assert app.query_params["runs"] == f"{one},{two}"
    assert [each.value.split(":")[0] for each in app.warning] == [
        f"There is no run '{private}' here",
        "There is no run 'nothing' here",
    ]
    assert "Private" not in listed(app)
    app = visit(RUNS, run=shared)
    assert chosen(app) == [shared]
    assert not app.text_area, "what is somebody else's cannot be changed"


def test_only_what_differs_stands_in_the_table(store: RunStore) -> None:
    """A column for each such setting, beside the final numbers."""
    one = made.kept(store, recipe=made.recipe(length=2, optimiser="sgd"))
    two = made.kept(store, recipe=made.recipe(length=2, optimiser="adam", learning_rate=0.001))
    table = visit(RUNS, runs=f"{two},{one}").dataframe[1].value
    assert list(table.columns)[:4] == ["run", "Optimiser", "Learning rate", "test %"]
    assert list(table["Optimiser"]) == ["sgd", "adam"], "oldest first"
    assert list(table["test %"]) == [72.5, 72.5]


def test_the_list_is_filtered(store: RunStore) -> None:
    """By words, state, data and network; what is chosen stays, and is said to be hidden."""
    one = made.kept(store, name="Moons", recipe=made.recipe(network="mlp", data="moons", length=2))
    made.kept(store, name="Digits")
    store.create(NewRun(made.recipe(), "Waits"))
    app = visit(RUNS, run=one)
    app.text_input(key="runs_search").input("mLp").run()
    assert listed(app) == ["Moons"]
    app.text_input(key="runs_search").input("").run()
    app.multiselect(key="runs_state").select("done").run()
    assert listed(app) == ["Digits", "Moons"]
    app.multiselect(key="runs_data").select("digits").run()
    assert listed(app) == ["Digits"]
    assert chosen(app) == [one]
    assert "1 of the chosen runs below" in words(app)
    app.multiselect(key="runs_network").select("mlp").run()
    assert "None of 3 runs is like that" in words(app)
    assert not app.exception


def test_a_run_gets_a_name_a_note_and_an_audience(store: RunStore) -> None:
    """Kept in the store; a name with signs of Markdown is shown as it is."""
    id = made.kept(store)
    app = visit(RUNS, run=id)
    app.text_input(key=f"runs_name_{id}").input("*Best* so far").run()
    app.text_area(key=f"runs_note_{id}").input("It <b>learned</b>.").run()
    app.toggle(key=f"runs_shared_{id}").set_value(True).run()
    run = store.run(id)
    assert (run.name, run.note, run.shared) == ("*Best* so far", "It <b>learned</b>.", True)
    assert r"\*Best\* so far" in [each.value for each in app.subheader]
    app.text_input(key=f"runs_name_{id}").input("  ").run()
    assert store.run(id).name == "*Best* so far"
    assert not app.exception


def test_deleting_asks_once_and_refuses_what_runs(store: RunStore) -> None:
    """Then nothing is chosen, and the page says so."""
    gone, stays = made.kept(store, name="Gone"), made.kept(store, name="Stays")
    busy = store.create(NewRun(made.recipe(), "Busy"), queue=False)
    app = visit(RUNS, run=gone)
    app.button(key=f"runs_delete_{gone}").click().run()
    assert {run.id for run in store.runs()} == {stays, busy}
    assert chosen(app) == []
    assert "Choose runs in the table" in words(app)
    app = visit(RUNS, run=busy)
    app.button(key=f"runs_delete_{busy}").click().run()
    assert [each.value for each in app.error] == ["Busy is running; stop or cancel it first."]
    assert store.run(busy).state == "running"


def test_runs_of_one_recipe_are_held_together(store: RunStore) -> None:
    """Of two chosen ones, whether the curve is equal to the bit."""
    one, two = made.kept(store, name="First"), made.kept(store, name="Again")
    made.kept(store, name="Another", recipe=made.recipe(length=2, seed=3))
    said = words(visit(RUNS, runs=f"{one},{two}"))
    assert "These recipes are equal in every setting, the seed too." in said
    assert "Equal to the bit: 4 steps and 2 epochs that both told of." in said
    assert "Another" not in said.partition("was run more than once")[2].partition("Equal")[0]


def test_a_folder_of_this_computer_is_not_opened_from_a_page(store: RunStore) -> None:
    """A run of the command line may have learned from one; the rest of the page stays."""
    id = made.kept(store, recipe=made.recipe(data="folder:/etc", length=2), shared=True)
    app = visit(RUNS, run=id)
    app.button(key="runs_reproduce").click().run()
    assert "Folders are opened from the command line" in app.error[0].value
    assert len(store.runs()) == 1
    assert "Take away" in [each.value for each in app.subheader]


def test_with_no_run_of_ones_own_the_page_opens_with_a_comparison(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of the runs that come with ConvZoo: plain against residual, each depth told apart."""
    models = ("lenet5", "plain20", "plain56", "cifar_resnet20_a", "cifar_resnet56_a")
    _, *deep = made.comes(store, tmp_path / "ours", monkeypatch, *models)
    app = visit(RUNS)
    assert chosen(app) == deep
    assert app.query_params["runs"] == ",".join(deep)
    said = words(app)
    assert "You have no run yet" in said
    assert "what do shortcuts change" in said
    assert "What depth does" in said
    assert [each.label for each in app.button if str(each.key).startswith("runs_ready")] == [
        "Plain against residual at 20, 32, 44, 56 layers"
    ], "of the others too little is here"
    assert list(app.dataframe[1].value["Network"]) == list(models[1:])


def test_a_shipped_run_is_looked_at_and_stays(
    store: RunStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """After one's own runs; its weights are opened in the zoo, and nobody can change it."""
    ours = made.comes(store, tmp_path / "ours", monkeypatch, "lenet5", "lenet5_modern")
    mine = made.kept(store, name="Mine")
    app = visit(RUNS)
    assert listed(app) == ["Mine", "LeNet-5", "LeNet-5, modern twin"]
    assert list(app.dataframe(key="runs_table").value["whose"]) == ["mine", "shipped", "shipped"]
    assert chosen(app) == [mine]
    app.segmented_control(key="runs_whose").set_value("shared").run()
    assert "None of 3 runs is like that" in words(app)
    app.segmented_control(key="runs_whose").set_value("shipped").run()
    assert listed(app) == ["LeNet-5", "LeNet-5, modern twin"]
    app.button(key="runs_ready_lenet").click().run()
    assert chosen(app) == ours
    assert app.query_params["runs"] == ",".join(ours)
    app = visit(RUNS, run=ours[0])
    links = [each.proto.query_string for each in app.get("page_link")]
    assert links.count("model=lenet5&weights=convzoo") == 4
    assert "weights make lenet5" in words(app)
    assert not app.text_area, "its name and note are not for anybody to change"
    assert [
        each.label for each in app.button if each.label in ("Reproduce", "Delete this run")
    ] == ["Reproduce"]


def until_done(store: RunStore, count: int) -> None:
    """Wait until so many runs are done."""
    deadline = time.monotonic() + SECONDS
    while sum(run.state == "done" for run in store.runs()) < count:
        assert time.monotonic() < deadline, [(run.state, run.sentence) for run in store.runs()]
        time.sleep(0.1)


@pytest.mark.slow
def test_a_run_is_reproduced_and_then_extended(store: RunStore) -> None:
    """By the engine, on the same machine: the same curve to the bit; then it goes on."""
    recipe = made.recipe(network="mlp", width=8, depth=2, length=2)
    (first,) = control.submit([NewRun(recipe, "First")])
    until_done(store, 1)
    app = visit(RUNS, run=first)
    app.button(key="runs_reproduce").click().run()
    again = store.runs()[0]
    assert (again.name, again.recipe) == ("First, again", recipe)
    assert chosen(app) == [first, again.id]
    until_done(store, 2)
    app.run()
    assert "Equal to the bit: 42 steps and 2 epochs that both told of." in words(app)
    app.number_input(key=f"runs_longer_{again.id}").set_value(3.0).run()
    app.button(key=f"runs_extend_{again.id}").click().run()
    assert not app.error, app.error[0].value
    until_done(store, 2)
    assert store.run(again.id).epoch == 3.0
    assert not app.exception


def test_what_is_polled_says_that_a_run_was_deleted(
    store: RunStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In another tab, say: a poll runs a fragment alone, so it has to catch by itself."""
    going = [store.create(NewRun(made.recipe(length=2), name), queue=False) for name in "ab"]
    for each in going:
        store.begin(each)
        store.add(each, [made.BEGAN])
    looks: list[Callable[[], None]] = []

    def fragment(look: Callable[[], None], run_every: float | None = None) -> Callable[[], None]:
        if run_every:
            looks.append(look)
        return look

    with monkeypatch.context() as patch:
        patch.setattr(st, "fragment", fragment)
        visit(RUNS, runs=",".join(going))
    for each in going:
        store.finish(each, "done", "It ran its length.")
        store.delete(each)

    told: list[str] = []
    monkeypatch.setattr(st, "error", lambda sentence, icon: told.append(sentence))
    monkeypatch.setattr(st, "rerun", lambda: None)
    assert len(looks) >= 4
    for look in looks:
        look()
    assert told
    assert all("choose another one" in each for each in told)


def test_what_is_typed_of_a_deleted_run_is_answered(store: RunStore) -> None:
    """Its name, its note and whether it is shared, in a tab that does not know yet."""
    run = made.kept(store)
    app = visit(RUNS, run=run)
    store.delete(run)
    app.text_input(key=f"runs_name_{run}").set_value("Another").run()
    assert not app.exception
    assert "choose another one" in app.error[0].value

"""The Fine-tune page through app.py, with an engine and collections of its own."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import pytest
import streamlit as st

from explorer.collections import intake
from explorer.collections.store import CollectionStore
from explorer.engine import control
from explorer.runs.records import OVER, NewRun, Run
from explorer.runs.store import RunStore
from explorer.training import recipe as recipes
from explorer.ui import fine_tune_state, visitor
from tests.collections.painted import files, painted, zipped
from tests.ui.visits import settled, visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

    from explorer.collections.records import Collection

PAGE = "pages/training/fine_tune.py"
SECONDS = 120
OWNER = visitor.GUEST


@pytest.fixture(scope="module", autouse=True)
def _own_data(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """A data folder of these tests, with an engine that knows it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVZOO_DATA", str(tmp_path_factory.mktemp("data")))
        patch.setenv("TORCH_HOME", str(tmp_path_factory.mktemp("torch")))
        yield


@pytest.fixture(autouse=True)
def _a_visitor(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Somebody without a cookie, who leaves nothing behind."""
    monkeypatch.setattr(type(st.context), "cookies", {})
    yield
    store = RunStore()
    for run in store.runs():
        if run.state not in OVER:
            control.cancel(run.id)
            ended(run.id)
        store.delete(run.id)
    for owner in (OWNER, "somebody"):
        for each in CollectionStore().of_owner(owner):
            CollectionStore().delete(each.id)


@pytest.fixture
def pets() -> Collection:
    """Twelve pictures of each of two classes, of which a fifth is held out."""
    named = [(name.partition("/")[0], name, data) for name, data in FILES.items()]
    return intake.accept_files(named, "Pets", OWNER)


FILES = files({"cat": 12, "dog": 12})


def ended(run: str) -> Run:
    """A run once it is over."""
    deadline = time.monotonic() + SECONDS
    while RunStore().run(run).state not in OVER:
        assert time.monotonic() < deadline, "it never ended"
        time.sleep(0.1)
    return RunStore().run(run)


def tuned(collection: Collection, **more: object) -> Run:
    """A finished fine-tuning of the small network that comes with the project."""
    settings = {
        "network": "lenet5", "weights": "convzoo", "regime": "head", "data": collection.key,
        "length": 3.0, "batch_size": 8, "optimiser": "adamw", "learning_rate": 0.01, **more,
    }  # fmt: skip
    (run,) = control.submit((NewRun(recipes.checked(**settings), "tuned", OWNER),))
    found = ended(run)
    assert found.state == "done", found.sentence
    return found


def said(app: AppTest) -> str:
    """All running text as one."""
    shown = (*app.markdown, *app.caption, *app.info, *app.success, *app.warning, *app.error)
    return " ".join(each.value for each in shown)


def told(app: AppTest, name: str) -> str:
    """What the address says."""
    value = app.query_params[name]
    return value if isinstance(value, str) else value[0]


def steps(app: AppTest) -> list[str]:
    """The steps that can be taken."""
    return list(control_of(app, "tune_step").options)


def control_of(app: AppTest, key: str) -> object:
    """A segmented control by its key."""
    return app.button_group(key=key)


def id_of(collection: Collection) -> dict[str, str]:
    """The address of a collection."""
    return {"collection": collection.id}


def test_the_caps_are_said_before_anything_is_handed_in() -> None:
    """In pictures, classes, bytes and pixels, and what becomes of them."""
    app = visit(PAGE)
    assert len(steps(app)) == 1
    for each in ("10 to 5,000 pictures", "200 MB", "megapixels", "until you delete them"):
        assert each in said(app)
    assert "takes no cookies" in said(app)


def test_a_zip_is_taken_in_and_looked_at() -> None:
    """With what was refused, and the reason for each file."""
    app = visit(PAGE)
    whole = zipped({**FILES, "cat/broken.jpg": b"no picture", "__MACOSX/cat/1.png": b""})
    app.file_uploader(key="tune_zip").upload("pets.zip", whole, "application/zip")
    app = settled(app.run())
    assert told(app, "step") == "look"
    (made,) = CollectionStore().of_owner(OWNER)
    assert told(app, "collection") == made.id
    assert made.counts() == (12, 12)
    assert {each.value for each in app.metric} >= {"24", "1"}
    (why,) = [each.value for each in app.dataframe if "Why" in each.value]
    assert list(why["File"]) == ["cat/broken.jpg"]


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"PK but no zip", "no ZIP"),
        (zipped(files({"cat": 12})), "of one class"),
        (zipped(files({"cat": 2, "dog": 2})), "10 are needed"),
    ],
)
def test_what_is_no_collection_is_refused_in_a_sentence(data: bytes, reason: str) -> None:
    """And the page stays as it was."""
    app = visit(PAGE)
    app.file_uploader(key="tune_zip").upload("pets.zip", data, "application/zip")
    app = settled(app.run())
    assert reason in app.error[0].value
    assert told(app, "step") == "pictures"


def test_classes_are_typed_and_kept_while_one_looks_elsewhere() -> None:
    """Names and files stay when another way to hand in was looked at in between."""
    app = visit(PAGE)
    control_of(app, "tune_way").set_value("classes").run()
    for number, name in ((1, "개"), (2, "fox 🦊")):
        app.text_input(key=f"tune_class_{number}").set_value(name).run()
        uploader = app.file_uploader(key=f"tune_class_{number}_files_0")
        for place in range(6):
            uploader.upload(f"{place}.png", painted(10 * number + place), "image/png")
        app.run()
    control_of(app, "tune_way").set_value("table").run()
    control_of(app, "tune_way").set_value("classes").run()
    assert app.text_input(key="tune_class_2").value == "fox 🦊"
    button = app.button(key="tune_hand_in_classes")
    assert button.label == "Hand in 12 pictures"
    settled(button.click().run())
    (made,) = CollectionStore().of_owner(OWNER)
    assert made.classes == ("fox 🦊", "개")
    assert made.counts() == (6, 6)


def test_an_edit_is_a_revision_that_can_be_undone(pets: Collection) -> None:
    """A class is removed with its pictures, and comes back; what cannot be is said."""
    more = intake.add(pets.key, "fox", [(f"{n}.png", painted(500 + n)) for n in range(3)])
    app = visit(PAGE, **id_of(pets), step="look")
    app.button(key="tune_drop_2").click().run()
    assert CollectionStore().get(f"collection:{pets.id}").classes == ("cat", "dog")
    assert "fox removed" in said(app)
    app.button(key="tune_undo").click().run()
    assert CollectionStore().get(f"collection:{pets.id}").items == more.items
    app.button(key="tune_drop_2").click().run()
    app.button(key="tune_drop_0").click().run()
    assert "two classes apart" in app.error[0].value


def test_the_split_is_drawn_anew(pets: Collection) -> None:
    """At the share that is asked for."""
    app = visit(PAGE, **id_of(pets), step="look")
    app.slider(key="tune_share_1").set_value(50).run()
    app.button(key="tune_split").click().run()
    assert sum(CollectionStore().get(f"collection:{pets.id}").counts("validation")) == 12


def test_regimes_are_explained_and_say_how_much_learns(pets: Collection) -> None:
    """The head alone for few pictures; everything is every parameter there is."""
    app = visit(PAGE, **id_of(pets), step="choose")
    assert "only a new head is advised" in said(app)
    # The head of the small VGG, the best there is without a download, reads 128: 2 x (128 + 1).
    assert "**258** of" in said(app)
    control_of(app, "tune_regime").set_value("all").run()
    assert "learn, 100" in said(app)


def test_the_augmentation_leaves_alone_what_tells_the_classes(pets: Collection) -> None:
    """And is shown on the visitor's own pictures."""
    app = visit(PAGE, **id_of(pets), step="choose")
    control_of(app, "tune_strength").set_value("strong").run()
    control_of(app, "tune_kept").set_value(["mirror", "turn"])
    app = settled(app.run())
    assert "as four epochs might show it" in said(app)
    app.button(key="tune_start").click().run()
    recipe = RunStore().runs()[0].recipe
    assert (recipe.mirror, recipe.rotation) == (0, 0)
    assert recipe.colour > 0
    assert recipe.crop > 0


def test_every_knob_stands_where_it_is_advised_until_it_is_turned(pets: Collection) -> None:
    """All groups are drawn; a turned knob is in the recipe, and can be let go."""
    app = visit(PAGE, **id_of(pets), step="choose")
    for group in control_of(app, "tune_groups").options:
        control_of(app, "tune_groups").set_value(group).run()
        assert not app.exception, group
    control_of(app, "tune_groups").set_value("Length").run()
    assert app.number_input(key="tune_knob_length").value == 30
    app.number_input(key="tune_knob_length").set_value(7).run()
    app.button(key="tune_start").click().run()
    assert RunStore().runs()[0].recipe.length == 7
    app = visit(PAGE, **id_of(pets), step="choose")
    app.number_input(key="tune_knob_length").set_value(7).run()
    app.button(key="tune_let_go").click().run()
    assert app.number_input(key="tune_knob_length").value == 30


def test_a_run_is_started_and_found_again(pets: Collection) -> None:
    """By the address and by a second tab that knows nothing."""
    app = visit(PAGE, **id_of(pets), step="choose")
    app.button(key="tune_start").click().run()
    run = told(app, "run")
    assert RunStore().run(run).recipe.data == pets.key
    assert ended(run).state == "done"
    other = visit(PAGE)
    assert told(other, "run") == run
    assert told(other, "collection") == pets.id
    assert told(other, "step") == "results"


def test_results_tell_all_there_is_to_know(pets: Collection) -> None:
    """Every section is drawn; a changed collection can be learned from anew, and compared."""
    run = tuned(pets)
    app = visit(PAGE, **id_of(pets), step="results")
    assert {each.label for each in app.metric} >= {"Right", "Mean F1", "To beat"}
    for section in ("confusions", "mistakes", "labels", "classes", "sure", "map"):
        settled(control_of(app, "tune_section").set_value(section).run())
        assert not app.error, section
    assert not [each for each in app.button if each.key == "tune_retrain"]
    CollectionStore().remove(pets.key, [pets.items[0].id])
    app.run()
    app.button(key="tune_retrain").click().run()
    newest = RunStore().runs()[0]
    assert newest.id != run.id
    assert newest.recipe.data != run.recipe.data
    assert ended(newest.id).state == "done"
    app = visit(PAGE, run=newest.id, step="results")
    settled(control_of(app, "tune_section").set_value("changes").run())
    assert "1 removed" in said(app)


def test_the_network_is_used_and_taken_home(pets: Collection) -> None:
    """It answers for a new picture with its own classes; the file is checked and downloaded."""
    run = tuned(pets)
    app = visit(PAGE, run=run.id, step="use")
    assert not app.error
    assert any(
        f"**{name}**" in said(app) or name in app.subheader[0].value for name in pets.classes
    )
    control_of(app, "tune_step").set_value("home").run()
    settled(app.button(key=f"export {run.id} {run.seconds:.3f}_start").click().run())
    assert "no probability differed" in said(app)
    assert any(
        each.proto.id and "Download" in each.proto.label for each in app.get("download_button")
    )


def test_everything_is_deleted_when_it_is_said(pets: Collection) -> None:
    """Pictures and the networks that learned from them; the page begins anew."""
    run = tuned(pets)
    app = visit(PAGE, **id_of(pets), step="look")
    app.button(key="tune_delete_now").click().run()
    assert not app.exception
    assert len(steps(app)) == 1
    assert not CollectionStore().of_owner(OWNER)
    assert run.id not in [each.id for each in RunStore().runs()]
    assert "deleted" in visit(PAGE, **id_of(pets)).warning[0].value


def test_nobody_sees_what_another_handed_in(
    pets: Collection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither by the collection's address nor by a run's."""
    run = tuned(pets)
    monkeypatch.setattr(visitor, "owner", lambda: "somebody")
    for asked in ({"collection": pets.id}, {"run": run.id}):
        app = visit(PAGE, **asked)
        assert "somebody else" in app.warning[0].value
        assert len(steps(app)) == 1


def test_a_step_that_does_not_exist_is_said(pets: Collection) -> None:
    """And the furthest one is shown."""
    app = visit(PAGE, **id_of(pets), step="fly")
    assert "'fly'" in app.warning[0].value
    assert told(app, "step") == "look"


def test_a_step_that_cannot_be_taken_yet_is_not(pets: Collection) -> None:
    """Results without a run are no results."""
    app = visit(PAGE, **id_of(pets), step="results")
    assert told(app, "step") == "look"
    assert fine_tune_state.STEPS["results"] not in " ".join(steps(app))

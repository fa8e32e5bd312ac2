"""The Predict page: answers, steps, several models, views, verdicts and tables, through app.py."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui import several
from explorer.zoo import catalogue, own_weights
from tests.pictures.picture_files import saved, scene
from tests.ui.visits import settled, use_real_weights, visit
from tests.zoo import own_cards

PAGE = "pages/vision/predict.py"

Open = Callable[..., AppTest]


@pytest.fixture(scope="module", autouse=True)
def real_weights() -> Iterator[None]:
    """Real weights for the engine of this module, where they are."""
    with pytest.MonkeyPatch.context() as patch:
        use_real_weights(patch)
        yield


@pytest.fixture
def opened() -> Open:
    """Open the page by a link with the given names and values, as a new visitor."""
    return partial(visit, PAGE)


def text(app: AppTest) -> str:
    """All that is said outside figures and tables."""
    return " ".join(
        each.value for kind in (app.subheader, app.markdown, app.caption) for each in kind
    )


def metrics(app: AppTest) -> dict[str, str]:
    """Figures by their titles."""
    return {each.label: each.value for each in app.metric}


def alts(app: AppTest) -> list[str]:
    """What the pictures show, in words."""
    return [picture.alt for each in app.image for picture in each.proto.imgs]


def bars(app: AppTest, place: int = 0) -> dict[str, float]:
    """Classes and lengths of a figure's bars."""
    figure = json.loads(app.get("plotly_chart")[place].proto.spec)
    trace = next(each for each in figure["data"] if "customdata" in each)
    return dict(zip((each[1] for each in trace["customdata"]), trace["x"], strict=True))


def test_a_link_opens_an_answer(opened: Open, trained: str) -> None:
    """A photograph the real weights know: coffee is espresso, first of five."""
    app = opened(model=trained, picture="coffee")
    assert not app.error
    assert not app.warning
    assert "espresso" in app.subheader[0].value
    found = bars(app)
    assert len(found) == 5
    assert next(iter(found)) == "espresso"
    assert sum(found.values()) <= 1
    said = text(app)
    for convention in ("softmax", "1,000 classes", "Entropy", "9.97", "one single pass", "cpu"):
        assert convention in said, convention
    assert any("the part marked that SqueezeNet 1.0 sees" in alt for alt in alts(app))
    assert app.query_params == {"model": trained, "picture": "coffee"}


def test_more_classes_can_be_named(opened: Open, trained: str) -> None:
    """The chooser stands in the address, and its number is the number of bars."""
    app = opened(model=trained, picture="coffee", k="12")
    assert len(bars(app)) == 12
    app.slider(key="predict_k").set_value(3).run()
    assert len(bars(app)) == 3
    assert app.query_params["k"] == "3"


def test_random_weights_say_so_everywhere(opened: Open) -> None:
    """In a warning, in words, and on the picture, which is taller by a band."""
    app = opened(model="mobilenet_v1_025", picture="coffee")
    assert any("Random weights" in each.value for each in app.warning)
    assert "the answer means nothing" in text(app)
    trace = json.loads(app.get("plotly_chart")[0].proto.spec)["data"][-1]
    assert set(trace["marker"]["color"]) == {"#d97706"}


def test_every_step_is_shown(opened: Open, trained: str) -> None:
    """From the picture to the tensor, each with its shape and span."""
    app = opened(model=trained, picture="chelsea", section="saw")
    titles = [each.value for each in app.subheader]
    assert titles == [
        "1. Picture", "2. Resized", "3. Cropped", "4. Scaled", "5. Normalised",
        "The tensor, channel by channel",
    ]  # fmt: skip
    said = text(app)
    for words in ("300 × 451 × 3 uint8", "256 × 384 × 3", "3 × 224 × 224 float32", "**blue**"):
        assert words in said, words
    assert app.query_params["section"] == "saw"


def test_models_side_by_side(opened: Open, trained: str) -> None:
    """A trained one and two random ones, clearly told apart, each with its time."""
    app = opened(
        model=trained, picture="coffee", section="models",
        models="mobilenet_v1_025~plain110", right="espresso",
    )  # fmt: skip
    said = text(app)
    assert said.count("random weights]") == 2
    assert said.count("median of") >= 3
    assert "Plain-110 (CIFAR-10) is left out: it knows other classes." in said
    assert metrics(app)["Members"] == "2"
    assert "espresso" in metrics(app)
    assert any("noise and" in each.value for each in app.warning)


def test_a_model_that_does_not_exist_is_complained_of(opened: Open) -> None:
    """One sentence with the nearest names; the others stand there."""
    app = opened(model="lenet5", section="models", models="resnet19")
    assert any("resnet18" in each.value for each in app.warning)
    assert not app.error
    assert app.multiselect(key="predict_models").value


def test_a_model_of_another_task_is_complained_of(opened: Open) -> None:
    """A segmentation network cannot be asked for a class."""
    app = opened(model="lenet5", section="models", models="fcn_resnet50")
    assert any("names no class" in each.value for each in app.warning)


def test_companions_are_those_with_weights(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Beside a photograph's no reader of digits; beside ours the best that learned the same."""
    for model, top1 in (("plain20", 78.0), ("small_vgg", 80.0), ("small_nin", 79.0)):
        own_cards.write(tmp_path, model, top1)
    monkeypatch.setattr(own_weights, "folder", lambda: tmp_path)
    assert several._companions(catalogue.find("plain20")) == ("small_vgg", "small_nin")
    found = several._companions(catalogue.find("resnet18"))
    assert len(found) == 2
    assert not {"resnet18", "lenet5"} & set(found)
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))  # nothing was downloaded
    assert several._companions(catalogue.find("resnet18")) == ("small_vgg", "small_nin")


def test_ten_views(opened: Open, trained: str) -> None:
    """Ten pictures with an answer each, and what their average buys and costs."""
    app = opened(model=trained, picture="chelsea", section="crops", right="tabby")
    assert len([alt for alt in alts(app) if alt.startswith("The view ")]) == 10
    shown = metrics(app)
    assert shown["Forward passes"] == "1 → 10"
    assert "→" in shown["tabby"]
    assert shown["Time"].endswith("×")
    assert "of 10 say" in text(app)


def test_a_network_that_sees_all_has_no_ten_views(opened: Open) -> None:
    """One sentence instead of ten times the same."""
    app = opened(model="lenet5", section="crops")
    assert len(app.error) == 1
    assert "no corners" in app.error[0].value


@pytest.mark.parametrize(
    ("right", "top1", "top5"),
    [("Egyptian cat", "right", "right"), ("tabby", "error", "right"), ("broom", "error", "error")],
)
def test_both_errors_are_counted(
    opened: Open, trained: str, right: str, top1: str, top5: str
) -> None:
    """The first guess, one of the five, and one far down, which stands below them."""
    app = opened(model=trained, picture="chelsea", section="errors", right=right)
    shown = metrics(app)
    assert (shown["Top-1"], shown["Top-5"]) == (top1, top5)
    found = bars(app)
    assert right in found
    assert len(found) == (6 if top5 == "error" else 5)
    assert app.query_params["right"] == right


def test_nothing_is_counted_until_a_class_is_named(opened: Open, trained: str) -> None:
    """Then the choice counts at once."""
    app = opened(model=trained, picture="chelsea", section="errors")
    assert not app.metric
    assert len(app.info) == 1
    app.selectbox(key="predict_right").select("lynx").run()
    assert metrics(app)["Top-1"] == "error"
    assert app.query_params["right"] == "lynx"


def test_a_class_the_network_does_not_know(opened: Open) -> None:
    """One sentence, and nothing is counted."""
    app = opened(model="lenet5", section="errors", right="tabby")
    assert any("'tabby' is no class" in each.value for each in app.warning)
    assert not app.metric


def test_many_pictures_are_a_table(opened: Open, trained: str) -> None:
    """Two good ones in an archive and a text: a row each, with the reason for the refusal."""
    app = opened(model=trained, section="many")
    archive = io.BytesIO()
    with zipfile.ZipFile(archive, "w") as file:
        file.writestr("one.png", saved(scene(60, 80), "PNG"))
        file.writestr("two.png", saved(scene(90, 70), "PNG"))
    app.file_uploader(key="predict_many_files").set_value(
        [
            ("both.zip", archive.getvalue(), "application/zip"),
            ("text.jpg", b"not a picture", "image/jpeg"),
        ]
    )
    settled(app.run())
    settled(app)
    table = app.dataframe[0].value
    assert list(table["name"]) == ["one.png", "two.png", "text.jpg"]
    assert table["refused because"].notna().tolist() == [False, False, True]
    assert table["picture"].str.startswith("data:image/").tolist()[:2] == [True, True]
    assert "3 pictures through SqueezeNet 1.0, 1 refused" in text(app)
    assert "text\\.jpg**" in text(app), "the reason stands below in full"


@pytest.mark.parametrize("name", ["fcn_resnet50", "r3d_18"])
def test_other_tasks_are_one_sentence(opened: Open, name: str) -> None:
    """It says what the model is for and what to do; nothing else is drawn."""
    app = opened(model=name)
    assert not app.error
    assert len(app.info) == 1
    assert "classifiers only" in app.info[0].value
    assert not app.get("plotly_chart")


@pytest.mark.parametrize(
    ("name", "value"), [("section", "answers"), ("k", "0"), ("k", "many"), ("picture", "unicorn")]
)
def test_nonsense_in_the_address(opened: Open, name: str, value: str) -> None:
    """One sentence says what is possible; the page is shown all the same."""
    app = opened(model="lenet5", **{name: value})
    assert len(app.warning) == 1
    assert value in app.warning[0].value
    assert app.get("plotly_chart")


def test_a_missing_engine_is_a_sentence(opened: Open, monkeypatch: pytest.MonkeyPatch) -> None:
    """Title, picture and pickers are there with the reason."""
    monkeypatch.setenv("CONVZOO_ENGINE_IDLE", "never")
    app = opened(model="lenet5")
    assert app.title[0].value == "What does it see?"
    assert len(app.error) == 1

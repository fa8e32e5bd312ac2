"""The Compare page through the router: choice, sections, links, mistakes."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.zoo import own_weights
from tests.zoo import own_cards

APP = Path(__file__).resolve().parents[2] / "app.py"
COMPARE = "pages/architecture/compare.py"

Open = Callable[..., AppTest]


@pytest.fixture
def open_compare() -> Open:
    """Open the Compare page by a link with the given names and values, as a new visitor."""

    def opened(**asked: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=90).run()
        app.switch_page(COMPARE)
        for name, value in asked.items():
            app.query_params[name] = value
        return app.run()

    return opened


def words(app: AppTest) -> str:
    """All text of the page."""
    drawn = [each.value for each in (*app.markdown, *app.info, *app.warning, *app.error)]
    return "\n".join([*drawn, *(each.proto.body for each in app.get("html"))])


def chosen(app: AppTest) -> list[str]:
    """The networks in the comparison."""
    return list(app.session_state["compare_models"])


def test_it_starts_with_the_frame_s_model_and_a_relative(open_compare: Open) -> None:
    """Picked in the frame, another takes its place."""
    app = open_compare(model="vgg16")
    assert not app.exception
    # Of its family VGG-16 with batch norm is the nearest in size: 138.37 M against 138.36 M.
    assert chosen(app) == ["vgg16", "vgg16_bn"]
    app.selectbox(key="model").select("resnet18").run()
    assert chosen(app) == ["resnet18", "vgg16_bn"]


def test_totals_stand_side_by_side(open_compare: Open) -> None:
    """Parameters, accuracy with its weights, and the common input of a link."""
    app = open_compare(models="vgg16~resnet50", size="192")
    assert not app.exception
    said = words(app)
    for text in ("138 M", "25.6 M", "IMAGENET1K_V2", "3 × 192 × 192", "its own is 224 × 224"):
        assert text in said
    assert app.query_params["size"] == "192x192"


def test_the_difference_is_said_in_words(open_compare: Open) -> None:
    """Verdicts are words, not colours alone; what matches can be hidden."""
    app = open_compare(models="vgg16~vgg19", section="differs")
    assert "three 3×3 convolutions" in words(app)
    assert "matched" in app.get("html")[-1].proto.body
    app.toggle(key="compare_only").set_value(True).run()
    body = app.get("html")[-1].proto.body
    assert "added" in body
    assert "cz-matched" not in body.partition("</style>")[2]
    assert app.query_params["only"] == "1"


def test_of_three_any_two_are_held_against_each_other(open_compare: Open) -> None:
    """Chosen by a link."""
    app = open_compare(
        models="vgg16~resnet18~resnet34",
        section="differs",
        **{"from": "resnet18", "to": "resnet34"},
    )
    assert not app.exception
    assert "From ResNet-18 to ResNet-34" in words(app)


def test_sizes_that_do_not_fit_are_said(open_compare: Open) -> None:
    """A sentence a network; ViT takes its own size only."""
    app = open_compare(models="vgg16~vit_b_16", section="suits")
    assert not app.exception
    said = words(app)
    assert "VGG-16 at 32 × 32: 7 of 13 layers" in said
    assert "ViT-B/16 cannot take 32 × 32" in said
    app = open_compare(models="vgg16~vit_b_16", size="64")
    assert "is left out" in words(app)
    assert "choose one more" in words(app)


@pytest.mark.parametrize(
    ("asked", "said"),
    [
        ({"models": "resnet18~resnet19"}, "no model called 'resnet19'"),
        ({"models": "resnet18~vgg16~resnet18"}, "names a model twice"),
        ({"models": "lenet5~alexnet~vgg11~vgg13~vgg16~vgg19~resnet18"}, "names 7 models"),
        ({"models": "vgg16~vgg19", "size": "big"}, "is not a size"),
        ({"models": "vgg16~vgg19", "size": "9999"}, "sides go from 1"),
        ({"models": "vgg16~vgg19", "section": "nothing"}, "section"),
        ({"models": "vgg16~vgg19", "section": "map", "x": "weight"}, "asks for x"),
        ({"models": "vgg16~vgg19", "section": "map", "years": "1900-2000"}, "years"),
        ({"models": "vgg16~vgg19", "section": "map", "families": "Nobody"}, "families"),
        ({"models": "vgg16~vgg19", "section": "map", "above": "high"}, "accuracy"),
    ],
)
def test_links_that_make_no_sense_are_one_sentence(
    open_compare: Open, asked: dict[str, str], said: str
) -> None:
    """The page is there all the same."""
    app = open_compare(**asked)
    assert not app.exception
    assert any(said in each.value for each in app.warning), [each.value for each in app.warning]
    assert app.title[0].value == "Networks side by side"


def test_one_network_is_no_comparison(open_compare: Open) -> None:
    """It says so, and the map is there nonetheless."""
    app = open_compare(models="vgg16")
    assert "choose one more" in app.info[0].value
    app.segmented_control(key="compare_section").set_value("map").run()
    assert not app.exception
    assert "80 models qualify" in words(app)


def test_other_tasks_can_be_counted_not_ranked(open_compare: Open) -> None:
    """A segmentation network beside a classifier."""
    app = open_compare(models="resnet50~fcn_resnet50")
    assert not app.exception
    assert "accuracies cannot" in app.info[0].value


def test_the_question_is_answered_with_a_name(open_compare: Open) -> None:
    """Sliders change the sentence and the address."""
    app = open_compare(section="map")
    assert "RegNetY-400MF" in words(app)
    app.slider(key="compare_map_above").set_value(80.0).run()
    assert "at least 80 % top-1" in words(app)
    assert app.query_params["above"] == "80"
    app.select_slider(key="compare_map_under").set_value(5 * 10**9).run()
    assert app.query_params["under"] == "5"
    assert "at most 5.00 GMACs" in words(app)


def test_an_empty_map_says_why(open_compare: Open) -> None:
    """Nothing was measured yet."""
    app = open_compare(section="map", x="time")
    assert "No network was measured" in app.info[0].value


def test_the_report_can_be_handed_out(open_compare: Open) -> None:
    """Three files, and the report as it reads."""
    app = open_compare(models="vgg16~vgg19", section="report")
    assert not app.exception
    assert {each.proto.label for each in app.get("download_button")} >= {"HTML", "Markdown", "JSON"}
    assert "Four 3×3 convolutions" in words(app)


def test_measuring_keeps_what_it_found(open_compare: Open) -> None:
    """Two small networks run here; the report and the map know of it afterwards."""
    app = open_compare(models="lenet5~lenet5_partial", section="measure")
    app.button(key="compare_measure").click().run()
    deadline = time.monotonic() + 120
    while len(app.session_state["compare_profiles"]) < 2 and time.monotonic() < deadline:
        time.sleep(0.5)
        app.run()
    app.run()
    assert not app.exception
    assert list(app.dataframe[0].value["model"]) == ["LeNet-5", "LeNet-5 with the paper's C3"]
    app.segmented_control(key="compare_section").set_value("report").run()
    assert "Measured here" in words(app)


def test_what_cannot_be_measured_stops_no_other(open_compare: Open) -> None:
    """An int8 network is timed elsewhere; LeNet-5 is measured all the same."""
    app = open_compare(models="quantized_resnet18~lenet5", section="measure")
    app.button(key="compare_measure").click().run()
    deadline = time.monotonic() + 120
    while not app.session_state["compare_profiles"] and time.monotonic() < deadline:
        time.sleep(0.5)
        app.run()
    app.run()
    assert not app.exception
    assert "runs in int8" in app.warning[0].value
    assert list(app.dataframe[0].value["model"]) == ["LeNet-5"]


def test_one_picture_goes_through_all(open_compare: Open) -> None:
    """Each network says what it sees; one without trained weights says so."""
    app = open_compare(models="lenet5~lenet5_partial", section="picture", method="gradient")
    deadline = time.monotonic() + 60
    while len(app.get("image")) < 3 and time.monotonic() < deadline:
        time.sleep(0.5)
        app.run()
    assert not app.exception
    assert not app.error
    said = words(app)
    assert len(app.get("image")) == 3, "the picture, and a map of each network"
    assert "**LeNet-5**" in said
    assert "random weights" in said


def test_pictures_of_another_size(open_compare: Open) -> None:
    """Any side may be asked for."""
    app = open_compare(models="vgg16~resnet18", section="suits", px="300")
    assert not app.exception
    assert "VGG-16 at 300 × 300: all 13 layers" in words(app)
    assert app.query_params["px"] == "300"


def test_nets_of_one_recipe_stand_in_a_figure_of_their_own(
    open_compare: Open, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Accuracy with its convention, against counted costs at once, against times on a button."""
    for model, top1 in (("plain20", 78.0), ("cifar_resnet20_a", 81.0)):
        own_cards.write(tmp_path, model, top1)
    monkeypatch.setattr(own_weights, "folder", lambda: tmp_path)
    app = open_compare(section="recipe")
    assert not app.exception
    assert app.subheader[0].value == "Nets we trained under one recipe"
    assert "all 10,000 test pictures" in " ".join(each.value for each in app.caption)
    assert app.get("plotly_chart")
    app.segmented_control(key="compare_trained_x").set_value("time").run()
    assert app.query_params["cost"] == "time"
    assert not app.get("plotly_chart")
    app.button(key="compare_trained_times_start").click().run()
    deadline = time.monotonic() + 120
    while "compare_trained_profiles" not in app.session_state and time.monotonic() < deadline:
        time.sleep(0.5)
        app.run()
    assert not app.exception
    assert app.get("plotly_chart")
    assert "Median times" in " ".join(each.value for each in app.caption)

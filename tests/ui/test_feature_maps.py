"""The Feature maps page: links open a layer, a channel and a unit; what makes no sense is said."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui import places

if TYPE_CHECKING:
    from pathlib import Path

Open = Callable[..., AppTest]
APP = places.HOME.replace("pages/start/home.py", "app.py")


@pytest.fixture
def open_maps() -> Open:
    """Open the page by a link with the given names and values, as a new visitor."""

    def opened(**asked: str) -> AppTest:
        app = AppTest.from_file(APP, default_timeout=120).run()
        app.switch_page("pages/vision/feature_maps.py")
        for name, value in {"model": "lenet5", **asked}.items():
            app.query_params[name] = value
        return app.run()

    return opened


def text(app: AppTest) -> str:
    """All that the page says."""
    return " ".join(each.value for each in (*app.markdown, *app.caption, *app.info, *app.warning))


def test_a_digit_stands_open(open_maps: Open) -> None:
    """LeNet-5 on its own digit: six maps, the first layer, and a number taken apart at once."""
    app = open_maps()
    assert not app.exception
    assert not app.error
    assert app.selectbox(key="maps_any").value == "c1"
    assert "6 maps of 28 × 28" in text(app)
    assert "25 products add up to" in text(app)
    assert "The network's own tensor" in text(app)


def test_a_link_opens_a_unit(open_maps: Open) -> None:
    """Layer, channel, row and column of the address are shown, and stay in it."""
    app = open_maps(layer="c3", channel="7", y="2", x="5")
    assert not app.exception
    assert app.number_input(key="maps_number").value == 7
    assert app.number_input(key="maps_at_y").value == 2
    assert app.number_input(key="maps_at_x").value == 5
    assert "150 products add up to" in text(app)  # six channels of 5 by 5
    assert {"layer": "c3", "channel": "7", "y": "2", "x": "5"}.items() <= app.query_params.items()


def test_typing_chooses_channel_and_unit(open_maps: Open) -> None:
    """What is typed is shown and stands in the address; another layer forgets it."""
    app = open_maps(layer="c1")
    app.number_input(key="maps_number").set_value(3).run()
    app.number_input(key="maps_at_x").set_value(9).run()
    assert not app.exception
    assert (app.query_params["channel"], app.query_params["x"]) == ("3", "9")
    app.button(key="maps_behind").click().run()
    assert app.selectbox(key="maps_any").value == "s2"
    assert "channel" not in app.query_params


def test_layers_of_every_kind(open_maps: Open) -> None:
    """A pooling, a tanh behind it, a flattened vector and a linear layer."""
    said = {
        "s2": "divided by 4",
        "tanh": "`s2` made it",
        "flatten": "no single sum",
        "f6": "120 products add up to",
    }
    app = open_maps()
    for layer, words in said.items():
        app.selectbox(key="maps_any").select(layer).run()
        assert not app.exception, layer
        assert not app.error, layer
        assert words in text(app), layer


def test_filters_and_statistics(open_maps: Open) -> None:
    """Filters of a convolution, a way to them where there are none, and the way along."""
    app = open_maps(show="filters", layer="c1")
    assert "6 filters of 5 × 5" in text(app)
    app.selectbox(key="maps_any").select("s2").run()
    assert "has no filters" in text(app)
    app.button(key="maps_filtered").click().run()
    assert app.selectbox(key="maps_any").value == "c1"
    assert "6 filters of 5 × 5" in text(app)
    app.segmented_control(key="maps_section").set_value("along").run()
    assert not app.exception
    assert app.query_params["show"] == "along"


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"layer": "conv77"}, "'conv77'"),
        ({"layer": "c1", "channel": "99"}, "'99'"),
        ({"layer": "c1", "channel": "1", "y": "-4", "x": "2"}, "'-4'"),
        ({"scale": "loud"}, "'loud'"),
        ({"show": "all"}, "'all'"),
    ],
)
def test_nonsense_in_the_address(open_maps: Open, asked: dict[str, str], words: str) -> None:
    """One sentence, and the page is shown all the same."""
    app = open_maps(**asked)
    assert not app.exception
    assert len(app.warning) == 1
    assert words in app.warning[0].value
    assert "None" not in app.warning[0].value
    assert app.selectbox(key="maps_any").value == "c1"


def test_a_detector_is_no_classifier(open_maps: Open) -> None:
    """One sentence says what to choose instead."""
    app = open_maps(model="fasterrcnn_resnet50_fpn")
    assert not app.exception
    assert "classifiers only" in text(app)


def test_real_weights(open_maps: Open, shared_data: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """SqueezeNet starts at its first ReLU, whose number the convolution before it made."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    app = open_maps(model="squeezenet1_0", weights="random")
    assert not app.exception
    assert "96 maps of 109 × 109" in text(app)
    assert "`features.0` made it" in text(app)

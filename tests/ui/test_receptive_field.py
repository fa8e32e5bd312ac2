"""The Receptive field page through the router: row, unit, both fields, and the address."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui.field_words import caption, legend, sentences
from explorer.vision.effective_field import effective_field
from explorer.vision.field_rows import field_rows

APP = Path(__file__).resolve().parents[2] / "app.py"
PAGE = "pages/vision/receptive_field.py"


@pytest.fixture
def open_page(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Callable[..., AppTest]:
    """Open the page by a link with the given names and values, as a new visitor."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))

    def opened(**asked: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=90).run()
        app.switch_page(PAGE)
        for name, value in asked.items():
            app.query_params[name] = value
        return settled(app.run())

    return opened


def settled(app: AppTest) -> AppTest:
    """Run until the field is there: slow work is waited for between runs."""
    for _ in range(20):
        if any("of what moves this unit" in each.value for each in app.markdown):
            break
        app.run()
    assert not app.exception
    return app


def said(app: AppTest) -> str:
    """All words on the page."""
    return "\n".join(each.value for each in (*app.markdown, *app.caption))


def test_it_opens_on_the_last_map(open_page: Callable[..., AppTest]) -> None:
    """LeNet-5's last map is one unit that sees all 32 x 32; the slider stands at its end."""
    app = open_page(model="lenet5")
    assert app.title[0].value == "How far does it see?"
    slider = app.select_slider(key="field_slider")
    assert slider.options == ["c1", "tanh", "c3", "tanh#2", "tanh#3"]
    assert slider.value == "tanh#3"
    assert "32\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}32 pixels" in said(app)
    assert "row" not in app.query_params


def test_the_slider_grows_both_fields(open_page: Callable[..., AppTest]) -> None:
    """From c1 to the last map the box goes from 5 x 5 to 32 x 32, the unit staying at its place."""
    app = open_page(model="lenet5", row="c1", y="20", x="4")
    assert "*r* 5, *S* 1, *P* 0" in said(app)
    assert "within 5\N{NO-BREAK SPACE}×\N{NO-BREAK SPACE}5 of its" in said(app)
    app = settled(app.select_slider(key="field_slider").set_value("c3").run())
    assert "*r* 14, *S* 2, *P* 0" in said(app)
    # Unit (20, 4) of c1 is centred at (22.5, 6.5); of c3 unit i at 7 + 2 i.
    assert (app.number_input(key="field_y").value, app.number_input(key="field_x").value) == (8, 0)
    assert app.query_params["row"] == "c3"
    app = settled(app.select_slider(key="field_slider").set_value("c1").run())
    assert (app.number_input(key="field_y").value, app.number_input(key="field_x").value) == (20, 4)


def test_unit_and_knobs_stand_in_the_address(open_page: Callable[..., AppTest]) -> None:
    """What is not the default is written, and read again by another visitor."""
    app = open_page(model="lenet5", row="c3")
    app.number_input(key="field_y").set_value(2)
    app.number_input(key="field_passes").set_value(2)
    app = settled(app.segmented_control(key="field_over").set_value("noise").run())
    asked = {name: app.query_params[name] for name in ("model", "row", "y", "x", "samples", "over")}
    assert asked == {
        "model": "lenet5", "row": "c3", "y": "2", "x": "4", "samples": "2", "over": "noise"
    }  # fmt: skip
    other = open_page(**asked)
    assert other.number_input(key="field_y").value == 2
    assert "the mean over 2 passes on Gaussian noise" in said(other)


def test_an_address_that_makes_no_sense_is_complained_of(open_page: Callable[..., AppTest]) -> None:
    """One sentence for each value, and the default is shown."""
    app = open_page(model="lenet5", row="c9", y="10", samples="many")
    complaints = [each.value for each in app.warning]
    for sentence in ("no layer 'c9'", "whole number from 0 to 0", "whole number from 1 to 32"):
        assert any(sentence in each for each in complaints)
    assert not app.error
    assert app.select_slider(key="field_slider").value == "tanh#3"


def test_another_model_starts_at_its_own_last_map(open_page: Callable[..., AppTest]) -> None:
    """The row and the unit belong to the model before."""
    app = open_page(model="lenet5", row="c1", y="0", x="0")
    app = settled(app.selectbox(key="model").select("lenet5_partial").run())
    assert app.select_slider(key="field_slider").value == "squash#5"


def test_random_weights_beside_trained_ones(
    open_page: Callable[..., AppTest], shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SqueezeNet's real weights; where only random ones are, there is no switch but a sentence."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    app = open_page(model="squeezenet1_0", row="features.3.cat", samples="1", random="1")
    app = settled(app)
    assert app.toggle(key="field_both").value
    assert said(app).count("of what moves this unit") == 2


def test_only_random_weights_are_said(open_page: Callable[..., AppTest]) -> None:
    """There is nothing to compare."""
    app = open_page(model="squeezenet1_1", row="features.1", samples="1")
    assert "Only random weights of SqueezeNet 1.1 are here" in said(app)
    assert not [each for each in app.toggle if each.key == "field_both"]


def test_the_curve_is_measured_when_asked_for(open_page: Callable[..., AppTest]) -> None:
    """First the theory alone, then a second line; the table holds the numbers."""
    app = open_page(model="lenet5")
    button = next(each for each in app.button if "along the network" in each.label)
    app = button.click().run()
    for _ in range(20):
        app.toggle(key="field_growth_numbers").set_value(True).run()
        names = list(app.dataframe[0].value.columns)
        if any(name.startswith("95 % side") for name in names):
            break
    assert not app.exception
    assert any(name.startswith("95 % side") for name in names)
    assert list(app.dataframe[0].value["theoretical side"]) == [5, 6, 14, 16, 32]


def test_a_model_that_is_no_classifier_gets_a_sentence(open_page: Callable[..., AppTest]) -> None:
    """What to do stands in it."""
    app = AppTest.from_file(str(APP), default_timeout=90).run()
    app.switch_page(PAGE)
    app.query_params["model"] = "fcn_resnet50"
    app.run()
    assert not app.exception
    assert any("classifiers only" in each.value for each in app.info)


def test_sentences_of_a_field_past_the_border_and_of_a_whole_input() -> None:
    """VGG's and MobileNetV3's own numbers; the words of the two differ."""
    from explorer.pictures import samples  # noqa: PLC0415

    picture = samples.accepted("chelsea")
    known = field_rows("mobilenet_v3_small", "random")
    row = known.row("features.3.add")
    field = effective_field("mobilenet_v3_small", picture, row.name, (0, 0), passes=1)
    told = " ".join(sentences(row, (0, 0), field)).replace("\N{NO-BREAK SPACE}", " ")
    assert "see the **whole input**, 224 × 224; its convolutions alone reach 31 × 31" in told
    assert "of the input's 224 × 224 pixels" in told
    assert "sees the whole input; along convolutions" in caption(row)
    assert "*r* 31, *S* 8, *P* 15" in caption(row)
    row = field_rows("alexnet", "random").row("features.12")
    told = sentences(row, (0, 0), None)[0].replace("\N{NO-BREAK SPACE}", " ")
    # Of 195 pixels from -66 on, 129 lie in the input.
    assert told == (
        "It can see **195 × 195** pixels, of which 129 × 129 lie in the input's 224 × 224; the "
        "rest is padding."
    )
    assert "95 %" not in legend(row.theoretical(0, 0), None)
    row = field_rows("lenet5", "random").row("c5")
    told = sentences(row, (0, 0), None)[0].replace("\N{NO-BREAK SPACE}", " ")
    assert told == "It can see **32 × 32** pixels, which is the whole input."

"""The Convolution page: sections, knobs that change numbers, guesses, bad geometry, links."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from streamlit.testing.v1 import AppTest

if TYPE_CHECKING:
    from collections.abc import Mapping

Open = Callable[..., AppTest]

APP = Path(__file__).resolve().parents[2] / "app.py"
SECTIONS = ("convolution", "pooling", "pointwise", "normalisation", "transposed", "connected")


@pytest.fixture
def open_page() -> Open:
    """Open the Convolution page by a link with the given names and values, as a new visitor."""

    def opened(asked: Mapping[str, str] | None = None, **more: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=90).run()
        app.switch_page("pages/architecture/convolution.py")
        for name, value in {**(asked or {}), **more}.items():
            app.query_params[name] = value
        return app.run()

    return opened


def metrics(app: AppTest) -> dict[str, str]:
    """The formulas' results by their names."""
    return {each.label: each.value for each in app.metric}


def asked(app: AppTest) -> dict[str, str]:
    """What of the page stands in the address."""
    named = {name: values for name, values in app.query_params.items() if name != "model"}
    return {
        name: values if isinstance(values, str) else values[0] for name, values in named.items()
    }


def sentence(app: AppTest) -> str:
    """The one error there is."""
    assert not app.exception
    assert len(app.error) == 1
    return str(app.error[0].value)


def test_every_section_is_drawn(open_page: Open) -> None:
    """No section raises, and each stands in the address; the picture is drawn by the engine."""
    for section in SECTIONS:
        app = open_page(section=section)
        assert not app.exception, section
        assert not app.error, section
        assert asked(app).get("section", "convolution") == section


def test_knobs_change_the_numbers(open_page: Open) -> None:
    """7 wide under 3 gives 5, stride 2 with padding 1 gives 4; ten parameters, 9 MACs a place."""
    app = open_page()
    assert metrics(app) == {"Output size": "5 × 5", "Parameters": "10", "MACs": "225"}
    app.number_input(key="conv_s").set_value(2)
    app.number_input(key="conv_p").set_value(1)
    app.run()
    assert metrics(app) == {"Output size": "4 × 4", "Parameters": "10", "MACs": "144"}
    assert asked(app) == {"s": "2", "p": "1"}


def test_several_kernels_and_channels(open_page: Open) -> None:
    """Two kernels on three channels: 2·3·9 + 2 parameters; 1 · 2 · 25 · 27 MACs."""
    app = open_page(channels="3")
    app.multiselect(key="conv_kernels").set_value(["sobel_x", "box"]).run()
    assert metrics(app) == {"Output size": "5 × 5", "Parameters": "56", "MACs": "1,350"}
    assert asked(app)["kernels"] == "sobel_x~box"
    assert any("3 equal slices" in each.value for each in app.caption)


def test_depthwise(open_page: Open) -> None:
    """Three kernels in three groups read one channel each: a third of the weights."""
    app = open_page(channels="3", g="3", kernels="sobel_x~sobel_y~box")
    assert metrics(app)["Parameters"] == "30"
    assert not app.error


def test_kernels_a_network_learned(open_page: Open) -> None:
    """LeNet-5's are 5 x 5 and trained here; four of them with their biases on a grid of 12."""
    app = open_page({"from": "learned"}, rows="12", columns="12")
    assert not app.exception
    assert metrics(app)["Output size"] == "8 × 8"
    assert metrics(app)["Parameters"] == "104"
    assert any("LeNet-5" in each.value and "MNIST" in each.value for each in app.caption)


def test_random_kernels_say_so(open_page: Open) -> None:
    """The network picked in the frame, for which nobody published weights."""
    link = {"from": "learned", "network": "nin_cifar10", "colour": "rgb"}
    app = open_page(link, model="nin_cifar10", input="picture")
    assert not app.exception
    assert not app.error
    assert any("nothing was learned" in each.value for each in app.caption)


@pytest.mark.parametrize(
    ("link", "says"),
    [
        ({"kh": "7", "kw": "7", "rows": "5"}, "choose a smaller kernel"),
        ({"d": "4"}, "choose a smaller kernel or dilation"),
        ({"p": "7", "pad": "reflect"}, "padding of at most 6"),
        ({"p": "8", "pad": "circular"}, "padding of at most 7"),
        ({"channels": "3", "g": "2"}, "choose a number of groups that divides 3"),
        ({"channels": "2", "g": "2"}, "choose a number of groups that divides 1"),
        ({"kernels": "laplacian", "kw": "2"}, "at least 3 high and 3 wide"),
        ({"channels": "3", "from": "learned"}, "choose an input of 1 or other kernels"),
        ({"from": "learned", "first": "5"}, "at most 3"),
        ({"section": "pooling", "window": "own", "pk": "2", "pp": "2"}, "padding of at most 1"),
        ({"section": "pooling", "window": "own", "pk": "7", "rows": "4"}, "smaller kernel"),
        ({"section": "transposed", "tside": "1", "tp": "2"}, "choose less padding"),
        ({"section": "transposed", "ta": "2"}, "choose a smaller output padding"),
        ({"section": "normalisation", "norm": "group", "ng": "3"}, "divides 4"),
    ],
)
def test_impossible_geometry_is_one_sentence(
    open_page: Open, link: dict[str, str], says: str
) -> None:
    """It says what to do; every knob is still there, and the address still says it all."""
    app = open_page(link)
    assert says in sentence(app)
    assert asked(app) == link
    assert len(app.number_input) >= 1


def test_a_bad_choice_is_mended_by_the_next(open_page: Open) -> None:
    """Nothing is lost: with a smaller kernel the page stands as before."""
    app = open_page(kh="7", kw="7", rows="5", bias="2.5")
    assert "smaller kernel" in sentence(app)
    app.number_input(key="conv_kh").set_value(3)
    app.number_input(key="conv_kw").set_value(3)
    app.run()
    assert not app.error
    assert metrics(app)["Output size"] == "3 × 5"
    assert app.number_input(key="conv_bias").value == 2.5


def test_without_a_kernel(open_page: Open) -> None:
    """All kernels taken away: a sentence, and the choice to make another."""
    app = open_page()
    app.multiselect(key="conv_kernels").set_value([]).run()
    assert "choose one to four" in sentence(app)


def test_a_link_restores_typed_numbers(open_page: Open) -> None:
    """Numbers typed into the grid and the kernel come back, and the link stays as it was."""
    link = {
        "rows": "3",
        "columns": "3",
        "grid": "1_2_3~4_5_6~7_8_9.5",
        "weights": "1_0_0~0_2_0~0_0_-1",
    }
    app = open_page(link)
    assert not app.warning
    assert not app.error
    assert metrics(app)["Output size"] == "1 × 1"
    assert asked(app) == link


def test_an_empty_cell_is_one_sentence(open_page: Open) -> None:
    """A cell without a number is named by row and column, and stays empty in the link."""
    link = {"rows": "3", "columns": "3", "grid": "1_2_3~4_x_6~7_8_9"}
    app = open_page(link)
    assert "row 2, column 2 of the input" in sentence(app)
    assert asked(app) == link


def test_numbers_that_do_not_fit_the_size(open_page: Open) -> None:
    """Those of the pattern stand instead, and a sentence says so."""
    for grid in ("1_2~3_4", "a_b", "1_2_3", "1" * 30_000):
        app = open_page(grid=grid)
        assert not app.exception
        assert "do not fit" in app.warning[0].value
        assert metrics(app)["Output size"] == "5 × 5"
        assert "grid" not in asked(app)


def test_nonsense_in_the_address(open_page: Open) -> None:
    """Each piece gives one sentence that says what is possible, and the default."""
    nonsense = {
        "s": "0", "p": "-1", "kh": "8", "rows": "99", "bias": "nan", "input": "cat",
        "kernels": "sobel_z", "section": "../etc", "at": "1.5", "pad": "mirror",
    }  # fmt: skip
    app = open_page(nonsense)
    assert not app.exception
    assert not app.error
    said = [each.value for each in app.warning]
    assert len(said) == len(nonsense)
    for value in nonsense.values():
        assert any(repr(value) in each for each in said), value
    assert metrics(app) == {"Output size": "5 × 5", "Parameters": "10", "MACs": "225"}


def test_more_nonsense_in_the_address(open_page: Open) -> None:
    """Too many kernels, and a network that would be a module of Python."""
    app = open_page(kernels="box~gauss~sharpen~emboss~identity")
    assert "4 at most" in app.warning[0].value
    app = open_page({"from": "learned"}, network="os:getcwd")
    assert "'os:getcwd'" in app.warning[0].value


def test_guess_then_reveal(open_page: Open) -> None:
    """No formula before the guess; then the size, and whether the guess was right."""
    app = open_page(s="2")
    app.toggle(key="conv_guess").set_value(True).run()
    assert metrics(app) == {}
    app.number_input(key="conv_guess_rows").set_value(4)
    app.number_input(key="conv_guess_columns").set_value(3)
    app.button(key="conv_guess_check").click().run()
    assert "It is 3 × 3, not 4 × 3" in app.info[0].value
    assert metrics(app)["Output size"] == "3 × 3"
    # Another layer is another guess.
    app.number_input(key="conv_s").set_value(1).run()
    assert metrics(app) == {}
    app.number_input(key="conv_guess_rows").set_value(5)
    app.number_input(key="conv_guess_columns").set_value(5)
    app.button(key="conv_guess_check").click().run()
    assert "Right" in app.success[0].value


def test_an_empty_guess_is_asked_for(open_page: Open) -> None:
    """Nothing is revealed for nothing."""
    app = open_page()
    app.toggle(key="conv_guess").set_value(True).run()
    app.button(key="conv_guess_check").click().run()
    assert "how many rows" in app.info[0].value
    assert metrics(app) == {}


def test_knobs_outlive_a_visit_elsewhere(open_page: Open) -> None:
    """Sections and other pages in between change nothing."""
    app = open_page(s="2", grid="0_0_0~0_1_0~0_0_2", rows="3", columns="3")
    app.segmented_control(key="conv_section").set_value("pooling").run()
    app.switch_page("pages/start/home.py").run()
    app.switch_page("pages/architecture/convolution.py").run()
    app.segmented_control(key="conv_section").set_value("convolution").run()
    assert asked(app) == {"s": "2", "grid": "0_0_0~0_1_0~0_0_2", "rows": "3", "columns": "3"}


def test_a_fully_connected_layer_is_the_same(open_page: Open) -> None:
    """The same scores and parameters; on a larger input only the convolution goes on."""
    table = open_page(section="connected").table[0].value
    assert table["Scores"].nunique() == 1
    assert table["Parameters, no bias"].tolist() == ["75", "75"]
    larger = open_page(section="connected", fx="2").table[0].value
    assert larger["Scores"].tolist()[0] == "a map of 3 × 3 for each"
    assert "made for 25 numbers and gets 49" in larger["Scores"].tolist()[1]

"""The Cost lab through app.py: guess and reveal, knobs, ready settings, links, time, errors."""

from __future__ import annotations

import time
from collections.abc import Callable
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.blocks.comparisons import COMPARISONS
from explorer.ui import cost_lab_guess
from explorer.ui.cost_lab_timing import ratio

APP = Path(__file__).resolve().parents[2] / "app.py"
PAGE = "pages/architecture/cost_lab.py"
SECONDS = 120

Open = Callable[..., AppTest]


@pytest.fixture
def opened() -> Open:
    """Open the page by a link with the given names and values, as a new visitor."""

    def open_(**asked: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=90).run()
        app.switch_page(PAGE)
        for name, value in asked.items():
            app.query_params[name] = value
        return app.run()

    return open_


def said(app: AppTest) -> str:
    """All running text as one."""
    return " ".join(each.value for each in (*app.markdown, *app.caption))


def table(app: AppTest) -> str:
    """The table of numbers as one text."""
    return " ".join(str(cell) for each in app.table for cell in each.value.to_numpy().ravel())


@pytest.mark.parametrize("key", [*COMPARISONS, "scaling"])
def test_every_comparison_is_drawn(opened: Open, key: str) -> None:
    """No comparison raises; the question is the headline, the designs stand in a table."""
    app = opened(lab=key, guess="off")
    assert not app.exception
    assert not app.error
    if key in COMPARISONS:
        assert app.title[0].value == COMPARISONS[key].question
        assert COMPARISONS[key].lesson in said(app)
        assert COMPARISONS[key].link in said(app)
    assert app.table
    assert app.query_params.get("lab", "stack") == key


def test_numbers_are_kept_back_until_a_guess(opened: Open) -> None:
    """Neither table nor lesson before; how far off afterwards."""
    app = opened()
    assert not app.table
    assert COMPARISONS["stack"].lesson not in said(app)
    app.number_input(key="lab_guessed_stack").set_value(50.0)
    app.button(key="lab_guess_check").click().run()
    assert "72.0 %" in said(app)
    assert "You said 50 %: 22 points too low" in said(app)
    assert "73,728" in table(app)


def test_a_right_guess_is_right(opened: Open) -> None:
    """Within a twentieth of the answer."""
    app = opened(lab="bottleneck")
    app.number_input(key="lab_guessed_bottleneck").set_value(17.0)
    app.button(key="lab_guess_check").click().run()
    assert "You said 17 times: right" in said(app)


def test_check_without_a_number_asks_for_one(opened: Open) -> None:
    """Nothing is shown, and a sentence says what is missing."""
    app = opened()
    app.button(key="lab_guess_check").click().run()
    assert not app.table
    assert "Type a number" in app.info[0].value


def test_the_answer_can_be_shown_and_hidden_again(opened: Open) -> None:
    """Without a guess; numbers stay while knobs turn; "Guess again" hides them."""
    app = opened()
    app.button(key="lab_guess_skip").click().run()
    app.slider(key="lab_stack_n").set_value(3).run()
    assert "110,592" in table(app), "27 * 64^2"
    assert "You said" not in said(app)
    app.button(key="lab_guess_again").click().run()
    assert not app.table


def test_a_teacher_sees_the_numbers_at_once(opened: Open) -> None:
    """The switch stands in the address."""
    app = opened()
    app.toggle(key="lab_guess").set_value(False).run()
    assert app.table
    assert app.query_params["guess"] == "off"


def test_a_link_restores_comparison_and_knobs(opened: Open) -> None:
    """Knobs, curve and batch are as the link says, and the address stays what it was."""
    asked = {"lab": "separable", "guess": "off", "outputs": "7", "padding": "same",
             "along": "inputs", "curve": "weights", "ways": "whole", "batch": "4"}  # fmt: skip
    app = opened(**asked)
    assert app.number_input(key="lab_separable_outputs").value == 7
    assert app.selectbox(key="lab_separable_along").value == "inputs"
    assert app.selectbox(key="lab_separable_curve").value == "weights"
    assert app.toggle(key="lab_separable_ways").value is False
    assert app.number_input(key="lab_batch").value == 4
    assert f"{9 * 3 * 7:,}" in table(app)
    assert asked.items() <= app.query_params.items()


def test_a_link_is_kept_while_guessing(opened: Open) -> None:
    """What the curve shall show waits until the numbers do."""
    app = opened(lab="stack", along="channels")
    app.button(key="lab_guess_skip").click().run()
    assert app.selectbox(key="lab_stack_along").value == "channels"


def test_ready_settings_turn_all_knobs(opened: Open) -> None:
    """Those it does not name go back to their defaults, and it is marked."""
    app = opened(lab="separable", guess="off", kernel="5")
    app.button(key="lab_ready_separable_1").click().run()
    assert app.number_input(key="lab_separable_inputs").value == 512
    assert app.slider(key="lab_separable_kernel").value == 3
    assert f"{9 * 512 + 512 * 512:,}" in table(app)
    assert app.query_params["inputs"] == "512"
    assert "kernel" not in app.query_params


def test_another_comparison_clears_the_address(opened: Open) -> None:
    """Knobs of the one before do not stay in it."""
    app = opened(lab="stack", guess="off", n="3", channels="32")
    app.selectbox(key="lab").select("squeeze").run()
    assert app.title[0].value == COMPARISONS["squeeze"].question
    assert {"n", "channels"}.isdisjoint(app.query_params)


def test_any_numeric_knob_can_be_swept(opened: Open) -> None:
    """Also the height; the choice stands in the address."""
    app = opened(lab="reduction", guess="off")
    app.selectbox(key="lab_reduction_along").select("height").run()
    assert not app.exception
    assert app.query_params["along"] == "height"


@pytest.mark.parametrize(
    "asked",
    [{"lab": "nothing"}, {"n": "99"}, {"n": "two"}, {"channels": "-1"}, {"guess": "maybe"},
     {"along": "../etc"}, {"curve": "joule"}, {"batch": "0"}, {"height": "nan"}, {"ways": "all"}],
)  # fmt: skip
def test_nonsense_in_the_address(opened: Open, asked: dict[str, str]) -> None:
    """One sentence, and the default is shown."""
    app = opened(**{"guess": "off", **asked})
    assert not app.exception
    assert len(app.warning) == 1
    assert next(iter(asked.values())) in app.warning[0].value
    assert app.title[0].value == COMPARISONS["stack"].question


def test_impossible_geometry_is_one_sentence(opened: Open) -> None:
    """The knobs stay, and turning one back brings the numbers back."""
    app = opened(lab="grouped", guess="off", groups="3")
    assert not app.exception
    assert "must divide" in app.error[0].value
    app.number_input(key="lab_grouped_groups").set_value(4).run()
    assert not app.error
    assert app.table


def test_formulas_are_confirmed_by_the_module(opened: Open) -> None:
    """General, with numbers, and counted."""
    text = said(opened(lab="reduction", guess="off"))
    assert "C_{\\mathrm{in}}" in text
    assert "192 \\cdot 16" in text
    assert "12,443,648 counted from the real module" in text
    assert ":red[" not in text


def test_time_is_measured_on_demand(opened: Open) -> None:
    """Nothing runs before the button; then a sentence says how both compare."""
    app = opened(lab="grouped", guess="off", channels="16", groups="4", height="12", width="12")
    assert "time here" not in said(app)
    app.button(key=_start(app)).click().run()
    deadline = time.monotonic() + SECONDS
    while "time here" not in said(app) and time.monotonic() < deadline:
        time.sleep(0.5)
        app.run()
    assert not app.exception
    assert "16.0 times fewer multiply-adds" in said(app), "depthwise by 16 channels"
    assert "Median of" in said(app)


def _start(app: AppTest) -> str:
    """The key of the button that measures, which names what is measured."""
    return next(str(each.key) for each in app.button if each.label == "Measure on this machine")


def test_scaling_by_phi_and_by_hand(opened: Open) -> None:
    """B0 at phi 0, and B3's count by hand; the other mode's knobs leave the address."""
    app = opened(lab="scaling", guess="off", phi="0")
    metrics = {each.label: each.value for each in app.metric}
    assert (metrics["Parameters"], metrics["Depth"]) == ("5.29 M", "82")
    app = opened(
        lab="scaling", guess="off", ways="hand", depth="1.4", width="1.2", resolution="300"
    )
    metrics = {each.label: each.value for each in app.metric}
    assert metrics["Parameters"] == "12.2 M"
    assert metrics["Multiply-adds"] == "1.83 G"
    assert "phi" not in app.query_params


def test_scaling_is_guessed_first_too(opened: Open) -> None:
    """Table 7's answer shows after a guess."""
    app = opened(lab="scaling")
    assert "81.1 %" not in said(app)
    app.pills(key="lab_scaling_guessed").select("width alone").run()
    assert "compound 81.1 %" in said(app)
    assert "You said width alone" in said(app)


def test_scaling_that_no_network_survives(opened: Open) -> None:
    """Bases and φ so large that layers number in the hundreds of times: one sentence."""
    app = opened(lab="scaling", guess="off", phi="7", alpha="2")
    assert not app.exception
    assert "smaller φ" in app.error[0].value


@pytest.mark.parametrize(
    ("answer", "unit", "written"),
    [(0.72, "%", "72.0 %"), (16.94, "times", "16.9 times"), (24_586.2, "times", "24,586 times")],
)
def test_answers_as_they_are_written(answer: float, unit: str, written: str) -> None:
    """A share in per cent, or so many times."""
    assert cost_lab_guess.written(answer, unit) == written


def test_ratios_in_words() -> None:
    """Nine times fewer; 2.1 times less; as many where they hardly differ."""
    assert ratio(900, 100, "fewer", "more") == "9.0 times fewer"
    assert ratio(10.0, 21.0, "less", "more") == "2.1 times more"
    assert ratio(100, 101, "fewer", "more") == "as many"

"""The Optimisers page through app.py: guess and reveal, knobs, links, divergence, nonsense."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

from explorer.training.recipe_knobs import OPTIMISERS
from explorer.training.surfaces import SURFACES
from tests.ui.visits import settled, visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PAGE = "pages/training/optimizers.py"


def said(app: AppTest) -> str:
    """All running text as one."""
    return " ".join(each.value for each in (*app.markdown, *app.caption))


def table(app: AppTest) -> str:
    """The race as one text."""
    return " ".join(str(cell) for each in app.table for cell in each.value.to_numpy().ravel())


def test_every_surface_is_drawn_with_all_ten() -> None:
    """Nothing raises; the formula and the paper stand there, and a row for each optimiser."""
    app = visit(PAGE, guess="off", optimisers=",".join(OPTIMISERS), steps="50")
    for key, surface in SURFACES.items():
        app.selectbox(key="opt_surface").set_value(key).run()
        assert not app.exception
        assert not app.error
        assert surface.formula in said(app)
        assert surface.link in said(app)
        assert len(app.table[0].value) == len(OPTIMISERS)


def test_ways_are_kept_back_until_a_guess() -> None:
    """Then who was first is told beside it: RMSprop, as its own test of paths has it."""
    app = visit(PAGE)
    assert not app.table
    app.button(key="opt_guessed_adam").click().run()
    assert "First to stay below 0.01: :primary[**RMSprop**]" in said(app)
    assert "You said Adam: not this time" in said(app)
    app.button(key="opt_guess_again").click().run()
    assert not app.table
    app.button(key="opt_guessed_rmsprop").click().run()
    assert "You said RMSprop: right" in said(app)


def test_nobody_can_be_right() -> None:
    """One step brings nobody there."""
    app = visit(PAGE, steps="1")
    app.button(key="opt_guessed_nobody").click().run()
    assert "Nobody stays below 0.01 within 1 steps" in said(app)
    assert "You said nobody: right" in said(app)


def test_divergence_is_said_with_its_limit() -> None:
    """0.09 is above 2 / 25; the step is named and no number is anything but one."""
    app = visit(PAGE, guess="off", lr="0.09", optimisers="sgd")
    assert "the learning rate 0.09 is above 2 / curvature = 2 / 25 = 0.08" in table(app)
    assert "Left the picture at step" in table(app)


def test_a_link_restores_everything() -> None:
    """Surface, optimisers, knobs, rates of their own, start; and the address stays what it was."""
    asked = {
        "surface": "beale", "guess": "off", "optimisers": "nesterov,adamp", "lr": "0.0123",
        "momentum": "0.77", "second": "0.9", "noise": "0.3", "decay": "0.01", "steps": "40",
        "seed": "5", "goal": "0.5", "start": "0.5,-1.25", "rates": "adamp:0.2",
    }  # fmt: skip
    app = visit(PAGE, **asked)
    assert not app.warning
    assert app.select_slider(key="opt_beale_lr").value == 0.0123
    assert app.number_input(key="opt_beale_y").value == -1.25
    assert "η = 0.2" in table(app)
    assert "η = 0.0123" in table(app)
    assert asked.items() <= app.query_params.items()


def test_ready_starts_turn_the_start() -> None:
    """The floor of the ravine: no slope across, so gradient descent goes straight."""
    app = visit(PAGE, guess="off", optimisers="sgd", at="0")
    app.button(key="opt_ravine_start_1").click().run()
    assert app.query_params["start"] == "-3.6,0"
    assert "(−3.6, 0)" in said(app)


def test_the_rule_is_worked_out_for_the_step_of_the_link() -> None:
    """Step 5 is the one after step 4; the chosen optimiser's paper stands there."""
    app = visit(PAGE, guess="off", at="4")
    app.segmented_control(key="opt_rule").set_value("adam").run()
    assert "**Step 5**" in said(app)
    assert r"\beta_1 m + (1-\beta_1)\,g" in said(app)
    assert OPTIMISERS["adam"][2] in said(app)


def test_rates_are_tried_and_the_best_taken() -> None:
    """On demand; afterwards each one races at its own."""
    app = visit(PAGE, guess="off", surface="bowl", optimisers="sgd,adam")
    app.button(key=next(str(b.key) for b in app.button if b.label == "Try them all")).click().run()
    settled(app)
    assert "At its best: SGD 1 steps at 1;" in said(app)
    app.button(key="opt_best").click().run()
    assert app.query_params["rates"].startswith("sgd:1,adam:")
    assert "η = 1" in table(app)


def test_no_optimiser_is_a_sentence() -> None:
    """Not an empty picture."""
    app = visit(PAGE, guess="off")
    app.pills(key="opt_racers").set_value([]).run()
    assert not app.exception
    assert "at least one" in app.info[0].value


@pytest.mark.parametrize(
    "asked",
    [
        {"surface": "everest", "optimisers": "sgd,lion", "lr": "fast", "momentum": "1.5",
         "noise": "-1", "start": "here", "steps": "0", "at": "-3"},
        {"lr": "nan", "start": "1", "goal": "inf", "rates": "sgd", "guess": "maybe"},
    ],
)  # fmt: skip
def test_nonsense_in_the_address(asked: dict[str, str]) -> None:
    """One sentence for each, and the defaults are shown."""
    app = visit(PAGE, **asked)
    assert len(app.warning) == len(asked)
    for warning in app.warning:
        assert warning.value.endswith("so the default is shown.")


def test_nesterov_without_momentum_is_one_sentence() -> None:
    """The knobs stay, and turning momentum up brings the ways back."""
    app = visit(PAGE, guess="off", optimisers="nesterov", momentum="0")
    assert "momentum above 0" in app.error[0].value
    app.select_slider(key="opt_momentum").set_value(0.5).run()
    assert not app.error


def test_a_slider_answers_at_once() -> None:
    """All ten, warm: a run of the script takes little of the processor, however busy it is."""
    app = visit(PAGE, guess="off", optimisers=",".join(OPTIMISERS))
    times = []
    for rate in (0.05, 0.03, 0.04, 0.02):
        begun = time.process_time()
        app.select_slider(key="opt_ravine_lr").set_value(rate).run()
        times.append(time.process_time() - begun)
    assert min(times) < 0.25, times

"""The Gradient flow page through app.py: chains, guess and reveal, links, zeros, nonsense."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer.training.gradient_flow_records import Setup
from explorer.ui import gradient_flow_setups
from explorer.ui.gradient_flow_setups import READY
from tests.ui.visits import settled, visit

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

PAGE = "pages/training/gradient_flow.py"


def said(app: AppTest) -> str:
    """All running text as one."""
    return " ".join(each.value for each in (*app.markdown, *app.caption))


def table(app: AppTest, which: int = 0) -> str:
    """A table as one text."""
    return " ".join(map(str, app.table[which].value.to_numpy().ravel()))


def test_every_ready_comparison_is_drawn() -> None:
    """A row and a formula for each chain, and nothing raises."""
    app = visit(PAGE, guess="off", depth="20")
    for number, chains in enumerate(READY.values()):
        app.button(key=f"flow_ready_{number}").click().run()
        assert not app.exception
        assert not app.error
        assert len(app.table[0].value) == len(chains)


def test_curves_are_kept_back_until_a_guess() -> None:
    """The sigmoid is not it; blocks at zero weights are shown in any case."""
    app = visit(PAGE)
    assert len(app.table) == 1
    assert "the identity, both ways" in table(app)
    app.button(key="flow_guessed_0").click().run()
    assert "You said Sigmoid, Glorot: not quite" in said(app)
    assert len(app.table) == 2
    assert "Vanishes" in table(app)
    app.button(key="flow_guess_again").click().run()
    assert len(app.table) == 1


def test_the_sigmoid_has_its_quarter() -> None:
    """The bound stands beside the formula, with the paper."""
    app = visit(PAGE, guess="off", chains="sigmoid.glorot.none.plain")
    assert "No slope is above 0.25, so √χ is at most 0.25" in said(app)
    assert "1611.01232" in said(app)


def test_blocks_at_zero_weights_in_numbers() -> None:
    """The plain one is zero both ways, those with a skip change not a bit."""
    app = visit(PAGE)
    rows = app.table[0].value
    assert list(rows["So it is"]) == ["zero, both ways", *["the identity, both ways"] * 3]
    assert rows["Forward"].iloc[1].startswith("max |out − in| = 0 ")
    assert rows["Back"].iloc[1].startswith("max |gradient in − out| = 0 ")


def test_what_vanished_altogether_is_said() -> None:
    """200 sigmoids: exactly 0, and no ratio is made up."""
    app = visit(PAGE, guess="off", depth="200", chains="sigmoid.glorot.none.plain")
    assert "Gone: exactly 0 before layer" in table(app)


def test_chains_are_chosen_row_by_row() -> None:
    """Another one, changed, and taken out again; the address follows."""
    app = visit(PAGE, guess="off", depth="10", chains="relu.he.none.plain")
    app.button(key="flow_more").click().run()
    app.selectbox(key="flow_activation_1").set_value("leaky relu").run()
    app.toggle(key="flow_skip_1").set_value(True).run()
    assert app.query_params["chains"] == "relu.he.none.plain~leaky-relu.he.none.skips"
    assert "Leaky ReLU, He, skips" in table(app)
    app.button(key="flow_drop_0").click().run()
    assert app.query_params["chains"] == "leaky-relu.he.none.skips"


def test_a_link_restores_everything() -> None:
    """And the address stays what it was."""
    asked = {"chains": "relu.too-small.batch.skips~tanh.glorot.layer.plain", "depth": "33",
             "width": "128", "batch": "noise", "seed": "4", "by": "weights",
             "guess": "off"}  # fmt: skip
    app = visit(PAGE, **asked)
    assert not app.warning
    assert app.slider(key="flow_depth").value == 33
    assert "ReLU, too small, batch norm, skips" in table(app)
    assert asked.items() <= app.query_params.items()


@pytest.mark.parametrize(
    "asked",
    [
        {"chains": "relu", "depth": "2", "width": "65", "batch": "cats", "seed": "-1",
         "guess": "maybe"},
        {"chains": "softsign.he.none.plain", "depth": "deep", "guess": "off", "by": "luck"},
        {"chains": "~".join(["relu.he.none.plain"] * 9)},
    ],
)  # fmt: skip
def test_nonsense_in_the_address(asked: dict[str, str]) -> None:
    """One sentence for each, and the defaults are shown."""
    app = visit(PAGE, **asked)
    assert len(app.warning) == len(asked) - (asked.get("guess") == "off")
    for warning in app.warning:
        assert warning.value.endswith("default is shown.")


def test_a_network_of_the_zoo_as_it_is() -> None:
    """Random weights against its own trained ones, on demand."""
    app = visit(PAGE, model="lenet5")
    for _ in range(2):
        start = next(each for each in app.button if each.label.startswith("Send a gradient"))
        start.click().run()
        settled(app)
    assert "3 pictures in fp32" in said(app)
    assert "Random weights" in said(app)


def test_chains_in_the_address_there_and_back() -> None:
    """Whatever they are made of."""
    chains = (Setup("leaky relu", "too large", "group", skip=True), Setup())
    assert gradient_flow_setups.read(gradient_flow_setups.written(chains)) == chains

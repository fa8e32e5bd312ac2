"""The live view's options: what is drawn, how little of it is sent, and what an axis leaves out."""

from __future__ import annotations

import colorsys
import json

import numpy as np
import pytest

from explorer.figures import live, style
from explorer.runs.curves import Line
from explorer.runs.records import LayerSteps

COLOUR = {"a": "#111111", "b": "#222222"}


def line(run: str = "a", part: str = "train", n: int = 3) -> Line:
    """A line from (1, 1) to (n, 1 / n)."""
    x = np.arange(1.0, n + 1)
    return Line(run, f"run {run}", part, x, 1 / x)  # type: ignore[arg-type]


def test_runs_share_the_axes_and_keep_their_colours() -> None:
    """A series for each line; held-out pictures are dashed and say so."""
    option = live.curves(
        [line("a"), line("a", "validation"), line("b")], metric="loss", colour=COLOUR
    )
    assert [each["name"] for each in option["series"]] == ["run a", "run a, held out", "run b"]
    assert [each["color"] for each in option["series"]] == ["#111111", "#111111", "#222222"]
    assert [each["lineStyle"]["type"] for each in option["series"]] == ["solid", "dashed", "solid"]
    assert option["series"][0]["data"] == [[1.0, 1.0], [2.0, 0.5], [3.0, 0.33333]]
    assert option["xAxis"]["name"] == "Step"


def test_a_long_curve_is_sent_with_300_points_at_most() -> None:
    """The first, the last and a lonely peak are among them."""
    long = line(n=100_000)
    long.y[54_321] = 7.0
    data = live.curves([long], metric="loss", colour=COLOUR)["series"][0]["data"]
    assert len(data) <= 300
    assert data[0] == [1.0, 1.0]
    assert data[-1] == [100_000.0, 1e-05]
    assert [54_322.0, 7.0] in data


def test_ten_curves_fit_into_a_message_a_second() -> None:
    """100 kB and no more, whatever the runs told."""
    many = [Line(n, n, "train", np.arange(9e4), np.random.default_rng(0).normal(size=90_000))
            for n in "abcdefghij"]  # fmt: skip
    option = live.curves(many, metric="loss", colour=dict.fromkeys("abcdefghij", "#000000"))
    assert len(json.dumps(option, allow_nan=False)) < 100_000


def test_a_logarithmic_axis_leaves_gaps_for_what_has_no_place() -> None:
    """Zero, below zero and what is no number are gaps; JSON has no word for them."""
    broken = Line("a", "a", "train", np.arange(4.0), np.array([1.0, 0.0, np.nan, np.inf]))
    data = live.curves([broken], metric="loss", colour=COLOUR, log=True, log_x=True)
    assert data["yAxis"]["type"] == data["xAxis"]["type"] == "log"
    assert data["series"][0]["data"] == [[None, 1.0], [1.0, None], [2.0, None], [3.0, None]]
    linear = live.curves([broken], metric="loss", colour=COLOUR)["series"][0]["data"]
    assert linear == [[0.0, 1.0], [1.0, 0.0], [2.0, None], [3.0, None]]


def test_a_percentage_ends_at_a_hundred() -> None:
    """Accuracy cannot be more; a loss can."""
    assert live.curves([line()], metric="accuracy", colour=COLOUR)["yAxis"]["max"] == 100
    assert "max" not in live.curves([line()], metric="loss", colour=COLOUR)["yAxis"]


def strip(steps: int, layers: int) -> LayerSteps:
    """Norms 10^layer at each step, a thousandth of it as update."""
    norms = np.tile(10.0 ** np.arange(layers), (steps, 1))
    return LayerSteps(np.arange(1.0, steps + 1), norms, norms / 1000)


@pytest.mark.parametrize(("which", "shift"), [("gradient norm", 0), ("update ratio", -3)])
def test_a_strip_shows_decimal_logarithms(which: live.Which, shift: int) -> None:
    """Layers from top to bottom in the order in which they run."""
    option = live.strip(strip(2, 3), ["one", "two", "three"], which)
    assert option["yAxis"]["data"] == ["one", "two", "three"]
    assert option["yAxis"]["inverse"]
    assert [each["name"] for each in option["series"]] == ["one", "two", "three"]
    for y, each in enumerate(option["series"]):
        assert each["data"] == [[0, y, float(y + shift)], [1, y, float(y + shift)]]
    assert (option["visualMap"]["min"], option["visualMap"]["max"]) == (shift, 2 + shift)


def test_a_strip_of_a_deep_network_is_thinned() -> None:
    """Both ends of steps and layers stay, and their names go with them."""
    names = [f"layer {n}" for n in range(200)]
    wide = LayerSteps(np.arange(1.0, 501), np.ones((500, 200)), np.ones((500, 200)))
    option = live.strip(wide, names, "gradient norm")
    assert len(option["series"]) == live.MOST_LAYERS
    assert {len(each["data"]) for each in option["series"]} == {live.MOST_COLUMNS}
    assert option["yAxis"]["data"][0] == "layer 0"
    assert option["yAxis"]["data"][-1] == "layer 199"
    assert option["xAxis"]["data"][-1] == "step 500"


def test_dead_layers_leave_holes() -> None:
    """A gradient of zero has no logarithm; a strip of nothing else is still drawn."""
    dead = LayerSteps(np.ones(1), np.array([[0.0, np.nan, 1.0]]), np.zeros((1, 3)))
    names = ["a", "b", "c"]
    cells = [each["data"] for each in live.strip(dead, names, "gradient norm")["series"]]
    assert cells == [[], [], [[0, 2, 0.0]]]
    cells = [each["data"] for each in live.strip(dead, names, "update ratio")["series"]]
    assert cells == [[], [], []]


def test_colours_go_by_place() -> None:
    """And begin anew where there are more runs than colours."""
    found = live.colour_of([str(n) for n in range(12)])
    assert len(set(found.values())) == 9
    assert found["0"] == found["9"]


def test_a_kind_has_shades_the_deeper_the_darker() -> None:
    """One hue a kind, no shade twice, none lost on white or on near-black paper."""
    depths = {"a": ("Plain", 56), "b": ("Plain", 20), "c": ("Residual", 20), "d": ("Plain", 32)}
    found = live.shades(depths)
    hls = {
        run: colorsys.rgb_to_hls(*(int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)))
        for run, colour in found.items()
    }
    assert hls["b"][1] > hls["d"][1] > hls["a"][1]
    assert max(abs(hls[each][0] - hls["a"][0]) for each in "bd") < 0.01
    assert found["c"] == style.PALETTE[1], "alone of its kind"
    assert all(0.3 < light < 0.8 for _, light, _ in hls.values())

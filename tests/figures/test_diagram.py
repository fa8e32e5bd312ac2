"""The SVG says what the anatomy says, and whatever a module is called it stays one drawing."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from dataclasses import replace

import pytest

from explorer.anatomy.folding import fold
from explorer.anatomy.records import NETWORK_INPUT, ReceptiveField, Status
from explorer.figures.diagram import COSTS, Cost, drawing, legend, standalone
from explorer.figures.diagram_colours import FREE, RAMP, UNKNOWN, scale
from explorer.figures.diagram_marks import described, fitted
from tests.hand_built import anatomy, layer, residual_network

SVG = "{http://www.w3.org/2000/svg}"


def nodes_in(svg: str) -> dict[str, ET.Element]:
    """The elements a reader can choose, by id."""
    root = ET.fromstring(svg)
    return {each.get("data-id", ""): each for each in root.iter() if each.get("data-id")}


def words_in(element: ET.Element) -> list[str]:
    """The texts drawn on a node."""
    return [each.text or "" for each in element.iter(f"{SVG}text")]


def test_nodes_say_shape_and_cost() -> None:
    """A folded stage shows its repeats, output, parameters and MACs; its tooltip all digits."""
    whole = residual_network()
    stage = nodes_in(drawing(whole, fold(whole, "stages")))["layer1"]
    costs = [each for each in whole.layers if each.name.startswith("layer1")]
    params, macs = sum(each.params for each in costs), sum(each.macs or 0 for each in costs)
    assert words_in(stage)[:3] == ["layer1", "2 × BasicBlock", "8×16×16"]
    assert words_in(stage)[3] == f"{params} params · {macs / 1000:.2f} kMACs"
    title = stage.findtext(f"{SVG}title") or ""
    assert f"{params} parameters" in title
    assert "output 1 × 8 × 16 × 16" in title


def test_nodes_say_what_a_click_does() -> None:
    """Folded nodes open, opened groups close, layers are selected; all can be focused."""
    whole = residual_network()
    nodes = nodes_in(drawing(whole, fold(whole, "blocks", opened={"layer1.0"})))
    does = {id_: node.get("data-do") for id_, node in nodes.items()}
    assert does["layer1"] == "close"
    assert does["layer1.0"] == "close"
    assert does["layer1.1"] == "open"
    assert does["layer1.0.conv1"] == "select"
    assert {node.get("tabindex") for node in nodes.values()} == {"0"}
    assert {node.get("role") for node in nodes.values()} == {"button"}


@pytest.mark.parametrize("name", ['a<b>&"c"', "</title><script>x()</script>", "'; --", "名前"])
def test_names_are_text(name: str) -> None:
    """A user's module may be called anything: it is shown, never markup."""
    whole = anatomy([layer(0, name, [NETWORK_INPUT], kind=name)], {"": name})
    whole = replace(whole, title=name)
    for svg in (drawing(whole, fold(whole)), standalone(whole, fold(whole))):
        root = ET.fromstring(svg)
        assert root.findtext(f"{SVG}title") == name
        assert name in nodes_in(svg)
        assert not list(root.iter(f"{SVG}script"))


def test_long_names_are_cut() -> None:
    """An ellipsis keeps a long name in its box; the tooltip has all of it."""
    name = "a_module_with_a_name_longer_than_any_box_is_wide_" * 2
    whole = anatomy([layer(0, name, [NETWORK_INPUT])], {})
    node = nodes_in(drawing(whole, fold(whole)))[name]
    assert words_in(node)[0].endswith("…")
    assert (node.findtext(f"{SVG}title") or "").startswith(name)


def test_fitted_text_ends_with_an_ellipsis_only_if_cut() -> None:
    """Enough room leaves a text as it is."""
    assert fitted("conv1", 200, 11) == "conv1"
    assert fitted("conv1" * 20, 60, 11).endswith("…")
    assert len(fitted("conv1" * 20, 60, 11)) < 12


@pytest.mark.parametrize("cost", COSTS)
def test_the_dearest_is_darkest(cost: Cost) -> None:
    """The costliest node takes the ramp's last step, a free one none of it."""
    whole = residual_network()
    field = ReceptiveField((16, 16), (1, 1), (0, 0), Status.EXACT)
    rows = [replace(each, receptive_field=field) for each in whole.layers]
    whole = replace(whole, layers=tuple(rows))
    nodes = fold(whole, "layers").nodes
    shades = scale(nodes, cost, whole.input_shapes)
    steps = {node.id: shades.step(node) for node in nodes}
    assert max(steps.values()) == len(RAMP) - 1
    if cost == "MACs":
        assert steps["fc"] == len(RAMP) - 1
        assert steps["layer1.0.add"] == FREE


def test_what_nobody_knows_is_no_colour() -> None:
    """Uncounted MACs and unknown fields are marked as such, not as free."""
    whole = anatomy([layer(0, "odd", [NETWORK_INPUT], macs=None)], {})
    (node,) = fold(whole).nodes
    for cost in ("MACs", "receptive field"):
        assert scale([node], cost, whole.input_shapes).step(node) == UNKNOWN  # type: ignore[arg-type]
    assert "not counted" in described(node)
    assert 'class="u"' in drawing(whole, fold(whole))
    assert ">unknown<" in legend(whole, fold(whole))


def test_the_legend_explains_what_is_there() -> None:
    """The grey of nodes without a cost is explained, that of unknown ones only where there are."""
    whole = residual_network()
    assert ">none<" in legend(whole, fold(whole, "layers"))
    assert ">unknown<" not in legend(whole, fold(whole, "layers"))


def test_flops_are_twice_the_macs() -> None:
    """The convention reaches nodes and legend."""
    whole = residual_network()
    folded = fold(whole, "layers")
    assert "2.02 kFLOPs" in drawing(whole, folded, "MACs", "FLOPs")
    assert "FLOPs" in legend(whole, folded, "MACs", "FLOPs")
    assert "1.01 kMACs" in drawing(whole, folded)


def test_alone_it_needs_nothing_else() -> None:
    """The file has a title, a description, a legend and colours for both schemes of its own."""
    whole = residual_network()
    svg = standalone(whole, fold(whole), "parameters")
    root = ET.fromstring(svg)
    assert root.get("role") == "img"
    assert "parameters" in (root.findtext(f"{SVG}desc") or "")
    assert "var(" not in svg
    assert "prefers-color-scheme:dark" in svg
    assert not re.findall(r'(?:href|src|url\()[="\'(]*http', svg.replace(SVG[1:-1], ""))
    assert [each for each in root.iter(f"{SVG}text") if each.text == "parameters"]


def test_in_a_page_it_takes_the_pages_colours() -> None:
    """Streamlit's theme decides, and the nodes are not hidden inside an image."""
    whole = residual_network()
    svg = drawing(whole, fold(whole))
    assert "var(--st-text-color," in svg
    assert ET.fromstring(svg).get("role") == "group"

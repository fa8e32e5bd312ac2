"""The drawing's geometry: nothing overlaps, frames hold their own, edges join what they name."""

from __future__ import annotations

import re
import time
from functools import cache
from itertools import combinations
from typing import TYPE_CHECKING

import pytest

from explorer.anatomy import dissect
from explorer.anatomy.folding import Depth, Folded, fold
from explorer.figures.diagram_layout import HEADER, Box, Diagram, Frame, arrange
from tests.hand_built import residual_network

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy

NETWORKS: tuple[tuple[str, Depth], ...] = (
    ("lenet5", "layers"),
    ("resnet50", "layers"),
    ("googlenet", "layers"),
    ("densenet121", "blocks"),
    ("inception_v3", "layers"),
    ("fasterrcnn_resnet50_fpn", "layers"),
    ("raft_small", "blocks"),
    ("vit_b_16", "operations"),
)


@cache
def anatomy_of(name: str) -> Anatomy:
    """Dissected once for all tests here."""
    return dissect(name)


def overlap(one: Box | Frame, other: Box | Frame) -> bool:
    """Whether two rectangles share an area."""
    return (
        one.x < other.x + other.width - 0.01
        and other.x < one.x + one.width - 0.01
        and one.y < other.y + other.height - 0.01
        and other.y < one.y + one.height - 0.01
    )


def assert_sound(diagram: Diagram, folded: Folded) -> None:
    """Each node has one box; boxes and frames overlap only as nesting wants it."""
    assert sorted(box.id for box in diagram.boxes) == sorted(
        ["input", *(node.id for node in folded.nodes)]
    )
    frames = {frame.node.id: frame for frame in diagram.frames}
    assert set(frames) == {group.id for group in folded.groups}
    inside: dict[str, list[Box | Frame]] = {}
    for each in (*diagram.boxes, *diagram.frames):
        parent = each.node.parent if each.node else ""
        inside.setdefault(parent, []).append(each)
        around = frames.get(parent)
        left, top = (around.x, around.y + HEADER) if around else (0, 0)
        right = around.x + around.width if around else diagram.width
        bottom = around.y + around.height if around else diagram.height
        assert left <= each.x
        assert each.x + each.width <= right + 0.01
        assert top <= each.y
        assert each.y + each.height <= bottom + 0.01
    for siblings in inside.values():
        assert not [pair for pair in combinations(siblings, 2) if overlap(*pair)]


def points_of(path: str) -> list[tuple[float, float]]:
    """The points a path goes through, those that only bend it left out."""
    steps = [re.findall(r"-?\d+(?:\.\d+)?", step) for step in re.split("[MLCQ]", path)[1:]]
    return [(float(step[-2]), float(step[-1])) for step in steps]


def assert_joined(diagram: Diagram, folded: Folded) -> None:
    """Edges lead downwards, start and end where the nodes they name are, one for each source."""
    places: dict[str, Box | Frame] = {box.id: box for box in diagram.boxes}
    places |= {frame.node.id: frame for frame in diagram.frames}
    for edge in diagram.edges:
        points = points_of(edge.path)
        assert all(0 <= x <= diagram.width and 0 <= y <= diagram.height for x, y in points), edge
        if edge.source in places:
            start, (x, y) = places[edge.source], points[0]
            assert start.x - 1 <= x <= start.x + start.width + 1
            assert start.y - 1 <= y <= start.y + start.height + 1
    direct = {(edge.source, edge.target) for edge in diagram.edges}
    parents = {each.id: each.parent for each in (*folded.nodes, *folded.groups)}
    for node in folded.nodes:
        for source in node.sources:
            if parents.get(source, "") == node.parent:
                assert (source, node.id) in direct


@pytest.mark.parametrize(("name", "depth"), NETWORKS)
def test_real_networks(name: str, depth: Depth) -> None:
    """Residual, dense, inception, pyramid, recurrent and attention networks are sound."""
    folded = fold(anatomy_of(name), depth)
    diagram = arrange(folded, anatomy_of(name).input_shapes)
    assert_sound(diagram, folded)
    assert_joined(diagram, folded)


def test_sources_stand_above() -> None:
    """Within a scope, what is read stands higher than what reads it."""
    folded = fold(anatomy_of("inception_v3"), "layers")
    top = {box.id: box.y for box in arrange(folded).boxes}
    for node in folded.nodes:
        assert all(top[source] < top[node.id] for source in node.sources)


def test_the_spine_is_straight() -> None:
    """In a chain of stages all boxes share one middle."""
    boxes = arrange(fold(residual_network(), "stages")).boxes
    assert len({box.x + box.width / 2 for box in boxes}) == 1


def test_a_skip_passes_beside_the_block() -> None:
    """The identity of a residual block runs clear of every box and ends at the side of the sum."""
    folded = fold(residual_network(), "stages", opened={"layer2", "layer2.0"})
    diagram = arrange(folded)
    skip = next(
        each for each in diagram.edges if each.target == "layer2.0.add" and "Q" in each.path
    )
    x = max(float(each) for each in re.findall(r"[ML ](\d+\.?\d*) \d", skip.path))
    convolution = next(box for box in diagram.boxes if box.id == "layer2.0.conv1")
    assert x > convolution.x + convolution.width
    total = next(box for box in diagram.boxes if box.id == "layer2.0.add")
    assert (total.form, total.sign) == ("round", "+")
    assert total.width == total.height < 40


def test_what_never_ran_stands_below() -> None:
    """GoogLeNet's auxiliary heads, idle in evaluation, stand under the rest and join nothing."""
    folded = fold(anatomy_of("inception_v3"), "stages")
    diagram = arrange(folded)
    idle = {node.id for node in folded.nodes if not node.ran}
    assert idle
    lowest = max(box.y for box in diagram.boxes if box.id not in idle)
    assert all(box.y > lowest for box in diagram.boxes if box.id in idle)
    assert not [edge for edge in diagram.edges if {edge.source, edge.target} & idle]


def test_densenet_201_with_all_layers_open() -> None:
    """Over 700 nodes are folded and laid out in well under a second, twice the same."""
    anatomy = anatomy_of("densenet201")
    start = time.process_time()
    folded = fold(anatomy, "layers")
    diagram = arrange(folded)
    assert time.process_time() - start < 1
    assert len(diagram.boxes) > 700
    assert arrange(fold(anatomy, "layers")) == diagram

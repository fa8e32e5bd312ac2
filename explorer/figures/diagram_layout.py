"""A folded anatomy as a drawing's geometry: boxes, frames and edges with their places.

Each opened group is laid out by itself and stands in its surroundings as one box; its edges to
the outside run through a port in the middle of its top and one in the middle of its bottom.
Units are CSS pixels at 100 %. The same input always gives the same drawing.
"""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TYPE_CHECKING, Literal, TypeAlias

from explorer.anatomy.folding import INPUT_ID, Folded, Node
from explorer.figures.diagram_blocks import FORK, Block, Extent, Placing
from explorer.figures.diagram_edges import (
    Spot,
    SpotKind,
    arc_path,
    lane_path,
    plain_path,
    route_path,
)
from explorer.figures.series_parallel import Edge as Pair
from explorer.figures.series_parallel import decompose

if TYPE_CHECKING:
    from explorer.anatomy.records import Shape

Form: TypeAlias = Literal["input", "folded", "layer", "slim", "round"]

MARGIN = 16.0
HEADER = 26.0
HEADER_WIDTH = 200.0
PADDING = 14.0
_SIZES: dict[Form, tuple[float, float]] = {
    "input": (190.0, 30.0),
    "folded": (250.0, 62.0),
    "layer": (250.0, 44.0),
    "slim": (250.0, 25.0),
    "round": (28.0, 28.0),
}
_JOINS = {"add": "+", "sub": "−", "mul": "×", "cat": "∥", "stack": "∥"}


@dataclass(frozen=True, slots=True)
class Box:
    """A node in its place; `sign` is what stands in a round one.

    The input's `node` is None, its `sign` the shapes of the input tensors.
    """

    id: str
    x: float
    y: float
    width: float
    height: float
    form: Form
    node: Node | None
    sign: str = ""


@dataclass(frozen=True, slots=True)
class Frame:
    """An opened group around its nodes, with a header of `HEADER` pixels."""

    x: float
    y: float
    width: float
    height: float
    node: Node


@dataclass(frozen=True, slots=True)
class Edge:
    """A path in SVG's path language; `arc` tells a shortcut past many nodes."""

    source: str
    target: str
    path: str
    arc: bool


@dataclass(frozen=True, slots=True)
class Diagram:
    """Everything a renderer draws: frames outermost first, then edges, then boxes on top."""

    width: float
    height: float
    boxes: tuple[Box, ...]
    frames: tuple[Frame, ...]
    edges: tuple[Edge, ...]


def arrange(folded: Folded, input_shapes: Sequence[Shape] = ()) -> Diagram:
    """Lay out the nodes and opened groups of a folded anatomy from the input downwards."""
    return _Arrangement(folded, input_shapes).diagram()


def form_of(node: Node) -> tuple[Form, str]:
    """Choose a node's form, and the sign in a round one."""
    if node.openable and len(node.layers) > 1:
        return "folded", ""
    sign = _JOINS.get(_bare(node.kind))
    if sign and node.params == 0:
        return "round", sign
    costs = node.params or node.macs or node.uncounted
    return ("layer" if costs else "slim"), ""


def _bare(operator: str) -> str:
    """The operator's name without overload and namespace: "add" for "aten.add_.Tensor"."""
    parts = operator.split(".")
    return (parts[1] if parts[0] == "aten" and len(parts) > 1 else parts[0]).rstrip("_")


@dataclass(frozen=True, slots=True)
class _Scope:
    """The inside of one frame, or of the whole drawing, with its edges between positions.

    Position 0 is the port edges come in by, then come the nodes in topological order, then the
    port edges leave by, then what never ran.
    """

    ids: tuple[str, ...]
    exit: int
    drawn: frozenset[Pair]
    block: Block


_ENTRY, _EXIT = "\0entry", "\0exit"


class _Arrangement:
    """Sizes scopes from the innermost outwards, then places them from the outermost inwards."""

    def __init__(self, folded: Folded, input_shapes: Sequence[Shape]) -> None:
        self.input = " and ".join("×".join(map(str, shape)) for shape in input_shapes)
        self.nodes: dict[str, Node] = {each.id: each for each in (*folded.nodes, *folded.groups)}
        self.members: dict[str, list[str]] = defaultdict(list)
        self.members[""].append(INPUT_ID)
        for id_, node in self.nodes.items():
            self.members[node.parent].append(id_)
        self.links: dict[str, set[tuple[str, str]]] = defaultdict(set)
        for node in folded.nodes:
            for source in node.sources:
                self._link(source, node.id)
        self.scopes: dict[str, _Scope] = {}
        for id_ in (*(group.id for group in reversed(folded.groups)), ""):
            self.scopes[id_] = self._scope(id_)
        self.boxes: list[Box] = []
        self.frames: list[Frame] = []
        self.edges: list[Edge] = []

    def diagram(self) -> Diagram:
        block = self.scopes[""].block
        self._settle("", MARGIN + block.left, MARGIN)
        width, height = block.left + block.right + 2 * MARGIN, block.height + 2 * MARGIN
        return Diagram(width, height, tuple(self.boxes), tuple(self.frames), tuple(self.edges))

    def _line(self, id_: str) -> list[str]:
        """The frames around a node from the outermost inwards, and the node."""
        line = [id_]
        while id_ in self.nodes and self.nodes[id_].parent:
            id_ = self.nodes[id_].parent
            line.append(id_)
        return line[::-1]

    def _link(self, source: str, target: str) -> None:
        """Divide an edge among the scopes it runs through."""
        one, other = self._line(source), self._line(target)
        common = next(at for at, (a, b) in enumerate(zip(one, other, strict=False)) if a != b)
        self.links[one[common - 1] if common else ""].add((one[common], other[common]))
        for frame, inner in pairwise(one[common:]):
            self.links[frame].add((inner, _EXIT))
        for frame, inner in pairwise(other[common:]):
            self.links[frame].add((_ENTRY, inner))

    def _scope(self, id_: str) -> _Scope:
        members, links = self.members[id_], self.links[id_]
        ran = [each for each in members if each == INPUT_ID or self.nodes[each].ran]
        idle = [each for each in members if each not in ran]
        ids = (_ENTRY, *_in_order(ran, links, self._first_layer), _EXIT, *idle)
        position = {each: place for place, each in enumerate(ids)}
        drawn = frozenset((position[one], position[other]) for one, other in links)
        extents = {place: self._extent(each) for each, place in position.items()}
        placing, exit_, block = Placing(extents, drawn), position[_EXIT], Block()
        if ran:
            parts = placing.series(decompose(exit_ + 1, _completed(drawn, exit_)))
            block.place(parts, 0.0, _room(sum(one == 0 for one, _ in drawn)))
        if idle:
            block.place(placing.row(range(exit_ + 1, len(ids))), 0.0, block.height + FORK)
        block.height += _room(sum(other == exit_ for _, other in drawn))
        return _Scope(ids, exit_, drawn, block)

    def _first_layer(self, id_: str) -> int:
        return -1 if id_ == INPUT_ID else self.nodes[id_].layers[0]

    def _extent(self, id_: str) -> Extent:
        if id_ in (_ENTRY, _EXIT):
            return Extent(0.0, 0.0, 0.0)
        if id_ in self.scopes:
            inner = self.scopes[id_].block
            short = max(0.0, HEADER_WIDTH - inner.left - inner.right) / 2
            aside = PADDING + short
            return Extent(inner.left + aside, inner.right + aside, inner.height + HEADER + PADDING)
        width, height = _SIZES[self._form(id_)[0]]
        return Extent(width / 2, width / 2, height)

    def _form(self, id_: str) -> tuple[Form, str]:
        return ("input", self.input) if id_ == INPUT_ID else form_of(self.nodes[id_])

    def _settle(self, id_: str, x: float, y: float) -> None:
        """Place what stands in a scope whose spine and top these are."""
        scope = self.scopes[id_]
        spots = {0: Spot.port(x, y), scope.exit: Spot.port(x, y + scope.block.height + PADDING)}
        for place, (at, top) in scope.block.spots.items():
            spots[place] = self._put(scope.ids[place], x + at, y + top)
        for pair in sorted(scope.drawn):
            self._draw(scope, pair, spots, x, y)

    def _put(self, id_: str, x: float, y: float) -> Spot:
        extent = self._extent(id_)
        left, width = x - extent.left, extent.left + extent.right
        if id_ in self.scopes:
            self.frames.append(Frame(left, y, width, extent.height, self.nodes[id_]))
            self._settle(id_, x, y + HEADER)
            return Spot(x, y, y + extent.height, x + extent.right, "frame")
        form, sign = self._form(id_)
        node = self.nodes.get(id_)
        self.boxes.append(Box(id_, left, y, width, extent.height, form, node, sign))
        kind: SpotKind = "round" if form == "round" else "box"
        return Spot(x, y, y + extent.height, x + extent.right, kind)

    def _draw(
        self, scope: _Scope, pair: Pair, spots: Mapping[int, Spot], x: float, y: float
    ) -> None:
        block, one, other = scope.block, spots[pair[0]], spots[pair[1]]
        if pair in block.arcs:
            path = arc_path(one, other, x + block.arcs[pair])
        elif pair in block.lanes:
            path = lane_path(one, other, x + block.lanes[pair])
        elif block.routes.get(pair):
            path = route_path(one, other, [(x + at, y + top) for at, top in block.routes[pair]])
        else:
            forks = sum(source == pair[0] for source, _ in scope.drawn) > 1
            path = plain_path(one, other, bend_first=forks)
        source, target = scope.ids[pair[0]], scope.ids[pair[1]]
        self.edges.append(Edge(source, target, path, pair in block.arcs))


def _room(edges: int) -> float:
    """Space between a port and the first or last row."""
    return FORK if edges > 1 else PADDING


def _in_order(
    ids: Sequence[str], links: Collection[tuple[str, str]], rank: Callable[[str], int]
) -> list[str]:
    """Topological order, of several possible the one nearest to execution order."""
    after: dict[str, list[str]] = defaultdict(list)
    waits = dict.fromkeys(ids, 0)
    for one, other in links:
        if one in waits and other in waits:
            after[one].append(other)
            waits[other] += 1
    ready = [(rank(each), each) for each in ids if not waits[each]]
    heapq.heapify(ready)
    order = []
    while ready:
        _, here = heapq.heappop(ready)
        order.append(here)
        for other in after[here]:
            waits[other] -= 1
            if not waits[other]:
                heapq.heappush(ready, (rank(other), other))
    return order


def _completed(drawn: Collection[Pair], exit_: int) -> list[Pair]:
    """The edges, and undrawn ones to the ports for nodes that lack a way in or out."""
    fed = {other for _, other in drawn}
    read = {one for one, _ in drawn}
    ins = [(0, node) for node in range(1, exit_) if node not in fed]
    outs = [(node, exit_) for node in range(1, exit_) if node not in read]
    return [*drawn, *ins, *outs]

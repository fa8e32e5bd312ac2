"""Where the parts of a diagram stand: a decomposed graph as blocks of known extent.

Units are those of the drawing (CSS pixels at 100 %). x runs from the block's spine, the vertical
line its parts stand on, y from its top.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from explorer.figures.series_parallel import Bundle, Edge, Layered, Parallel, Part, Series

GAP = 22.0
"""Between neighbours in a series: room for an arrow."""
FORK = 30.0
"""Above and below branches: room for a bend."""
ASIDE = 22.0
"""Between branches that stand side by side."""
LANE = 18.0
"""Width of an edge that passes beside a branch."""
_ARC, _ARC_STEP, _ARC_MOST = 16.0, 5.0, 34


@dataclass(frozen=True, slots=True)
class Extent:
    """What a node takes up, to the left and right of its spine and downwards."""

    left: float
    right: float
    height: float


@dataclass(slots=True)
class Block:
    """Nodes in their places, and what edges beside them need to know.

    `spots` gives each node's spine and top, `lanes` the x of an edge that passes by, `arcs` the
    x at which a shortcut turns, `routes` the points of an edge that passes through rows.
    """

    left: float = 0.0
    right: float = 0.0
    height: float = 0.0
    spots: dict[int, tuple[float, float]] = field(default_factory=dict)
    lanes: dict[Edge, float] = field(default_factory=dict)
    arcs: dict[Edge, float] = field(default_factory=dict)
    routes: dict[Edge, list[tuple[float, float]]] = field(default_factory=dict)

    def place(self, other: Block, x: float, y: float) -> None:
        """Take in another block with its spine at x and its top at y."""
        self.spots |= {node: (x + at, y + top) for node, (at, top) in other.spots.items()}
        self.lanes |= {edge: x + at for edge, at in other.lanes.items()}
        self.arcs |= {edge: x + at for edge, at in other.arcs.items()}
        self.routes |= {
            edge: [(x + at, y + top) for at, top in points] for edge, points in other.routes.items()
        }
        self.left = max(self.left, other.left - x)
        self.right = max(self.right, other.right + x)
        self.height = max(self.height, other.height + y)


class Placing:
    """Places a decomposition; `extents` are the nodes', `drawn` the edges that need room."""

    def __init__(self, extents: Mapping[int, Extent], drawn: frozenset[Edge]) -> None:
        self.extents = extents
        self.drawn = drawn

    def series(self, series: Series) -> Block:
        """Put parts one below the other on one spine."""
        block = Block()
        for one, other in pairwise((None, *series.parts)):
            plain = isinstance(one, int) and isinstance(other, int)
            gap = 0.0 if one is None else GAP if plain else FORK
            if other is not None:
                block.place(self._part(other), 0.0, block.height + gap)
        return block

    def _part(self, part: Part) -> Block:
        if isinstance(part, Parallel):
            return self._parallel(part)
        if isinstance(part, Bundle):
            return self._bundle(part)
        if isinstance(part, Layered):
            return self._layered(part)
        extent = self.extents[part]
        return Block(extent.left, extent.right, extent.height, {part: (0.0, 0.0)})

    def _parallel(self, part: Parallel) -> Block:
        """Branches from left to right, the longer of two on the spine; the lane at the right."""
        branches = [self.series(each) for each in part.branches]
        height = max(each.height for each in branches)
        lengths = [len(each.spots) for each in branches]
        main = lengths.index(max(lengths))
        if len(branches) == 2 and lengths[0] != lengths[1]:
            branches = [branches[main], branches[1 - main]]
        starts, x = [], 0.0
        for branch in branches:
            starts.append(x + branch.left)
            x += branch.left + branch.right + ASIDE
        on_spine = len(branches) == 2 and lengths[0] != lengths[1]
        middle = starts[0] if on_spine or len(branches) == 1 else (starts[0] + starts[-1]) / 2
        block = Block()
        for branch, start in zip(branches, starts, strict=True):
            block.place(branch, start - middle, (height - branch.height) / 2)
        edge = (part.start, part.end)
        if part.lane and edge in self.drawn:
            block.lanes[edge] = block.right + LANE / 2
            block.right += LANE
        return block

    def _bundle(self, part: Bundle) -> Block:
        """A series with arcs at its right that swing out the wider the more they pass."""
        block = self.series(part.series)
        rank = {node: place for place, node in enumerate(sorted(block.spots), 1)}
        edge_of = block.right
        for one, other in part.arcs:
            if (one, other) in self.drawn:
                span = rank.get(other, len(rank) + 1) - rank.get(one, 0)
                turn = edge_of + _ARC + _ARC_STEP * min(span - 1, _ARC_MOST)
                block.arcs[one, other] = turn
                block.right = max(block.right, turn + 2)
        return block

    def _layered(self, part: Layered) -> Block:
        block = Block()
        passages: dict[int, list[tuple[float, float]]] = {}
        for place, row in enumerate(part.rows):
            top = block.height + (FORK + GAP if place else 0.0)
            block.place(self.row(row), 0.0, top)
            for each in row:
                if each < 0:
                    x, _ = block.spots.pop(each)
                    passages[each] = [(x, top), (x, block.height)]
        for chain in part.chains:
            points = [point for each in chain[1:-1] for point in passages[each]]
            block.routes[chain[0], chain[-1]] = points
        return block

    def row(self, row: Sequence[int]) -> Block:
        """Put nodes side by side, the row's middle on the spine."""
        extents = [self.extents.get(each, Extent(LANE / 2, LANE / 2, 0.0)) for each in row]
        width = sum(each.left + each.right for each in extents) + ASIDE * (len(row) - 1)
        block, x = Block(), -width / 2
        for node, extent in zip(row, extents, strict=True):
            own = Block(extent.left, extent.right, extent.height, {node: (0.0, 0.0)})
            block.place(own, x + extent.left, 0.0)
            x += extent.left + extent.right + ASIDE
        return block

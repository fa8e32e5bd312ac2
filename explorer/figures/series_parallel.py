"""A graph between a source and a sink, taken apart into series and branches side by side.

Networks are mostly series-parallel: every path runs through a few nodes, and between two of them
stand separate branches. What is not is first freed of its shortcuts (edges beside a longer path,
as in a dense block), which become arcs; the rest falls into layers of equal distance.

Nodes are numbers in topological order: an edge always leads to a higher number.
"""

from __future__ import annotations

import itertools
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

Edge: TypeAlias = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Series:
    """Parts one below the other; a number is a node."""

    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Parallel:
    """Branches between the nodes `start` and `end`; with `lane`, an edge joins these directly."""

    branches: tuple[Series, ...]
    start: int
    end: int
    lane: bool


@dataclass(frozen=True, slots=True)
class Bundle:
    """A series with `arcs` beside it: shortcuts past some of its nodes."""

    series: Series
    arcs: tuple[Edge, ...]


@dataclass(frozen=True, slots=True)
class Layered:
    """Rows of equal distance from the start; negative numbers keep room for passing edges.

    `chains` are the edges, each with the places it passes through.
    """

    rows: tuple[tuple[int, ...], ...]
    chains: tuple[tuple[int, ...], ...]


Part: TypeAlias = "int | Parallel | Bundle | Layered"


def decompose(count: int, edges: Sequence[Edge]) -> Series:
    """Take apart the graph of nodes 0 to `count` - 1 between its source 0 and its sink, the last.

    Every node must lie on a path from source to sink. Source and sink are not in the result.
    """
    return Series(tuple(_Decomposition(edges).between(range(1, count - 1), 0, count - 1)))


class _Decomposition:
    """Holds the edges that are left; shortcuts are taken out as they become arcs."""

    def __init__(self, edges: Sequence[Edge]) -> None:
        self.after: dict[int, set[int]] = {}
        self.before: dict[int, set[int]] = {}
        for one, other in edges:
            self.after.setdefault(one, set()).add(other)
            self.before.setdefault(other, set()).add(one)
        self.places = 0

    def _series(self, nodes: Sequence[int], start: int, end: int) -> Series:
        """Split at the nodes that every path passes: those that no edge jumps over."""
        inside = {*nodes, end}
        furthest = max(self.after[start] & inside - {end})
        parts: list[Part] = []
        previous, between = start, list[int]()
        for node in nodes:
            if furthest <= node:
                parts += self.between(between, previous, node)
                parts.append(node)
                previous, between = node, []
            else:
                between.append(node)
            furthest = max(furthest, *(self.after[node] & inside))
        if previous == start:
            return Series((self._tangle(nodes, start, end),))
        return Series((*parts, *self.between(between, previous, end)))

    def between(self, nodes: Sequence[int], start: int, end: int) -> list[Part]:
        """Branches for what is separate, and a lane for an edge from start to end itself."""
        if not nodes:
            return []
        lane = end in self.after.get(start, ())
        pieces = self._pieces(nodes)
        if len(pieces) == 1 and not lane:
            return list(self._series(pieces[0], start, end).parts)
        return [
            Parallel(tuple(self._series(each, start, end) for each in pieces), start, end, lane)
        ]

    def _pieces(self, nodes: Sequence[int]) -> list[list[int]]:
        """The connected pieces of a set of nodes, in order of their first nodes."""
        left = set(nodes)
        pieces = []
        for node in nodes:
            if node not in left:
                continue
            left.discard(node)
            piece, waiting = [node], [node]
            while waiting:
                here = waiting.pop()
                near = (self.after.get(here, set()) | self.before.get(here, set())) & left
                left -= near
                piece += near
                waiting += near
            pieces.append(sorted(piece))
        return pieces

    def _tangle(self, nodes: Sequence[int], start: int, end: int) -> Part:
        arcs = self._shortcuts(nodes, start, end)
        if not arcs:
            return self._layered(nodes, start, end)
        for one, other in arcs:
            self.after[one].discard(other)
            self.before[other].discard(one)
        return Bundle(self._series(nodes, start, end), tuple(arcs))

    def _shortcuts(self, nodes: Sequence[int], start: int, end: int) -> list[Edge]:
        """Edges beside which a longer path leads to the same node."""
        inside = {*nodes, end}
        reach: dict[int, int] = {end: 0}
        arcs = []
        for node in (*reversed(nodes), start):
            reach[node] = 0
            for other in sorted(self.after[node] & inside):
                if node == start and other == end:
                    continue
                if reach[node] >> other & 1:
                    arcs.append((node, other))
                reach[node] |= 1 << other | reach[other]
        return sorted(arcs)

    def _layered(self, nodes: Sequence[int], start: int, end: int) -> Layered:
        row = {start: -1}
        for node in nodes:
            near = self.before[node] & row.keys()
            row[node] = 1 + max(row[each] for each in near)
        row[end] = 1 + max(row[node] for node in nodes)
        rows: list[list[int]] = [[] for _ in range(row[end])]
        for node in nodes:
            rows[row[node]].append(node)
        chains = []
        for one in (start, *nodes):
            for other in sorted(self.after[one] & row.keys() - {start}):
                if (one, other) != (start, end):
                    passed = [self._place(rows[each]) for each in range(row[one] + 1, row[other])]
                    chains.append((one, *passed, other))
        return Layered(_untangled(rows, chains), tuple(chains))

    def _place(self, row: list[int]) -> int:
        self.places -= 1
        row.append(self.places)
        return self.places


def _untangled(
    rows: list[list[int]], chains: Sequence[Sequence[int]]
) -> tuple[tuple[int, ...], ...]:
    """Order each row by the mean place of the neighbours above, then below, a few times."""
    above: dict[int, list[int]] = {}
    below: dict[int, list[int]] = {}
    for chain in chains:
        for one, other in itertools.pairwise(chain):
            above.setdefault(other, []).append(one)
            below.setdefault(one, []).append(other)
    place = {node: order / len(row) for row in rows for order, node in enumerate(row)}
    for sweep in range(6):
        near = above if sweep % 2 == 0 else below
        for row in rows if sweep % 2 == 0 else reversed(rows):
            mean = {node: _mean_place(near.get(node, ()), place, place[node]) for node in row}
            row.sort(key=lambda node: (mean[node], place[node]))
            place.update({node: (order + 0.5) / len(row) for order, node in enumerate(row)})
    return tuple(tuple(row) for row in rows)


def _mean_place(near: Sequence[int], place: dict[int, float], otherwise: float) -> float:
    known = [place[each] for each in near if each in place]
    return sum(known) / len(known) if known else otherwise

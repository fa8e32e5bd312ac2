"""Graphs whose shape is known come apart as drawn on paper."""

from __future__ import annotations

import random
import time
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest

from explorer.figures.series_parallel import (
    Bundle,
    Edge,
    Layered,
    Parallel,
    Part,
    Series,
    decompose,
)

if TYPE_CHECKING:
    from collections.abc import Iterator


def parts_of(series: Series) -> Iterator[Part]:
    """All parts at any depth."""
    for part in series.parts:
        yield part
        if isinstance(part, Parallel):
            for branch in part.branches:
                yield from parts_of(branch)
        if isinstance(part, Bundle):
            yield from parts_of(part.series)


def nodes_of(series: Series) -> list[int]:
    """All nodes, sorted."""
    nodes = []
    for part in parts_of(series):
        if isinstance(part, int):
            nodes.append(part)
        if isinstance(part, Layered):
            nodes += [each for row in part.rows for each in row if each >= 0]
    return sorted(nodes)


def test_chain() -> None:
    """A chain is a series of nodes."""
    assert decompose(5, [(0, 1), (1, 2), (2, 3), (3, 4)]) == Series((1, 2, 3))


def test_residual_block() -> None:
    """Two convolutions beside an identity: one branch and a lane."""
    whole = decompose(6, [(0, 1), (1, 2), (2, 3), (3, 4), (1, 4), (4, 5)])
    assert whole == Series((1, Parallel((Series((2, 3)),), 1, 4, lane=True), 4))


def test_inception_module() -> None:
    """Branches of one, two and three nodes stand side by side, without a lane."""
    edges = [(0, 1), (1, 7), (0, 2), (2, 3), (3, 7), (0, 4), (4, 5), (5, 6), (6, 7), (7, 8)]
    branches = (Series((1,)), Series((2, 3)), Series((4, 5, 6)))
    assert decompose(9, edges) == Series((Parallel(branches, 0, 7, lane=False), 7))


def test_nested_skips() -> None:
    """A U-Net's skips lie inside one another."""
    whole = decompose(7, [*pairwise(range(7)), (1, 5), (2, 4)])
    inner = Series((2, Parallel((Series((3,)),), 2, 4, lane=True), 4))
    assert whole == Series((1, Parallel((inner,), 1, 5, lane=True), 5))


def test_dense_block() -> None:
    """Every node feeds every later one: a chain, and an arc for each edge that skips."""
    count = 6
    edges = [(one, other) for one in range(count) for other in range(one + 1, count)]
    (whole,) = decompose(count, edges).parts
    assert isinstance(whole, Parallel)
    assert whole.lane
    (bundle,) = whole.branches[0].parts
    assert isinstance(bundle, Bundle)
    assert bundle.series == Series((1, 2, 3, 4))
    skips = {(one, other) for one, other in edges if other - one > 1} - {(0, 5)}
    assert set(bundle.arcs) == skips


def test_a_lattice_falls_into_rows() -> None:
    """Neither series nor parallel: rows by distance, with room for an edge that passes one."""
    edges = [(0, 1), (0, 2), (1, 3), (1, 4), (2, 4), (2, 5), (3, 6), (4, 6), (5, 7), (6, 7)]
    (rows,) = decompose(8, edges).parts
    assert isinstance(rows, Layered)
    assert [sorted(each for each in row if each >= 0) for row in rows.rows] == [
        [1, 2],
        [3, 4, 5],
        [6],
    ]
    assert {(chain[0], chain[-1]) for chain in rows.chains} == set(edges)
    assert [len(chain) for chain in rows.chains if (chain[0], chain[-1]) == (5, 7)] == [3]


def random_graph(seed: int) -> tuple[int, list[Edge]]:
    """A connected graph in which every node lies between the first and the last."""
    dice = random.Random(seed)
    count = dice.randint(2, 40)
    edges = {(dice.randrange(node), node) for node in range(1, count)}
    edges |= {(node, dice.randrange(node + 1, count)) for node in range(count - 1)}
    for _ in range(dice.randint(0, count)):
        edges.add(tuple(sorted(dice.sample(range(count), 2))))  # type: ignore[arg-type]
    return count, sorted(edges)


@pytest.mark.parametrize("seed", range(60))
def test_no_node_is_lost_and_no_edge_drawn_twice(seed: int) -> None:
    """Whatever the graph: each node once, each passing edge in one place, the same every time."""
    count, edges = random_graph(seed)
    whole = decompose(count, edges)
    assert nodes_of(whole) == list(range(1, count - 1))
    special: list[Edge] = []
    for part in parts_of(whole):
        if isinstance(part, Parallel) and part.lane:
            special.append((part.start, part.end))
        if isinstance(part, Bundle):
            special += part.arcs
        if isinstance(part, Layered):
            special += [(chain[0], chain[-1]) for chain in part.chains]
    assert len(special) == len(set(special))
    assert set(special) <= set(edges)
    assert decompose(count, edges) == whole


def test_long_graphs_take_no_time() -> None:
    """A thousand nodes in a row with a skip over every third: well under a second."""
    count = 1000
    edges = [*pairwise(range(count)), *((node, node + 3) for node in range(0, count - 3, 3))]
    start = time.process_time()
    assert nodes_of(decompose(count, edges)) == list(range(1, count - 1))
    assert time.process_time() - start < 1

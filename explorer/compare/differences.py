"""A structural diff of two networks: which blocks match, changed, came or went. No torch here.

Both networks are cut into units and these into stages by resolution. Within a stage the units are
aligned in their order (Needleman and Wunsch, J. Mol. Biol. 48, 1970): a pair scores by what both
have in common, a unit without a partner costs one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.compare.phrases import changes, overall, role, stage_sentence
from explorer.compare.records import Difference, StageDifference, Step, Unit
from explorer.compare.units import units

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy

GAP = -1.0
EQUAL = 12.0
NEVER_TOGETHER = -10.0


def difference(left: Anatomy, right: Anatomy) -> Difference:
    """Say what has to be done to the left network to get the right one, stage by stage."""
    before, after = units(left), units(right)
    found = []
    for level in sorted({unit.level for unit in (*before, *after)}):
        ours = [unit for unit in before if unit.level == level]
        theirs = [unit for unit in after if unit.level == level]
        steps = align(ours, theirs)
        found.append(StageDifference(level, steps, stage_sentence(steps)))
    stages = tuple(found)
    return Difference(left.title, right.title, stages, overall(left.title, right.title, stages))


def align(left: Sequence[Unit], right: Sequence[Unit]) -> tuple[Step, ...]:
    """Put the units of one stage side by side, keeping the order of both."""
    table = _table(left, right)
    row, column = len(left), len(right)
    steps: list[Step] = []
    while row or column:
        here = table[row][column]
        # Of equal alignments the one that adds at the end of a stage is the one people expect.
        if column and here == table[row][column - 1] + GAP:
            column -= 1
            steps.append(Step("added", None, right[column]))
        elif row and here == table[row - 1][column] + GAP:
            row -= 1
            steps.append(Step("removed", left[row], None))
        else:
            row, column = row - 1, column - 1
            words = changes(left[row], right[column])
            steps.append(Step("changed" if words else "matched", left[row], right[column], words))
    return tuple(reversed(steps))


def _table(left: Sequence[Unit], right: Sequence[Unit]) -> list[list[float]]:
    """The best score of aligning the first units of either side, for every number of them."""
    table = [[GAP * column for column in range(len(right) + 1)]]
    for row, ours in enumerate(left, 1):
        line = [GAP * row]
        for column, theirs in enumerate(right, 1):
            pair = table[row - 1][column - 1] + similarity(ours, theirs)
            line.append(max(pair, table[row - 1][column] + GAP, line[column - 1] + GAP))
        table.append(line)
    return table


def similarity(left: Unit, right: Unit) -> float:
    """How much two units have in common; a pooling and a convolution never stand together."""
    if role(left) != role(right):
        return NEVER_TOGETHER
    if not changes(left, right):
        return EQUAL
    alike = 3.0 * (left.paths == right.paths) + 2.0 * (left.channels == right.channels)
    return 2.0 + alike + (left.kind == right.kind) + (left.extras == right.extras)

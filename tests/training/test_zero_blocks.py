"""Blocks at zero weights: with a skip the identity, without one nothing."""

from __future__ import annotations

from explorer.training.gradient_flow_records import Bench
from explorer.training.zero_blocks import zero_blocks


def test_with_a_skip_they_are_the_identity() -> None:
    """Not one bit of the batch or of the gradient changes, through one layer or through twenty."""
    plain, *skipped = zero_blocks(Bench(depth=20, width=16))
    assert (plain.output, plain.gradient) == (0, 0)
    assert plain.changed > 1
    assert plain.passed > 1
    for block in skipped:
        assert (block.changed, block.passed) == (0, 0)
        assert block.output > 1
        assert block.gradient > 1
    assert skipped[1].title == "20 of these in a row"

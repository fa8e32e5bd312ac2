"""Following positions and intervals through a tensor's dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.anatomy import fields, rearranging, sliding
from explorer.anatomy.extents import receptive_field
from explorer.anatomy.layouts import Factor, viewed
from explorer.anatomy.records import Status
from explorer.anatomy.sight import seen
from explorer.anatomy.sliding import Slide

if TYPE_CHECKING:
    from explorer.anatomy.fields import Field

IMAGE = fields.of_input((1, 3, 56, 48))


def _convolved(field: Field, *slide: int) -> Field:
    size = [1, 8, *((n + 2 * slide[2] - slide[0]) // slide[1] + 1 for n in field.shape[-2:])]
    return sliding.slid(field, [Slide(*slide, 1)] * 2, size, over_channels=True)


def test_the_input_sees_itself() -> None:
    """A pixel sees one pixel, stride 1, no padding."""
    record = receptive_field(IMAGE)
    assert (record.size, record.stride, record.padding) == ((1, 1), (1, 1), (0, 0))
    assert record.status is Status.EXACT


def test_what_does_not_see_the_input_is_said_so() -> None:
    """A constant has size 0, and adding it to a field changes nothing."""
    assert receptive_field(None).size == (0, 0)
    assert fields.joined_or_none([None, IMAGE, None]) is IMAGE


def test_views_split_and_join_an_axis() -> None:
    """56 rows as 8 windows of 7: the outer digit counts steps of 7, and back again."""
    split = viewed(((Factor(56, (0,)),), (Factor(5),)), (8, 7, 5))
    assert split is not None
    assert split[0] == (Factor(8, (0,), 7),)
    assert split[1] == (Factor(7, (0,), 1),)
    assert viewed(split, (56, 5)) == ((Factor(56, (0,)),), (Factor(5),))


def test_a_view_across_factors_is_refused() -> None:
    """6 x 4 positions as 8 x 3 have no digits: the caller falls back to the bound."""
    assert viewed(((Factor(6, (0,)),), (Factor(4, (1,)),)), (8, 3)) is None
    field = fields.of_input((1, 1, 6, 4))
    record = receptive_field(rearranging.reshaped(field, (1, 8, 3)))
    assert record.status is Status.UPPER_BOUND
    assert record.size == (6, 4)


def test_flattening_with_channels_leaves_the_grid() -> None:
    """The size stays, stride and padding go; tokens without channels keep them."""
    field = _convolved(IMAGE, 7, 2, 3)
    flat = receptive_field(rearranging.reshaped(field, (1, 8 * 28 * 24)))
    assert flat.size == (7, 7)
    assert flat.stride == (None, None)
    tokens = receptive_field(rearranging.reshaped(field, (1, 8, 28 * 24)))
    assert (tokens.size, tokens.stride, tokens.padding) == ((7, 7), (2, 2), (3, 3))


def test_a_fully_connected_layer_sees_the_whole_input() -> None:
    """After flattening, every feature mixes every position."""
    flat = rearranging.reshaped(_convolved(IMAGE, 3, 1, 1), (1, 8 * 56 * 48))
    record = receptive_field(fields.contracted(flat, -1, 10))
    assert record.status is Status.WHOLE_INPUT
    assert record.size == (56, 48)
    assert record.convolutional is None


def test_a_gate_makes_it_whole_and_keeps_the_convolutional_extent() -> None:
    """Squeeze and excitation: x times a gate pooled from all of x."""
    field = _convolved(IMAGE, 5, 2, 2)
    gate = fields.reduced(field, (2, 3), keep=True)
    record = receptive_field(fields.joined((field, gate)))
    assert record.status is Status.WHOLE_INPUT
    assert record.convolutional is not None
    assert record.convolutional.size == (5, 5)
    assert record.convolutional.stride == (2, 2)


def test_pixels_no_window_reaches_are_named() -> None:
    """7x7 stride 2 without padding on 56 x 48 leaves the last row and column unread."""
    pooled = fields.reduced(_convolved(IMAGE, 7, 2, 0), (2, 3), keep=True)
    note = receptive_field(pooled).note
    assert note == (
        "1 of 56 pixels along height are never read; 1 of 48 pixels along width are never read"
    )


def test_one_axis_may_be_whole_while_the_other_is_not() -> None:
    """A mean over the width: rows keep their place."""
    record = receptive_field(fields.reduced(_convolved(IMAGE, 3, 1, 1), (3,), keep=True))
    assert record.size == (3, 48)
    assert record.stride == (1, None)
    assert record.note == "whole input along width"


def test_windows_keep_exact_intervals_within_a_larger_box() -> None:
    """Attention within windows of 8: a pixel sees its window, the one box must hold them all."""
    windows = rearranging.reshaped(IMAGE, (1, 3, 7, 8, 6, 8))
    mixed = fields.normalised(windows, (3, 5))
    back = rearranging.reshaped(mixed, (1, 3, 56, 48))
    assert seen(back, (0, 0, 13, 40)) == ((8, 15), (40, 47))
    record = receptive_field(back)
    assert record.status is Status.UPPER_BOUND
    assert (record.size, record.stride, record.padding) == ((15, 15), (1, 1), (7, 7))


def test_queries_against_keys_are_bounded_until_the_softmax() -> None:
    """An element of the score matrix sees two places; after the softmax all of them."""
    tokens = rearranging.reshaped(_convolved(IMAGE, 8, 8, 0), (1, 8, 42))
    queries = rearranging.permuted(tokens, (0, 2, 1))
    scores = fields.matched(queries, tokens, (1, 42, 42))
    assert scores is not None
    assert receptive_field(scores).status is Status.UPPER_BOUND
    record = receptive_field(fields.normalised(scores, (-1,)))
    assert record.status is Status.WHOLE_INPUT
    assert record.convolutional is not None
    assert record.convolutional.size == (8, 8)


def test_a_class_token_in_front_keeps_the_patches_places() -> None:
    """Joined, they are stretches of one dimension; taken apart again, the grid is back."""
    tokens = rearranging.permuted(
        rearranging.reshaped(_convolved(IMAGE, 8, 8, 0), (1, 8, 42)), (0, 2, 1)
    )
    joined = rearranging.concatenated([((1, 1, 8), None), ((1, 42, 8), tokens)], 1)
    assert joined is not None
    assert receptive_field(joined).stride == (8, 8)
    assert seen(joined, (0, 0, 0)) == (None, None)
    assert seen(joined, (0, 1 + 6 + 2, 0)) == ((8, 15), (16, 23))
    assert sliding.sliced(joined, 1, 1, 1, 42) == tokens


def test_unknown_and_data_dependent_are_never_guessed() -> None:
    """Neither has a size; only a field that is whole already stays what it was."""
    for fate in (Status.UNKNOWN, Status.DATA_DEPENDENT):
        field = fields.lost((1, 3), [IMAGE], fate, "why")
        record = receptive_field(field)
        assert record.status is fate
        assert record.size == (None, None)
        assert record.note == "why"
        assert fields.lost((1, 3), [None], fate, "why") is None
    whole = fields.reduced(IMAGE, (2, 3), keep=True)
    kept = fields.lost((1, 3), [whole], Status.DATA_DEPENDENT, "why")
    assert receptive_field(kept).status is Status.WHOLE_INPUT


def test_joining_with_an_unknown_is_unknown_unless_whole() -> None:
    """The union of anything with the whole input is the whole input."""
    unknown = fields.lost(IMAGE.shape, [IMAGE], Status.UNKNOWN, "why")
    assert unknown is not None
    assert receptive_field(fields.joined((IMAGE, unknown))).status is Status.UNKNOWN
    whole = fields.joined((IMAGE, fields.reduced(IMAGE, (2, 3), keep=True)))
    assert receptive_field(fields.joined((whole, unknown))).status is Status.WHOLE_INPUT

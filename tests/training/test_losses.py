"""Losses by their formulas, hits by hand."""

from __future__ import annotations

import math

import pytest
import torch
from torch import nn

from explorer.training import losses
from explorer.training.losses import Criterion

SCORES = torch.tensor([[2.0, 0.0, -1.0], [0.5, 0.5, 3.0]])


def test_cross_entropy_takes_numbers_and_shares() -> None:
    """Minus the logarithm of the softmax, weighted by the target's shares."""
    plain = Criterion("cross-entropy", 0.0, 3)
    log = (SCORES - SCORES.exp().sum(dim=1, keepdim=True).log()).double()
    targets = torch.tensor([1, 2])
    expected = -(log[0, 1] + log[1, 2]) / 2
    assert plain.mean(SCORES, targets).item() == pytest.approx(expected.item(), rel=1e-6)
    shares = torch.tensor([[0.25, 0.75, 0.0], [0.0, 0.0, 1.0]])
    mixed = -(shares * log).sum() / 2
    assert plain.mean(SCORES, shares).item() == pytest.approx(mixed.item(), rel=1e-6)


def test_smoothing_spreads_a_share_over_all_classes() -> None:
    """0.3 of the target is a tenth for each of three classes."""
    smooth, plain = Criterion("cross-entropy", 0.3, 3), Criterion("cross-entropy", 0.0, 3)
    shares = torch.tensor([[0.1, 0.8, 0.1], [0.1, 0.1, 0.8]])
    found = smooth.mean(SCORES, torch.tensor([1, 2])).item()
    assert found == pytest.approx(plain.mean(SCORES, shares).item(), rel=1e-6)


def test_squared_error_is_the_distance_to_the_one_hot() -> None:
    """(2, 0, -1) to (0, 1, 0) is 6; (0.5, 0.5, 3) to (0, 0, 1) is 4.5."""
    squared = Criterion("squared error", 0.0, 3)
    assert squared.each(SCORES, torch.tensor([1, 2])).tolist() == [6.0, 4.5]
    weights = torch.tensor([2.0, 0.0])
    assert squared.mean(SCORES, torch.tensor([1, 2]), weights).item() == 6.0


def test_auxiliary_heads_count_a_part() -> None:
    """Two of GoogLeNet's at 0.3 each, the one of Inception v3 at 0.4; the main loss stays apart."""
    plain, target = Criterion("cross-entropy", 0.0, 2), torch.tensor([0])
    even, sure = torch.zeros(1, 2), torch.tensor([[math.log(3.0), 0.0]])
    main, side = math.log(2), math.log(4 / 3)
    total, first = plain.of_heads((even, sure, sure), target)
    assert (total.item(), first.item()) == pytest.approx((main + 0.6 * side, main))
    total, first = plain.of_heads((even, sure), target)
    assert (total.item(), first.item()) == pytest.approx((main + 0.4 * side, main))


def test_heads_are_found_in_whatever_a_network_returns() -> None:
    """A tensor, a tuple with heads that are off, a dictionary."""
    assert losses.heads(SCORES) == (SCORES,)
    assert losses.heads((SCORES, None)) == (SCORES,)
    assert losses.heads({"out": SCORES}) == (SCORES,)


def test_hits_are_counted_among_the_best() -> None:
    """The largest share of a mixed target is its class."""
    scores = torch.arange(6.0).repeat(3, 1)
    assert losses.right(scores, torch.tensor([5, 4, 0])).item() == 1
    assert losses.right(scores, torch.tensor([5, 1, 0]), 5).item() == 2
    mixed = torch.zeros(1, 6)
    mixed[0, 5], mixed[0, 0] = 0.6, 0.4
    assert losses.right(scores[:1], mixed).item() == 1


def test_half_precision_scores_are_weighed_in_single() -> None:
    """The loss of bf16 scores is that of the same numbers in fp32."""
    rounded = SCORES.bfloat16()
    plain, targets = Criterion("cross-entropy", 0.0, 3), torch.tensor([1, 2])
    assert plain.mean(rounded, targets) == nn.functional.cross_entropy(rounded.float(), targets)

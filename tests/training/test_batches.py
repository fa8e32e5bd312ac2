"""What each step sees, and how pictures become inputs."""

from __future__ import annotations

from contextlib import suppress
from functools import partial

import pytest
import torch

from explorer.errors import BadRequest
from explorer.training import feed as feeds
from explorer.training import noise, streams
from explorer.training.batches import Batches
from explorer.training.data.loading import Pictures
from explorer.training.feed import Feed
from explorer.training.shapes import fitted
from tests import small_training as small

CPU = torch.device("cpu")


def feed(shape: tuple[int, int, int] = small.SHAPE) -> Feed:
    """The 22 training pictures."""
    return Feed(small.pictures(22, 0), shape, partial(fitted, shape=shape), CPU)


@pytest.mark.parametrize("size", [1, 5, 7, 22, 0, 100])
def test_an_epoch_shows_every_picture_once(size: int) -> None:
    """In an order of its own; what is left over alone, of 22 in sevens, waits."""
    batches = Batches(small.recipe(batch_size=size), feed(), None, None)
    epochs = [
        torch.cat([batches.numbers(epoch * batches.per_epoch + place + 1) for place in range(n)])
        for n, epoch in ((batches.per_epoch, 0), (batches.per_epoch, 1))
    ]
    for shown in epochs:
        assert len(shown.unique()) == len(shown) == (21 if size == 7 else 22)
    assert epochs[0].tolist() != epochs[1].tolist()


def test_inputs_have_mean_zero_and_spread_one() -> None:
    """Per channel, over the training pictures as the network is given them."""
    inputs = feed((3, 8, 8)).normalised(torch.arange(22))
    assert inputs.shape == (22, 3, 8, 8)
    torch.testing.assert_close(inputs.mean((0, 2, 3)), torch.zeros(3), atol=1e-5, rtol=0)
    torch.testing.assert_close(inputs.std((0, 2, 3), correction=0), torch.ones(3))


def test_what_is_held_ready_changes_no_number(monkeypatch: pytest.MonkeyPatch) -> None:
    """Normalised before, fitted before, or neither: the same inputs to the bit."""
    numbers, shape = torch.tensor([3, 1, 20]), (3, 9, 9)
    whole = feed(shape)
    expected = whole.normalised(numbers)
    whole.keep_ready()
    assert torch.equal(whole.normalised(numbers), expected)
    monkeypatch.setattr(feeds, "MOST_FITTED", 0)
    assert torch.equal(feed(shape).normalised(numbers), expected)


def test_weights_do_not_go_with_mixed_pictures() -> None:
    """Whose weight would it be?"""
    with pytest.raises(BadRequest, match="mixed"):
        Batches(small.recipe(mixup=0.2), feed(), None, torch.ones(22))


def test_noise_on_inputs_has_the_spread_asked_for() -> None:
    """And is other noise at every step, of the same pictures."""
    batches = Batches(small.recipe(batch_size=0, input_noise=0.5), feed(), None, None)
    plain = Batches(small.recipe(batch_size=0), feed(), None, None)
    added = batches.batch(1).pictures - plain.batch(1).pictures
    assert added.std().item() == pytest.approx(0.5, rel=0.1)
    other = batches.batch(2).pictures - plain.batch(2).pictures
    assert not torch.allclose(added, other)


def test_noise_on_weights_goes_without_a_trace() -> None:
    """A share of each tensor's own spread; equal elements get none, and errors leave none."""
    weights = [torch.nn.Parameter(torch.randn(4000) * 3), torch.nn.Parameter(torch.ones(5))]
    before = [each.detach().clone() for each in weights]
    dice = streams.generator(0, "test")
    with suppress(ZeroDivisionError), noise.noisy(weights, 0.2, dice):
        added = (weights[0] - before[0]).std().item()
        assert added == pytest.approx(0.2 * before[0].std().item(), rel=0.1)
        assert torch.equal(weights[1], before[1])
        raise ZeroDivisionError
    assert all(torch.equal(each, kept) for each, kept in zip(weights, before, strict=True))


def test_streams_differ_by_seed_purpose_and_place() -> None:
    """And by nothing else."""
    numbers = [
        streams.number(0, "order", 1),
        streams.number(0, "order", 2),
        streams.number(1, "order", 1),
        streams.number(0, "noise", 1),
    ]
    assert len(set(numbers)) == 4
    assert streams.number(0, "order", 1) == numbers[0]
    assert all(0 <= each < 2**63 for each in numbers)


def test_classes_are_balanced_in_the_loss() -> None:
    """Each class weighs the same together, and the mean picture counts 1."""
    batches = Batches(small.recipe(batch_size=0, balance="loss"), feed(), None, None)
    batch = batches.batch(1)
    assert batch.weights is not None
    assert float(batch.weights.mean()) == pytest.approx(1.0)
    sums = [float(batch.weights[batch.targets == label].sum()) for label in batch.targets.unique()]
    assert sums == pytest.approx([22 / len(sums)] * len(sums))


def test_classes_are_balanced_by_sampling() -> None:
    """Of 20 pictures of one class and 2 of another, both are shown about as often."""
    pictures = small.pictures(22, 0)
    rare = Pictures(pictures.values, (torch.arange(22) >= 20).long())
    fed = Feed(rare, small.SHAPE, partial(fitted, shape=small.SHAPE), CPU)
    batches = Batches(small.recipe(batch_size=0, balance="sampling"), fed, None, None)
    shown = torch.cat([batches.batch(step).targets for step in range(1, 101)])
    assert len(shown) == 2200
    # Three standard deviations of a fair coin thrown 2,200 times.
    assert abs(float(shown.float().mean()) - 0.5) < 3 * 0.5 / 2200**0.5

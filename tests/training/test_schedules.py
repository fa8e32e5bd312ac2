"""Schedules against torch's own, warm-up by hand."""

from __future__ import annotations

import pytest
import torch
from torch.optim import lr_scheduler

from explorer.training.lengths import Length
from explorer.training.recipe import checked
from explorer.training.schedules import learning_rate
from explorer.training.standing import Standing

STEPS, RATE = 200, 0.4


def ours(**given: object) -> list[float]:
    """The learning rate of each of two hundred steps."""
    recipe = checked(learning_rate=RATE, **given)
    return [learning_rate(recipe, n / STEPS, (n + 1) / STEPS) for n in range(STEPS)]


def torchs(make: type | None, **settings: object) -> list[float]:
    """The same by one of torch's schedulers."""
    method = torch.optim.SGD([torch.nn.Parameter(torch.ones(1))], RATE)
    scheduler = make(method, **settings) if make else None
    found = []
    for _ in range(STEPS):
        found.append(method.param_groups[0]["lr"])
        method.step()
        if scheduler:
            scheduler.step()
    return found


def test_constant_step_and_cosine_are_torchs() -> None:
    """Step divides by ten at half and at three quarters."""
    assert ours(schedule="constant") == torchs(None)
    step = torchs(lr_scheduler.MultiStepLR, milestones=[100, 150], gamma=0.1)
    assert ours(schedule="step") == pytest.approx(step)
    cosine = torchs(lr_scheduler.CosineAnnealingLR, T_max=STEPS)
    assert ours(schedule="cosine") == pytest.approx(cosine, abs=1e-9)


def test_one_cycle_is_torchs_but_for_a_step() -> None:
    """torch ends its rise and its fall a step earlier, so its last step has the lowest rate."""
    torch_ = torchs(lr_scheduler.OneCycleLR, max_lr=RATE, total_steps=STEPS, cycle_momentum=False)
    found = ours(schedule="one-cycle")
    assert found[0] == pytest.approx(torch_[0])
    assert max(found) == pytest.approx(max(torch_))
    assert found == pytest.approx(torch_, abs=0.02 * RATE)


def test_warm_up_rises_straight_and_leaves_milestones_where_they_are() -> None:
    """Over a tenth of two hundred steps: a twentieth of the rate, two twentieths, and so on."""
    found = ours(schedule="step", warm_up=10)
    assert found[:20] == pytest.approx([RATE * n / 20 for n in range(1, 21)])
    assert found[20:] == ours(schedule="step")[20:]


def test_seconds_are_a_share_of_the_length_too() -> None:
    """Half way through a run of ten seconds the cosine is at half the rate."""
    recipe = checked(learning_rate=RATE, length=10, unit="seconds", schedule="cosine")
    length = Length(recipe, per_epoch=3)
    at = Standing(step=100, seconds=5.0)
    assert length.rate(at) == pytest.approx(RATE / 2)
    assert not length.over(at)
    at.seconds = 10.0
    assert length.over(at)

"""Verdicts on gradients: vanished, exploded, arrived, gone or never there."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.training import flow_verdicts
from explorer.training.gradient_flow_records import Bench, Flow, Setup


def flow(*gradients: float, activations: tuple[float, ...] = (1.0, 1.0, 1.0)) -> Flow:
    """A chain of three layers with these gradients."""
    given = np.array(gradients)
    return Flow(Setup(), Bench(4), np.array(activations), given, given, 1.0, 1.0)


@pytest.mark.parametrize(
    ("gradients", "fate", "words"),
    [
        ((1e-4, 1e-2, 1.0), "vanishes", "1e+04 times smaller"),
        ((400.0, 20.0, 1.0), "explodes", "400 times larger"),
        ((0.5, 0.7, 1.0), "arrives", "about the size"),
        ((0.1, 0.3, 1.0), "arrives", "10 times smaller"),
        ((0.0, 1e-40, 1.0), "gone", "before layer 2"),
        ((0.0, 0.0, 0.0), "nothing", "exactly 0"),
        ((np.inf, 1.0, 1.0), "overflows", "gradient does not fit"),
    ],
)
def test_fates(gradients: tuple[float, ...], fate: str, words: str) -> None:
    """Each with its sentence."""
    said = flow_verdicts.verdict(flow(*gradients))
    assert said.fate == fate
    assert words in said.sentence


def test_the_factor_of_each_layer() -> None:
    """A hundredth over two layers is a tenth each."""
    said = flow_verdicts.verdict(flow(0.01, 0.1, 1.0))
    assert said.ratio == pytest.approx(0.01)
    assert said.per_layer == pytest.approx(0.1)


def test_overflowing_activations_name_the_layer() -> None:
    """The first that does not fit."""
    said = flow_verdicts.verdict(flow(0.0, 0.0, 0.0, activations=(1.0, np.inf, np.nan)))
    assert (said.fate, said.ratio) == ("overflows", None)
    assert "from layer 2 on" in said.sentence


def test_the_best_keeps_its_size() -> None:
    """Nearest to one on a logarithmic scale, those within a factor of two beside it."""
    flows = [flow(0.1, 1, 1), flow(0.9, 1, 1), flow(1.6, 1, 1), flow(0, 1, 1)]
    assert flow_verdicts.best(flows) == (1, 2)
    assert flow_verdicts.best([flow(0, 0, 0)]) == ()

"""Checks of saliency maps say what is so, with the number it follows from."""

from __future__ import annotations

from collections.abc import Callable
from itertools import pairwise
from typing import Any

import numpy as np
import pytest
import torch
from scipy.stats import rankdata

from explorer.errors import BadRequest, Cancelled
from explorer.pictures import samples
from explorer.vision import similarity, trust
from explorer.vision.attribution import attribute
from explorer.vision.attribution_records import Step
from explorer.vision.loading import load
from explorer.vision.preprocess import input_tensor


def digit() -> Any:
    """A bundled digit."""
    return samples.accepted(next(each.name for each in samples.SAMPLES if "digit" in each.name))


def numbers() -> list[torch.Tensor]:
    """All weights of the network that is loaded, copied."""
    with load("lenet5").borrowed() as net:
        return [each.clone() for each in net.state_dict().values()]


def test_rank_correlation_is_pearson_s_of_ranks() -> None:
    """Absolute values, ranked by scipy; nothing where a map is constant or no number."""
    one, other = np.random.default_rng(0).normal(size=(2, 8, 8)).astype(np.float32)
    ranks = [rankdata(np.abs(each).ravel()) for each in (one, other)]
    expected = float(np.corrcoef(*ranks)[0, 1])
    assert similarity.rank_correlation(one, other) == pytest.approx(expected)
    assert similarity.rank_correlation(one, -one) == pytest.approx(1)
    assert similarity.rank_correlation(one, np.ones_like(one)) is None
    assert similarity.rank_correlation(one, one * np.nan) is None
    assert similarity.similarity(one, one) == pytest.approx(1)
    assert similarity.similarity(one, np.zeros_like(one)) is None
    assert similarity.similarity(one[:4], one[:4]) is None


@pytest.mark.parametrize(
    ("correlation", "words"),
    [
        (0.97, "The map of cat looks almost the same (rank correlation 0.97): it hardly knows"),
        (0.7, "The map of cat is similar (rank correlation 0.70): only part of it"),
        (0.1, "The map of cat is another one (rank correlation 0.10): it depends on the class."),
        (None, "The map cannot be compared with that of cat"),
    ],
)
def test_class_blindness_is_a_sentence(correlation: float | None, words: str) -> None:
    """With its number."""
    assert similarity.class_blindness(correlation, "cat").startswith(words)


def test_layers_become_random_from_the_top_down() -> None:
    """LeNet-5 has five rows with weights; in the end not one tensor is as it was, in a copy."""
    before = numbers()
    found = trust.randomisation("lenet5", digit(), "gradient")
    assert [each.layer for each in found.steps] == ["output", "f6", "c5", "c3", "c1"]
    assert all(map(torch.equal, before, numbers()))
    plain = attribute("lenet5", digit(), "gradient")
    assert np.array_equal(found.original.values, plain.values)
    x = input_tensor(digit(), load("lenet5").preprocessing).requires_grad_()
    with load("lenet5", "random").borrowed() as untrained:
        (random,) = torch.autograd.grad(untrained(x)[0, plain.target], x)
    assert np.allclose(found.steps[-1].values, random[0, 0].numpy(), atol=1e-6)
    expected = similarity.rank_correlation(plain.values, random[0, 0].numpy())
    assert found.steps[-1].rank_correlation == pytest.approx(expected, abs=1e-4)
    assert "rank correlation" in found.sentence


def test_a_cancelled_randomisation_leaves_the_network() -> None:
    """Stopped half-way; the weights are those that were loaded."""
    before, map_ = numbers(), attribute("lenet5", digit(), "gradcam").values

    def progress(fraction: float, sentence: str) -> None:
        if fraction > 0.5:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        trust.randomisation("lenet5", digit(), "gradcam", progress=progress)
    assert all(map(torch.equal, before, numbers()))
    assert np.array_equal(map_, attribute("lenet5", digit(), "gradcam").values)


def test_random_weights_have_nothing_to_forget() -> None:
    """One sentence, with what to do."""
    with pytest.raises(BadRequest, match="random already; choose trained ones"):
        trust.randomisation("lenet5", digit(), "gradient", weights="random")


def steps(*correlations: float | None) -> list[Step]:
    """Steps with these correlations."""
    return [Step("fc", each, None, np.zeros((1, 1), np.float32)) for each in correlations]


@pytest.mark.parametrize(
    ("correlations", "words"),
    [
        ((0.97, 0.9), "unchanged (rank correlation 0.97), and all layers rank correlation 0.90"),
        ((0.95, 0.1), "hardly depends on what the last layer learned; all layers: 0.10."),
        ((0.6, 0.7), "it shows the picture more than what the network learned."),
        ((0.4, 0.05), "all of them more (0.05): it depends on what the network learned."),
        ((0.2, 0.4), "and so does randomising all of them (0.40): it depends on"),
        ((0.4, None), "it cannot be compared."),
    ],
)
def test_what_follows_from_a_randomisation(
    correlations: tuple[float | None, ...], words: str
) -> None:
    """Each case one sentence."""
    said = trust._forgotten(steps(*correlations))
    assert words in said
    assert said.endswith(".")


def test_curves_start_and_end_where_they_must() -> None:
    """Insertion ends and deletion starts at the picture's own probability; areas by trapezoids."""
    map_ = attribute("lenet5", digit(), "integrated_gradients")
    found = trust.curves("lenet5", digit(), "integrated_gradients")
    assert found.fractions[0] == 0
    assert found.fractions[-1] == 1
    assert found.insertion[-1] == pytest.approx(map_.probability, abs=1e-5)
    assert found.deletion[0] == pytest.approx(map_.probability, abs=1e-5)
    for curve, area in (
        (found.insertion, found.insertion_area),
        (found.deletion, found.deletion_area),
    ):
        assert len(curve) == len(found.fractions)
        by_hand = sum((a + b) / 2 for a, b in pairwise(curve))
        assert area == pytest.approx(by_hand / (len(curve) - 1))
    assert found.deletion_area < found.random_deletion_area
    assert f"{found.insertion_area:.2f}" in found.sentence
    again = trust.curves("lenet5", digit(), "integrated_gradients")
    assert again == found


@pytest.mark.parametrize(
    ("areas", "words"),
    [
        ((0.8, 0.1, 0.5, 0.4), "the pixels it names matter to the network."),
        ((0.8, 0.6, 0.5, 0.4), "only one of the two speaks for the map."),
        ((0.3, 0.6, 0.5, 0.4), "matter no more than any others."),
        ((0.3, float("nan"), 0.5, 0.4), "nothing follows from these curves."),
    ],
)
def test_what_follows_from_curves(areas: tuple[float, ...], words: str) -> None:
    """Both, one or none better than chance, or no numbers at all."""
    assert trust._mattering(areas).endswith(words)


@pytest.mark.parametrize("call", [trust.randomisation, trust.curves])
def test_progress_runs_from_0_to_1(call: Callable[..., Any]) -> None:
    """It never goes back."""
    fractions: list[float] = []
    call("lenet5", digit(), "gradient", progress=lambda f, _: fractions.append(f))
    assert fractions == sorted(fractions)
    assert 0 <= fractions[0] < 0.2
    assert 0.6 < fractions[-1] <= 1

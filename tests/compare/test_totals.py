"""Columns side by side, and which networks can be compared."""

from __future__ import annotations

import pytest

from explorer.anatomy import dissect
from explorer.compare.totals import accuracy, check, incomparable, stopped, totals
from explorer.errors import BadRequest
from explorer.zoo import catalogue


@pytest.mark.parametrize(
    ("names", "message"),
    [
        (["resnet18"], "2 to 6 models, not 1"),
        (["resnet18", "vgg16", "resnet18"], "resnet18 is named twice"),
        (["a", "b", "c", "d", "e", "f", "g"], "At most 6"),
    ],
)
def test_what_is_no_comparison_is_refused(names: list[str], message: str) -> None:
    """One model, the same twice, too many."""
    with pytest.raises(BadRequest, match=message):
        check(names)


def test_a_column_holds_the_literature_s_figures() -> None:
    """ResNet-50 of torchvision: 25,557,032 parameters, 4.089 GMACs, 427 pixels, 80.858 % (V2)."""
    found = totals(catalogue.find("resnet50"), dissect("resnet50"))
    assert (found.params, found.depth, found.sees) == (25_557_032, 50, "427 px")
    assert found.macs / 1e9 == pytest.approx(4.089, abs=0.0005)
    assert found.accuracy is not None
    assert (found.accuracy.value, found.accuracy.weights) == (80.858, "IMAGENET1K_V2")


def test_accuracies_of_other_tasks_keep_their_metric() -> None:
    """A detector's figure is its box mAP; LeNet-5 has no published weights here."""
    found = accuracy(catalogue.find("ssd300_vgg16"))
    assert found is not None
    assert found.metric == "COCO-val2017 box_map"
    assert accuracy(catalogue.find("lenet5")) is None


def test_what_cannot_be_compared_is_said() -> None:
    """Accuracies of different tasks."""
    columns = [totals(catalogue.find(name), dissect(name)) for name in ("resnet50", "fcn_resnet50")]
    assert "accuracies cannot" in incomparable(columns)
    assert incomparable(columns[:1]) == ""


def test_an_input_too_small_is_one_sentence() -> None:
    """VGG-16's poolings need 32 pixels."""
    card = catalogue.find("vgg16")
    assert stopped(card, dissect("vgg16", size=16)) == (
        "VGG-16 cannot take 16 × 16 and is left out: it takes 32 × 32 and more."
    )
    assert stopped(card, dissect("vgg16")) == ""

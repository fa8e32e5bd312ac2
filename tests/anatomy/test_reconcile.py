"""What others print, explained by arithmetic on our rows."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
import torch
import torchinfo
from torch import nn

from explorer.anatomy import conventions, dissect, torchinfo_view
from explorer.anatomy.published import FIGURES, Figure, figures
from explorer.anatomy.reconcile import reconcile
from explorer.errors import BadRequest, Cancelled, UnknownModel
from explorer.zoo import build, catalogue

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import Comparison, Reconciliation

NOT_BY_ARITHMETIC = {("alexnet", "paper", "parameters")}
"""Figures of another network than the model of that name; the row says which."""


def row(found: Reconciliation, tool: str, quantity: str) -> Comparison:
    """The one row of a tool and a quantity."""
    (only,) = [each for each in found.rows if (each.tool, each.quantity) == (tool, quantity)]
    return only


def test_printed_figures_are_read_as_numbers() -> None:
    """15.3 G is 15,300,000,000, known to a hundred million; digits may be rounded or cut off."""
    figure = Figure("paper", "vgg16", "MACs", "15.3 G", "somewhere")
    assert (figure.value, figure.step) == (15_300_000_000, 100_000_000)
    assert figure.agrees_with(15_346_630_656)
    assert figure.agrees_with(15_250_000_000)
    assert not figure.agrees_with(15_470_264_320)


@pytest.mark.parametrize("model", sorted({each.model for each in FIGURES}))
def test_every_outside_figure_follows_from_our_rows(model: str) -> None:
    """Papers, Keras, thop, fvcore, ptflops and TensorFlow: the digits, or the digits by a rule."""
    anatomy = dissect(model)
    for figure in figures(model):
        ours = anatomy.params if figure.quantity == "parameters" else anatomy.macs
        rule = conventions.RULES.get(figure.rule)
        predicted = rule.count(anatomy) if rule else ours
        expected = (model, figure.tool, figure.quantity) not in NOT_BY_ARITHMETIC
        assert figure.agrees_with(predicted) == expected, figure


def test_the_count_of_keras_is_explained() -> None:
    """ResNet-50: 25,557,032 + 2 * 26,560 moving statistics + 26,560 biases = 25,636,712."""
    found = row(reconcile("resnet50"), "Keras", "parameters")
    assert (found.theirs, found.ours, found.predicted) == (25_636_712, 25_557_032, 25_636_712)
    assert found.difference == 79_680
    assert found.agreement == "explained"
    assert "moving mean" in found.explanation


def test_the_many_counts_of_vgg16() -> None:
    """15.47 G here and at torchvision, 15.3 in the paper, 15.61 at thop, 30.71 at TensorFlow."""
    found = reconcile("vgg16")
    told = {
        each.tool: (each.printed, each.agreement)
        for each in found.rows
        if each.quantity != "parameters"
    }
    assert told["torchvision (IMAGENET1K_V1)"] == ('15.470 "GFLOPS"', "equal")
    assert told["paper"] == ("15.3 G", "explained")
    assert told["thop (its README)"] == ("15.61 G", "explained")
    assert told["TensorFlow"] == ("30.71 G", "explained")


def test_a_figure_of_another_network_says_so() -> None:
    """AlexNet's 60 million belong to the two towers of 2012."""
    found = row(reconcile("alexnet"), "paper", "parameters")
    assert found.agreement == "explained"
    assert "two towers" in found.explanation


def test_every_set_of_weights_is_compared_at_its_own_size() -> None:
    """ViT-B/16 has weights for 224 and for 384, and the latter's network has more parameters."""
    rows = [each for each in reconcile("vit_b_16").rows if each.tool.startswith("torchvision")]
    large = [each for each in rows if "SWAG_E2E" in each.tool]
    assert {each.setting for each in large} == {"1 × 3 × 384 × 384"}
    assert {each.agreement for each in rows} == {"equal"}
    assert {each.ours for each in large if each.quantity == "parameters"} == {86_859_496}


def test_torchinfo_is_shown_whole_at_the_size_asked_for() -> None:
    """Its own text with its totals, and the difference to ours told in parts that add up."""
    found = reconcile("resnet18", size=(64, 96))
    assert "Total params: 11,689,512" in found.torchinfo
    assert "layer4" not in found.torchinfo  # torchinfo's depth index, not our paths
    assert found.torchinfo.count("BasicBlock") == 8
    theirs = row(found, "torchinfo", "MACs")
    assert theirs.setting == "1 × 3 × 64 × 96"
    assert theirs.theirs == theirs.predicted == theirs.ours + 9_600 + 1_000
    assert theirs.agreement == "explained"
    assert "normalisation" in theirs.explanation


def hand_made() -> nn.Sequential:
    """Every kind of difference torchinfo can have, small enough to count by hand."""
    return nn.Sequential(
        nn.Conv2d(3, 4, 3, padding=1),  # 4 biases on 8 * 8 positions
        nn.BatchNorm2d(4),  # 8 parameters once per sample
        nn.ConvTranspose2d(4, 2, 2, stride=2, bias=False),  # at 16 * 16 instead of 8 * 8
        nn.Flatten(2),
        nn.Linear(256, 5),  # on 2 rows: weights once instead of twice, 5 biases once
    )


def test_torchinfo_s_differences_by_hand() -> None:
    """Two samples through the hand-made net."""
    inputs = torch.rand(2, 3, 8, 8)
    anatomy = dissect(hand_made(), inputs=inputs)
    assert torchinfo_view.differences(anatomy) == {
        torchinfo_view.CONV_BIASES: 2 * 4 * 64,
        torchinfo_view.SCALES: 2 * 8,
        torchinfo_view.TRANSPOSED: 2 * 4 * 2 * 4 * (256 - 64),
        torchinfo_view.LINEAR_BIASES: 2 * 5,
        torchinfo_view.TOKENS: -2 * 256 * 5,
    }
    theirs = torchinfo.summary(hand_made(), input_data=inputs, verbose=0)
    assert torchinfo_view.mult_adds(anatomy) == theirs.total_mult_adds


SAMPLED = ["alexnet", "convnext_tiny", "densenet121", "efficientnet_v2_s", "fcn_resnet50",
           "googlenet", "maxvit_t", "mobilenet_v3_small", "quantized_resnet18", "r3d_18",
           "raft_small", "regnet_x_400mf", "shufflenet_v2_x0_5", "ssd300_vgg16", "swin_v2_t",
           "vit_b_32"]  # fmt: skip


def explained_exactly(name: str) -> None:
    """Our rows give torchinfo's total, and say for what."""
    everything = reconcile(name)
    found = row(everything, "torchinfo", "MACs")
    assert found.predicted == found.theirs
    assert found.agreement in ("equal", "explained")
    assert row(everything, "torchinfo", "parameters").agreement == "equal"


@pytest.mark.parametrize("name", SAMPLED)
def test_torchinfo_is_explained_exactly(name: str) -> None:
    """One of every family, up to detectors, video and optical flow."""
    explained_exactly(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", [each.name for each in catalogue.cards()])
def test_torchinfo_is_explained_exactly_everywhere(name: str) -> None:
    """Every model of the catalogue."""
    explained_exactly(name)


def test_what_the_meta_device_tells_is_what_torchinfo_tells_with_numbers() -> None:
    """Its summary needs no real run: text and totals are those of the real network."""
    found = reconcile("squeezenet1_1")
    inputs = list(build.example_inputs(build.card("squeezenet1_1")))
    network = build.real_network("squeezenet1_1")
    theirs = torchinfo.summary(network, input_data=inputs, depth=100, verbose=0)
    # The tensor object's own few bytes are in torchinfo's input size, and differ between devices.
    assert found.torchinfo.splitlines()[:-6] == str(theirs).splitlines()[:-6]


def test_bad_arguments_are_refused() -> None:
    """Unknown names and impossible sizes raise what their sentence says."""
    with pytest.raises(UnknownModel):
        reconcile("resnet51x")
    with pytest.raises(BadRequest):
        reconcile("resnet18", size=0)
    with pytest.raises(BadRequest, match="cannot run"):
        reconcile("vit_b_16", size=100)


def test_progress_may_cancel() -> None:
    """`Cancelled` raised by the progress callable comes through."""

    def stop(fraction: float, sentence: str) -> None:
        raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        reconcile("resnet18", progress=stop)


def test_a_figure_rounded_the_wrong_way_says_which() -> None:
    """The paper's 29 M for Swin-T is 28.288 M rounded up, not cut off."""
    paper = row(reconcile("swin_t"), "paper", "parameters")
    assert paper.ours == 28_288_354
    assert "rounded up" in paper.explanation

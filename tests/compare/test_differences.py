"""The structural diff: what matched, changed, came and went, in numbers and words."""

from __future__ import annotations

from functools import cache

import pytest

from explorer.anatomy import dissect
from explorer.compare.differences import align, difference
from explorer.compare.levels import title
from explorer.compare.records import Difference, Unit


@cache
def between(left: str, right: str) -> Difference:
    """The difference of two models of the zoo."""
    return difference(dissect(left), dissect(right))


def sentences(found: Difference) -> dict[str, str]:
    """What is said of each stage."""
    return {title(stage.level): stage.sentence for stage in found.stages}


def counts(found: Difference) -> tuple[int, int, int, int]:
    """Matched, changed, added, removed."""
    verdicts = ("matched", "changed", "added", "removed")
    return tuple(found.count(each) for each in verdicts)  # type: ignore[arg-type,return-value]


def unit(kernel: str, channels: int = 8) -> Unit:
    """A convolution with nothing else to it."""
    return Unit(
        kernel, "Conv2d", 0, ((kernel,),), ((channels,),), (), (), (channels, 4, 4), 1, 1, 1
    )


def test_a_network_equals_itself() -> None:
    """All units match."""
    found = between("resnet18", "resnet18")
    assert counts(found)[1:] == (0, 0, 0)
    assert "same structure" in found.sentence


def test_vgg19_has_three_more_convolutions() -> None:
    """Simonyan and Zisserman, table 1: D and E differ by one convolution in stages 3, 4 and 5."""
    found = between("vgg16", "vgg19")
    assert counts(found) == (23, 0, 3, 0)
    said = sentences(found)
    for stage in ("1/4", "1/8", "1/16"):
        assert said[stage] == "Four 3×3 convolutions instead of three."
    assert said["1/2"].startswith("The same")


def test_going_back_swaps_added_and_removed() -> None:
    """From VGG-19 to VGG-16 the three are removed."""
    assert counts(between("vgg19", "vgg16")) == (23, 0, 0, 3)


def test_resnet34_has_more_of_the_same_blocks() -> None:
    """He et al., table 1: 2, 2, 2, 2 against 3, 4, 6, 3."""
    found = between("resnet18", "resnet34")
    assert counts(found)[1:] == (0, 8, 0)
    assert sentences(found)["1/16"] == "Six basic blocks instead of two."


def test_resnet50_changes_the_block() -> None:
    """Two 3x3 became 1x1, 3x3, 1x1 with four times the channels."""
    said = sentences(between("resnet18", "resnet50"))["1/4"]
    assert said.startswith("Three bottleneck blocks instead of two basic blocks")
    assert "3×3 → 3×3 became 1×1 → 3×3 → 1×1 (2 times)" in said
    assert "256 channels instead of 64" in said
    assert "the identity shortcut became 1×1" in said


def test_googlenet_of_torchvision_lost_its_5x5() -> None:
    """In all nine modules (pytorch/vision#906), and nothing else changed in kernels there."""
    found = between("googlenet_2014", "googlenet")
    modules = [
        step
        for stage in found.stages
        for step in stage.steps
        if step.left is not None and step.left.kind == "Inception"
    ]
    assert len(modules) == 9
    for step in modules:
        assert "1×1 → 5×5 became 1×1 → 3×3" in step.words
        assert "with batch norm" in step.words


def test_batch_norm_is_a_change_of_every_convolution() -> None:
    """VGG-16 with batch norm: 13 convolutions changed, all else matches."""
    found = between("vgg16", "vgg16_bn")
    assert found.count("changed") == 13
    assert {step.words for stage in found.stages for step in stage.steps} == {
        (),
        ("with batch norm",),
    }


def test_mobilenet_v3_says_what_is_new() -> None:
    """Howard et al.: 5x5 depthwise, squeeze-and-excitation, hard swish."""
    said = " ".join(sentences(between("mobilenet_v2", "mobilenet_v3_large")).values())
    for words in ("5×5 depthwise", "squeeze-excitation", "hard swish instead of ReLU6"):
        assert words in said


@pytest.mark.parametrize(
    ("left", "right", "verdicts"),
    [
        (["3×3"], ["3×3"], ["matched"]),
        (["3×3"], ["5×5"], ["changed"]),
        (["3×3"], ["3×3", "3×3"], ["matched", "added"]),
        (["1×1", "3×3"], ["3×3"], ["removed", "matched"]),
        (["3×3"], ["max pool 2×2"], ["removed", "added"]),
        ([], ["3×3"], ["added"]),
        ([], [], []),
    ],
)
def test_alignment_by_hand(left: list[str], right: list[str], verdicts: list[str]) -> None:
    """Small sequences whose best alignment is plain to see."""
    steps = align([unit(each) for each in left], [unit(each) for each in right])
    assert sorted(step.verdict for step in steps) == sorted(verdicts)
    assert [step.left.id for step in steps if step.left] == left
    assert [step.right.id for step in steps if step.right] == right
    if left and right and "max pool 2×2" not in right:
        assert [step.verdict for step in steps] == verdicts

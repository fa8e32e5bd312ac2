"""Layers sorted by resolution: sums, sizes, levels."""

from __future__ import annotations

import pytest

from explorer.anatomy import dissect
from explorer.compare.levels import levels, title
from explorer.compare.records import HEAD, NEVER, TOKENS
from explorer.compare.stages import sizes, stages

MODELS = ("vgg16", "resnet50", "googlenet_2014", "inception_v3", "vit_b_16", "fcn_resnet50")


@pytest.mark.parametrize("name", MODELS)
def test_stages_add_up_to_the_totals(name: str) -> None:
    """Every layer stands in exactly one stage."""
    anatomy = dissect(name)
    found = stages(anatomy)
    assert sum(stage.params for stage in found) == anatomy.params
    assert sum(stage.macs for stage in found) == anatomy.macs
    assert sum(stage.activation_bytes for stage in found) == anatomy.activation_bytes
    assert sum(stage.layers for stage in found) == len(anatomy.layers)


def test_vgg16_by_hand() -> None:
    """224 halves with every pooling; two 3x3 at 64 channels hold 1,792 + 36,928 parameters."""
    found = stages(dissect("vgg16"))
    assert [title(stage.level) for stage in found] == [
        "1/1", "1/2", "1/4", "1/8", "1/16", "1/32", "head",
    ]  # fmt: skip
    assert [sizes(stage) for stage in found[:3]] == ["224 × 224", "112 × 112", "56 × 56"]
    assert found[0].params == 3 * 3 * 3 * 64 + 64 + 3 * 3 * 64 * 64 + 64
    # Six to eight are 7x7x512 to 4,096, 4,096 to 4,096 and 4,096 to 1,000.
    assert found[-1].macs == 25_088 * 4096 + 4096 * 4096 + 4096 * 1000


def test_channels_are_those_a_stage_hands_on() -> None:
    """ResNet-50: 64 from the stem, then 256, 512, 1,024 and 2,048 (He et al., table 1)."""
    found = [stage.channels for stage in stages(dissect("resnet50")) if stage.level < TOKENS]
    assert found == [64, 256, 512, 1024, 2048]


def test_reach_is_that_of_the_literature() -> None:
    """VGG-16 sees 212 pixels after its last pooling."""
    assert stages(dissect("vgg16"))[5].reach == 212


def test_odd_sizes_stand_with_their_nearest_power_of_two() -> None:
    """Inception v3 from 299: maps of 149 and 147 are both one half."""
    found = stages(dissect("inception_v3"))
    half = next(stage for stage in found if stage.level == 1)
    assert sizes(half) == "149 × 149 – 147 × 147"


def test_tokens_heads_and_what_never_ran_have_a_place() -> None:
    """A transformer works on tokens; GoogLeNet's auxiliary heads never run."""
    assert TOKENS in levels(dissect("vit_b_16"))
    found = stages(dissect("googlenet_2014"))
    assert [stage.level for stage in found[-2:]] == [HEAD, NEVER]
    assert found[-1].macs == 0
    assert found[-1].params > 0

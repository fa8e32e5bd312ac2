"""Every design's formula, its real module and the course's own arithmetic agree."""

from __future__ import annotations

import random
import re
from typing import TYPE_CHECKING, Any

import pytest
import torch

from explorer.anatomy import dissect
from explorer.blocks.build import build
from explorer.blocks.comparisons import COMPARISONS, find
from explorer.blocks.lab import compare
from explorer.errors import BadDesign, BadRequest
from explorer.knobs import Knob, settled

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison, Design
    from explorer.blocks.lab_records import Counted

READY = [
    pytest.param(comparison, dict(setting.values), id=f"{comparison.key}: {setting.title}")
    for comparison in COMPARISONS.values()
    for setting in comparison.settings
]


def designs(key: str, **given: int | str) -> dict[str, Counted]:
    """The counted designs of a comparison by their keys."""
    return {each.key: each for each in compare(key, given).designs}


def read_aloud(text: str, numbers: Any) -> float:
    """Work a formula out from what stands there, without the function behind it."""
    python = text.replace("·", "*").replace("−", "-").replace("^", "**")
    assert re.fullmatch(r"[\w\s*+\-/().]+", python)
    return float(eval(python, {"__builtins__": {}}, dict(numbers)))


def agrees(design: Design) -> None:
    """Real module, function and written formula come to the same weights and multiply-adds."""
    module = build(design.parts, design.shape)
    anatomy = dissect(module, inputs=torch.empty(1, *design.shape, device="meta"))
    for rule, counted in ((design.weights, anatomy.params), (design.macs, anatomy.macs)):
        assert rule.value(design.numbers) == counted, (design.title, rule.text)
        assert read_aloud(rule.text, design.numbers) == counted, (design.title, rule.text)
    assert anatomy.params == sum(each.numel() for each in module.parameters())
    assert not anatomy.not_counted


@pytest.mark.parametrize(("comparison", "given"), READY)
def test_ready_settings(comparison: Comparison, given: dict[str, Any]) -> None:
    """Formula and real module agree for every design of every ready setting."""
    for design in comparison.designs(settled(comparison.knobs, given)):
        agrees(design)


def turned(knob: Knob, chance: random.Random) -> int | float | str:
    """Some value of a knob, small enough to be counted quickly."""
    if knob.choices:
        return chance.choice(knob.choices)
    low, high = int(knob.low), min(int(knob.high), 40)
    return chance.randrange(low, high + 1, int(knob.step))


@pytest.mark.parametrize("key", COMPARISONS)
def test_any_values(key: str) -> None:
    """Formula and real module agree wherever the knobs stand, if the geometry is possible."""
    chance, comparison, possible = random.Random(key), find(key), 0
    for _ in range(12):
        values = {knob.name: turned(knob, chance) for knob in comparison.knobs}
        if key == "grouped":
            values["channels"] = values["groups"] * chance.randint(1, 4)
        if key == "dense":
            values["layers"] = chance.randint(1, 5)
        try:
            for design in comparison.designs(settled(comparison.knobs, values)):
                agrees(design)
        except BadDesign:
            continue  # a kernel without padding that is larger than the map
        possible += 1
    assert possible >= 6


@pytest.mark.parametrize(
    ("n", "stacked", "large"), [(2, 18, 25), (3, 27, 49), (4, 36, 81), (5, 45, 121)]
)
def test_stacks_of_the_course(n: int, stacked: int, large: int) -> None:
    """n of 3x3 against one (2n+1)x(2n+1): 18C^2 against 25C^2, 27C^2 against 49C^2, equal field."""
    for channels in (1, 64, 100):
        found = designs("stack", n=n, channels=channels)
        assert found["stack"].params == stacked * channels**2
        assert found["single"].params == large * channels**2
        assert found["stack"].field == found["single"].field == (2 * n + 1, 2 * n + 1)
        assert (found["stack"].nonlinearities, found["single"].nonlinearities) == (n, 1)
        assert (found["stack"].depth, found["single"].depth) == (n, 1)


def test_28_and_45_per_cent_fewer_weights() -> None:
    """Two 3x3 have 28 % fewer weights than a 5x5, three 45 % fewer than a 7x7."""
    assert compare("stack", {"n": 2}).answer == pytest.approx(1 - 0.28)
    assert compare("stack", {"n": 3}).answer == pytest.approx(1 - 0.45, abs=0.002)


def test_a_dilated_stack_sees_further() -> None:
    """Three 3x3 dilated by two see 1 + 3 * 2 * 2 = 13 pixels, at the same cost."""
    found = designs("stack", n=3, dilation=2)
    assert found["stack"].field == found["single"].field == (13, 13)
    assert found["stack"].params == 27 * 64**2


def test_the_field_grows_by_two_pixels_a_layer() -> None:
    """Behind the kernels of a stack of four: 3, 5, 7, 9."""
    steps = designs("stack", n=4)["stack"].steps
    assert [step.field for step in steps if step.kind == "Conv2d"] == [
        (3, 3), (5, 5), (7, 7), (9, 9),
    ]  # fmt: skip


def test_activations_of_a_stack() -> None:
    """Each of n layers and their activations writes C * H * W numbers of four bytes."""
    found = designs("stack", n=3, channels=8, height=10, width=12)
    assert found["stack"].activation_bytes == 3 * 2 * 8 * 10 * 12 * 4
    assert found["single"].activation_bytes == 2 * 8 * 10 * 12 * 4


def test_oblong_kernels() -> None:
    """7x7 has 49C^2 weights, 1x7 and 7x1 14C^2, both see 7 x 7."""
    found = designs("factorised", n=7, channels=192)
    assert (found["square"].params, found["factorised"].params) == (49 * 192**2, 14 * 192**2)
    assert found["square"].field == found["factorised"].field == (7, 7)


def test_groups_divide() -> None:
    """128 channels, 3x3: 147,456 weights; in 32 groups a 32nd of them; depthwise 9 * 128."""
    found = designs("grouped")
    assert found["plain"].params == 147_456
    assert found["grouped"].params == 147_456 // 32
    assert found["depthwise"].params == 1_152


def test_inceptions_five_by_five() -> None:
    """On 28x28x192 to 32: 120,422,400; through a 1x1 of 16 2,408,448 + 10,035,200 = 12,443,648."""
    found = designs("reduction")
    assert found["direct"].macs == 120_422_400
    assert [step.macs for step in found["reduced"].steps if step.macs] == [2_408_448, 10_035_200]
    assert found["reduced"].macs == 12_443_648
    assert compare("reduction").answer == pytest.approx(12_443_648 / 120_422_400)


def test_every_branch_of_inception_3a() -> None:
    """192 channels: 1x1 to 64; 96 then 3x3 to 128; 16 then 5x5 to 32; pooling then 32."""
    module = designs("inception")["module"]
    assert module.output_shape == (64 + 128 + 32 + 32, 28, 28)
    assert {each.branch: each.params for each in module.shares} == {
        "1 × 1": 192 * 64,
        "3 × 3": 192 * 96 + 9 * 96 * 128,
        "5 × 5": 192 * 16 + 25 * 16 * 32,
        "pooling": 192 * 32,
    }
    assert sum(each.params for each in module.shares) == module.params == 163_328
    assert sum(each.macs for each in module.shares) == module.macs == 163_328 * 28**2


def test_the_bottleneck_of_resnet() -> None:
    """256-64-64-256 has 69,632 weights, two 3x3 at 256 have 1,179,648; a projection adds 256^2."""
    found = designs("bottleneck")
    assert found["basic"].params == 1_179_648
    assert found["bottleneck"].params == 69_632
    assert found["projected"].params == 69_632 + 256**2
    assert {each.branch: each.params for each in found["projected"].shares} == {
        "residual": 69_632,
        "shortcut": 65_536,
    }


def test_a_dense_block_grows_linearly() -> None:
    """DenseNet-121's first block: 64, 96, 128, 160, 192, 224, 256 channels; half behind it."""
    found = designs("dense")
    joined = [step.output[0] for step in found["dense"].steps if step.kind == "cat"]
    assert joined == [96, 128, 160, 192, 224, 256]
    assert found["dense"].params == 9 * 32 * (64 + 96 + 128 + 160 + 192 + 224)
    assert found["transition"].output_shape == (128, 28, 28)
    assert found["transition"].params - found["narrowed"].params == 256 * 128


def test_a_bottleneck_in_a_dense_block_pays_beyond_seven_k() -> None:
    """A layer that reads c maps: 9kc weights, or 4kc + 36k^2, which is less from c = 7.2k on."""
    for channels, pays in ((7, False), (8, True)):
        found = designs("dense", layers=1, growth=10, channels=10 * channels)
        assert (found["narrowed"].params < found["dense"].params) is pays


def test_depthwise_separable_of_the_course() -> None:
    """6x6x3, 3x3, five filters, no padding: 2,160 multiplications, or 432 + 240 = 672."""
    found = designs("separable")
    assert found["full"].macs == 2_160
    assert [step.macs for step in found["separable"].steps if step.macs] == [432, 240]
    assert found["separable"].macs == 672


def test_the_separable_ratio_is_its_law() -> None:
    """1/C_out + 1/K^2, whatever the input."""
    for kernel, outputs in ((3, 5), (3, 512), (5, 7), (1, 4)):
        lab = compare("separable", {"kernel": kernel, "outputs": outputs, "padding": "same"})
        assert lab.answer == pytest.approx(1 / outputs + 1 / kernel**2)


def test_the_inverted_bottleneck() -> None:
    """64 channels widened 6 times: 64 * 384 + 9 * 384 + 384 * 64 weights."""
    found = designs("inverted")
    assert found["widened"].params == 64 * 384 + 9 * 384 + 384 * 64
    assert found["narrow"].params == 9 * 64 + 64 * 64


def test_squeeze_and_excitation() -> None:
    """256 channels, reduction 16: 2 * 256 * 16 = 8,192 weights and as many multiply-adds."""
    found = designs("squeeze")
    assert found["squeezed"].params - found["bare"].params == 8_192
    assert found["squeezed"].macs - found["bare"].macs == 8_192
    assert found["squeezed"].field is None, "the whole input"
    assert found["bare"].field == (3, 3)


def test_vggs_first_fully_connected_layer() -> None:
    """7x7x512 to 4,096: 102,760,448 weights, as a kernel of 7x7 too; 2,097,152 behind a mean."""
    found = designs("head")
    assert found["flattened"].params == found["kernel"].params == 102_760_448
    assert found["pooled"].params == 2_097_152


def test_shared_weights() -> None:
    """5x5 to six maps has 150 weights; every pair of 784 inputs and 4,704 outputs has its own."""
    found = designs("shared")
    assert found["convolution"].params == 150
    assert found["connected"].params == 784 * 4_704


@pytest.mark.parametrize("key", COMPARISONS)
def test_texts_are_sentences(key: str) -> None:
    """Question, lesson and practice read as such, the paper has a year and a link."""
    comparison = find(key)
    assert comparison.question.endswith("?")
    assert comparison.guess.question.endswith("?")
    assert comparison.lesson.endswith(".")
    assert comparison.in_practice.endswith(".")
    assert re.search(r"\((19|20)\d\d\)$", comparison.paper)
    assert comparison.link.startswith("https://")


@pytest.mark.parametrize("key", COMPARISONS)
def test_names_that_entries_refer_to(key: str) -> None:
    """Settings, sweep and guess name knobs and designs that exist, within their range."""
    comparison = find(key)
    for setting in comparison.settings:
        settled(comparison.knobs, dict(setting.values))
    assert comparison.sweep in {knob.name for knob in comparison.knobs if not knob.choices}
    keys = {each.key for each in comparison.designs(settled(comparison.knobs, {}))}
    assert {comparison.guess.of, comparison.guess.to} <= keys


def test_an_unknown_comparison() -> None:
    """The nearest names are said."""
    with pytest.raises(BadRequest, match="separable"):
        find("seperable")

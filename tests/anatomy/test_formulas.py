"""What a formula says, read as arithmetic, is the number the anatomy holds."""

from __future__ import annotations

import math
import re
from functools import cache

import pytest
import torch
from torch import nn

from explorer.anatomy import dissect
from explorer.anatomy.formula import Formula, latex
from explorer.anatomy.formulas import formulas
from explorer.anatomy.records import Anatomy, Layer, Status

FAMILIES = (
    "alexnet",
    "convnext_tiny",
    "deeplabv3_mobilenet_v3_large",
    "densenet121",
    "efficientnet_b0",
    "googlenet",
    "inception_v3",
    "lenet5",
    "mobilenet_v2",
    "r2plus1d_18",
    "resnet50",
    "resnext50_32x4d",
    "shufflenet_v2_x0_5",
    "swin_t",
    "vgg11_bn",
    "vit_b_16",
)


@cache
def anatomy_of(name: str) -> Anatomy:
    """Dissected once for all tests here."""
    return dissect(name)


def arithmetic(text: str) -> float:
    """Evaluate what stands before "=" in a line of numbers."""
    line = text.rpartition(" = ")[0].rpartition(": ")[2]
    line = re.sub("⌊(.*?)⌋", r"math.floor(\1)", re.sub("⌈(.*?)⌉", r"math.ceil(\1)", line))
    line = line.translate(str.maketrans({"·": "*", "−": "-"}))
    assert re.fullmatch(r"[\d\s.*/+()\-]*", line.replace("math.floor", "").replace("math.ceil", ""))
    return float(eval(line, {"math": math}))  # numbers and signs only, as just asserted


def assert_written_out(formula: Formula) -> None:
    """Each line of numbers comes to the value it claims, and all values are claimed."""
    lines = formula.plain.split("; ")[1 if formula.general else 0 :]
    claimed = [float(line.rpartition(" = ")[2]) for line in lines]
    assert claimed == pytest.approx([arithmetic(line) for line in lines])
    values = formula.values if len(claimed) > 1 else formula.values[:1]
    assert claimed == [pytest.approx(value, rel=1e-5 if value % 1 else 0) for value in values]
    assert len(set(formula.values)) == 1 or len(claimed) == len(formula.values)


def by_title(layer: Layer, anatomy: Anatomy) -> dict[str, Formula]:
    """A layer's formulas by what they explain."""
    return {each.title: each for each in formulas(layer, anatomy)}


@pytest.mark.parametrize("name", FAMILIES)
def test_values_are_the_anatomys(name: str) -> None:
    """Output size, parameters, MACs and receptive field of every layer, formula or sentence."""
    anatomy = anatomy_of(name)
    for layer in anatomy.layers:
        found = by_title(layer, anatomy)
        assert found["Parameters"].values == (layer.params,), layer.name
        if not layer.ran:
            continue
        size = found["Output size"].values
        if "Along axis" in found["Output size"].sentence:
            assert size[0] in layer.output, layer.name
        else:
            assert size == layer.output[-len(size) :], layer.name
        assert found["MACs"].values == ((layer.macs,) if layer.macs is not None else ())
        field = layer.receptive_field
        if found["Receptive field"].sentence.startswith("Along the convolutional path"):
            assert field.convolutional is not None
            field = field.convolutional
        assert found["Receptive field"].values == tuple(s for s in field.size if s is not None)
        if "Effective stride" in found:
            assert found["Effective stride"].values == pytest.approx(field.stride)
            assert found["Effective padding"].values == pytest.approx(field.padding)


@pytest.mark.parametrize("name", FAMILIES)
def test_formulas_come_to_what_they_claim(name: str) -> None:
    """The text itself, evaluated, gives the value; so a wrong sign in it cannot hide."""
    anatomy = anatomy_of(name)
    for layer in anatomy.layers:
        for formula in formulas(layer, anatomy):
            if formula.plain:
                assert_written_out(formula)
            else:
                assert formula.sentence, (layer.name, formula.title)


@pytest.mark.parametrize("name", ["resnet50", "vgg11_bn", "googlenet", "lenet5", "densenet121"])
def test_convolutions_and_pools_are_calculated(name: str) -> None:
    """In networks without global branches no window is explained by a mere sentence."""
    anatomy = anatomy_of(name)
    for layer in anatomy.layers:
        if layer.window is not None and layer.ran:
            found = by_title(layer, anatomy)
            assert found["Output size"].plain, layer.name
            assert found["Receptive field"].plain, layer.name
            assert found["MACs"].plain or not layer.macs, layer.name


def test_by_hand() -> None:
    """ResNet-50's stem: 7 × 7, stride 2, padding 3 on 224 × 224."""
    found = by_title(anatomy_of("resnet50").layers[0], anatomy_of("resnet50"))
    size = found["Output size"]
    assert size.plain == (
        "n_out = ⌊(n_in + 2·p − d·(k − 1) − 1) / s⌋ + 1; "
        "⌊(224 + 2·3 − 1·(7 − 1) − 1) / 2⌋ + 1 = 112"
    )
    assert size.with_numbers == (
        r"\left\lfloor \frac{224 + 2 \cdot 3 - 1 \cdot (7 - 1) - 1}{2}\right\rfloor  + 1 = 112"
    )
    assert found["Parameters"].values == (64 * 3 * 7 * 7,)
    assert found["MACs"].values == (64 * 112 * 112 * 3 * 7 * 7,)
    assert found["Receptive field"].values == (7, 7)


def only_layer(module: nn.Module, *shape: int) -> dict[str, Formula]:
    """The formulas of a single layer, run on zeros, after checking its size against torch."""
    anatomy = dissect(nn.Sequential(module), inputs=torch.zeros(shape))
    layer = anatomy.layers[0]
    assert layer.output == tuple(module(torch.zeros(shape)).shape)
    found = by_title(layer, anatomy)
    for formula in found.values():
        if formula.plain:
            assert_written_out(formula)
    return found


def test_transposed() -> None:
    """Output padding, stride and groups of a transposed convolution."""
    module = nn.ConvTranspose2d(6, 4, (3, 4), 2, 1, output_padding=1, groups=2, dilation=2)
    found = only_layer(module, 1, 6, 9, 7)
    assert found["Output size"].plain
    assert found["Parameters"].values == (sum(p.numel() for p in module.parameters()),)
    assert found["MACs"].values == (6 * 9 * 7 * 2 * 3 * 4,)


@pytest.mark.parametrize("side", range(4, 12))
def test_rounding_up(side: int) -> None:
    """Ceil mode keeps or drops its last window as torch does."""
    found = only_layer(nn.MaxPool2d(3, 2, 1, ceil_mode=True), 1, 2, side, side + 1)
    assert found["Output size"].plain


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")
@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Conv1d(4, 8, 5, 2, 2, 1, 2), (3, 4, 33)),
        (nn.Conv3d(2, 4, (1, 3, 3), (1, 2, 2), (0, 1, 1)), (1, 2, 5, 12, 12)),
        (nn.Conv2d(4, 4, 4, padding="same"), (1, 4, 9, 9)),
        (nn.Conv2d(4, 4, 3, padding="same", dilation=2), (1, 4, 9, 9)),
        (nn.Conv2d(4, 8, 3, bias=False), (4, 9, 9)),
        (nn.AvgPool2d(2), (1, 4, 9, 9)),
        (nn.AdaptiveAvgPool2d((3, 2)), (1, 4, 9, 9)),
        (nn.Linear(6, 5), (2, 7, 6)),
        (nn.LayerNorm(6), (2, 6)),
        (nn.GroupNorm(2, 6), (2, 6, 4, 4)),
        (nn.BatchNorm2d(6, affine=False).eval(), (2, 6, 4, 4)),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, nn.Module) else None,
)
def test_single_layers(module: nn.Module, shape: tuple[int, ...]) -> None:
    """One layer of each kind: its size is torch's, its parameters those it has."""
    found = only_layer(module, *shape)
    assert found["Parameters"].values == (sum(p.numel() for p in module.parameters()),)


def test_latex_of_names_and_fractions() -> None:
    """Indices stand upright, rounding brackets a fraction."""
    assert latex("⌈(n_in − 1) / s⌉ + k_h·2") == (
        r"\left\lceil \frac{n_{\mathrm{in}} - 1}{s}\right\rceil  + k_{\mathrm{h}} \cdot 2"
    )


def test_statuses_are_told_apart() -> None:
    """After global pooling a layer sees everything, and its formula does not pretend otherwise."""
    anatomy = anatomy_of("resnet50")
    last = anatomy.layers[-1]
    assert last.receptive_field.status is Status.WHOLE_INPUT
    assert "whole input" in by_title(last, anatomy)["Receptive field"].sentence

"""How others count, as rules on our rows: the same layers, other conventions. No torch here.

Each rule computes from an `Anatomy` the number another source would print, so that a difference
is explained by arithmetic and not by a guess.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from explorer.anatomy.records import Anatomy, Layer

Count: TypeAlias = "Callable[[Anatomy], int]"


@dataclass(frozen=True, slots=True)
class Rule:
    """One sentence on how the source counts, and that sentence as a function."""

    sentence: str
    count: Count


def module_calls(anatomy: Anatomy) -> Iterable[Layer]:
    """Rows that are calls of a module, not operators in some module's forward."""
    return (
        each
        for each in anatomy.layers
        if each.ran and (each.name == each.path or each.name.startswith(f"{each.path}#"))
    )


def _is_convolution(layer: Layer) -> bool:
    return any("conv" in each.op for each in layer.operations)


def _is_batch_norm(layer: Layer) -> bool:
    return any("batch_norm" in each.op for each in layer.operations)


def _elements(layer: Layer) -> int:
    return math.prod(layer.output)


def _macs(layers: Iterable[Layer]) -> int:
    return sum(each.macs or 0 for each in layers)


def _of_operators(anatomy: Anatomy, *words: str) -> int:
    """Multiply-adds of the operators whose name contains one of the words."""
    return sum(
        each.macs or 0
        for layer in anatomy.layers
        for each in layer.operations
        if any(word in each.op for word in words)
    )


def _outputs_of(anatomy: Anatomy, *words: str) -> int:
    """Elements that the operators whose name contains one of the words give out."""
    return sum(
        math.prod(each.output)
        for layer in anatomy.layers
        for each in layer.operations
        if any(word in each.op for word in words)
    )


def biases(anatomy: Anatomy) -> int:
    """Additions of biases: one for every output element of a weighted operator that has one."""
    return sum(_biases(layer) for layer in anatomy.layers)


def _biases(layer: Layer) -> int:
    widths = {each.count for each in layer.parameters if each.name.endswith("bias")}
    total = 0
    for each in layer.operations:
        channels = 1 if "conv" in each.op else -1 if "linear" in each.op else None
        if channels is not None and each.output[channels] in widths:
            total += math.prod(each.output)
    return total


def _pooled_inputs(anatomy: Anatomy) -> int:
    """Elements that adaptive average pooling reads."""
    return sum(
        math.prod(layer.inputs[0])
        for layer in anatomy.layers
        if any("adaptive_avg_pool" in each.op for each in layer.operations)
    )


def convolutions(anatomy: Anatomy) -> int:
    """Multiply-adds of the convolutions alone."""
    return _of_operators(anatomy, "conv")


def tensorflow(anatomy: Anatomy) -> int:
    """Operations of the convolutions: two per multiply-add, one per bias."""
    conv = [each for each in anatomy.layers if _is_convolution(each)]
    added = sum(
        _elements(each) for each in conv if any(p.name.endswith("bias") for p in each.parameters)
    )
    return 2 * _macs(conv) + added


def resnet_v1(anatomy: Anatomy) -> int:
    """Multiply-adds with the stride in the first 1×1 of a stage: it has a quarter of the work."""
    moved = sum(_first_of_stage(anatomy, stage) for stage in ("layer2.0", "layer3.0", "layer4.0"))
    return anatomy.macs - moved * 3 // 4


def _first_of_stage(anatomy: Anatomy, block: str) -> int:
    return _macs(each for each in anatomy.layers if each.path == f"{block}.conv1")


def thop(anatomy: Anatomy) -> int:
    """Count modules only: four operations per normalised element, means, no functional calls."""
    total = 0
    for layer in module_calls(anatomy):
        if layer.kind in ("Conv2d", "Linear", "ConvTranspose2d", "Conv3d"):
            total += layer.macs or 0
        elif layer.kind in ("BatchNorm2d", "LayerNorm", "BatchNorm3d"):
            total += 4 * _elements(layer)
        elif layer.kind == "AdaptiveAvgPool2d":
            total += math.prod(layer.inputs[0]) + _elements(layer)
        elif layer.kind == "AvgPool2d":
            total += _elements(layer)
    return total


def thop_readme(anatomy: Anatomy) -> int:
    """Count a bias as one, and in fully connected layers multiplications and additions apart."""
    total = 0
    for layer in module_calls(anatomy):
        if layer.kind == "Conv2d":
            total += (layer.macs or 0) + _elements(layer)
        elif layer.kind == "Linear":
            total += 2 * (layer.macs or 0) - _elements(layer)
    return total


def fvcore(anatomy: Anatomy) -> int:
    """Add normalisation and adaptive pooling, leave out fused attention."""
    return (
        _of_operators(anatomy, "conv", "linear", "matmul", "addmm", "bmm", "einsum")
        + 2 * _outputs_of(anatomy, "batch_norm")
        + 5 * _outputs_of(anatomy, "layer_norm")
        + _pooled_inputs(anatomy)
    )


def ptflops(anatomy: Anatomy) -> int:
    """Count a bias as one, leave out fused attention."""
    return anatomy.macs + biases(anatomy) - _of_operators(anatomy, "attention")


def _norm_channels(anatomy: Anatomy) -> int:
    """Channels of all batch norms, each counted where it is first used."""
    return sum(
        each.count
        for layer in anatomy.layers
        if _is_batch_norm(layer)
        for each in layer.parameters
        if each.name.endswith("weight") and each.shared_with is None
    )


def keras(anatomy: Anatomy) -> int:
    """Add the moving mean and variance of every batch norm."""
    return anatomy.params + 2 * _norm_channels(anatomy)


def keras_resnet(anatomy: Anatomy) -> int:
    """Add the moving statistics, and a bias for every convolution."""
    channels = sum(each.output[1] for each in module_calls(anatomy) if each.kind == "Conv2d")
    return keras(anatomy) + channels


def keras_inception(anatomy: Anatomy) -> int:
    """Leave out the auxiliary head, take away the scales of batch norm, add its statistics."""
    head = sum(each.params for each in anatomy.layers if each.path.startswith("AuxLogits"))
    return anatomy.params - head + _norm_channels_outside_heads(anatomy)


def _norm_channels_outside_heads(anatomy: Anatomy) -> int:
    return sum(
        each.count
        for layer in anatomy.layers
        if _is_batch_norm(layer) and not layer.path.startswith("AuxLogits")
        for each in layer.parameters
        if each.name.endswith("weight")
    )


def keras_efficientnet(anatomy: Anatomy) -> int:
    """Add the moving statistics and the input layer's 7 constants."""
    return keras(anatomy) + 7


def without_norms(anatomy: Anatomy) -> int:
    """Leave out scale and shift of batch norm."""
    return anatomy.params - 2 * _norm_channels(anatomy)


def lenet_paper(anatomy: Anatomy) -> int:
    """The partial C3 table, no trained output layer, trained pooling coefficients."""
    unconnected = (16 * 6 - 60) * 25  # 60 of 96 pairs of maps are connected, 25 weights each
    output = (84 + 1) * 10  # Euclidean radial basis functions with fixed centres
    pooling = 2 * (6 + 16)  # one coefficient and one bias per map of S2 and S4
    return anatomy.params - unconnected - output + pooling


RULES: dict[str, Rule] = {
    "convolutions": Rule("It counts the convolutions only, without the fully connected layers.",
                         convolutions),
    "tensorflow": Rule("It counts the convolutions only, a multiply-add as two operations and "
                       "each bias as one more.", tensorflow),
    "resnet v1": Rule("The paper's network has the stride in the first 1×1 convolution of a "
                      "stage, torchvision's (\"v1.5\") in the 3×3 after it, so that 1×1 works "
                      "on four times as many positions.", resnet_v1),
    "thop": Rule("It adds four operations per normalised element and the additions of average "
                 "pooling, and sees modules only: attention and other functional products are "
                 "missing.", thop),
    "thop readme": Rule("The version of that table adds one operation per bias of a convolution, "
                        "and counts multiplications and additions of fully connected layers "
                        "apart.", thop_readme),
    "fvcore": Rule("It adds two operations per batch-normalised element, five per layer-"
                   "normalised one and one per element averaged by adaptive pooling, and does "
                   "not know fused attention.", fvcore),
    "ptflops": Rule("It adds one operation per bias, and does not know fused attention.", ptflops),
    "keras": Rule("Keras counts the moving mean and variance of every batch norm as (non-"
                  "trainable) parameters; torch keeps them as buffers.", keras),
    "keras resnet": Rule("Keras counts the moving mean and variance of every batch norm as "
                         "parameters, and its ResNets have a bias in every convolution.",
                         keras_resnet),
    "keras inception": Rule("Keras has no auxiliary head, its batch norms have no scale, and it "
                            "counts their moving mean and variance.", keras_inception),
    "keras efficientnet": Rule("Keras counts the moving mean and variance of every batch norm, "
                               "and 7 constants of its normalising input layer (3 means, 3 "
                               "variances, 1 counter).", keras_efficientnet),
    "without norms": Rule("It fits the count without scale and shift of batch norm, which are "
                          "folded into the convolutions in use.", without_norms),
    "lenet paper": Rule("The paper connects only 60 of the 96 pairs of maps in C3 (900 weights "
                        "fewer), its output layer has fixed centres (850 fewer) and its pooling "
                        "has a trained coefficient and bias per map (44 more).", lenet_paper),
}  # fmt: skip

"""Ready comparisons of the runs that come with ConvZoo, each for one question. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from explorer.shipped.table import DEPTHS

PLAIN = tuple(f"plain{depth}" for depth in DEPTHS)
RESIDUAL = tuple(f"cifar_resnet{depth}_a" for depth in DEPTHS)

LADDERS: Mapping[str, Mapping[str, int]] = {
    "Plain": dict(zip(PLAIN, DEPTHS, strict=True)),
    "Residual": dict(zip(RESIDUAL, DEPTHS, strict=True)),
}
"""Kinds of nets that come in several depths: the layers with weights of each, by its name."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """Runs to be looked at together: the models they trained, and what the question is."""

    key: str
    title: str
    models: tuple[str, ...]
    asks: str


COMPARISONS = (
    Comparison(
        "depth",
        "Plain against residual at 20, 32, 44, 56 layers",
        (*PLAIN, *RESIDUAL),
        "The same recipe for eight nets: does a plain stack still learn what a shallower one does, "
        "and what do shortcuts change, which add no parameter? (He et al., Deep Residual Learning "
        "for Image Recognition, 2016, section 4.2, trained 160 epochs.)",
    ),
    Comparison(
        "ideas",
        "One network per idea",
        (
            "small_alexnet", "small_vgg", "small_nin", "small_inception", "cifar_resnet20_a",
            "densenet_bc40", "small_mobilenet_v1", "small_mobilenet_v2", "small_efficientnet_0",
        ),
        "One recipe for nine ideas: which of them learns fastest by the step, and which by the "
        "second?",
    ),
    Comparison(
        "lenet",
        "LeNet-5 and its modern twin",
        ("lenet5", "lenet5_modern"),
        "LeNet-5 with the parts of 1998, and its layers with what came after: which learns sooner, "
        "and where do both end?",
    ),
)  # fmt: skip


def rung(model: str) -> tuple[str, int] | None:
    """The kind and depth of a net that comes in several depths, None for any other."""
    for kind, depths in LADDERS.items():
        if model in depths:
            return kind, depths[model]
    return None


@dataclass(frozen=True, slots=True)
class Rung:
    """What came of a net of some kind and depth: accuracies in %, None for unknown.

    `train` is over the last epoch's batches, as they were shown.
    """

    kind: str
    depth: int
    train: float | None
    test: float | None

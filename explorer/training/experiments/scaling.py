"""Where more arithmetic is best spent: deeper, wider, or sharper."""

from __future__ import annotations

from explorer.training.experiment import Check, Curves, Experiment, Guess, Variant
from explorer.training.judges import against, among, choices, worst
from explorer.training.quantities import (
    SECONDS,
    TEST_ACCURACY,
    TEST_LOSS,
    TRAIN_ACCURACY,
    TRAIN_LOSS,
)
from explorer.training.recipe import Recipe, checked

GROWTH = 4
"""How many times the small net's multiply-adds the others have."""
TOLERANCE = 0.02
"""How far the multiply-adds of the enlarged nets may lie apart, relative to their mean."""


def _scaled(depth: int, width: int, size: int) -> Recipe:
    return checked(
        network="residual_chain", depth=depth, width=width, size=size, normalisation="batch",
        length=8, optimiser="adam", learning_rate=0.003,
    )  # fmt: skip


_WAYS = (
    Variant("small", "small", _scaled(6, 12, 8)),
    Variant("deep", "deeper", _scaled(18, 12, 8)),
    Variant("wide", "wider", _scaled(6, 24, 8)),
    Variant("sharp", "larger pictures", _scaled(6, 12, 16)),
)

SCALING = (
    Experiment(
        key="scaling",
        title="Depth, width and resolution at equal cost",
        question="Where is four times the arithmetic best spent?",
        setting=(
            "A small residual net is made deeper, wider, or given larger pictures, each to four "
            "times the multiply-adds, counted from the networks themselves."
        ),
        lesson=(
            "Each way helps less the further it is taken alone, and larger pictures help only as "
            "far as they show more; hence EfficientNet grows all three together."
        ),
        caveat=(
            "The digits are 8 × 8: blown up they hold nothing new, and the same net sees less of "
            "them at once. Where pictures have detail, resolution pays. Eight epochs are few, and "
            "equal multiply-adds are not equal seconds, as the table says."
        ),
        paper="Tan and Le: EfficientNet (2019)",
        link="https://arxiv.org/abs/1905.11946",
        variants=_WAYS,
        guess=Guess(
            "Which way of growing helps least on the digits?",
            choices(_WAYS[1:]),
            "sharp",
            among(("deep", "wide", "sharp"), worst(TEST_ACCURACY, 0.5)),
        ),
        checks=(
            Check(
                "With the arithmetic in its width, the net beats the small one.",
                "wide",
                against("wide", "small", TEST_ACCURACY, 0.5),
            ),
        ),
        curves=(Curves("accuracy"), Curves("loss")),
        quantities=(TEST_ACCURACY, TRAIN_ACCURACY, TEST_LOSS, TRAIN_LOSS, SECONDS),
        minutes=0.2,
        study="costs",
    ),
)

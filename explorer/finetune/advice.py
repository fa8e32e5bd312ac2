"""Which regime suits how many pictures, and settings to begin with. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from explorer.errors import BadRequest
from explorer.finetune.records import Advice, Regime

FEW, MANY = 40, 400
"""Training pictures of the mean class below which the head alone is advised, and from which on
everything: rules of thumb, for what suits depends on how close the pictures are to ImageNet's."""

_WHY: Mapping[Regime, str] = {
    "head": (
        "With {} training pictures per class, only a new head is advised: the millions of weights "
        "below would learn them by heart."
    ),
    "last": (
        "With {} training pictures per class, a new head and the last block are advised: what is "
        "particular to ImageNet is up there, and edges and textures below serve as they are."
    ),
    "all": (
        "With {} training pictures per class, all weights may learn, the old ones in smaller steps "
        "than the new head."
    ),
}
_SETTINGS: Mapping[Regime, Mapping[str, Any]] = {
    "head": {"optimiser": "adamw", "learning_rate": 0.001, "length": 30.0, "patience": 10},
    "last": {
        "optimiser": "adamw", "learning_rate": 0.001, "length": 8.0, "backbone_rate": 0.1,
        "blocks": 1,
    },
    "all": {
        "optimiser": "adamw", "learning_rate": 0.0005, "length": 5.0, "backbone_rate": 0.1,
        "warm_up": 10.0,
    },
}  # fmt: skip
_BATCH, _STEPS_OF_AN_EPOCH = 32, 4


def choose(train: Sequence[int], wanted: Regime | None = None) -> Advice:
    """Advise a regime for so many training pictures in each class, or settings for the `wanted`.

    Where the regime was chosen by somebody, the sentence says what would have been advised. Raises
    BadRequest without a picture to learn from.
    """
    if not sum(train):
        raise BadRequest("There are no pictures to learn from; move some to training first.")
    mean = sum(train) / len(train)
    advised: Regime = "head" if mean < FEW else "last" if mean < MANY else "all"
    regime = wanted or advised
    settings = {**_SETTINGS[regime], "weight_decay": 0.01, "batch_size": _batch(sum(train))}
    return Advice(regime, _WHY[advised].format(f"{mean:.0f}"), settings)


def _batch(pictures: int) -> int:
    """Small enough that an epoch of few pictures has some steps."""
    return max(2, min(_BATCH, pictures // _STEPS_OF_AN_EPOCH))

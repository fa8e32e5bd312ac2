"""The knobs of a recipe, in the groups in which a page shows them. No torch here."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING

from explorer.training.knobs.augmentation import AUGMENTATION
from explorer.training.knobs.data import DATA
from explorer.training.knobs.fine_tuning import FINE_TUNING
from explorer.training.knobs.length import LENGTH
from explorer.training.knobs.loss import LOSS
from explorer.training.knobs.network import NETWORK
from explorer.training.knobs.optimisation import OPTIMISATION
from explorer.training.knobs.optimisers import OPTIMISERS
from explorer.training.knobs.running import RUNNING

if TYPE_CHECKING:
    from explorer.knobs import Knob

__all__ = ["GROUPS", "KNOBS", "OPTIMISERS"]

GROUPS: Mapping[str, tuple[Knob, ...]] = {
    "Network": NETWORK,
    "Data": DATA,
    "Length": LENGTH,
    "Optimiser": OPTIMISATION,
    "Loss and noise": LOSS,
    "Augmentation": AUGMENTATION,
    "Running": RUNNING,
    "Fine-tuning": FINE_TUNING,
}
KNOBS = tuple(knob for group in GROUPS.values() for knob in group)

"""What a look at a recipe's augmentation gives. No torch here."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import numpy as np


@dataclass(frozen=True, slots=True)
class Augmented:
    """Training pictures as they are, and as they would be shown in some steps.

    `before` is uint8 (n, H, W, 3) at the network's size, `after` uint8 (times, n, H, W, 3).
    `labels` names the class of each, `targets` what is learned for each changed one: its class, or
    the shares of a mixed one, such as "60 % cat, 40 % dog".
    """

    before: np.ndarray
    after: np.ndarray
    labels: tuple[str, ...]
    targets: tuple[tuple[str, ...], ...]

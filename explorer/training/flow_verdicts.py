"""What became of a gradient on its way to the first layer, in numbers and words. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

import numpy as np

if TYPE_CHECKING:
    from explorer.training.gradient_flow_records import Flow

Fate: TypeAlias = Literal["vanishes", "explodes", "arrives", "gone", "overflows", "nothing"]

FAR = 100.0
"""From so many times smaller or larger on, a gradient is said to vanish or to explode."""

ABOUT = 3.0
"""Within this factor it has about the size it set out with."""
ALIKE = 2.0
"""Two gradients within this factor keep their size equally well: another seed may swap them."""


@dataclass(frozen=True, slots=True)
class Verdict:
    """The first layer's gradient by the last one's, and each layer's part in that.

    Both are None where one of the two is 0 or no finite number; then `sentence` says so.
    """

    ratio: float | None
    per_layer: float | None
    fate: Fate
    sentence: str


def verdict(flow: Flow) -> Verdict:
    """Judge a chain by its first layer's gradient."""
    gradients = flow.gradients
    first, last = float(gradients[0]), float(gradients[-1])
    if not np.isfinite(gradients).all() or not np.isfinite(flow.activations).all():
        return Verdict(None, None, "overflows", _overflow(flow))
    if not gradients.any():
        return Verdict(None, None, "nothing", "No layer gets any gradient: all are exactly 0.")
    if first == 0:
        alive = int(np.flatnonzero(gradients)[0]) + 1
        return Verdict(
            None, None, "gone",
            f"Gone: exactly 0 before layer {alive}, too small for fp32 or blocked by zeros.",
        )  # fmt: skip
    ratio = first / last
    per_layer = ratio ** (1 / max(1, len(gradients) - 1))
    if ratio < 1 / FAR:
        return Verdict(ratio, per_layer, "vanishes", f"Vanishes: {1 / ratio:.3g} times smaller.")
    if ratio > FAR:
        return Verdict(ratio, per_layer, "explodes", f"Explodes: {ratio:.3g} times larger.")
    times = max(ratio, 1 / ratio)
    if times <= ABOUT:
        return Verdict(ratio, per_layer, "arrives", "Arrives in about the size it set out with.")
    side = "larger" if ratio > 1 else "smaller"
    return Verdict(ratio, per_layer, "arrives", f"Arrives {times:.2g} times {side}.")


def _overflow(flow: Flow) -> str:
    bad = np.flatnonzero(~np.isfinite(flow.activations))
    if len(bad):
        return f"Overflows: from layer {int(bad[0]) + 1} on, activations do not fit into fp32."
    return "Overflows: the gradient does not fit into fp32."


def best(flows: Sequence[Flow]) -> tuple[int, ...]:
    """The chain whose gradient keeps its size best, first, and those that come within `ALIKE`.

    Empty where no gradient is left anywhere.
    """
    ratios = [verdict(each).ratio for each in flows]
    off = {place: abs(float(np.log(ratio))) for place, ratio in enumerate(ratios) if ratio}
    order = sorted(off, key=off.__getitem__)
    return tuple(place for place in order if off[place] <= off[order[0]] + np.log(ALIKE))

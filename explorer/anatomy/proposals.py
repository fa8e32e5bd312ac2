"""What a two-stage detector costs for another number of proposals and detections. No torch here.

The first stage costs the same for every picture. The second is a head run on each proposal (the
boxes) or on each detection (masks, key points), so its cost is proportional to their number.
torchvision's figures were taken from runs with untold numbers; these are found from the figure.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING

from explorer import units

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy

_HEADS = "roi_heads."
_PLAUSIBLE_DETECTIONS = (0, 1, 100)
"""None, the fewest, and torchvision's cap of detections per picture."""


@dataclass(frozen=True, slots=True)
class Branch:
    """A head of the second stage: how many regions ours was given, and the MACs of one."""

    regions: int
    macs_of_one: int


@dataclass(frozen=True, slots=True)
class Stages:
    """The cost of a two-stage detector, apart: MACs of the first stage, and the heads."""

    first: int
    boxes: Branch
    details: Branch | None

    def macs(self, proposals: int, detections: int) -> int:
        """Multiply-adds with these numbers of proposals and detections."""
        details = self.details.macs_of_one * detections if self.details else 0
        return self.first + self.boxes.macs_of_one * proposals + details


@dataclass(frozen=True, slots=True)
class Reason:
    """Numbers of proposals and detections that give a published figure, and the sentence."""

    proposals: int
    detections: int
    macs: int
    sentence: str


def stages(anatomy: Anatomy) -> Stages | None:
    """Split a two-stage detector's cost; None for other networks."""
    boxes = _branch(anatomy, "box")
    if boxes is None:
        return None
    inside = sum(each.macs or 0 for each in anatomy.layers if each.path.startswith(_HEADS))
    details = _branch(anatomy, "mask") or _branch(anatomy, "keypoint")
    return Stages(anatomy.macs - inside, boxes, details)


def _branch(anatomy: Anatomy, name: str) -> Branch | None:
    rows = [
        each for each in anatomy.layers if each.path.startswith(f"{_HEADS}{name}_") and each.macs
    ]
    if not rows:
        return None
    regions = rows[0].output[0]
    return Branch(regions, sum(each.macs or 0 for each in rows) // regions)


def explained(anatomy: Anatomy, printed: str) -> Reason | None:
    """Find the numbers of regions that give a figure printed in 10^9 with three decimals."""
    found = stages(anatomy)
    if found is None:
        return None
    detections = _PLAUSIBLE_DETECTIONS if found.details else (0,)
    for pair in product((0, found.boxes.regions), detections):
        macs = found.macs(*pair)
        if f"{macs / 1e9:.3f}" == printed:
            return Reason(*pair, macs, _sentence(found, *pair))
    return None


def _sentence(found: Stages, proposals: int, detections: int) -> str:
    ours = f"{found.boxes.regions:,} proposals of {units.cost(found.boxes.macs_of_one)} each"
    theirs = f"{proposals:,}" if proposals else "no"
    theirs += " proposals" if proposals != 1 else " proposal"
    if found.details:
        ours += (
            f" and {found.details.regions:,} detections of "
            f"{units.cost(found.details.macs_of_one)} each"
        )
        theirs += f" and {detections or 'no'} detection{'' if detections == 1 else 's'}"
    return (
        f"The second stage's cost depends on the picture: with {theirs} our rows give "
        f"torchvision's figure; ours has {ours}."
    )

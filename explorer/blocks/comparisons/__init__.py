"""The comparisons of the cost lab, in the order in which the field found them. No torch here."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from explorer.blocks.comparisons.heads import HEADS
from explorer.blocks.comparisons.inception import INCEPTION
from explorer.blocks.comparisons.kernels import KERNELS
from explorer.blocks.comparisons.mobile import MOBILE
from explorer.blocks.comparisons.shortcuts import SHORTCUTS
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.blocks.comparison import Comparison

COMPARISONS: dict[str, Comparison] = {
    each.key: each for each in (*KERNELS, *HEADS, *INCEPTION, *SHORTCUTS, *MOBILE)
}


def find(key: str) -> Comparison:
    """Look a comparison up. Raises BadRequest with the nearest names."""
    found = COMPARISONS.get(key)
    if found is None:
        near = difflib.get_close_matches(key, COMPARISONS, 3, 0.5) or list(COMPARISONS)
        raise BadRequest(f"There is no comparison {key[:60]!r}; there is {', '.join(near)}.")
    return found

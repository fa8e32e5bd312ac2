"""A surface as a map: heights on a grid, brought to 0 to 1 so that hollow and cliff both show.

No torch here. A height is log(1 + (f - least) / knee) as a share of its largest value in the
window: proportional to the loss well below the knee, to its logarithm well above.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from explorer.training import surfaces

if TYPE_CHECKING:
    from explorer.training.surfaces import Array

COLUMNS, ROWS = 161, 121
"""Places of the grid: the window's corners are among them."""
_KNEE = 0.15
"""The share of the window whose losses lie below the knee."""


@dataclass(frozen=True, slots=True)
class Terrain:
    """Heights (rows, columns) from 0 to 1, the first row at the window's lower edge.

    A loss f has the height log(1 + (f - least) / knee) / top.
    """

    heights: Array
    least: float
    knee: float
    top: float

    def height(self, losses: Array) -> Array:
        """The heights of losses, from 0; above 1 for what is higher than all of the window."""
        above = np.maximum(np.asarray(losses) - self.least, 0)
        result: Array = np.log1p(above / self.knee) / self.top
        return result


@cache
def terrain(key: str) -> Terrain:
    """Measure a surface's heights over its window."""
    ground = surfaces.find(key)
    x, y = np.meshgrid(
        np.linspace(ground.low[0], ground.high[0], COLUMNS),
        np.linspace(ground.low[1], ground.high[1], ROWS),
    )
    with np.errstate(invalid="ignore"):
        losses = np.nan_to_num(ground.value(x, y), nan=1.0)  # a direction has none at the origin
    knee = float(np.quantile(losses, _KNEE)) - ground.least
    top = float(np.log1p((losses.max() - ground.least) / knee))
    flat = Terrain(losses, ground.least, knee, top)
    return Terrain(flat.height(losses), ground.least, knee, top)

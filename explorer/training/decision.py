"""Where a network draws the border between points. Loads torch."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import torch

from explorer.errors import BadRequest
from explorer.training.data.loading import Pictures
from explorer.training.evaluation import batches
from explorer.training.study_records import DecisionMap

if TYPE_CHECKING:
    from explorer.training.finished import Finished

PLACES = 120
"""Places across and down at which the network is asked."""
MARGIN = 0.15
"""How far the map reaches beyond the points, relative to their extent."""


def decision_map_of(done: Finished) -> DecisionMap:
    """What the network of a run says at every place around its training points.

    Raises BadRequest for a run that learned from pictures.
    """
    if not done.sets.data.points:
        raise BadRequest("A map of decisions is for points of a plane; this run has pictures.")
    points = done.sets.train.values.flatten(1).numpy()
    across, down = (_axis(points[:, axis]) for axis in (0, 1))
    grid = np.stack(np.meshgrid(across, down), axis=-1).reshape(-1, 2, 1, 1)
    places = torch.from_numpy(grid.astype(np.float32))
    feed = done.feed(Pictures(places, torch.zeros(len(places), dtype=torch.int64)))
    with torch.no_grad():
        parts = [done.network(feed.normalised(each)).softmax(dim=1) for each in batches(feed)]
    probability, winner = torch.cat(parts).max(dim=1)
    side = (PLACES, PLACES)
    return DecisionMap(
        done.run,
        across,
        down,
        winner.numpy().astype(np.uint8).reshape(side),
        probability.numpy().reshape(side),
        points,
        done.sets.train.labels.numpy(),
        done.sets.data.classes,
    )


def _axis(values: np.ndarray) -> np.ndarray:
    low, high = float(values.min()), float(values.max())
    more = MARGIN * (high - low)
    return np.linspace(low - more, high + more, PLACES)

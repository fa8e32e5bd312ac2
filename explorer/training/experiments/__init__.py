"""The ready experiments, in the order in which a course would run them. No torch here."""

from __future__ import annotations

import difflib
from typing import TYPE_CHECKING

from explorer.errors import BadRequest
from explorer.training.experiments.beginnings import BEGINNINGS
from explorer.training.experiments.depth import DEPTH
from explorer.training.experiments.judging import JUDGING
from explorer.training.experiments.optimisation import OPTIMISATION
from explorer.training.experiments.regularisation import REGULARISATION
from explorer.training.experiments.scaling import SCALING

if TYPE_CHECKING:
    from explorer.training.experiment import Experiment

THEMES: dict[str, tuple[Experiment, ...]] = {
    "Going downhill": OPTIMISATION,
    "Starting well": BEGINNINGS,
    "Going deep": DEPTH,
    "Learning by heart": REGULARISATION,
    "Trusting a score": JUDGING,
    "Growing": SCALING,
}
EXPERIMENTS: dict[str, Experiment] = {each.key: each for theme in THEMES.values() for each in theme}


def find(key: str) -> Experiment:
    """Look an experiment up. Raises BadRequest with the nearest names."""
    found = EXPERIMENTS.get(key)
    if found is None:
        near = difflib.get_close_matches(key, EXPERIMENTS, 3, 0.5) or list(EXPERIMENTS)
        raise BadRequest(f"There is no experiment {key[:60]!r}; there is {', '.join(near)}.")
    return found

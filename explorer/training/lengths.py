"""How long a run lasts, and how fast it learns where it stands."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.training.schedules import learning_rate

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe
    from explorer.training.standing import Standing


class Length:
    """The length of a run in which an epoch has so many steps.

    `steps` is None where seconds end it.
    """

    def __init__(self, recipe: Recipe, per_epoch: int) -> None:
        self._recipe = recipe
        self.per_epoch = per_epoch
        self.steps: int | None = None
        if recipe.unit != "seconds":
            steps = recipe.length * (per_epoch if recipe.unit == "epochs" else 1)
            self.steps = max(1, round(steps))

    def rate(self, at: Standing) -> float:
        """The learning rate of the next step; among seconds, it is taken to last like the last."""
        if self.steps is None:
            before, after, whole = at.seconds, at.seconds + at.last_seconds, self._recipe.length
        else:
            before, after, whole = at.step, at.step + 1, self.steps
        return learning_rate(self._recipe, before / whole, after / whole)

    def epochs(self, at: Standing) -> float:
        """How often all pictures have been shown."""
        return at.step / self.per_epoch

    def closes_epoch(self, at: Standing) -> bool:
        """Whether the last step was the last one of an epoch."""
        return at.step % self.per_epoch == 0

    def over(self, at: Standing) -> bool:
        """Whether the run has had its length."""
        return at.seconds >= self._recipe.length if self.steps is None else at.step >= self.steps

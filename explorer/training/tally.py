"""What batches gave, added up. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from explorer.training.records import Score


@dataclass(slots=True)
class Tally:
    """Sums of loss, hits of the best score and among the five best, and how many pictures."""

    sums: list[float] = field(default_factory=lambda: [0.0, 0.0, 0.0])
    count: int = 0
    top5: bool = False

    def add(self, gauge: Sequence[float], count: int) -> None:
        """Add a batch of so many pictures, as `losses.gauge` gives it."""
        loss, *hits = gauge
        for place, value in enumerate((loss * count, *hits)):
            self.sums[place] += value
        self.count += count
        self.top5 = len(hits) > 1

    def score(self) -> Score:
        """Means over the pictures, and percentages."""
        loss, best, five = (each / self.count for each in self.sums)
        return Score(loss, 100 * best, 100 * five if self.top5 else None, self.count)

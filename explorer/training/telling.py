"""Which steps a run tells of: a function of the step's number alone. No torch here.

Every step at first, then every second, fifth, tenth and so on, so that two runs can be laid over
each other row by row and a long one does not fill the disk.
"""

from __future__ import annotations

STEPS, LAYERS, SHOWN = 100, 10, 2
"""What is left out is at most this part of what has been: a hundredth, a tenth, half."""


def tells_step(step: int) -> bool:
    """Whether loss, accuracy and so on of this step are told: 1,100 rows in 64,000 steps."""
    return step % _stride(step // STEPS) == 0


def tells_layers(step: int) -> bool:
    """Whether each layer's gradient and update are told: about 120 rows in 64,000 steps."""
    return step % _stride(step // LAYERS) == 0


def tells_pictures(step: int) -> bool:
    """Whether the fixed sample and the filters are shown: about 40 times in 64,000 steps."""
    return step % _stride(step // SHOWN) == 0


def _stride(most: int) -> int:
    """The largest of 1, 2, 5, 10, 20, 50, ... that is not above `most`, and at least 1."""
    if most < 2:
        return 1
    power = int(10 ** (len(str(most)) - 1))
    return next(power * part for part in (5, 2, 1) if power * part <= most)

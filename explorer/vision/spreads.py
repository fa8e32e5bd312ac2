"""How the mass of an effective field is spread. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from explorer.vision.records import Box


@dataclass(frozen=True, slots=True)
class Spread:
    """How the mass of an effective field lies; shares are of 1, sides in input pixels.

    `inside` is the share in the theoretical box, `centre` that in its middle half along both
    axes (a quarter of its area, so 0.25 if all pixels counted alike), `along_convolutions` that
    in the extent of the paths without global operations, None where there are no others.
    `side_68` and `side_95` are those of the smallest square around the field's centre that holds
    68 % and 95 % of the mass. All are None where nothing moves the unit.
    """

    inside: float | None
    centre: float | None
    along_convolutions: float | None
    side_68: float | None
    side_95: float | None


def spread(
    values: npt.NDArray[np.floating],
    centre: tuple[float, float],
    box: Box | None,
    convolutional: Box | None = None,
) -> Spread:
    """Measure how the mass of an effective field (H, W) lies: around its centre and in boxes.

    `box` is what the unit can see at most, `convolutional` what it sees without global
    operations; both may reach past the input.
    """
    mass = values.astype(np.float64)
    total = float(mass.sum())
    if not np.isfinite(total) or total <= 0:
        return Spread(None, None, None, None, None)
    mass /= total
    return Spread(
        inside=None if box is None else _share(mass, box),
        centre=None if box is None else _share(mass, _middle_half(box)),
        along_convolutions=None if convolutional is None else _share(mass, convolutional),
        side_68=_side(mass, centre, 0.68),
        side_95=_side(mass, centre, 0.95),
    )


def sides(box: Box) -> tuple[float, float]:
    """Return the height and the width of a box."""
    return box.bottom - box.top, box.right - box.left


def square(centre: tuple[float, float], side: float) -> Box:
    """Return the square of this side around a point."""
    half = side / 2
    return Box(centre[0] - half, centre[1] - half, centre[0] + half, centre[1] + half)


def _middle_half(box: Box) -> Box:
    height, width = sides(box)
    return Box(
        box.top + height / 4, box.left + width / 4, box.bottom - height / 4, box.right - width / 4
    )


def _share(mass: npt.NDArray[np.float64], box: Box) -> float:
    """The mass of the pixels in a box; of a pixel that its edge cuts, the part inside."""
    down = _covered(mass.shape[0], box.top, box.bottom)
    across = _covered(mass.shape[1], box.left, box.right)
    return float(down @ mass @ across)


def _covered(count: int, first: float, last: float) -> npt.NDArray[np.float64]:
    """The part of each pixel along an axis that lies between two edges."""
    edges = np.clip(np.arange(count + 1, dtype=np.float64), first, last)
    return np.diff(edges)


def _side(mass: npt.NDArray[np.float64], centre: tuple[float, float], share: float) -> float:
    """The side of the smallest square around a centre, of whole pixels, that holds a share."""
    down = np.abs(np.arange(mass.shape[0]) + 0.5 - centre[0])[:, None]
    across = np.abs(np.arange(mass.shape[1]) + 0.5 - centre[1])[None, :]
    distance = np.maximum(down, across).ravel()
    order = np.argsort(distance, kind="stable")
    held = np.cumsum(mass.ravel()[order])
    # Rounding must not ask for pixels without mass.
    first = int(np.searchsorted(held, share * held[-1] * (1 - 1e-12)))
    return float(2 * distance[order[min(first, len(order) - 1)]] + 1)

"""Five ways of normalising activations, which differ in whose values share statistics.

No torch here. Sources: local response, Krizhevsky, Sutskever and Hinton 2012; batch, Ioffe and
Szegedy 2015; layer, Ba, Kiros and Hinton 2016; instance, Ulyanov, Vedaldi and Lempitsky 2016;
group, Wu and He 2018.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.convolution.geometry import check_numbers
from explorer.convolution.records import Normalised
from explorer.errors import BadRequest

if TYPE_CHECKING:
    import numpy.typing as npt

    from explorer.convolution.records import Array, Normalisation

EPSILON = 1e-5
"""Added to the variance, so that constant values do not divide by zero."""


def normalise(x: Array, kind: Normalisation, groups: int = 2) -> Normalised:
    """Normalise activations (N, C, H, W) by the statistics of the sets of values that share them.

    Equal to torch's batch norm in training, layer norm over (C, H, W), instance norm and group
    norm, before a scale and a shift are learned. Raises `BadRequest` for channels that the groups
    do not divide.
    """
    check_numbers(x, "activations")
    if kind == "local response":
        return respond(x)
    shares = _shares(x.shape, kind, groups)
    counts = np.bincount(shares.ravel())
    means = np.bincount(shares.ravel(), x.ravel()) / counts
    off = x - means[shares]
    variances = np.bincount(shares.ravel(), np.square(off).ravel()) / counts
    after = off / np.sqrt(variances[shares] + EPSILON)
    return Normalised(kind, x, after, shares, means[shares], np.sqrt(variances)[shares])


def respond(
    x: Array, size: int = 3, alpha: float = 1.0, beta: float = 0.75, k: float = 1.0
) -> Normalised:
    """Divide each activation by what `size` neighbouring channels say at the same position.

    b = a / (k + alpha / size * sum of a²)^beta, as torch has it. Krizhevsky, Sutskever and Hinton
    (2012) do not divide alpha by the size; theirs are size 5, alpha 1e-4, beta 0.75 and k 2.
    Raises `BadRequest` for a size that is not positive.
    """
    if size < 1:
        raise BadRequest(f"{size} channels cannot be neighbours: choose 1 or more.")
    squares = np.pad(np.square(x), ((0, 0), (size // 2, (size - 1) // 2), (0, 0), (0, 0)))
    channels = x.shape[1]
    energy = sum(squares[:, place : place + channels] for place in range(size))
    divisor = (k + alpha / size * energy) ** beta
    nobody = np.full(x.shape, -1, dtype=np.int64)
    return Normalised("local response", x, x / divisor, nobody, np.zeros(x.shape), divisor)


def _shares(shape: tuple[int, ...], kind: Normalisation, groups: int) -> npt.NDArray[np.int64]:
    """The number of the set each value belongs to."""
    places: npt.NDArray[np.int64] = np.indices(shape, dtype=np.int64)
    samples, channels = places[0], places[1]
    count = shape[1]
    if kind == "batch":
        shares = channels
    elif kind == "layer":
        shares = samples
    elif kind == "instance":
        shares = samples * count + channels
    elif groups < 1 or count % groups:
        raise BadRequest(
            f"{count} channels cannot be shared out evenly among {groups} groups: choose a number "
            f"of groups that divides {count}."
        )
    else:
        shares = samples * groups + channels // (count // groups)
    chosen: npt.NDArray[np.int64] = shares
    return chosen

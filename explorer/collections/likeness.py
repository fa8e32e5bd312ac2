"""Which pictures are near-duplicates of each other, by a perceptual hash. No torch here.

The hash is ImageHash's `phash` with 16 x 16 bits: signs, about their median, of the lowest
frequencies of a cosine transform of the grey picture. Measured: nearly all copies saved again,
scaled or made brighter are 0 to 30 bits away, photographs cut by 2 percent all around 31 in the
middle; of 4.5 million pairs of different CIFAR-10 birds six were within 40, most of them really
alike, and of 3,000 of MNIST's digits a twentieth has another one so near.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import numpy.typing as npt
    from PIL import Image

    from explorer.collections.records import Traits

SIDE = 16
"""Bits a side: 64 in all confuse small pictures that have nothing in common."""
ALIKE = 40
"""Bits (of 256) by which near-duplicates differ at most."""
BLANK = 8
"""Steps of grey (of 255) between the darkest and the brightest place of a blank picture."""
_ROWS = 256
"""Rows of the table of distances that are in memory at once."""


def hashed(image: Image.Image) -> str:
    """Return the perceptual hash of an RGB picture in hex, "" of a blank one."""
    import imagehash  # noqa: PLC0415 - SciPy takes most of a second; only what takes in needs it

    low, high = image.convert("L").getextrema()
    if not isinstance(low, (int, float)) or high - low <= BLANK:  # type: ignore[operator]
        return ""
    return str(imagehash.phash(image, hash_size=SIDE))


def distance(first: str, second: str) -> int:
    """Return by how many bits two hashes differ."""
    return (int(first, 16) ^ int(second, 16)).bit_count()


def twins(traits: Sequence[Traits]) -> tuple[int, ...]:
    """Return the number of each picture's group of near-duplicates, -1 where it has none.

    Equal pixels, or hashes at most `ALIKE` bits apart; whoever is alike to one of a group belongs
    to it.
    """
    # Imported here for the same reason.
    from scipy.sparse import coo_array  # type: ignore[import-untyped] # noqa: PLC0415
    from scipy.sparse.csgraph import (  # type: ignore[import-untyped] # noqa: PLC0415
        connected_components,
    )

    count = len(traits)
    rows, columns = _pairs(traits)
    links = coo_array((np.ones(len(rows), np.int8), (rows, columns)), shape=(count, count))
    _, group = connected_components(links, directed=False)
    sizes = np.bincount(group)
    numbers = np.cumsum(sizes > 1) - 1
    return tuple(np.where(sizes[group] > 1, numbers[group], -1).tolist())


def _pairs(traits: Sequence[Traits]) -> tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]:
    """Places of pictures that are alike, each pair once or more."""
    same: dict[str, int] = {}
    pairs = [(same.setdefault(each.digest, place), place) for place, each in enumerate(traits)]
    places = np.array([place for place, each in enumerate(traits) if each.hash], np.intp)
    whole = b"".join(bytes.fromhex(each.hash) for each in traits if each.hash)
    words = np.frombuffer(whole, np.uint64).reshape(len(places), SIDE * SIDE // 64)
    found = [np.array(pairs, np.intp).reshape(-1, 2)]
    for start in range(0, len(places), _ROWS):
        part = words[start : start + _ROWS, None] ^ words[None, start:]
        near = np.argwhere(np.bitwise_count(part).sum(axis=2, dtype=np.int64) <= ALIKE)
        found.append(places[near + start])
    rows, columns = np.concatenate(found).T
    return rows, columns

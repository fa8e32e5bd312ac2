"""What a collection of somebody's own labelled pictures is. No torch here."""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from explorer.pictures.records import Refused

Part: TypeAlias = Literal["train", "validation"]

PREFIX = "collection:"
FEWEST_PICTURES, MOST_PICTURES = 10, 5_000
MOST_CLASSES = 500
SHARE, SEED = 20.0, 0
"""Percent of each class validated on, and the chance by which, where nobody says otherwise."""


@dataclass(frozen=True, slots=True)
class Traits:
    """What was measured of a picture as it came, to find copies and giveaways.

    `digest` is that of its pixels (`explorer.pictures.pixels.digest`) and names its file. `hash` is
    the perceptual hash in hex, "" of a blank picture, which it says nothing of. `format` is the
    file's by content ("JPEG"), `camera` what EXIF names, or "". `border` is the mean colour (R, G,
    B) of the outermost tenth, `plain` whether that is of one colour nearly everywhere.
    """

    digest: str
    hash: str
    format: str
    camera: str
    border: tuple[int, int, int]
    plain: bool


@dataclass(frozen=True, slots=True)
class Item:
    """A picture of a collection; `id` stays its own in all revisions.

    `width` and `height` are the upright file's; more than half a megapixel is kept smaller. `twins`
    numbers its group of near-duplicates, -1 where it has none.
    """

    id: int
    name: str
    label: int
    width: int
    height: int
    part: Part
    twins: int
    traits: Traits


@dataclass(frozen=True, slots=True)
class Collection:
    """One revision of a collection: what a run learns from does not change under it.

    `items` stand in the order of their ids. `refused` are the files left out, each with the reason;
    `warnings` one sentence each. `own_split` is True where the pictures came in folders for
    training and validation; otherwise `share` percent of each class are validated on, drawn by
    `seed`. `created` is in seconds since 1970, of this revision. `next_id` is the number of the
    next picture: none is used twice.
    """

    id: str
    revision: int
    title: str
    owner: str
    classes: tuple[str, ...]
    items: tuple[Item, ...]
    refused: tuple[Refused, ...]
    warnings: tuple[str, ...]
    own_split: bool
    share: float
    seed: int
    created: float
    next_id: int

    @property
    def key(self) -> str:
        """What data loading, recipes and addresses call this revision."""
        return f"{PREFIX}{self.id}.{self.revision}"

    def counts(self, part: Part | None = None) -> tuple[int, ...]:
        """Return how many pictures each class has, in one part or in both."""
        found = Counter(item.label for item in self.items if part in (None, item.part))
        return tuple(found[label] for label in range(len(self.classes)))

    def item(self, id: int) -> Item | None:
        """Return the picture of this number, None where it is not in this revision."""
        place = bisect_left(self.items, id, key=lambda item: item.id)
        found = self.items[place : place + 1]
        return found[0] if found and found[0].id == id else None

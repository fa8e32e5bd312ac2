"""Anatomies put together to a comparison. No torch here."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.compare.differences import difference
from explorer.compare.records import FEWEST, Comparison
from explorer.compare.suits import fit
from explorer.compare.totals import incomparable, stopped, totals

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy
    from explorer.compare.records import Profile
    from explorer.zoo.cards import ModelCard

Pair = tuple["ModelCard", "Anatomy"]


def assembled(
    pairs: Sequence[Pair],
    *,
    size: tuple[int, int] | None = None,
    left_out: Sequence[str] = (),
    profiles: Sequence[Profile] = (),
) -> Comparison:
    """Compare networks that were taken apart; those that stopped half-way are left out, and said.

    The structural difference is between the first two that remain.
    """
    whole = [pair for pair in pairs if pair[1].failure is None]
    columns = tuple(totals(card, anatomy) for card, anatomy in whole)
    refused = (stopped(card, anatomy) for card, anatomy in pairs if anatomy.failure is not None)
    pair = [anatomy for _, anatomy in whole][:FEWEST]
    return Comparison(
        columns=columns,
        size=size,
        note=incomparable(columns),
        left_out=(*left_out, *refused),
        difference=difference(*pair) if len(pair) == FEWEST else None,
        fits=tuple(fit(card, anatomy) for card, anatomy in whole),
        profiles=tuple(profiles),
    )

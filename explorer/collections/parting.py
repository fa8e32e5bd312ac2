"""Which pictures are learned from and which validated on. No torch here.

Alike of every class, drawn by a seed, and near-duplicates never on both sides: a network that has
seen the one has seen the other. scikit-learn's StratifiedGroupKFold knows only shares of one in k,
may leave a class without pictures to learn from, and takes a second to import.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.collections.records import Item, Part

LEAST_SHARE, MOST_SHARE = 5.0, 50.0


def check_share(share: float) -> None:
    """Raise BadRequest for a share that cannot be validated on."""
    if not LEAST_SHARE <= share <= MOST_SHARE:
        raise BadRequest(
            f"Between {LEAST_SHARE:.0f} and {MOST_SHARE:.0f} percent of the pictures can be "
            f"validated on, not {share:g}."
        )


def part(
    items: Sequence[Item], share: float, seed: int, fixed: frozenset[int] = frozenset()
) -> tuple[Item, ...]:
    """Give every item a part, `share` percent of each class to validate on.

    Items whose ids are `fixed` keep theirs if they can: of near-duplicates on both sides all are
    learned from, and a class always has one to learn from. A class with two different pictures has
    one to validate on. Raises BadRequest for a share that cannot be.
    """
    check_share(share)
    groups = _groups(items)
    wanted = {
        label: max(1, round(count * share / 100))
        for label, count in Counter(item.label for item in items).items()
    }
    bound = {place for place, group in enumerate(groups) if any(item.id in fixed for item in group)}
    validated = {place for place in bound if _all_held(groups[place], fixed)}
    found = sum((_labels(groups[place]) for place in validated), Counter[int]())
    free = [place for place in _order(groups, seed) if place not in bound]
    for place in free:
        own = _labels(groups[place])
        if all(found[label] + count <= wanted[label] for label, count in own.items()):
            validated.add(place)
            found += own
    validated = _repaired(groups, validated, free)
    parts: dict[int, Part] = {
        item.id: "validation" if place in validated else "train"
        for place, group in enumerate(groups)
        for item in group
    }
    return tuple(replace(item, part=parts[item.id]) for item in items)


def _groups(items: Sequence[Item]) -> list[list[Item]]:
    """Items that must stay together; most are alone."""
    groups: dict[tuple[bool, int], list[Item]] = {}
    for item in items:
        alone = item.twins < 0
        groups.setdefault((alone, item.id if alone else item.twins), []).append(item)
    return list(groups.values())


def _all_held(group: Sequence[Item], fixed: frozenset[int]) -> bool:
    """Whether those of a group that keep their part are validated on, and the rest goes along."""
    return all(item.part == "validation" for item in group if item.id in fixed)


def _labels(group: Sequence[Item]) -> Counter[int]:
    return Counter(item.label for item in group)


def _order(groups: Sequence[Sequence[Item]], seed: int) -> list[int]:
    return [int(place) for place in np.random.default_rng(seed).permutation(len(groups))]


def _repaired(
    groups: Sequence[Sequence[Item]], validated: set[int], free: Sequence[int]
) -> set[int]:
    """Give each class something to learn from, and then something to validate on."""
    labels = sorted({item.label for group in groups for item in group})
    members = [_labels(group) for group in groups]
    chosen = set(validated)
    for label in labels:
        own = [place for place in range(len(groups)) if members[place][label]]
        if chosen.issuperset(own):
            chosen.remove(max(own, key=lambda place: (members[place][label], -place)))
    for label in labels:
        own = [place for place in free if members[place][label]]
        own += [place for place in range(len(groups)) if members[place][label] and place not in own]
        if chosen.isdisjoint(own):
            spare = [place for place in own if _spare(place, members, chosen)]
            chosen |= set(sorted(spare, key=lambda place: members[place].total())[:1])
    return chosen


def _spare(place: int, members: Sequence[Counter[int]], chosen: set[int]) -> bool:
    """Whether every class of a group has another group to learn from."""
    others = [each for index, each in enumerate(members) if index not in chosen and index != place]
    return all(any(each[label] for each in others) for label in members[place])

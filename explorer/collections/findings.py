"""What to know of a collection before anything learns from it, one sentence each. No torch here."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING

import numpy as np

from explorer.collections.likeness import ALIKE, SIDE

if TYPE_CHECKING:
    from explorer.collections.records import Item

FEW = 5
IMBALANCE = 5.0
MOST_OF, FEW_OF = 0.9, 0.1
"""A trait that so large a share of one class has, and so small a share of the others."""
TOLD_APART = 0.9
"""Share of pictures told apart by their borders' colour alone, from which on it is said."""


def warnings(classes: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    """Return what may make a network, or its result, worth less than it looks."""
    return (
        *_few(classes, items),
        *_imbalance(classes, items),
        *_in_two_classes(classes, items),
        *_on_both_sides(items),
        *_not_validated(classes, items),
        *_sources(classes, items),
        *_borders(classes, items),
        *_copies(items),
    )


def _few(classes: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    counts = Counter(item.label for item in items)
    few = [f"{quoted(classes[label])} ({n})" for label, n in sorted(counts.items()) if n < FEW]
    if not few:
        return ()
    one = len(few) == 1
    return (
        f"The class{'' if one else 'es'} {listed(few)} {'has' if one else 'have'} fewer than {FEW} "
        "pictures: too few to learn much from or to know how good the result is.",
    )


def _imbalance(classes: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    (most, many), *_, (least, few) = Counter(item.label for item in items).most_common()
    if many <= IMBALANCE * few:
        return ()
    return (
        f"The class {quoted(classes[most])} has {many:,} pictures and {quoted(classes[least])} "
        f"{few:,}, more than {IMBALANCE:g} to 1: balance the classes while training, or add "
        "pictures of the smaller ones.",
    )


def _in_two_classes(classes: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    """The same picture, pixel by pixel, under two labels; and ones that only look it."""
    same = _mixed(items, lambda item: item.traits.digest)
    alike = _mixed(items, lambda item: item.twins if item.twins >= 0 else None)
    said = []
    if same:
        first, second = same[0]
        said.append(
            f"{len(same):,} {_pictures(len(same))} in two classes at once, such as {first.name} "
            f"({quoted(classes[first.label])}) and {second.name} "
            f"({quoted(classes[second.label])}); remove it from one, for no network can be right "
            "about both."
        )
    if len(alike) > len(same):
        first, second = (
            next(pair for pair in alike if pair[0].traits.digest != pair[1].traits.digest)
            if any(a.traits.digest != b.traits.digest for a, b in alike)
            else alike[0]
        )
        said.append(
            f"{first.name} ({quoted(classes[first.label])}) and {second.name} "
            f"({quoted(classes[second.label])}) look nearly the same, as do pictures in "
            f"{len(alike):,} groups in all, but are in different classes; see which is right."
        )
    return tuple(said)


def _mixed(
    items: Sequence[Item], group: Callable[[Item], Hashable | None]
) -> list[tuple[Item, Item]]:
    """Of each group with pictures of two classes, the first pair of such."""
    groups: dict[Hashable, list[Item]] = defaultdict(list)
    for item in items:
        if (key := group(item)) is not None:
            groups[key].append(item)
    pairs = (
        (members[0], next((each for each in members if each.label != members[0].label), None))
        for members in groups.values()
    )
    return [(first, second) for first, second in pairs if second is not None]


def _on_both_sides(items: Sequence[Item]) -> tuple[str, ...]:
    learned = {item.twins for item in items if item.part == "train"} - {-1}
    count = sum(item.part == "validation" and item.twins in learned for item in items)
    if not count:
        return ()
    return (
        f"{count:,} {_pictures(count)} for validation with a near-duplicate among those learned "
        "from, so the result will look better than it is; split the pictures anew to part them.",
    )


def _not_validated(classes: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    said = []
    for part, what in (("validation", "validate on"), ("train", "learn from")):
        there = {item.label for item in items if item.part == part}
        if missing := [quoted(name) for label, name in enumerate(classes) if label not in there]:
            said.append(
                f"Of {listed(missing)} there is no picture to {what}: add some that differ from "
                "those there are."
            )
    return tuple(said)


def _sources(classes: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    """Traits by which a class could be told without looking at what the pictures show."""
    traits: tuple[tuple[str, Callable[[Item], str]], ...] = (
        ("of {} pixels", lambda item: f"{item.width:,} x {item.height:,}"),
        ("{} files", lambda item: item.traits.format),
        ("taken with the camera {}", lambda item: item.traits.camera),
        ("on a plain background of the colour {}", _background),
    )
    found = (_source(classes, items, phrase, value) for phrase, value in traits)
    return tuple(each for each in found if each)


def _background(item: Item) -> str:
    """The colour of a plain border, in steps of 32."""
    red, green, blue = (min(255, 32 * round(each / 32)) for each in item.traits.border)
    return f"#{red:02x}{green:02x}{blue:02x}" if item.traits.plain else ""


def _source(
    classes: Sequence[str], items: Sequence[Item], phrase: str, value: Callable[[Item], str]
) -> str:
    counts: dict[int, Counter[str]] = defaultdict(Counter)
    for item in items:
        counts[item.label][value(item)] += 1
    every = sum(counts.values(), Counter[str]())
    given = []
    for label, name in enumerate(classes):
        own = counts[label]
        total, rest = own.total(), len(items) - own.total()
        if total < FEW or rest < FEW:
            continue
        top, count = own.most_common(1)[0]
        others = every[top] - count
        if top and count >= MOST_OF * total and others <= FEW_OF * rest:
            given.append((name, top, count / total, others / rest))
    if not given:
        return ""
    name, top, share, others_share = given[0]
    more = [quoted(each[0]) for each in given[1:]]
    same = f" (much the same goes for {listed(more)})" if more else ""
    return (
        f"{share:.0%} of the pictures of {quoted(name)} are {phrase.format(top)} and "
        f"{others_share:.0%} of the others{same}: a network may learn that "
        "instead of what they show, so take all classes in the same way."
    )


def _borders(classes: Sequence[str], items: Sequence[Item]) -> tuple[str, ...]:
    """Whether the mean colour of the border tells the classes: its nearest class mean, each
    picture's class without the picture itself."""
    labels = np.array([item.label for item in items])
    counts = np.bincount(labels, minlength=len(classes))
    if counts.min() < FEW:
        return ()
    values = np.array([item.traits.border for item in items], float)
    sums = np.stack([values[labels == label].sum(axis=0) for label in range(len(classes))])
    away = np.linalg.norm(values[:, None] - sums / counts[:, None], axis=2)
    own = (sums[labels] - values) / (counts[labels] - 1)[:, None]
    away[np.arange(len(items)), labels] = np.linalg.norm(values - own, axis=1)
    right = away.argmin(axis=1) == labels
    share = float(np.mean([right[labels == label].mean() for label in range(len(classes))]))
    if share < TOLD_APART:
        return ()
    return (
        f"The mean colour of its border alone tells the class of {share:.0%} of the pictures (mean "
        "over classes): their backgrounds differ, and a network may learn these instead; mix them.",
    )


def _copies(items: Sequence[Item]) -> tuple[str, ...]:
    count = sum(item.twins >= 0 for item in items)
    if not count:
        return ()
    return (
        f"{count:,} pictures are near-duplicates of others (at most {ALIKE} of {SIDE * SIDE} bits "
        "of a perceptual hash differ): they count as one when the pictures are split.",
    )


def quoted(name: str) -> str:
    """Return a class's name in quotation marks."""
    return f"“{name}”"


def listed(names: Sequence[str], most: int = 4) -> str:
    """Return names as they stand in a sentence, the first few of many."""
    if len(names) > most:
        return f"{', '.join(names[:most])} and {len(names) - most:,} more"
    return " and ".join((", ".join(names[:-1]), names[-1])) if len(names) > 1 else names[0]


def _pictures(count: int) -> str:
    return "picture is" if count == 1 else "pictures are"

"""Edits: a collection in, the changed one out, checked, split and warned of anew. No torch here."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from typing import TYPE_CHECKING

from explorer.collections import findings, likeness, parting
from explorer.collections.names import class_title
from explorer.collections.records import (
    FEWEST_PICTURES,
    MOST_CLASSES,
    MOST_PICTURES,
    Collection,
    Item,
)
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Sequence

MOST_TITLE = 80


def relabelled(old: Collection, items: frozenset[int], label: int) -> Collection:
    """Move pictures to another class. Raises BadRequest."""
    _check_label(old, label)
    _check_items(old, items)
    moved = tuple(replace(item, label=label) if item.id in items else item for item in old.items)
    return settled(replace(old, items=moved))


def without(old: Collection, items: frozenset[int]) -> Collection:
    """Leave pictures out. Raises BadRequest where too few stay."""
    _check_items(old, items)
    left = tuple(item for item in old.items if item.id not in items)
    return settled(replace(old, items=left))


def without_class(old: Collection, label: int) -> Collection:
    """Leave a class out with its pictures. Raises BadRequest where too few stay."""
    _check_label(old, label)
    if len(old.classes) <= 2:
        raise BadRequest(
            "A classifier tells two classes apart at least; add another one before you remove this."
        )
    left = tuple(
        replace(item, label=item.label - (item.label > label))
        for item in old.items
        if item.label != label
    )
    classes = old.classes[:label] + old.classes[label + 1 :]
    return settled(replace(old, classes=classes, items=left))


def renamed(old: Collection, label: int, name: str) -> Collection:
    """Give a class another name. Raises BadRequest for another class's, BadData for none."""
    _check_label(old, label)
    title = class_title(name)
    others = old.classes[:label] + old.classes[label + 1 :]
    if title in others:
        raise BadRequest(
            f"There is a class {findings.quoted(title)} already; move the pictures there instead."
        )
    return settled(replace(old, classes=(*old.classes[:label], title, *old.classes[label + 1 :])))


def retitled(old: Collection, title: str) -> Collection:
    """Give the collection another title. Raises BadRequest for an empty one."""
    if not (clean := " ".join(title.split())):
        raise BadRequest("A collection has a title; type one.")
    return replace(old, title=clean[:MOST_TITLE])


def split(old: Collection, share: float, seed: int) -> Collection:
    """Split all pictures anew, whether they came with a split or not. Raises BadRequest."""
    parting.check_share(share)
    return settled(replace(old, own_split=False, share=share, seed=seed), frozenset())


def with_more(old: Collection, classes: tuple[str, ...], more: Sequence[Item]) -> Collection:
    """Add pictures, whose near-duplicates are looked for among all. Raises BadRequest."""
    items = (*old.items, *more)
    groups = likeness.twins([item.traits for item in items])
    grouped = tuple(replace(item, twins=group) for item, group in zip(items, groups, strict=True))
    known = frozenset(item.id for item in old.items)
    return settled(replace(old, classes=classes, items=grouped), known)


def settled(changed: Collection, fixed: frozenset[int] | None = None) -> Collection:
    """Check a changed collection, split what is not split yet, and see what to warn of.

    Pictures whose ids are `fixed`, or all, keep their part if they can, so that a result stays
    comparable. Raises BadRequest where there are too few or too many.
    """
    _check(changed)
    every = frozenset(item.id for item in changed.items)
    kept = every if fixed is None else fixed
    items = _without_lonely(changed.items)
    if not changed.own_split or kept != every:
        items = parting.part(items, changed.share, changed.seed, kept)
    if changed.own_split:  # what came with a part stays there, come what may
        items = tuple(
            replace(item, part=old.part) if old.id in kept else item
            for item, old in zip(items, changed.items, strict=True)
        )
    return replace(changed, items=items, warnings=findings.warnings(changed.classes, items))


def _without_lonely(items: Sequence[Item]) -> tuple[Item, ...]:
    """Items without the groups of near-duplicates of which a single one is left."""
    sizes = Counter(item.twins for item in items)
    return tuple(
        replace(item, twins=-1) if sizes[item.twins] == 1 and item.twins >= 0 else item
        for item in items
    )


def _check(changed: Collection) -> None:
    count = len(changed.items)
    if count < FEWEST_PICTURES:
        raise BadRequest(
            f"{count} picture{'' if count == 1 else 's'} would be left, and {FEWEST_PICTURES} are "
            "needed at least; add some first."
        )
    if count > MOST_PICTURES:
        raise BadRequest(
            f"With these there would be {count:,} pictures, and at most {MOST_PICTURES:,} are "
            "kept; choose fewer."
        )
    if len(changed.classes) > MOST_CLASSES:
        raise BadRequest(f"At most {MOST_CLASSES} classes can be told apart here; choose fewer.")
    there = Counter(item.label for item in changed.items)
    for label, name in enumerate(changed.classes):
        if not there[label]:
            raise BadRequest(
                f"No picture of the class {findings.quoted(name)} would be left; remove the class "
                "instead, or add pictures to it."
            )


def _check_label(old: Collection, label: int) -> None:
    if not 0 <= label < len(old.classes):
        raise BadRequest(
            f"There is no class of the number {label}; the classes are numbered from 0 to "
            f"{len(old.classes) - 1}."
        )


def _check_items(old: Collection, items: frozenset[int]) -> None:
    known = {item.id for item in old.items}
    if not items or not items <= known:
        raise BadRequest(
            "Some of these pictures are not in the collection any more; look at it anew."
            if items
            else "No picture is chosen; choose one at least."
        )

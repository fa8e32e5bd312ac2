"""A zip, files per class, a table of labels or a folder becomes a collection. No torch here.

All are opened as untrusted: bytes are counted as they are inflated, names are never paths, and each
file goes through the gate for pictures. One bad file never stops the rest; it is listed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.collections import changes, disk, findings, gathering, likeness, names
from explorer.collections.looking import Seen, see
from explorer.collections.records import (
    FEWEST_PICTURES,
    MOST_CLASSES,
    MOST_PICTURES,
    SEED,
    SHARE,
    Collection,
    Item,
)
from explorer.collections.store import WHOLE, CollectionStore, keep
from explorer.errors import BadData, BadPicture
from explorer.pictures.intake import shown_name
from explorer.pictures.records import Refused
from explorer.progress import Progress, silent

if TYPE_CHECKING:
    from explorer.collections.gathering import Gathered
    from explorer.collections.names import Named

MOST_REFUSED = 1_000
"""Files left out that are listed one by one; of more only the number is said."""
_OPENING = 0.15
"""Share of the whole work that opening an archive takes."""
_TOLD_EVERY = 10
_LONGEST_NAME = 120


def accept_zip(data: bytes, name: str, owner: str = "", progress: Progress = silent) -> Collection:
    """Take in a zip of class folders, or of pictures and one CSV of their labels.

    Raises BadData with the reason in one sentence, DiskFull, and lets Cancelled through.
    """
    gathered = gathering.in_zip(data, _opening(progress))
    return _taken_in(gathered, shown_name(name).removesuffix(".zip"), owner, progress)


def accept_files(
    files: Sequence[tuple[str, str, bytes]],
    title: str,
    owner: str = "",
    progress: Progress = silent,
) -> Collection:
    """Take in files of typed classes: (class, file name, bytes) each; zips among them are opened.

    Raises as `accept_zip` does.
    """
    return _taken_in(gathering.typed(files, _opening(progress)), title, owner, progress)


def accept_table(
    table: bytes, archive: bytes, title: str, owner: str = "", progress: Progress = silent
) -> Collection:
    """Take in a zip of pictures whose names and labels stand in a CSV.

    Raises as `accept_zip` does.
    """
    return _taken_in(gathering.in_table(table, archive, _opening(progress)), title, owner, progress)


def accept_folder(
    path: Path, validation: Path | None = None, owner: str = "", progress: Progress = silent
) -> Collection:
    """Take in a folder of class folders, or a zip of them, named by somebody at the keyboard.

    `validation` names another one to validate on. Raises as `accept_zip` does.
    """
    gathered = gathering.in_folder(path, validation, _opening(progress))
    return _taken_in(gathered, path.resolve().name, owner, progress)


def add(
    key: str,
    class_name: str,
    pictures: Sequence[tuple[str, bytes]],
    progress: Progress = silent,
) -> Collection:
    """Add files, (name, bytes) each, to a class of a collection, in a new revision.

    A class of an unknown name is added. Pictures that are there already keep their part. Raises
    BadData where none of the files can be read, BadRequest where it would be too many, MissingData
    for a collection that is gone, DiskFull, and lets Cancelled through.
    """
    store = CollectionStore()
    old = store.get(key)
    typed = [(class_name, *each) for each in pictures]
    gathered = gathering.typed(typed, _opening(progress))
    _check_count(len(old.items) + len(gathered.files))
    title = names.class_title(class_name)
    classes = old.classes if title in old.classes else (*old.classes, title)
    first = store.next_id(old)
    with disk.guarded(store.folder):
        items, unread = _looked(gathered, store.folder / old.id, classes, first, progress)
        if not items:
            raise BadData(_nothing(unread))
        refused = (*old.refused, *gathered.refused, *unread)
        more = replace(old, refused=_bounded(refused), next_id=first + len(items))
        return store.put(changes.with_more(more, classes, items))


def _opening(progress: Progress) -> Progress:
    return lambda fraction, sentence: progress(_OPENING * fraction, sentence)


def _taken_in(gathered: Gathered, title: str, owner: str, progress: Progress) -> Collection:
    """Decode all files into a new collection, and keep it."""
    classes = tuple(sorted({each.class_name for each in gathered.files}))
    _check_classes(classes, gathered.refused)
    _check_count(len(gathered.files))
    store = CollectionStore()
    with store.begun() as place:
        items, unread = _looked(gathered, place / WHOLE, classes, 1, progress)
        refused = (*gathered.refused, *unread)
        there = sorted({item.label for item in items})
        _check_classes([classes[label] for label in there], refused)
        if len(items) < FEWEST_PICTURES:
            raise BadData(_too_few(len(items), refused))
        progress(1.0, "Looking for near-duplicates")
        made = Collection(
            id="",
            revision=1,
            title=" ".join(title.split())[: changes.MOST_TITLE] or "My pictures",
            owner=owner,
            classes=tuple(classes[label] for label in there),
            items=_numbered(items, there),
            refused=_bounded((*refused, *_empty(classes, there))),
            warnings=(),
            own_split=any(each.part for each in gathered.files),
            share=SHARE,
            seed=SEED,
            created=0.0,
            next_id=1 + len(items),
        )
        return store.finish(place, changes.settled(made, None if made.own_split else frozenset()))


def _looked(
    gathered: Gathered, place: Path, classes: Sequence[str], first: int, progress: Progress
) -> tuple[list[Item], list[Refused]]:
    """Let each file through the gate into a folder; ids count from `first`."""
    items: list[Item] = []
    refused: list[Refused] = []
    labels = {name: label for label, name in enumerate(classes)}
    for done, each in enumerate(gathered.files):
        if done % _TOLD_EVERY == 0:
            share = _OPENING + (1 - _OPENING) * done / len(gathered.files)
            progress(share, f"Reading picture {done + 1:,} of {len(gathered.files):,}")
        try:
            seen = see(gathered.open(each.name))
        except BadPicture as error:
            refused.append(Refused(each.shown, str(error)))
            continue
        keep(place, seen)
        items.append(_item(first + len(items), each, labels[each.class_name], seen))
    return items, refused


def _item(id: int, named: Named, label: int, seen: Seen) -> Item:
    return Item(
        id=id,
        name=shown_name(named.shown),
        label=label,
        width=seen.width,
        height=seen.height,
        part=named.part or "train",
        twins=-1,
        traits=seen.traits,
    )


def _numbered(items: Sequence[Item], there: Sequence[int]) -> tuple[Item, ...]:
    """Items whose labels count only the classes of which there are pictures."""
    labels = {label: place for place, label in enumerate(there)}
    groups = likeness.twins([item.traits for item in items])
    return tuple(
        replace(item, label=labels[item.label], twins=group)
        for item, group in zip(items, groups, strict=True)
    )


def _empty(classes: Sequence[str], there: Sequence[int]) -> tuple[Refused, ...]:
    return tuple(
        Refused(name, "None of this class's files can be read as a picture, so it was left out.")
        for label, name in enumerate(classes)
        if label not in there
    )


def _bounded(refused: Sequence[Refused]) -> tuple[Refused, ...]:
    """The first so many, each name short enough to be shown."""
    shown = tuple(Refused(_short(each.name), each.reason) for each in refused[:MOST_REFUSED])
    more = len(refused) - MOST_REFUSED
    return (*shown, *(Refused("the rest", f"{more:,} more files were left out."),) * (more > 0))


def _short(name: str) -> str:
    clean = "".join(each for each in name if each.isprintable()) or "a file"
    return clean if len(clean) <= _LONGEST_NAME else f"…{clean[1 - _LONGEST_NAME :]}"


def _nothing(refused: Sequence[Refused]) -> str:
    return f"There is no picture in here that can be read{_why(refused)}; {names.SHAPE}."


def _too_few(count: int, refused: Sequence[Refused]) -> str:
    return (
        f"There {'is' if count == 1 else 'are'} only {count} picture{'' if count == 1 else 's'} "
        f"that can be read, and {FEWEST_PICTURES} are needed at least{_why(refused)}; add some."
    )


def _why(refused: Sequence[Refused]) -> str:
    """What was left out, as it stands within a sentence."""
    if not refused:
        return ""
    first = refused[0]
    return f" ({len(refused):,} left out, such as {_short(first.name)}: {first.reason.rstrip('.')})"


def _check_count(count: int) -> None:
    if count > MOST_PICTURES:
        raise BadData(
            f"There would be {count:,} pictures, and at most {MOST_PICTURES:,} are taken; hand in "
            "fewer."
        )


def _check_classes(classes: Sequence[str], refused: Sequence[Refused]) -> None:
    if not classes:
        raise BadData(_nothing(refused))
    if len(classes) < 2:
        raise BadData(
            f"All pictures are of one class, {findings.quoted(classes[0])}, and a classifier tells "
            f"two apart at least{_why(refused)}; {names.SHAPE}."
        )
    if len(classes) > MOST_CLASSES:
        raise BadData(
            f"There are {len(classes):,} classes, and at most {MOST_CLASSES} can be told apart "
            f"here; {names.SHAPE}."
        )

"""What somebody hands in, as files with a class each, before any is decoded. No torch here."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.collections import names, sources, tables
from explorer.collections.names import Named, Sorted
from explorer.errors import BadData
from explorer.pictures import archives
from explorer.progress import Progress, silent

if TYPE_CHECKING:
    from explorer.collections.sources import Files
    from explorer.pictures.records import Refused


@dataclass(frozen=True, slots=True)
class Gathered:
    """Files that may be pictures, how to open each by its name, and what was left out so far."""

    files: tuple[Named, ...]
    open: Callable[[str], bytes]
    refused: tuple[Refused, ...]


def in_zip(data: bytes, progress: Progress = silent) -> Gathered:
    """Look into a zip of class folders, or of pictures and one table. Raises BadData."""
    return _by_folders(sources.unpacked(data, progress))


def in_table(table: bytes, archive: bytes, progress: Progress = silent) -> Gathered:
    """Look into a zip whose labels stand in a table. Raises BadData."""
    files = sources.unpacked(archive, progress)
    return _gathered(tables.sort(table, files.names), files)


def in_folder(path: Path, validation: Path | None, progress: Progress = silent) -> Gathered:
    """Look into a folder or zip on this computer, and one to validate on. Raises BadData."""
    learned = _by_folders(sources.folder(path, progress))
    if validation is None:
        return learned
    both = (learned, _by_folders(sources.folder(validation, progress)))
    files = tuple(
        replace(each, name=f"{number}{each.name}", part="validation" if number else "train")
        for number, part in enumerate(both)
        for each in part.files
    )
    return Gathered(
        files,
        lambda name: both[int(name[0])].open(name[1:]),
        (*both[0].refused, *both[1].refused),
    )


def typed(files: Sequence[tuple[str, str, bytes]], progress: Progress = silent) -> Gathered:
    """Take files of typed classes, (class, name, bytes) each, and those in zips among them.

    Raises BadData.
    """
    if sum(len(data) for _, _, data in files) > sources.MOST_BYTES:
        raise BadData(
            f"Together these files have more than {sources.MOST_BYTES / 1e6:.0f} MB; hand in some "
            "of them, and add the others afterwards."
        )
    named: list[Named] = []
    opened: list[bytes] = []
    refused: list[Refused] = []
    budget = archives.Budget()
    for class_name, name, data in files:
        inside = [(name, data)]
        if archives.is_zip(data):
            archive = sources.unpacked(data, progress, budget)
            inside = [(each, archive.open(each)) for each in archive.names]
            refused += archive.refused
        title = names.class_title(class_name)
        for each, own in inside:
            shown = names.readable(each)
            if not names.is_junk(shown):
                named.append(Named(str(len(opened)), shown, title, None))
                opened.append(own)
    return Gathered(tuple(named), lambda number: opened[int(number)], tuple(refused))


def _by_folders(files: Files) -> Gathered:
    """Files by their folders; by a table where there are no folders, but one."""
    found = names.sort(files.names)
    listing = [name for name in files.names if tables.is_table(name) and not names.is_junk(name)]
    if len({each.class_name for each in found.files}) < 2 and len(listing) == 1:
        found = tables.sort(files.open(listing[0]), files.names)
    return _gathered(found, files)


def _gathered(found: Sorted, files: Files) -> Gathered:
    return Gathered(found.files, files.open, (*found.refused, *files.refused))

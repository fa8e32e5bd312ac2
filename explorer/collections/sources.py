"""Where pictures come from: the files of an archive or a folder, by their names. No torch here."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from explorer.collections.names import is_junk
from explorer.errors import BadData, BadPicture
from explorer.pictures import archives, intake
from explorer.pictures.records import Refused
from explorer.progress import Progress, silent

MOST_BYTES = archives.MOST_ARCHIVE_BYTES
"""What is handed in at once, packed and unpacked; more can be added to a collection later."""
MOST_FILES = 20_000
"""Pictures or not."""
DIRECTORY_BYTES = 4_000_000


@dataclass(frozen=True, slots=True)
class Files:
    """Names of files, how to get the bytes of one, and what could not be had, with the reason.

    `open` raises BadPicture for a file that cannot be read.
    """

    names: tuple[str, ...]
    open: Callable[[str], bytes]
    refused: tuple[Refused, ...] = ()


def unpacked(
    data: bytes, progress: Progress = silent, budget: archives.Budget | None = None
) -> Files:
    """Open a zip, as far as a budget of bytes goes that several may share.

    Raises BadData for anything else, and for one that is too large.
    """
    if not archives.is_zip(data):
        raise BadData(
            "This is no ZIP archive; put a folder for each class, with its pictures in it, into "
            "one ZIP and hand that in."
        )
    found: dict[str, bytes] = {}
    refused: list[Refused] = []
    expected = archives.declared(data, MOST_FILES)
    for each in archives.entries("", data, budget or archives.Budget(), DIRECTORY_BYTES):
        if isinstance(each, Refused):
            if not each.name:  # of the archive itself
                raise BadData(each.reason)
            refused.append(each)
            continue
        found[each[0]] = each[1]
        _check_count(len(found))
        if len(found) % 100 == 0:
            progress(min(1.0, len(found) / expected), f"Opening file {len(found):,}")
    return Files(tuple(found), found.__getitem__, tuple(refused))


def folder(path: Path, progress: Progress = silent) -> Files:
    """Look into a folder, or a zip, on this computer. Raises BadData where there is none."""
    try:
        if path.is_dir():
            names = tuple(sorted(_walked(path)))
            return Files(names, lambda name: _read(path / name))
        size = path.stat().st_size
    except OSError as error:
        raise BadData(
            f"{path} cannot be read ({error.strerror}); name a folder that holds one per class."
        ) from None
    if size > MOST_BYTES:
        raise BadData(
            f"{path.name} has {size / 1e6:.0f} MB, and at most {MOST_BYTES / 1e6:.0f} MB are read "
            "packed; unpack it and name the folder."
        )
    return unpacked(_read(path, MOST_BYTES), progress)


def _walked(path: Path) -> Iterator[str]:
    """Names of all files, "/" between folders; links are followed, but never in a circle."""
    seen = set()
    count = 0
    for place, folders, files in os.walk(path, followlinks=True):
        if (real := os.path.realpath(place)) in seen:
            folders.clear()
            continue
        seen.add(real)
        for name in files:
            file = Path(place, name)
            if file.is_file() and not is_junk(name):  # a pipe would be waited for
                count += 1
                _check_count(count)
                yield file.relative_to(path).as_posix()


def _read(path: Path, most: int = intake.MOST_BYTES) -> bytes:
    """A file, unless it is larger than the gate would let through."""
    try:
        with path.open("rb") as file:
            return file.read(most + 1)
    except OSError as error:
        raise BadPicture(f"It cannot be read ({error.strerror}); see to its permissions.") from None


def _check_count(count: int) -> None:
    if count > MOST_FILES:
        raise BadData(
            f"There are more than {MOST_FILES:,} files in here; hand in the pictures alone, and "
            "fewer of them."
        )

"""Several pictures at once, loose or in zip files; one bad file never stops the rest.

A zip's own words about itself are not believed: bytes are counted as they are inflated, names are
shown and never used as paths. No torch here.
"""

from __future__ import annotations

import io
import re
import stat
import struct
import zipfile
from collections.abc import Iterator, Sequence
from typing import TypeAlias

from explorer.errors import BadPicture
from explorer.pictures.intake import MOST_BYTES, accept, shown_name
from explorer.pictures.records import Picture, Refused
from explorer.progress import Progress, silent

MOST_FILES = 300
MOST_ARCHIVE_BYTES = 200_000_000
"""A zip file itself, and all that is inflated in one call."""
MOST_RATIO = 100
FREE_BYTES = 1_000_000
"""A file of at most so many bytes may be compressed as well as it likes: a blank drawing is."""
KEPT_PIXELS = 500_000
"""Of each: 700 x 700 is more than the zoo's networks read, and three hundred fit in memory."""

DIRECTORY_BYTES = 1_000_000
"""What a directory may take: some ten thousand files."""
_END = struct.Struct("<4s4H2LH")
_END_MARK, _ZIP64_MARK = b"PK\x05\x06", b"PK\x06\x07"
_ZIP_MARKS = (b"PK\x03\x04", _END_MARK)
_JUNK = re.compile(r"(^|[/\\])(__MACOSX([/\\]|$)|\._|\.DS_Store$|Thumbs\.db$|desktop\.ini$)", re.I)
_METHODS = (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED)

_File: TypeAlias = tuple[str, bytes]


def accept_all(
    files: Sequence[tuple[str, bytes]], progress: Progress = silent
) -> tuple[Picture | Refused, ...]:
    """Accept many files, (name, bytes) each, in their order; zips among them are opened.

    Each picture keeps at most half a megapixel. Raises nothing but what `progress` raises: a file
    that cannot be accepted is a `Refused`, with the reason.
    """
    found: list[Picture | Refused] = []
    names: dict[str, int] = {}
    expected = sum(declared(data, MOST_FILES) for _, data in files)
    for done, each in enumerate(_unpacked(files)):
        if done == MOST_FILES:
            found.append(
                Refused("the rest", f"At most {MOST_FILES} files are read at once; choose fewer.")
            )
            break
        name = _distinct(shown_name(each.name if isinstance(each, Refused) else each[0]), names)
        progress(min(done / max(1, expected), 1.0), f"Reading {name}")
        found.append(Refused(name, each.reason) if isinstance(each, Refused) else _one(name, each))
    return tuple(found)


def _one(name: str, file: _File) -> Picture | Refused:
    try:
        return accept(file[1], name, KEPT_PIXELS)
    except BadPicture as error:
        return Refused(name, str(error))


def _distinct(name: str, taken: dict[str, int]) -> str:
    """The name, numbered where files of several folders share it."""
    taken[name] = taken.get(name, 0) + 1
    return name if taken[name] == 1 else f"{name} ({taken[name]})"


def declared(data: bytes, most: int) -> int:
    """Return how many files there seem to be in a file, for the progress alone."""
    end = data.rfind(_END_MARK, -_END.size - 65_536) if data.startswith(_ZIP_MARKS) else -1
    record = data[end : end + _END.size]
    return min(most, _END.unpack(record)[4]) if end >= 0 and len(record) == _END.size else 1


class Budget:
    """How many bytes may still be inflated, those of refused files counted too."""

    def __init__(self) -> None:
        self.left = MOST_ARCHIVE_BYTES


def _unpacked(files: Sequence[_File]) -> Iterator[_File | Refused]:
    """All files, those in zips in their place."""
    budget = Budget()
    for name, data in files:
        if not is_zip(data):
            yield name, data
            continue
        yield from entries(name, data, budget)


def is_zip(data: bytes) -> bool:
    """Whether a file begins as a zip does."""
    return data.startswith(_ZIP_MARKS)


def entries(
    name: str, data: bytes, budget: Budget, directory_bytes: int = DIRECTORY_BYTES
) -> Iterator[tuple[str, bytes] | Refused]:
    """Go through the files of one zip, as far as the budget goes.

    What cannot be had is `Refused`: a file under its own name, the archive itself under `name`.
    """
    try:
        _check_directory(data, directory_bytes)
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            for entry in archive.infolist():
                if entry.is_dir() or _JUNK.search(entry.filename):
                    continue
                if budget.left <= 0:
                    raise BadPicture(
                        f"What follows in this archive is not read: together its files have more "
                        f"than {MOST_ARCHIVE_BYTES / 1e6:.0f} MB."
                    )
                yield _entry(archive, entry, len(data), budget)
    except BadPicture as error:
        yield Refused(name, str(error))
    except Exception:  # a broken directory makes zipfile raise many things
        yield Refused(name, "This ZIP archive is damaged; make it anew and try again.")


def _check_directory(data: bytes, most: int) -> None:
    """Look at the directory's size before it is read whole. Raises `BadPicture`."""
    if len(data) > MOST_ARCHIVE_BYTES:
        raise BadPicture(
            f"This archive has {len(data) / 1e6:.0f} MB; at most "
            f"{MOST_ARCHIVE_BYTES / 1e6:.0f} MB are read, so make it smaller and try again."
        )
    tail = data[-(_END.size + 65_536) :]
    if _ZIP64_MARK in tail:
        raise BadPicture("This archive is written as ZIP64; make it anew with fewer files.")
    for found in re.finditer(re.escape(_END_MARK), tail):
        record = tail[found.start() : found.start() + _END.size]
        if len(record) == _END.size and _END.unpack(record)[5] > most:
            raise BadPicture("This archive lists more files than are read; make it anew with less.")


def _entry(
    archive: zipfile.ZipFile, entry: zipfile.ZipInfo, archive_size: int, budget: Budget
) -> _File | Refused:
    """One file of a zip, inflated no further than allowed."""
    name = entry.filename
    if reason := _forbidden(entry):
        return Refused(name, reason)
    # The directory may lie about the compressed size, but not beyond the archive's own.
    ratio = MOST_RATIO * min(entry.compress_size, archive_size)
    limit = min(MOST_BYTES, max(FREE_BYTES, ratio), budget.left)
    whole = limit < budget.left
    try:
        with archive.open(entry) as stream:
            inflated = stream.read(limit + 1)
    except Exception:  # zlib, CRC, lying offsets: zipfile has no common error
        budget.left -= limit  # it may have got so far
        return Refused(name, "This file is damaged inside its archive; make the archive anew.")
    budget.left -= len(inflated)
    if inflated.startswith(_ZIP_MARKS):
        return Refused(name, "An archive inside an archive is not opened; unpack it first.")
    if len(inflated) <= limit:
        return name, inflated
    if limit == MOST_BYTES and whole:
        return Refused(
            name, f"This file has more than {MOST_BYTES / 1e6:.0f} MB; save it smaller, try again."
        )
    if not whole:
        return Refused(name, "With this file the archive's files have too many bytes together.")
    return Refused(
        name, f"This file is compressed more than {MOST_RATIO} times, as no photograph can be."
    )


def _forbidden(entry: zipfile.ZipInfo) -> str:
    """Why an entry is not even inflated; empty if it is."""
    if entry.flag_bits & 1:
        return "This file is encrypted inside its archive; make the archive without a password."
    if entry.compress_type not in _METHODS:
        return "This file is compressed in an unusual way; make the archive with plain ZIP."
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "This is a link to another file, not a picture; put the file itself in the archive."
    if entry.filename.lower().endswith(".zip"):
        return "An archive inside an archive is not opened; unpack it first."
    return ""

"""A folder of class folders on this computer, or an archive of them. No torch here.

Named by somebody at the keyboard, so it is read as it is; its files go through the gate for
pictures all the same. It is decoded once: what came of it is kept by a digest of the names, sizes
and times of its files, and made anew when one of them changes.
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import tarfile
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TypeAlias

import numpy as np
from safetensors import SafetensorError

from explorer.errors import BadData, DiskFull
from explorer.pictures import intake
from explorer.progress import Progress, silent
from explorer.training.data import kept
from explorer.training.data.assembling import Assembled, Opener, assemble, shape_of
from explorer.training.data.class_folders import Arranged, arrange, parted
from explorer.training.data.records import DataSet

FOLDER = "folder:"
MOST_BYTES = 1 << 30
"""All pictures of a folder together, at the common size; beyond it the size is made smaller."""
MOST_PACKED_BYTES = 4 << 30
"""What may come out of a tar archive, which is held in memory while it is read."""

_TARS = (".tar", ".tar.gz", ".tgz", ".tar.bz2", ".tar.xz")
_VERSION = "1"
"""Part of the digest: another one, if pictures are to be read otherwise than before."""

_Stamp: TypeAlias = str


@dataclass(frozen=True, slots=True)
class _Source:
    """Names of files, what tells whether any of them changed, and how to get their bytes."""

    names: tuple[str, ...]
    stamp: _Stamp
    opener: Callable[[], Opener]


def survey(path: Path) -> DataSet:
    """Say what a folder or archive holds, without decoding its pictures.

    Raises BadData for one that is no data set.
    """
    source = _source(path)
    known = kept.told(kept.FOLDERS.path(_digest(path, source.stamp)), f"{FOLDER}{path}")
    return known[0] if known else _surveyed(path, source.stamp)


@lru_cache(maxsize=16)
def _surveyed(path: Path, stamp: _Stamp) -> DataSet:
    """The same, remembered for as long as no file changes; `stamp` tells."""
    source = _source(path)
    arranged = arrange(source.names)
    shape = shape_of(arranged, source.opener(), MOST_BYTES)
    return _described(path, arranged, shape, *_counts(arranged), notes=arranged.notes)


def _counts(arranged: Arranged) -> tuple[int, int]:
    """How many pictures there are to learn from and to test on, if all can be read."""
    if arranged.is_split:
        test = sum(member.part == "test" for member in arranged.members)
        return len(arranged.members) - test, test
    train, held = parted(np.array([member.label for member in arranged.members], np.int64))
    return len(train), len(held)


def _described(
    path: Path, arranged: Arranged, shape: tuple[int, int, int], train: int, test: int,
    notes: tuple[str, ...],
) -> DataSet:  # fmt: skip
    return DataSet(
        key=f"{FOLDER}{path}",
        title=path.name,
        idea=kept.IDEA,
        classes=arranged.classes,
        shape=shape,
        train=train,
        test=test,
        kind="yours",
        licence="Its terms are those of whoever made the pictures.",
        notes=notes,
    )


def prepared(path: Path, progress: Progress = silent) -> tuple[DataSet, Assembled]:
    """Return all pictures of a folder or archive at one size, decoded now or earlier.

    Raises BadData for one that is no data set, and lets Cancelled through.
    """
    source = _source(path)
    digest = _digest(path, source.stamp)
    file = kept.FOLDERS.path(digest)
    known = kept.told(file, f"{FOLDER}{path}")
    if known is not None:
        with contextlib.suppress(OSError, SafetensorError):  # gone meanwhile: decode it again
            return known[0], kept.read(file, known[0])
    arranged, opener = arrange(source.names), source.opener()
    shape = shape_of(arranged, opener, MOST_BYTES)
    found = assemble(arranged, opener, shape, progress)
    data = _described(path, arranged, shape, len(found.train), len(found.test), found.notes)
    with contextlib.suppress(OSError, DiskFull):  # then it is decoded again next time
        kept.put(kept.FOLDERS, digest, found, data)
    return data, found


def listed(path: Path) -> tuple[Arranged, Opener]:
    """Say what the files of a folder or archive are, and give what reads them, one by one.

    For whoever wants a few of them. Raises BadData for a path that holds no data set.
    """
    source = _source(path)
    return arrange(source.names), source.opener()


def _digest(path: Path, stamp: _Stamp) -> str:
    return hashlib.sha256(f"{_VERSION}\0{path}\0{stamp}".encode()).hexdigest()[:16]


def _source(path: Path) -> _Source:
    """Look at a path. Raises BadData where it cannot be read."""
    try:
        if path.is_dir():
            return _folder(path)
        state = path.stat()
        stamp = f"{state.st_size} {state.st_mtime_ns}"
        if path.name.lower().endswith(_TARS):
            return _Source(_tar_names(path, stamp), stamp, lambda: _tar_opener(path))
        if zipfile.is_zipfile(path):
            with zipfile.ZipFile(path) as archive:
                names = tuple(each.filename for each in archive.infolist() if not each.is_dir())
            return _Source(names, stamp, lambda: _zip_opener(path))
    except (OSError, tarfile.TarError, zipfile.BadZipFile, EOFError) as error:
        reason = getattr(error, "strerror", None) or str(error)
        raise BadData(f"{path} cannot be read ({reason}); name another folder.") from None
    raise BadData(f"{path} is neither a folder nor a ZIP or TAR archive; name one that is.")


def _folder(path: Path) -> _Source:
    found = sorted(_walked(str(path), ""))
    stamp = hashlib.sha256("\n".join(found).encode("utf-8", "surrogateescape")).hexdigest()
    names = tuple(each.partition("\0")[0] for each in found)
    return _Source(names, stamp, lambda: lambda name: _bytes(path / name))


def _walked(place: str, inside: str) -> Iterator[str]:
    """Name, size and time of every file, links followed; half as long as with `os.walk`."""
    with os.scandir(place) as entries:
        for entry in entries:
            name = f"{inside}{entry.name}"
            with contextlib.suppress(FileNotFoundError):  # a link to nothing
                if entry.is_dir():
                    yield from _walked(entry.path, f"{name}/")
                    continue
                state = entry.stat()
                yield f"{name}\0{state.st_size}\0{state.st_mtime_ns}"


def _bytes(path: Path) -> bytes:
    """A file, unless it is larger than the gate would let through."""
    with path.open("rb") as file:
        return file.read(intake.MOST_BYTES + 1)


@lru_cache(maxsize=4)
def _tar_names(path: Path, stamp: _Stamp) -> tuple[str, ...]:
    """Names of the files in a tar archive; reading them means unpacking all of it once."""
    with tarfile.open(path) as archive:
        return tuple(member.name for member in archive if member.isfile())


def _tar_opener(path: Path) -> Opener:
    """Read a tar archive once from beginning to end: it cannot be opened in the middle."""
    found: dict[str, bytes] = {}
    left = MOST_PACKED_BYTES
    with tarfile.open(path) as archive:
        for member in archive:
            if not member.isfile() or member.size > intake.MOST_BYTES:
                continue
            left -= member.size
            if left < 0:
                raise BadData(f"{path} is too large to be read packed; unpack it and name that.")
            if (stream := archive.extractfile(member)) is not None:
                found[member.name] = stream.read()
    return lambda name: found.get(name, b"")


def _zip_opener(path: Path) -> Opener:
    archive = zipfile.ZipFile(path)  # closed when the opener is let go

    def opened(name: str) -> bytes:
        try:
            with archive.open(name) as stream:
                return stream.read(intake.MOST_BYTES + 1)
        except (zipfile.BadZipFile, RuntimeError, NotImplementedError, EOFError) as error:
            raise OSError(f"it is damaged or encrypted in its archive ({error})") from None

    return opened

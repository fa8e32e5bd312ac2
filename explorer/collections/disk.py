"""Files written whole or not at all, and a full disk as a sentence. No torch here."""

from __future__ import annotations

import contextlib
import errno
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path

from explorer.errors import DiskFull, StoreFailed

_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@contextlib.contextmanager
def guarded(folder: Path) -> Iterator[None]:
    """Turn an error of the disk under a folder into a sentence: DiskFull or StoreFailed."""
    try:
        yield
    except OSError as error:
        if error.errno in _FULL:
            raise full(folder) from None
        raise StoreFailed(
            f"Pictures cannot be kept in {folder} ({error.strerror or error}); let CONVZOO_DATA "
            "name a folder that can be written to."
        ) from None


def write(path: Path, data: bytes) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with _written(path.parent, data) as whole:
        whole.replace(path)


def write_new(path: Path, data: bytes) -> None:
    """Write a file that is not there yet. Raises FileExistsError, and makes no folder."""
    with _written(path.parent, data) as whole:
        os.link(whole, path)


@contextlib.contextmanager
def _written(folder: Path, data: bytes) -> Iterator[Path]:
    descriptor, name = tempfile.mkstemp(dir=folder, prefix=".writing-")
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(data)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


def full(folder: Path) -> DiskFull:
    """Return the error that a disk is full."""
    return DiskFull(
        f"The disk with {folder} is full; make room, or let CONVZOO_DATA name another folder."
    )

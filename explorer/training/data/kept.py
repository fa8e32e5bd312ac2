"""Pictures that were brought to one size once, and stay as they are. No torch here.

Everything stands in one file each, `<digest>.safetensors`, whose metadata say what it is. What was
handed in and what was read from folders are kept apart, each bounded; the oldest go first.
"""

from __future__ import annotations

import contextlib
import errno
import json
import os
import re
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from safetensors import SafetensorError, safe_open
from safetensors.numpy import load_file, save_file

from explorer import config
from explorer.errors import BadRequest, DiskFull, MissingData
from explorer.training.data.aside import aside
from explorer.training.data.assembling import Assembled
from explorer.training.data.records import DataSet

if TYPE_CHECKING:
    import numpy.typing as npt

YOURS = "yours:"
MOST_FILES = 12
MOST_BYTES = 2 << 30
"""How much is kept of what was handed in, by all visitors together."""

IDEA = "Pictures of your own, in a folder for each class."

_SUFFIX = ".safetensors"
_DIGEST = re.compile(r"[0-9a-f]{16}")
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Shelf:
    """A folder of kept files, at most so many and with so many bytes together."""

    name: str
    most_files: int
    most_bytes: int

    @property
    def folder(self) -> Path:
        """Where it stands."""
        return config.data_folder() / self.name

    def path(self, digest: str) -> Path:
        """Return the place of a digest."""
        return self.folder / f"{digest}{_SUFFIX}"

    def newest_first(self) -> list[Path]:
        """Return the files on it, the one last used first."""
        dated = []
        with contextlib.suppress(FileNotFoundError), os.scandir(self.folder) as entries:
            for entry in entries:
                if entry.name.endswith(_SUFFIX):
                    with contextlib.suppress(FileNotFoundError):
                        dated.append((entry.stat().st_mtime_ns, entry.path))
        return [Path(path) for _, path in sorted(dated, reverse=True)]


UPLOADS = Shelf("datasets", MOST_FILES, MOST_BYTES)
FOLDERS = Shelf("datasets/prepared", 6, 4 << 30)


def put(shelf: Shelf, digest: str, found: Assembled, data: DataSet, owner: str = "") -> None:
    """Keep assembled pictures, and remove the oldest until they may stay.

    Raises DiskFull, or OSError where the folder cannot be written to.
    """
    told = {
        "title": data.title, "classes": data.classes, "shape": data.shape, "train": data.train,
        "test": data.test, "notes": data.notes, "owner": owner,
    }  # fmt: skip
    arrays: dict[str, npt.NDArray[Any]] = {
        "train": found.train, "train_labels": found.train_labels,
        "test": found.test, "test_labels": found.test_labels,
    }  # fmt: skip
    shelf.folder.mkdir(parents=True, exist_ok=True)
    try:
        with aside(shelf.folder, "writing") as place:
            whole = place / "whole"
            save_file(arrays, whole, {"convzoo": json.dumps(told)})
            _make_room(shelf, shelf.path(digest), whole.stat().st_size)
            whole.replace(shelf.path(digest))
    except (OSError, SafetensorError) as error:
        number = getattr(error, "errno", None)
        if number in _FULL or "No space left" in str(error):
            raise DiskFull(
                f"The disk with {shelf.folder} is full; make room, or let CONVZOO_DATA name "
                "another folder."
            ) from None
        raise OSError(number, str(error)) from error


def _make_room(shelf: Shelf, target: Path, size: int) -> None:
    others = [path for path in shelf.newest_first() if path != target]
    for count, path in enumerate(others, start=2):
        with contextlib.suppress(FileNotFoundError):
            size += path.stat().st_size
            if count > shelf.most_files or size > shelf.most_bytes:
                path.unlink()


def told(path: Path, key: str) -> tuple[DataSet, str] | None:
    """What a kept file says of itself, and whose it is; None if it is none of ours."""
    try:
        with safe_open(path, framework="numpy") as opened:
            said = json.loads((opened.metadata() or {}).get("convzoo", "{}"))
        data = DataSet(
            key=key,
            title=str(said["title"]),
            idea=IDEA,
            classes=tuple(said["classes"]),
            shape=tuple(said["shape"]),
            train=int(said["train"]),
            test=int(said["test"]),
            kind="yours",
            licence="Its terms are those of whoever made the pictures.",
            notes=tuple(said["notes"]),
        )
        return data, str(said["owner"])
    except (SafetensorError, OSError, ValueError, TypeError, KeyError):
        return None


def path(digest: str) -> Path:
    """Return where something handed in is kept. Raises BadRequest for what is no digest."""
    if not _DIGEST.fullmatch(digest):
        raise BadRequest('A data set of your own is called "yours:" and sixteen hex digits.')
    return UPLOADS.path(digest)


def find(digest: str) -> DataSet:
    """Return what was handed in. Raises MissingData for what is not kept any more."""
    found = told(path(digest), f"{YOURS}{digest}")
    if found is None:
        raise _gone()
    return found[0]


def load(data: DataSet) -> Assembled:
    """Return the pictures of what was handed in. Raises MissingData as `find` does."""
    file = path(data.key.removeprefix(YOURS))
    try:
        return read(file, data)
    except (OSError, SafetensorError):
        raise _gone() from None


def read(file: Path, data: DataSet) -> Assembled:
    """Read a kept file, which is not among the oldest from then on.

    Raises OSError or SafetensorError for one that cannot be read.
    """
    arrays = load_file(file)
    with contextlib.suppress(OSError):
        os.utime(file)
    return Assembled(**arrays, notes=data.notes)


def _gone() -> MissingData:
    return MissingData(
        "This data set of your own is not kept any more; hand its zip in again, and it gets the "
        "same key."
    )


def of_owner(owner: str) -> tuple[DataSet, ...]:
    """Return what a visitor handed in, the newest first."""
    found = (told(each, f"{YOURS}{each.stem}") for each in UPLOADS.newest_first())
    return tuple(each[0] for each in found if each is not None and each[1] == owner)

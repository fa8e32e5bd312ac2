"""Models and pictures as they are named on the command line. No torch here."""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import BadPicture, BadRequest
from explorer.pictures.records import Refused
from explorer.zoo import catalogue, trained_runs

if TYPE_CHECKING:
    from explorer.pictures.records import Picture


def admit(names: Sequence[str]) -> None:
    """Refuse unknown names before any work, and let the user's own models in.

    Raises UnknownModel with the nearest names.
    """
    own = []
    for name in names:
        if ":" not in name:
            catalogue.find(name)
        elif trained_runs.is_run(name):
            trained_runs.find(name)
        elif not name.startswith("timm:"):
            own.append(name)
    if own:
        from explorer.zoo import user_models  # noqa: PLC0415 - loads torch

        # `convzoo` does not look for modules where it was started, as `python -m` does.
        sys.path.insert(0, "")
        for name in own:
            user_models.allow(name)


def picture(path: str) -> Picture:
    """Read one picture through the gate.

    Raises BadPicture, which names the file, for one that is no picture or cannot be read.
    """
    found = _file(Path(path))
    if isinstance(found, Refused):
        raise BadPicture(f"{path}: {found.reason}")
    return found


def pictures(paths: Sequence[str]) -> Iterator[tuple[str, Picture | Refused]]:
    """Read files, all files of folders, and ZIP archives, one after the other, through the gate.

    Each comes with the path to call it by. A file that is no picture is a `Refused`.
    """
    for path in paths:
        folder = Path(path)
        if not _is_folder(folder):
            yield from _loose_or_packed(path)
            continue
        inside = [str(each) for each in sorted(folder.rglob("*")) if _counts(each, folder)]
        if not inside:
            yield path, Refused(path, "This folder has no files; name another one.")
        for each in inside:
            yield from _loose_or_packed(each)


def _counts(file: Path, folder: Path) -> bool:
    """Whether a file of a folder is meant: no hidden ones, whose makers are programs."""
    hidden = any(part.startswith(".") for part in file.relative_to(folder).parts)
    try:
        return not hidden and file.is_file()
    except OSError:
        return not hidden  # reading it says why that cannot be done


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # too long a name, or a folder nobody may look into
        return False


def _loose_or_packed(path: str) -> Iterator[tuple[str, Picture | Refused]]:
    from explorer.pictures import archives  # noqa: PLC0415 - Pillow

    file = Path(path)
    if file.suffix.lower() != ".zip":
        yield path, _file(file)
        return
    try:
        data = _read(file, archives.MOST_ARCHIVE_BYTES)
    except BadPicture as error:
        yield path, Refused(path, str(error))
        return
    for each in archives.accept_all([(file.name, data)]):
        yield (path if each.name == file.name else f"{path}/{each.name}"), each


def _file(file: Path) -> Picture | Refused:
    from explorer.pictures import intake  # noqa: PLC0415 - Pillow, which other commands do without

    try:
        return intake.accept(_read(file, intake.MOST_BYTES), file.name)
    except BadPicture as error:
        return Refused(file.name, str(error))


def _read(file: Path, most: int) -> bytes:
    """The bytes of a file; no more than are allowed, for a pipe never ends."""
    try:
        with file.open("rb") as stream:
            data = stream.read(most + 1)
    except OSError as error:
        why = (error.strerror or str(error)).rstrip(".").lower()
        raise BadPicture(f"This file cannot be read ({why}); name another one.") from None
    if len(data) > most:
        raise BadPicture(f"This file has more than {most / 1e6:.0f} MB; name a smaller one.")
    return data


def writable(path: str, ending: str) -> Path:
    """Return where a result goes, once it is clear that it can be written there.

    Raises BadRequest for another ending, or a folder that is not there.
    """
    file = Path(path)
    if file.suffix.lower() != ending:
        raise BadRequest(f"The output {path} must end in {ending}.")
    if _is_folder(file) or not _is_folder(file.absolute().parent):
        raise BadRequest(f"{path} cannot be written: its folder must exist.")
    return file


def write(file: Path, data: bytes) -> None:
    """Write a result. Raises BadRequest where that fails."""
    try:
        file.write_bytes(data)
    except OSError as error:
        why = (error.strerror or str(error)).lower()
        raise BadRequest(f"{file} cannot be written ({why}); name another file.") from None

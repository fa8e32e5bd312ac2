"""Which class and part a file belongs to, by its name in a folder or an archive. No torch here.

cat/1.jpg                  a class
train/cat/1.jpg            a class, to learn from; val/cat/2.jpg to validate on
my pets/train/cat/1.jpg    the same, if everything lies in "my pets"
cat/outside/1.jpg          of the class "cat" too

Names are shown and compared, and never used as paths.
"""

from __future__ import annotations

import contextlib
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

from explorer.errors import BadData
from explorer.pictures.records import Refused

if TYPE_CHECKING:
    from explorer.collections.records import Part

SHAPE = "a collection is a folder for each class, with its pictures in it"
LONGEST_CLASS = 60

_JOINER = "\u200d"
"""Not printable by itself, but families and flags of emoji are joined by it."""
_JUNK = ("thumbs.db", "desktop.ini", ".ds_store")
_DRIVE = re.compile(r"[A-Za-z]:")
_Folder: TypeAlias = Literal["train", "validation", "test"]

PARTS: Mapping[str, _Folder] = {
    **dict.fromkeys(("train", "training"), "train"),
    **dict.fromkeys(("val", "valid", "validation"), "validation"),
    **dict.fromkeys(("test", "testing"), "test"),
}


@dataclass(frozen=True, slots=True)
class Named:
    """A file that may be a picture: its name at its source, and what the name says of it."""

    name: str
    shown: str
    class_name: str
    part: Part | None


@dataclass(frozen=True, slots=True)
class Sorted:
    """Files in the order of their names, and those left out by name alone."""

    files: tuple[Named, ...]
    refused: tuple[Refused, ...]


def readable(name: str) -> str:
    """Return a file's name as its writer meant it, "/" between folders, composed (NFC).

    Archives without a mark of their encoding arrive as code page 437; where those bytes are UTF-8
    or Korean (KS X 1001), they are read as that.
    """
    with contextlib.suppress(UnicodeError):
        raw = name.encode("cp437")
        if not raw.isascii():
            name = _meant(raw) or name
    return unicodedata.normalize("NFC", name).replace("\\", "/")


def _meant(raw: bytes) -> str | None:
    with contextlib.suppress(UnicodeError):
        return raw.decode("utf-8")
    with contextlib.suppress(UnicodeError):
        korean = raw.decode("euc_kr")
        if all(each.isascii() or "가" <= each <= "힣" for each in korean):
            return korean
    return None


def class_title(name: str) -> str:
    """Return a class's name as it is shown: printable, composed, at most 60 characters.

    Raises BadData for one of which nothing is left.
    """
    composed = unicodedata.normalize("NFC", name)
    clean = "".join(each if each.isprintable() or each == _JOINER else " " for each in composed)
    if not (short := " ".join(clean.split())):
        raise BadData("A class needs a name of letters that can be seen; type one.")
    return short if len(short) <= LONGEST_CLASS else f"{short[: LONGEST_CLASS - 1]}…"


def is_junk(name: str) -> bool:
    """Whether a file is what systems leave behind in folders and archives, which nobody misses."""
    parts = name.lower().split("/")
    return "__macosx" in parts or parts[-1] in _JUNK or parts[-1].startswith("._")


def sort(names: Sequence[str]) -> Sorted:
    """Find class and part of each file by its folders.

    What leads out of the archive, is hidden or lies outside of the classes is refused, each with
    the reason. Raises BadData for a folder whose name cannot be shown.
    """
    shown = {name: readable(name) for name in sorted(names)}
    wanted = {name: each for name, each in shown.items() if not is_junk(each)}
    refused = {name: reason for name, each in wanted.items() if (reason := _forbidden(each))}
    placed = {
        name: tuple(part for part in each.split("/") if part not in ("", "."))
        for name, each in wanted.items()
        if name not in refused
    }
    placed = _without_common(placed)
    parts = _parts({each[0] for each in placed.values() if len(each) > 1})
    depth = 2 if parts else 1
    refused |= {
        name: "It lies outside of the folders of the classes; move it into one of them."
        for name, each in placed.items()
        if len(each) <= depth
    }
    left = [] if not parts else [name for name in placed if parts.get(placed[name][0]) == "test"]
    files = tuple(
        Named(name, wanted[name], class_title(each[depth - 1]), _part(parts, each[0]))
        for name, each in placed.items()
        if name not in refused and name not in left
    )
    return Sorted(files, (*_told(wanted, refused), *_tests(len(left))))


def _forbidden(name: str) -> str:
    """Why a file is not even opened; empty if it is."""
    parts = name.split("/")
    if ".." in parts or name.startswith("/") or _DRIVE.match(name):
        return "Its name leads out of the archive, so it is not opened; make the archive anew."
    if any(part.startswith(".") and part != "." for part in parts):
        return "It is hidden (its name begins with a dot); give it another name to use it."
    return ""


def _without_common(placed: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
    """Leave out outer folders that everything lies in, but never the classes themselves."""
    while placed and len({each[0] for each in placed.values()}) == 1:
        deep = [each for each in placed.values() if len(each) > 2]
        if len({each[1] for each in deep}) < 2 and len(deep) < len(placed):
            break
        if not deep:
            break
        placed = {name: each[1:] or each for name, each in placed.items()}
    return placed


def _parts(folders: set[str]) -> dict[str, _Folder]:
    """Which part each outer folder is; empty where the outer folders are classes.

    A test folder without one for validation is validated on.
    """
    known = {folder: part for folder in folders if (part := PARTS.get(folder.lower()))}
    found = set(known.values())
    if len(known) < len(folders) or "train" not in found or len(found) < 2:
        return {}
    if "validation" not in found:
        return {folder: "validation" if part == "test" else part for folder, part in known.items()}
    return known


def _part(parts: Mapping[str, _Folder], folder: str) -> Part | None:
    part = parts.get(folder)
    return None if part == "test" else part


def _told(shown: Mapping[str, str], refused: Mapping[str, str]) -> tuple[Refused, ...]:
    return tuple(Refused(shown[name], reason) for name, reason in refused.items())


def _tests(count: int) -> tuple[Refused, ...]:
    return (
        Refused(
            f"test/ ({count:,} files)",
            "There is a folder to validate on, so this one stays unseen; what you take home can be "
            "tried on it.",
        ),
    ) * bool(count)

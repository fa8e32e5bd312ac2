"""Labels that stand in a table (CSV) beside the pictures. No torch here.

    file,label,split          the heading may be left out, the split as well
    1.jpg,cat,train           "val" for what is to be validated on
    pictures/2.jpg;dog        commas, semicolons or tabs

A file is found by its whole name, by the last part of it, or without its suffix.
"""

from __future__ import annotations

import contextlib
import csv
import io
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from explorer.collections.names import PARTS, Named, Sorted, class_title, is_junk, readable
from explorer.errors import BadData
from explorer.pictures.records import Refused

if TYPE_CHECKING:
    from explorer.collections.records import Part

SHAPE = "each row of the table names a file and its class, as in: 1.jpg,cat"

_NAMES = ("file", "filename", "file_name", "name", "image", "picture", "path", "id", "image_id")
_LABELS = ("label", "class", "category", "target", "class_name")
_SPLITS = ("split", "part", "set", "subset")
_ENCODINGS = ("utf-8-sig", "cp949", "cp1252")


def is_table(name: str) -> bool:
    """Whether a file's name is that of a table."""
    return name.lower().endswith((".csv", ".tsv"))


def sort(table: bytes, names: Sequence[str]) -> Sorted:
    """Find class and part of each file in a table.

    Rows without a file and files without a row are refused, each with the reason. Raises BadData
    for what is no such table.
    """
    name_column, label_column, split_column, rows = _columns(_rows(table))
    known = {name: readable(name) for name in names if not is_junk(name)}
    places = _places(known)
    found: dict[str, Named] = {}
    refused = []
    for row in rows:
        cells = [each.strip() for each in row]
        if len(cells) <= max(name_column, label_column) or not cells[label_column]:
            refused.append(Refused(" ".join(cells)[:80], f"Its row is too short; {SHAPE}."))
            continue
        shown, label = readable(cells[name_column]), class_title(cells[label_column])
        part = _part(cells, split_column)
        name, reason = _found(shown, places)
        if name is None:
            refused.append(Refused(shown, reason))
        elif name in found and found[name].class_name != label:
            refused.append(Refused(shown, f"The table names it again, as {label}; keep one row."))
        else:
            found[name] = Named(name, known[name], label, part)
    refused += [
        Refused(shown, "No row of the table names it; add one, or remove the file.")
        for name, shown in known.items()
        if name not in found and not is_table(shown)
    ]
    return Sorted(tuple(found[name] for name in sorted(found)), tuple(refused))


def _rows(table: bytes) -> list[list[str]]:
    for encoding in _ENCODINGS:
        with contextlib.suppress(UnicodeError, csv.Error):
            text = table.decode(encoding)
            first = text.strip().partition("\n")[0]
            delimiter = max("\t;,", key=first.count)
            rows = list(csv.reader(io.StringIO(text), delimiter=delimiter, strict=False))
            if rows := [row for row in rows if any(each.strip() for each in row)]:
                return rows
    raise BadData(f"This table cannot be read as CSV; save it as CSV in UTF-8, where {SHAPE}.")


def _columns(rows: list[list[str]]) -> tuple[int, int, int | None, list[list[str]]]:
    """Columns of names, labels and parts, and the rows below the heading."""
    heading = [each.strip().lower() for each in rows[0]]
    label, name = _column(heading, _LABELS), _column(heading, _NAMES)
    if label is not None:
        if len(heading) < 2:
            raise BadData(f"This table has a single column; {SHAPE}.")
        name = (1 if label == 0 else 0) if name is None or name == label else name
        return name, label, _column(heading, _SPLITS), rows[1:]
    if max(map(len, rows)) < 2:
        raise BadData(f"This table has a single column; {SHAPE}.")
    return 0, 1, (2 if len(heading) > 2 and heading[2] in PARTS else None), rows


def _column(heading: Sequence[str], known: Sequence[str]) -> int | None:
    return next((heading.index(each) for each in known if each in heading), None)


def _places(known: Mapping[str, str]) -> Mapping[str, list[str]]:
    """Files by all they may be called."""
    places: dict[str, list[str]] = defaultdict(list)
    for name, shown in known.items():
        last = shown.rpartition("/")[2]
        stem = last.rpartition(".")[0]
        for called in {shown, last, stem}:
            if not is_table(shown):
                places[called].append(name)
    return places


def _found(shown: str, places: Mapping[str, list[str]]) -> tuple[str | None, str]:
    for called in (shown, shown.removeprefix("./"), shown.rpartition("/")[2]):
        if (here := places.get(called)) and len(here) == 1:
            return here[0], ""
    if places.get(shown) or places.get(shown.rpartition("/")[2]):
        return None, "Several files have this name; write the folder before it, too."
    return None, "The table names it, but there is no such file; add it, or remove the row."


def _part(cells: Sequence[str], column: int | None) -> Part | None:
    found = PARTS.get(cells[column].lower()) if column is not None and column < len(cells) else None
    return "validation" if found == "test" else found

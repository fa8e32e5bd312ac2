"""A report in its run's folder, so that it is made once. No torch here.

Numbers and words are JSON, arrays are NumPy's own format: nothing that could run code.
"""

from __future__ import annotations

import dataclasses
import io
import json
import os
import types
import zipfile
from pathlib import Path
from typing import Any, TypeVar, get_args, get_origin, get_type_hints

import numpy as np

from explorer.finetune.report_records import Report

FILE = "report.npz"
_WORDS = "words"

T = TypeVar("T")


def kept(folder: Path) -> Report | None:
    """Return the report in a run's folder, None where there is none that can be read."""
    try:
        with (folder / FILE).open("rb") as file, np.load(file, allow_pickle=False) as archive:
            arrays = {name: archive[name] for name in archive.files}
        return _typed(Report, json.loads(str(arrays.pop(_WORDS))), arrays)
    except (OSError, ValueError, KeyError, TypeError, EOFError, zipfile.BadZipFile):
        return None  # written by another version, or cut off: it is made again


def keep(folder: Path, report: Report) -> None:
    """Write a report into a run's folder, whole or not at all. Raises OSError."""
    arrays: dict[str, np.ndarray] = {}
    words = json.dumps(_plain(report, arrays), ensure_ascii=False)
    file = io.BytesIO()
    np.savez_compressed(file, allow_pickle=False, **{_WORDS: np.array(words)}, **arrays)
    beside = folder / f"{FILE}.{os.getpid()}.part"
    try:
        beside.write_bytes(file.getvalue())
        beside.replace(folder / FILE)
    finally:
        beside.unlink(missing_ok=True)


def _plain(value: Any, arrays: dict[str, np.ndarray]) -> Any:
    """A record as JSON has it; arrays are put aside and named."""
    if dataclasses.is_dataclass(value):
        fields = dataclasses.fields(value)
        return {each.name: _plain(getattr(value, each.name), arrays) for each in fields}
    if isinstance(value, tuple):
        return [_plain(each, arrays) for each in value]
    if isinstance(value, np.ndarray):
        name = f"array{len(arrays)}"
        arrays[name] = value
        return name
    return value


def _typed(kind: type[T], value: Any, arrays: dict[str, np.ndarray]) -> T:
    """A record again, as its own annotations say."""
    found: Any = value
    if dataclasses.is_dataclass(kind):
        hints = get_type_hints(kind)
        found = kind(
            **{
                each.name: _typed(hints[each.name], value[each.name], arrays)
                for each in dataclasses.fields(kind)
            }
        )
    elif kind is np.ndarray:
        found = arrays[value]
    elif get_origin(kind) is tuple:
        found = tuple(_typed(get_args(kind)[0], each, arrays) for each in value)
    elif isinstance(kind, types.UnionType) and value is not None:
        found = _typed(get_args(kind)[0], value, arrays)
    return found  # type: ignore[no-any-return]

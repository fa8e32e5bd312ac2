"""The checkpoints people handed in: checked, kept as safetensors, the oldest go. No torch here.

Everything stands in one file each, `<digest>.safetensors`, whose metadata say for which model it
is; `explorer.zoo.checkpoints` checks and writes them.
"""

from __future__ import annotations

import contextlib
import json
import os
import shutil
import tempfile
import time
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from explorer import config
from explorer.zoo.weight_records import FILE, WeightsChoice

MOST_FILES = 10
MOST_BYTES = 4 << 30
"""How much is kept of what was handed in, all models together."""

ABANDONED = 3600.0
"""Seconds after which a workplace was left behind by a process that was killed."""

_SUFFIX = ".safetensors"
_WORKPLACE = ".checking-"
_LICENCE = "Its terms are those of whoever trained it."


@dataclass(frozen=True, slots=True)
class Told:
    """What a kept file says of itself: its model, what it was called, what was done to it."""

    model: str
    file: str
    note: str

    def metadata(self) -> dict[str, str]:
        """As the metadata of a safetensors file."""
        return {"convzoo": json.dumps(asdict(self))}


def folder() -> Path:
    """Where they are kept."""
    return config.data_folder() / "checkpoints"


def of_model(name: str) -> tuple[WeightsChoice, ...]:
    """Return the checkpoints that were handed in for a model, the newest first."""
    found = []
    for path in _newest_first():
        told = _told(path)
        if told is not None and told.model == name:
            with contextlib.suppress(FileNotFoundError):  # another process took its place
                found.append(_choice(path, told))
    return tuple(found)


@contextlib.contextmanager
def workplace() -> Iterator[Path]:
    """Make a folder beside the kept files for as long as one is checked."""
    folder().mkdir(parents=True, exist_ok=True)
    for left in folder().glob(f"{_WORKPLACE}*"):
        if time.time() - left.stat().st_mtime > ABANDONED:
            shutil.rmtree(left, ignore_errors=True)
    with tempfile.TemporaryDirectory(dir=folder(), prefix=_WORKPLACE) as place:
        yield Path(place)


def put(whole: Path, digest: str) -> None:
    """Keep a written file under its digest, and remove the oldest until it may stay."""
    target = folder() / f"{digest}{_SUFFIX}"
    size = whole.stat().st_size
    others = [path for path in _newest_first() if path != target]
    for count, path in enumerate(others, start=2):
        size += path.stat().st_size
        if count > MOST_FILES or size > MOST_BYTES:
            path.unlink(missing_ok=True)
    whole.replace(target)


def _newest_first() -> list[Path]:
    if not folder().is_dir():
        return []
    dated = []
    with os.scandir(folder()) as entries:
        for entry in entries:
            if entry.name.endswith(_SUFFIX):
                with contextlib.suppress(FileNotFoundError):
                    dated.append((entry.stat().st_mtime_ns, entry.path))
    return [Path(path) for _, path in sorted(dated, reverse=True)]


def _told(path: Path) -> Told | None:
    """What the file says of itself; None if it is none of ours."""
    try:
        with safe_open(path, framework="numpy") as opened:
            return Told(**json.loads((opened.metadata() or {}).get("convzoo", "{}")))
    except (SafetensorError, OSError, ValueError, TypeError):
        return None


def _choice(path: Path, told: Told) -> WeightsChoice:
    return WeightsChoice(
        key=f"{FILE}{path.stem}",
        title=f"Your checkpoint · {told.file}",
        kind="yours",
        on_disk=True,
        path=str(path),
        file=path.name,
        folder=str(path.parent),
        megabytes=path.stat().st_size / 2**20,
        licence=_LICENCE,
        note=told.note,
    )

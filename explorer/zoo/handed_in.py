"""The checkpoints people handed in: checked, kept as safetensors, the oldest go. No torch here.

Everything stands in one file each, `<digest>.safetensors`, whose metadata say for which model it
is; `explorer.zoo.checkpoints` checks and writes them.
"""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from safetensors import SafetensorError, safe_open

from explorer import config
from explorer.zoo.weight_records import FILE, WeightsChoice

MOST_FILES = 10
MOST_BYTES = 4 << 30
"""How much is kept of what was handed in, all models together."""

_LICENCE = "Its terms are those of whoever trained it."


def folder() -> Path:
    """Where they are kept."""
    return config.data_folder() / "checkpoints"


def of_model(name: str) -> tuple[WeightsChoice, ...]:
    """Return the checkpoints that were handed in for a model, the newest first."""
    found = ((path, _told(path)) for path in _newest_first())
    return tuple(_choice(path, told) for path, told in found if told.get("model") == name)


def make_room(size: int, target: Path) -> None:
    """Remove the oldest, so that a file of `size` bytes can be kept as `target`."""
    others = [path for path in _newest_first() if path != target]
    for count, path in enumerate(others, start=2):
        size += path.stat().st_size
        if count > MOST_FILES or size > MOST_BYTES:
            path.unlink(missing_ok=True)


def _newest_first() -> list[Path]:
    if not folder().is_dir():
        return []
    dated = [(entry.stat().st_mtime_ns, entry.name) for entry in os.scandir(folder())]
    return [
        folder() / name for _, name in sorted(dated, reverse=True) if name.endswith(".safetensors")
    ]


def _told(path: Path) -> dict[str, Any]:
    """What the file says of itself; nothing if it is none of ours."""
    try:
        with safe_open(path, framework="numpy") as opened:
            told: dict[str, Any] = json.loads((opened.metadata() or {}).get("convzoo", "{}"))
    except (SafetensorError, OSError, ValueError):
        return {}
    return told


def _choice(path: Path, told: dict[str, Any]) -> WeightsChoice:
    return WeightsChoice(
        key=f"{FILE}{path.stem}",
        title=f"Your checkpoint · {told['file']}",
        kind="yours",
        on_disk=True,
        path=str(path),
        file=path.name,
        folder=str(path.parent),
        megabytes=path.stat().st_size / 2**20,
        licence=_LICENCE,
        note=told["note"],
        digest="",
    )

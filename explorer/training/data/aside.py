"""A folder beside the data, to write in until what is written is whole. No torch here."""

from __future__ import annotations

import contextlib
import os
import re
import shutil
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

STALE = 3600.0
"""Seconds after which what a process that is gone began is cleared away; another machine's process
may write into the same folder, and nobody here knows whether that is alive."""


@contextlib.contextmanager
def aside(folder: Path, doing: str) -> Iterator[Path]:
    """Make a hidden folder in another one, which is gone afterwards.

    A process that is killed leaves its own behind, gigabytes perhaps: the next one clears it away.
    `doing` is a word for what is done there. Raises OSError where nothing can be written.
    """
    _clear(folder, doing)
    prefix = f".{doing}-{os.getpid()}-"
    with tempfile.TemporaryDirectory(dir=folder, prefix=prefix) as place:
        yield Path(place)


def _clear(folder: Path, doing: str) -> None:
    for old in folder.glob(f".{doing}-*"):
        found = re.match(rf"\.{doing}-(\d+)-", old.name)
        if found is None or psutil.pid_exists(int(found[1])):
            continue
        with contextlib.suppress(OSError):
            if time.time() - old.stat().st_mtime > STALE:
                shutil.rmtree(old, ignore_errors=True)

"""An ensemble that is not done yet in a file: its members, and the one that learns at the moment.

The latter's own checkpoint stands in it as numbers, so that nothing but tensors, numbers and texts
is ever read (see `explorer.training.checkpoint`).
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from explorer.training import checkpoint

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe


def write(
    path: Path,
    recipe: Recipe,
    state: Mapping[str, Any],
    save: Callable[[Path], None] | None,
) -> None:
    """Write the members' state, and what `save` writes of the one that learns, if one does.

    Raises DiskFull where there is no room.
    """
    learning = None if save is None else _bytes_of(path, save)
    checkpoint.write(path, recipe, {**state, "learning": learning})


def _bytes_of(path: Path, save: Callable[[Path], None]) -> torch.Tensor:
    # Named as what is being written: whoever clears up after a killed process knows it.
    member = checkpoint.beside(path.with_name("member"))
    try:
        save(member)
        return torch.from_numpy(np.fromfile(member, np.uint8))
    finally:
        member.unlink(missing_ok=True)


def read(path: Path, recipe: Recipe) -> dict[str, Any]:
    """Read what `write` wrote. Raises BadCheckpoint."""
    return checkpoint.read(path, recipe, torch.device("cpu"))


@contextmanager
def unpacked(learning: torch.Tensor | None) -> Iterator[Path | None]:
    """The checkpoint of the member that learned as a file, for as long as the block runs."""
    if learning is None:
        yield None
        return
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "member.pt"
        path.write_bytes(learning.numpy().tobytes())
        yield path

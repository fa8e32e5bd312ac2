"""A run in a file, from which it goes on as if it had never stopped.

Only tensors, numbers, texts, lists and dictionaries are in it, so it is read with torch's
`weights_only` and no code of a stranger can run.
"""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from explorer.errors import BadCheckpoint, DiskFull
from explorer.training import recipe as recipes

if TYPE_CHECKING:
    from explorer.training.recipe import Recipe

VERSION = 1
FREE = ("length", "patience")
"""Settings of a recipe that may change when a run goes on."""


def write(path: Path, recipe: Recipe, state: dict[str, Any]) -> None:
    """Write a state, so that either the old file or the whole new one is there.

    Raises DiskFull where there is no room.
    """
    part = beside(path)
    try:
        with part.open("wb") as file:
            torch.save({"version": VERSION, "recipe": recipes.to_json(recipe), **state}, file)
        part.replace(path)
    except (OSError, RuntimeError) as error:
        part.unlink(missing_ok=True)
        if _full(error):
            raise DiskFull(
                f"The disk has no room for the checkpoint {path.name}: free some and continue "
                "the run from its last one."
            ) from None
        raise


def beside(path: Path) -> Path:
    """Where this process writes a file before it takes the other's place."""
    return path.with_name(f"{path.name}.{os.getpid()}.part")


def _full(error: BaseException | None) -> bool:
    """Whether this error, or the one it came from, says that the disk is full."""
    while error is not None:
        if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
            return True
        error = error.__cause__ or error.__context__
    return False


def read(path: Path, recipe: Recipe, device: torch.device) -> dict[str, Any]:
    """Read a state that belongs to this recipe, with the recipe it was written with.

    Raises BadCheckpoint for a file that cannot be read, or of a run with other settings.
    """
    try:
        state: dict[str, Any] = torch.load(path, map_location=device, weights_only=True)
        version, written = state["version"], state["recipe"]
    except OSError:
        raise BadCheckpoint(f"There is no checkpoint at {path}: start the run again.") from None
    except Exception as error:
        raise BadCheckpoint(
            f"{path.name} is damaged or no checkpoint ({type(error).__name__}): "
            "start the run again."
        ) from None
    if version != VERSION:
        raise BadCheckpoint(
            f"{path.name} was written by another version of ConvZoo: start the run again."
        )
    state["recipe"] = own = recipes.from_json(written)
    differ = recipes.differences([own, recipe]).keys() - set(FREE)
    if differ:
        raise BadCheckpoint(
            f"{path.name} belongs to a run with another {' and '.join(sorted(differ))}: "
            "continue it with its own recipe."
        )
    return state

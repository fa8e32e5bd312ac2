"""The files in a run's folder: written whole or not at all. No torch here until weights come."""

from __future__ import annotations

import dataclasses
import json
import math
import os
import platform
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from PIL import Image

from explorer.errors import DiskFull
from explorer.runs.schema import is_disk_full
from explorer.training import recipe as recipes

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.runs.records import Run

RECIPE, SUMMARY, SAMPLES = "recipe.json", "summary.json", "samples.png"
CHECKPOINT = "checkpoint.pt"
WEIGHTS = ("last", "best")
RESERVE_BYTES = 1 << 18
"""Kept free for a run's last words: a full disk must not keep it from saying so."""
_RESERVE = "reserve"
_LEAST_FREE = 1 << 20
_LEAST_SIDE = 32


def weights_file(folder: Path, which: str) -> Path:
    """Return where the weights "last" or "best" of a run are."""
    return folder / f"{which}.safetensors"


def prepare(run: Run) -> None:
    """Make a run's folder, with its recipe and its reserve, free of what a killed run began."""
    run.folder.mkdir(parents=True, exist_ok=True)
    for stale in run.folder.glob("*.part"):
        stale.unlink(missing_ok=True)
    text = recipes.to_json(run.recipe)
    _written(run.folder / RECIPE, lambda path: path.write_text(text, encoding="utf-8"))
    _written(run.folder / _RESERVE, lambda path: path.write_bytes(os.urandom(RESERVE_BYTES)))


def release(folder: Path) -> None:
    """Give the reserve back, and whatever a write that failed left behind."""
    for name in (folder / _RESERVE, *folder.glob("*.part")):
        name.unlink(missing_ok=True)


def drop(folder: Path) -> None:
    """Delete weights and checkpoint of a run that was cancelled."""
    release(folder)
    for name in (CHECKPOINT, *(weights_file(folder, which).name for which in WEIGHTS)):
        (folder / name).unlink(missing_ok=True)


def kept_weights(folder: Path) -> tuple[str, ...]:
    """Return which weights are there, "last" and "best"."""
    return tuple(which for which in WEIGHTS if weights_file(folder, which).exists())


def write_weights(run: Run, which: str, weights: Mapping[str, Tensor]) -> None:
    """Keep weights as safetensors. Raises `DiskFull`."""
    from safetensors.torch import save_file  # noqa: PLC0415 - loads torch

    # safetensors takes neither shared storage (tied weights) nor views.
    own = {name: value.detach().cpu().clone().contiguous() for name, value in weights.items()}
    about = {"convzoo_run": run.id, "network": run.recipe.network, "weights": which}
    _written(weights_file(run.folder, which), lambda path: save_file(own, path, about))


def write_samples(folder: Path, pictures: np.ndarray) -> None:
    """Keep the fixed sample (n, H, W, 3) as one sheet, in rows from the top left."""
    count, height, width, _ = pictures.shape
    columns = math.ceil(math.sqrt(count))
    larger = max(1, _LEAST_SIDE // min(height, width))
    cells = pictures.repeat(larger, axis=1).repeat(larger, axis=2)
    height, width = cells.shape[1:3]
    shape = (math.ceil(count / columns) * (height + 1), columns * (width + 1), 3)
    sheet = np.full(shape, 255, np.uint8)
    for place, cell in enumerate(cells):
        top, left = place // columns * (height + 1), place % columns * (width + 1)
        sheet[top : top + height, left : left + width] = cell
    _written(folder / SAMPLES, lambda path: Image.fromarray(sheet).save(path, format="PNG"))


def write_summary(run: Run, state: str, sentence: str) -> None:
    """Keep what is worth knowing of a run that ended: how, how well, and on what machine."""
    summary = {
        "run": run.id,
        "name": run.name,
        "state": state,
        "sentence": sentence,
        "recipe": dataclasses.asdict(run.recipe),
        "began": None if run.began is None else dataclasses.asdict(run.began),
        "result": None if run.result is None else dataclasses.asdict(run.result),
        "step": run.step,
        "epoch": run.epoch,
        "seconds": run.seconds,
        "machine": _machine(run),
    }
    text = json.dumps(summary, indent=2)
    _written(run.folder / SUMMARY, lambda path: path.write_text(text, encoding="utf-8"))


def _machine(run: Run) -> dict[str, str]:
    from importlib.metadata import version  # noqa: PLC0415 - slow, and seldom needed

    began = run.began
    return {
        "python": platform.python_version(),
        "torch": version("torch"),
        "system": f"{platform.system()} {platform.machine()}",
        "device": "" if began is None else began.device,
        "threads": "" if began is None else str(began.threads),
    }


def _written(path: Path, write: Callable[[Path], object]) -> None:
    """Write beside, then rename: either the old file is there or the whole new one."""
    beside = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        write(beside)
        beside.replace(path)
    except Exception as error:
        # Libraries have their own words for it; that nothing is free says the same.
        full = is_disk_full(error) or shutil.disk_usage(path.parent).free < _LEAST_FREE
        beside.unlink(missing_ok=True)
        if full:
            raise DiskFull(
                f"The disk has no room for {path.name} of this run; "
                "delete files or runs and continue it."
            ) from error
        raise

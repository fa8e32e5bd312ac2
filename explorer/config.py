"""Settings that come from the environment. No torch here.

CONVZOO_RUNTIME_DIR   where the engine keeps its socket and log (default: the system's own place)
CONVZOO_ENGINE_IDLE   seconds without a call after which the engine stops (default 600)
CONVZOO_DATA          where data sets and what was handed in are kept; torchvision finds its own
                      there: MNIST/raw, cifar-10-batches-py (default: the cache folder)
CONVZOO_RUNS          where runs of training are kept (default: "runs" in the folder above)
CONVZOO_FOLDERS       folders of pictures that the pages may train on, separated as in PATH
CONVZOO_JOBS          how many networks may be trained at the same time (default: by the cores)
CONVZOO_MODELS        the user's own models, "module:callable", separated by commas or spaces
CONVZOO_EXTRA_CALLS   a module whose CALLS the engine answers too (extensions, tests)
"""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path

from explorer.errors import BadRequest

ENGINE_VARIABLES = (
    "CUDA_VISIBLE_DEVICES",
    "HF_HOME",
    "OMP_NUM_THREADS",
    "TORCH_HOME",
    "XDG_CACHE_HOME",
)
"""Variables besides CONVZOO_* and PYTHONPATH that change what an engine answers."""

MOST_JOBS = 64


def checkout() -> Path:
    """Return the folder that holds the `explorer` package."""
    return Path(__file__).resolve().parent.parent


def runtime_root() -> Path:
    """Return the folder in which engines make their own runtime folders.

    Raises `BadRequest` when CONVZOO_RUNTIME_DIR is no folder.
    """
    if chosen := os.environ.get("CONVZOO_RUNTIME_DIR"):
        if not Path(chosen).is_dir():
            raise BadRequest(f"CONVZOO_RUNTIME_DIR must name an existing folder, not {chosen!r}.")
        return Path(chosen)
    session = os.environ.get("XDG_RUNTIME_DIR")
    return Path(session if session and Path(session).is_dir() else tempfile.gettempdir())


def data_folder() -> Path:
    """Return the folder for what ConvZoo keeps between runs; it need not exist yet."""
    if chosen := os.environ.get("CONVZOO_DATA"):
        return Path(chosen).expanduser().absolute()
    return _cache_folder("~/Library/Caches" if sys.platform == "darwin" else "~/.cache") / "convzoo"


def runs_folder() -> Path:
    """Return the folder for runs of training; it need not exist yet."""
    if chosen := os.environ.get("CONVZOO_RUNS"):
        return Path(chosen).expanduser().absolute()
    return data_folder() / "runs"


def jobs() -> int | None:
    """Return how many networks may be trained at the same time, None where nobody said.

    Raises `BadRequest` when CONVZOO_JOBS is no number from 1 to 64.
    """
    text = os.environ.get("CONVZOO_JOBS", "").strip()
    if not text:
        return None
    if not text.isdecimal() or not 1 <= int(text) <= MOST_JOBS:
        raise BadRequest(f"CONVZOO_JOBS must be a number from 1 to {MOST_JOBS}, not {text!r}.")
    return int(text)


def torch_checkpoints() -> Path:
    """Return the folder in which `torch.hub` keeps downloaded weights, found as it finds it."""
    chosen = os.environ.get("TORCH_HOME") or _cache_folder("~/.cache") / "torch"
    return Path(chosen).expanduser().absolute() / "hub" / "checkpoints"


def _cache_folder(default: str) -> Path:
    return Path(os.environ.get("XDG_CACHE_HOME") or default).expanduser().absolute()


def engine_idle_seconds() -> float:
    """Return after how many seconds without a call the engine stops.

    Raises `BadRequest` when CONVZOO_ENGINE_IDLE is not a positive number.
    """
    text = os.environ.get("CONVZOO_ENGINE_IDLE", "600")
    try:
        seconds = float(text)
    except ValueError:
        seconds = 0.0
    if not 0 < seconds < float("inf"):
        raise BadRequest(f"CONVZOO_ENGINE_IDLE must be a positive number of seconds, not {text!r}.")
    return seconds


def shown_folders() -> tuple[Path, ...]:
    """Return the folders of pictures that visitors of the pages may open."""
    named = filter(None, os.environ.get("CONVZOO_FOLDERS", "").split(os.pathsep))
    return tuple(dict.fromkeys(Path(each).expanduser().absolute() for each in named))


def user_models() -> tuple[str, ...]:
    """Return the user's own models as "module:callable".

    Raises `BadRequest` for an entry of another form.
    """
    entries = tuple(os.environ.get("CONVZOO_MODELS", "").replace(",", " ").split())
    for entry in entries:
        module, colon, function = entry.partition(":")
        if not (module and colon and function):
            raise BadRequest(f"CONVZOO_MODELS needs entries like module:callable, not {entry!r}.")
    return entries


def extra_calls() -> str | None:
    """Return the module with additional engine calls, if one is named."""
    return os.environ.get("CONVZOO_EXTRA_CALLS") or None


def python_path() -> tuple[str, ...]:
    """Return what a new Python process needs to import `explorer` and the user's models."""
    inherited = tuple(filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep)))
    here = (str(Path.cwd()),) if user_models() else ()
    return tuple(dict.fromkeys((*here, *inherited, str(checkout()))))

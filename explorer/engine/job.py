"""A job process: does one run, from a fork of the fork server. Torch is loaded already.

The broker holds the other end of its lifeline: when that closes, the run saves a checkpoint and
the process ends.
"""

from __future__ import annotations

import contextlib
import os
import threading
from multiprocessing.connection import Connection
from pathlib import Path

NICENESS = 10
FIRST_TO_DIE = "800"
"""Linux's oom_score_adj: before the engine's workers (500), which somebody waits for."""
LAST_MOMENTS = 30.0
"""Seconds a run has for its checkpoint when the broker is gone; then it ends as it is."""


def main(run: str, folder: str, threads: int, lifeline: Connection) -> None:
    """Do a run of the store in `folder`."""
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_DIE)
    os.nice(NICENESS)
    gone = threading.Event()
    threading.Thread(target=_hold, args=(lifeline, gone), name="lifeline", daemon=True).start()
    import torch  # noqa: PLC0415 - in the broker, which names this function, there is none

    from explorer.runs.recording import record  # noqa: PLC0415
    from explorer.runs.store import RunStore  # noqa: PLC0415

    torch.set_num_threads(threads)
    record(run, RunStore(Path(folder)), gone=gone.is_set)


def _hold(lifeline: Connection, gone: threading.Event) -> None:
    with contextlib.suppress(EOFError, OSError):
        lifeline.recv_bytes()
    gone.set()
    ending = threading.Timer(LAST_MOMENTS, os._exit, (1,))
    ending.daemon = True
    ending.start()

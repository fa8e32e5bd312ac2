"""A worker process: runs library functions one after the other. The only place torch is loaded.

Started as `python -m explorer.engine.worker LANE DESCRIPTOR` by the broker, whose end of the
socket is its lifeline: when that closes, the worker ends at once, whatever it is doing.
"""

from __future__ import annotations

import contextlib
import gc
import inspect
import os
import pickle
import queue
import resource
import sys
import threading
import time
import traceback
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from explorer.engine import library
from explorer.engine.protocol import Answer, Cancel, Final, Ready, Told, Work, refusal
from explorer.errors import Cancelled, EngineError, ExplorerError, OutOfMemory
from explorer.exhausted import out_of_memory

NICENESS = 5
FIRST_TO_DIE = "500"
"""Linux's oom_score_adj: when memory runs out, the worker goes, not the page server."""
PROGRESS_INTERVAL = 0.05
"""Seconds between two progress messages; more often than this nobody can see."""


class Worker:
    """Answers the broker's `Work` messages with `Told`, `Answer` and `Refusal`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._work: queue.SimpleQueue[Work] = queue.SimpleQueue()
        self._cancelled: set[int] = set()
        self._sending = threading.Lock()
        threading.Thread(target=self._listen, name="broker", daemon=True).start()

    def run(self, lane: str) -> None:
        """Import what the lane's calls need, then work until the broker is gone."""
        _import_targets(lane)
        os.nice(NICENESS)  # not before: somebody is waiting for the first answer
        # What is loaded now stays: collecting later walks only what calls leave behind.
        gc.collect()
        gc.freeze()
        self._send(Ready())
        while True:
            work = self._work.get()
            self._send(self._outcome(work))
            self._cancelled.discard(work.number)

    def _listen(self) -> None:
        try:
            while True:
                message = self._connection.recv()
                if isinstance(message, Work):
                    self._work.put(message)
                elif isinstance(message, Cancel):
                    self._cancelled.add(message.number)
        except (EOFError, OSError):
            os._exit(0)

    def _send(self, message: Ready | Told | Final) -> None:
        with self._sending, contextlib.suppress(OSError):
            self._connection.send(message)

    def _outcome(self, work: Work) -> Final:
        try:
            function = library.function_of(work.target)
            args, kwargs = pickle.loads(work.arguments)
            if "progress" in inspect.signature(function).parameters:
                kwargs["progress"] = self._progress(work.number)
            return Answer(pickle.dumps(function(*args, **kwargs), pickle.HIGHEST_PROTOCOL))
        except (Exception, SystemExit, KeyboardInterrupt) as error:
            return refusal(explain(error, work))

    def _progress(self, number: int) -> Any:
        last = 0.0

        def progress(fraction: float, sentence: str) -> None:
            nonlocal last
            if number in self._cancelled:
                raise Cancelled("Cancelled.")
            now = time.monotonic()
            if now - last >= PROGRESS_INTERVAL:
                last = now
                self._send(Told(fraction, sentence))

        return progress


def explain(error: BaseException, work: Work) -> ExplorerError:
    """Return the library's own error as it is, anything else as one sentence, and log it."""
    if isinstance(error, ExplorerError):
        return error
    traceback.print_exception(error, file=sys.stderr)
    sys.stderr.flush()
    if out_of_memory(error):
        _let_go_of_memory()
        return OutOfMemory(
            f"There is not enough memory for {work.doing}; "
            "choose a smaller size or batch and try again."
        )
    lines = str(error).strip().splitlines() or ["no message"]
    return EngineError(f"While {work.doing}, {type(error).__name__} was raised: {lines[0]}")


def _let_go_of_memory() -> None:
    gc.collect()
    torch = sys.modules.get("torch")
    if torch is not None and torch.cuda.is_initialized():
        torch.cuda.empty_cache()


def _import_targets(lane: str) -> None:
    for call in library.calls().values():
        if call.lane == lane:
            try:
                library.function_of(call.target)
            except Exception:  # the call itself will say so again, to whoever makes it
                traceback.print_exc()


def _die_first() -> None:
    with contextlib.suppress(OSError):  # Linux only
        Path("/proc/self/oom_score_adj").write_text(FIRST_TO_DIE)


def _limit_memory(lane: str) -> None:
    limit = library.MEMORY_LIMITS.get(lane)
    if limit is not None:
        with contextlib.suppress(ValueError, OSError):  # a lower limit stands; macOS has none
            resource.setrlimit(resource.RLIMIT_AS, (limit, limit))


def main() -> None:
    """Run as the process that the broker started."""
    _, lane, descriptor = sys.argv
    _die_first()
    _limit_memory(lane)
    Worker(Connection(int(descriptor))).run(lane)


if __name__ == "__main__":
    main()

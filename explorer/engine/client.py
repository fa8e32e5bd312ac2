"""Ask the engine: `connect().call(name, ...)`. No torch and no Streamlit here."""

from __future__ import annotations

import os
import pickle
import socket
import subprocess
import sys
import threading
import time
from multiprocessing import AuthenticationError
from multiprocessing.connection import Connection
from typing import TYPE_CHECKING, Any, cast

from explorer import config
from explorer.engine.folder import RuntimeFolder, this_configuration
from explorer.engine.protocol import (
    SILENT,
    Answer,
    Ask,
    AskStatus,
    Cancel,
    EngineStatus,
    Final,
    LookAtRuns,
    Refusal,
    Stop,
    Told,
    fingerprint,
    prove_to_engine,
)
from explorer.errors import Cancelled, EngineError, EngineUnavailable

if TYPE_CHECKING:
    from explorer.progress import Progress

START_TIMEOUT = 30.0
ANSWER_MARGIN = 10.0
"""Seconds past a call's own time limit after which a silent engine counts as lost."""
CANCEL_INTERVAL = 0.05


def connect(timeout: float = START_TIMEOUT) -> Engine:
    """Find the engine of this configuration, or start it.

    Raises `EngineUnavailable` when there is none after `timeout` seconds.
    """
    engine = Engine(this_configuration(), timeout)
    engine.status()
    return engine


class Engine:
    """The engine, seen from another process. Many threads may use it at once.

    It holds no connection between calls, and starts the engine again if that has stopped.
    """

    def __init__(self, folder: RuntimeFolder, start_timeout: float = START_TIMEOUT) -> None:
        self.folder = folder
        self._start_timeout = start_timeout

    def call(
        self,
        name: str,
        /,
        *args: Any,
        timeout: float = 60.0,
        progress: Progress | None = None,
        cancel: threading.Event | None = None,
        **kwargs: Any,
    ) -> Any:
        """Run the library function `name` in the engine and return its record.

        `timeout` (seconds, waiting in line included), `progress` and `cancel` concern the call;
        the rest are the function's own arguments. Raises the `ExplorerError` the function raised,
        `Cancelled`, `TimeLimit`, `OutOfMemory` or `EngineError`. What `progress` raises ends the
        call too.
        """
        ask = Ask(
            name=name,
            subject=args[0] if args and isinstance(args[0], str) else "it",
            arguments=pickle.dumps((args, kwargs)),
            fingerprint=fingerprint(args, kwargs),
            timeout=timeout,
        )
        connection, _ = self._exchange(ask)
        with connection:
            outcome = _await(connection, timeout, progress, cancel)
        if isinstance(outcome, Refusal):
            raise pickle.loads(outcome.payload)
        return pickle.loads(outcome.payload)

    def status(self) -> EngineStatus:
        """Return how the engine is, starting it if need be. Raises `EngineUnavailable`."""
        connection, status = self._exchange(AskStatus())
        connection.close()
        return cast("EngineStatus", status)

    def look_at_runs(self, *, prepare: bool = False, start: bool = True) -> None:
        """Tell it that the store of runs changed, or to prepare for that.

        Without `start` only an engine that is there is told. Raises `EngineUnavailable`.
        """
        if not start:
            found = open_connection(self.folder, time.monotonic() + self._start_timeout)
            if found is None:
                return
            found.close()
        connection, _ = self._exchange(LookAtRuns(prepare))
        connection.close()

    def _exchange(self, question: Ask | AskStatus | LookAtRuns) -> tuple[Connection, object]:
        for _ in range(2):  # an engine that is just stopping hangs up without a reply
            connection = self._connection()
            try:
                connection.send(question)
                if not connection.poll(self._start_timeout):
                    raise EngineUnavailable(SILENT)
                return connection, connection.recv()
            except (EOFError, OSError):
                connection.close()
            except EngineUnavailable:
                connection.close()
                raise
        raise EngineUnavailable("The engine hung up twice; try again.")

    def _connection(self) -> Connection:
        deadline = time.monotonic() + self._start_timeout
        while time.monotonic() < deadline:
            connection = open_connection(self.folder, deadline)
            if connection is not None:
                return connection
            start(self.folder, deadline - time.monotonic())
        raise EngineUnavailable(
            f"The engine did not start within {self._start_timeout:g} s; try again."
        )


def open_connection(folder: RuntimeFolder, deadline: float) -> Connection | None:
    """Return a connection both ends trust, or None when no engine is there."""
    caller = socket.socket(socket.AF_UNIX)
    try:
        caller.connect(folder.address)
    except OSError:
        caller.close()
        return None
    connection = Connection(caller.detach())
    try:
        prove_to_engine(connection, folder.key(), deadline)
    except (EOFError, OSError, AuthenticationError):
        connection.close()
        return None
    except BaseException:
        connection.close()
        raise
    return connection


def start(folder: RuntimeFolder, timeout: float) -> None:
    """Start the engine in a session of its own; returns when it listens.

    Raises `EngineUnavailable` with the reason when it cannot be started.
    """
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(config.python_path())}
    try:
        subprocess.run(
            [sys.executable, "-m", "explorer.engine", "start", "--folder", str(folder.path)],
            cwd=None if config.user_models() else config.checkout(),
            env=environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE,
            text=True,
            timeout=max(0.1, timeout),
            check=True,
            start_new_session=True,
        )
    except subprocess.TimeoutExpired:
        raise EngineUnavailable(
            f"The engine did not start within {timeout:.0f} s; try again."
        ) from None
    except (OSError, subprocess.CalledProcessError) as error:
        told = (getattr(error, "stderr", None) or str(error)).strip().splitlines()
        raise EngineUnavailable(f"The engine could not be started: {told[-1]}") from None


def stop(folder: RuntimeFolder, timeout: float = 10.0) -> bool:
    """Stop the engine of this folder and wait until it is gone. Returns whether there was one."""
    connection = open_connection(folder, time.monotonic() + timeout)
    if connection is None:
        return False
    with connection:
        try:
            connection.send(Stop())
            if not connection.poll(timeout):
                raise EngineUnavailable(f"The engine in {folder.path} did not stop; kill it.")
            connection.recv()
        except (EOFError, ConnectionError):
            return True
    return True


def _await(
    connection: Connection,
    timeout: float,
    progress: Progress | None,
    cancel: threading.Event | None,
) -> Final:
    deadline = time.monotonic() + timeout + ANSWER_MARGIN
    try:
        while True:
            if cancel is not None and cancel.is_set():
                connection.send(Cancel())
                raise Cancelled("Cancelled.")
            left = deadline - time.monotonic()
            if left < 0:
                raise EngineUnavailable(SILENT)
            if not connection.poll(left if cancel is None else min(left, CANCEL_INTERVAL)):
                continue
            message = connection.recv()
            if isinstance(message, (Answer, Refusal)):
                return message
            if isinstance(message, Told) and progress is not None:
                progress(message.fraction, message.sentence)
    except (EOFError, ConnectionError):
        raise EngineError("The engine stopped before it answered; try again.") from None

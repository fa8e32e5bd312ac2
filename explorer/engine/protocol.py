"""What client, broker and workers say to each other. No torch here.

One connection carries one call:

    client                      broker                       worker
      |  (both prove they know the key)  |                      |
      |---- Ask ------------------------>|                      |
      |<--- Accepted --------------------|---- Work ----------->|
      |<--- Told * ----------------------|<--- Told * ----------|
      |---- Cancel, or hangs up -------->|---- Cancel --------->|
      |<--- Answer or Refusal -----------|<--- Answer, Refusal -|

A worker says Ready once, when its imports are done. `AskStatus` is answered by `EngineStatus`,
`LookAtRuns` by `Accepted`, `Stop` by hanging up. Arguments and results travel as pickled bytes
which only their two ends open, so the broker needs neither torch nor the records' modules.
"""

from __future__ import annotations

import dataclasses
import hashlib
import pickle
import time
from dataclasses import dataclass
from multiprocessing.connection import Connection, answer_challenge, deliver_challenge
from typing import Any, TypeAlias

from explorer.errors import EngineError, EngineUnavailable, ExplorerError

SILENT = "The engine does not answer; end its process and try again."


@dataclass(frozen=True, slots=True)
class Ask:
    """A call: `arguments` is a pickled (args, kwargs), `fingerprint` its digest if it has one."""

    name: str
    subject: str
    arguments: bytes
    fingerprint: str | None
    timeout: float


@dataclass(frozen=True, slots=True)
class Work:
    """A call on its way to a worker; `number` tells its cancellation from an earlier call's."""

    number: int
    name: str
    target: str
    doing: str
    arguments: bytes


@dataclass(frozen=True, slots=True)
class Cancel:
    """Stop working on the call with this number (a client's connection carries just one)."""

    number: int = 0


@dataclass(frozen=True, slots=True)
class Accepted:
    """The broker has the call: from here on it is not sent again."""


@dataclass(frozen=True, slots=True)
class Ready:
    """The worker's imports are done."""


@dataclass(frozen=True, slots=True)
class Told:
    """Progress: the fraction done, and a short sentence."""

    fraction: float
    sentence: str


@dataclass(frozen=True, slots=True)
class Answer:
    """The pickled result."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class Refusal:
    """The pickled error."""

    payload: bytes


@dataclass(frozen=True, slots=True)
class AskStatus:
    """How is the engine?"""


@dataclass(frozen=True, slots=True)
class LookAtRuns:
    """Something changed in the store of runs; or, with `prepare`, soon will."""

    prepare: bool = False


@dataclass(frozen=True, slots=True)
class Stop:
    """Stop the engine."""


@dataclass(frozen=True, slots=True)
class LaneStatus:
    """A lane: its worker's process id, what it is doing ("" if idle), and who waits."""

    name: str
    worker: int | None
    ready: bool
    doing: str
    waiting: int


@dataclass(frozen=True, slots=True)
class JobStatus:
    """A job: its run and its process."""

    run: str
    process: int


@dataclass(frozen=True, slots=True)
class EngineStatus:
    """The engine as it is now; times in seconds.

    `waiting` counts the runs in line, `slots` how many it does at a time.
    """

    pid: int
    folder: str
    up_for: float
    idle_for: float
    stops_after: float
    lanes: tuple[LaneStatus, ...]
    remembered: int
    remembered_bytes: int
    jobs: tuple[JobStatus, ...]
    waiting: int
    slots: int


Final: TypeAlias = Answer | Refusal


def refusal(error: ExplorerError) -> Refusal:
    """Pack an error; one that does not survive pickling becomes an `EngineError`."""
    try:
        payload = pickle.dumps(error)
        pickle.loads(payload)
    except Exception:  # whatever an exception's own constructor may raise
        payload = pickle.dumps(EngineError(str(error)))
    return Refusal(payload)


def prove_to_client(connection: Connection, key: bytes) -> None:
    """Engine's side of the mutual proof. Raises `AuthenticationError`, `EOFError`, `OSError`."""
    deliver_challenge(connection, key)
    answer_challenge(connection, key)


def prove_to_engine(connection: Connection, key: bytes, deadline: float) -> None:
    """Client's side of the mutual proof. Raises `EngineUnavailable` if nobody answers in time."""
    if not connection.poll(max(0.0, deadline - time.monotonic())):
        raise EngineUnavailable(SILENT)
    answer_challenge(connection, key)
    deliver_challenge(connection, key)


def fingerprint(args: tuple[Any, ...], kwargs: dict[str, Any]) -> str | None:
    """Return a digest equal for equal plain arguments, or None where there is no safe one."""
    try:
        text = repr((_canonical(args), _canonical(kwargs)))
    except TypeError:
        return None
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()


def _canonical(value: Any) -> Any:
    if value is None or isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, bytes):  # a picture of megabytes would become text four times as long
        return hashlib.sha256(value).digest()
    if isinstance(value, (tuple, list)):
        return tuple(map(_canonical, value))
    if isinstance(value, dict):
        return ("dict", *sorted((repr(k), _canonical(v)) for k, v in value.items()))
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        fields = (getattr(value, field.name) for field in dataclasses.fields(value))
        return (type(value).__qualname__, *map(_canonical, fields))
    raise TypeError(type(value))

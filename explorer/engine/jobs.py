"""A computation in the engine, and those who wait for it. No torch here."""

from __future__ import annotations

import threading
from collections import OrderedDict, deque
from multiprocessing import Pipe
from typing import TYPE_CHECKING, TypeAlias

from explorer.engine.protocol import Answer, Final, Told, Work

if TYPE_CHECKING:
    from explorer.engine.library import Call
    from explorer.engine.protocol import Ask

Key: TypeAlias = tuple[str, str]


class Inbox:
    """Messages for one caller; `bell` becomes readable when there are some."""

    def __init__(self) -> None:
        self.bell, self._button = Pipe(duplex=False)
        self._messages: deque[Told | Final] = deque()
        self._lock = threading.Lock()

    def put(self, message: Told | Final) -> None:
        """Add a message without ever blocking: the bell rings once until it is answered."""
        with self._lock:
            if self._button.closed:
                return
            if not self._messages:
                self._button.send_bytes(b"!")
            self._messages.append(message)

    def take(self) -> list[Told | Final]:
        """Return what has come, in order."""
        with self._lock:
            if self._messages:
                self.bell.recv_bytes()
            taken = list(self._messages)
            self._messages.clear()
            return taken

    def close(self) -> None:
        """Take no more messages."""
        with self._lock:
            self._button.close()
            self.bell.close()


class Job:
    """One computation, however many asked for it. It is abandoned when the last caller leaves."""

    def __init__(self, number: int, ask: Ask, call: Call) -> None:
        self.number = number
        self.ask = ask
        self.call = call
        self.abandoned = False
        self._waiting: list[Inbox] = []
        self._last_told: Told | None = None
        self._lock = threading.Lock()

    @property
    def key(self) -> Key | None:
        """What the result may be remembered by."""
        if self.call.remembered and self.ask.fingerprint is not None:
            return (self.ask.name, self.ask.fingerprint)
        return None

    @property
    def doing(self) -> str:
        """What it does, to be put after "the worker that was ..."."""
        return self.call.describe(self.ask.name, self.ask.subject)

    def work(self) -> Work:
        """Return what the worker is sent."""
        return Work(self.number, self.ask.name, self.call.target, self.doing, self.ask.arguments)

    def join(self, inbox: Inbox) -> bool:
        """Wait for it too, told how far it is. Returns False when it was abandoned before."""
        with self._lock:
            if self.abandoned:
                return False
            self._waiting.append(inbox)
            if self._last_told is not None:
                inbox.put(self._last_told)
            return True

    def leave(self, inbox: Inbox) -> bool:
        """Wait no longer. Returns True if nobody is left."""
        with self._lock:
            if inbox in self._waiting:
                self._waiting.remove(inbox)
            self.abandoned = not self._waiting
            return self.abandoned

    def tell(self, message: Told | Final) -> None:
        """Pass a message on to all who wait."""
        with self._lock:
            if isinstance(message, Told):
                self._last_told = message
            for inbox in self._waiting:
                inbox.put(message)


class Memory:
    """The last results by their arguments, bounded in number and in bytes."""

    def __init__(self, entries: int = 512, size: int = 64 << 20) -> None:
        self._limits = (entries, size)
        self._answers: OrderedDict[Key, Answer] = OrderedDict()
        self.size = 0

    def __len__(self) -> int:
        return len(self._answers)

    def recall(self, key: Key) -> Answer | None:
        """Return the result and make it the most recent, or None."""
        if key in self._answers:
            self._answers.move_to_end(key)
        return self._answers.get(key)

    def keep(self, key: Key, answer: Answer) -> None:
        """Keep a result; the least recently used go."""
        if (old := self._answers.pop(key, None)) is not None:
            self.size -= len(old.payload)
        self._answers[key] = answer
        self.size += len(answer.payload)
        entries, size = self._limits
        while len(self._answers) > entries or self.size > size:
            _, gone = self._answers.popitem(last=False)
            self.size -= len(gone.payload)

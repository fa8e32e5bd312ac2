"""Calls that tests add to the engine by CONVZOO_EXTRA_CALLS. No torch here: it starts at once."""

from __future__ import annotations

import os
import threading
import time
from dataclasses import replace
from pathlib import Path

from explorer.engine import library
from explorer.engine.library import Call
from explorer.errors import UnknownModel
from explorer.progress import Progress, silent


class ConstructorWantsTwo(UnknownModel):
    """An error that pickles but does not unpickle."""

    def __init__(self, first: str, second: str) -> None:
        super().__init__(f"{first} and {second}")


def add(left: int, right: int = 1) -> int:
    """Return the sum."""
    return left + right


def count_in(path: str, seconds: float = 0.0) -> int:
    """Return how often it ran, which the file holds."""
    time.sleep(seconds)
    with Path(path).open("a") as file:
        file.write("x")
    return Path(path).stat().st_size


def steps(number: int, seconds: float, progress: Progress = silent) -> str:
    """Report progress `number` times, `seconds` apart."""
    for step in range(number):
        progress(step / number, f"step {step}")
        time.sleep(seconds)
    return "done"


def stubborn(seconds: float) -> str:
    """Sleep without ever looking up."""
    time.sleep(seconds)
    return "slept"


def fail(kind: str) -> None:
    """Raise an error of the kind asked for."""
    errors: dict[str, BaseException] = {
        "library": UnknownModel("There is no model resnet5O; did you mean resnet50?"),
        "other": ZeroDivisionError("division by zero\nand a second line"),
        "memory": MemoryError(),
        "allocator": RuntimeError(
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate "
            "memory: you tried to allocate 140737488355328 bytes. Error code 12"
        ),
        "exit": SystemExit(3),
        "unpicklable": ConstructorWantsTwo("one", "two"),
    }
    raise errors[kind]


def die(status: int) -> None:
    """End the worker process without a word."""
    os._exit(status)


def take(size: int) -> int:
    """Take so many bytes of memory for a moment."""
    return len(bytearray(size))


def where() -> tuple[int, int, int, str]:
    """Return the worker's process id, niceness, thread count and thread limit."""
    return os.getpid(), os.nice(0), threading.active_count(), os.environ["OMP_NUM_THREADS"]


# The product's own calls leave lane "meta", so that its worker starts without torch.
CALLS = {name: replace(call, lane="device") for name, call in library.CALLS.items()} | {
    "test.add": Call("engine_calls:add", "meta"),
    "test.count": Call("engine_calls:count_in", "meta", remembered=True, doing="counting in {}"),
    "test.steps": Call("engine_calls:steps", "meta"),
    "test.stubborn": Call("engine_calls:stubborn", "meta", doing="sleeping"),
    "test.fail": Call("engine_calls:fail", "meta", doing="building {}"),
    "test.die": Call("engine_calls:die", "meta"),
    "test.where": Call("engine_calls:where", "meta"),
    "test.take": Call("engine_calls:take", "pictures", doing="taking memory"),
    "test.missing": Call("engine_calls:missing", "meta"),
}

"""Whether the process that does a run is still there. No torch here.

A number alone says little: the system gives it away again. With the time of its birth it names
one process for ever, across restarts of the machine too.
"""

from __future__ import annotations

import functools
from pathlib import Path

import psutil

_STATUS = "/proc/{}/stat"
_GONE = "ZX"  # ended, though nobody has asked for its exit status yet


def birth(pid: int) -> str | None:
    """Return when a process came to be, as a text that no other process has; None without one."""
    status = Path(_STATUS.format(pid))
    if not Path(_STATUS.format("self")).exists():
        return _birth_elsewhere(pid)
    try:
        # "pid (name) state ..."; the name may hold anything, brackets too.
        fields = status.read_text(errors="replace").rpartition(")")[2].split()
    except OSError:
        return None
    return None if fields[0] in _GONE else f"{_boot()}:{fields[19]}"


def alive(pid: int, born: str) -> bool:
    """Whether the very process that was born then still runs."""
    return birth(pid) == born


def _birth_elsewhere(pid: int) -> str | None:
    try:
        process = psutil.Process(pid)
        ended = process.status() == psutil.STATUS_ZOMBIE
        return None if ended else repr(process.create_time())
    except psutil.Error:
        return None


@functools.cache
def _boot() -> str:
    """What tells one start of this machine from another."""
    name = Path("/proc/sys/kernel/random/boot_id")
    return name.read_text().strip() if name.exists() else repr(psutil.boot_time())

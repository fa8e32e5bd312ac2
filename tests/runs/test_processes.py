"""A process is told from another one that has its number now."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from explorer.runs import processes


@pytest.fixture(params=["as on Linux", "as elsewhere"], autouse=True)
def system(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read from Linux's own files, or by psutil where there are none."""
    if request.param == "as elsewhere":
        monkeypatch.setattr(processes, "_STATUS", "/nowhere/{}/stat")


def test_this_process_is_alive() -> None:
    """And asked twice it was born at the same time."""
    born = processes.birth(os.getpid())
    assert born is not None
    assert processes.alive(os.getpid(), born)


def test_another_birth_is_another_process() -> None:
    """The number alone is not enough."""
    assert not processes.alive(os.getpid(), processes.birth(1) or "")


def test_ended_process_is_gone_even_unasked() -> None:
    """One that was killed, and whose parent has not looked yet, does nothing any more."""
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    born = processes.birth(child.pid)
    assert born is not None
    child.kill()
    os.waitid(os.P_PID, child.pid, os.WEXITED | os.WNOWAIT)  # ended, but not yet asked
    assert processes.birth(child.pid) is None
    assert child.stdin is not None
    child.stdin.close()
    child.wait()
    assert not processes.alive(child.pid, born)

"""The engine starts once, keeps to itself, and leaves nothing behind."""

from __future__ import annotations

import os
import re
import signal
import socket
import stat
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from explorer import errors
from explorer.engine import client, folder
from explorer.engine.client import Engine, connect

Processes = Callable[[], list[psutil.Process]]


def command(*words: str) -> str:
    """Run `python -m explorer.engine` and return what it printed."""
    done = subprocess.run(
        [sys.executable, "-m", "explorer.engine", *words],
        capture_output=True,
        text=True,
        check=True,
        timeout=30,
    )
    return done.stdout


def gone_within(seconds: float, home: folder.RuntimeFolder, processes: Processes) -> bool:
    """Wait until the engine has neither processes nor a folder."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if not processes() and not home.path.exists():
            return True
        time.sleep(0.05)
    return False


def test_folder_is_private(engine: Engine) -> None:
    """Only its user can reach the socket and read the key."""
    assert stat.S_IMODE(engine.folder.path.stat().st_mode) == 0o700
    assert stat.S_IMODE((engine.folder.path / "key").stat().st_mode) == 0o600


def test_open_folder_is_refused(runtime: Path) -> None:
    """A folder that somebody else could have prepared is not used."""
    path = folder.this_configuration().path
    path.mkdir(mode=0o755)
    with pytest.raises(errors.EngineUnavailable, match="not a private folder"):
        connect()
    path.rmdir()


def test_caller_without_the_key_is_refused(engine: Engine) -> None:
    """A wrong key is told from no engine, and the engine lives on."""
    key = engine.folder.path / "key"
    right = key.read_bytes()
    key.write_bytes(b"wrong")
    assert client.open_connection(engine.folder, time.monotonic() + 5) is None
    key.write_bytes(right)
    assert engine.call("test.add", 1) == 2


def test_silent_caller_keeps_nobody_waiting(engine: Engine) -> None:
    """A connection that never proves itself holds up neither calls nor the end."""
    with socket.socket(socket.AF_UNIX) as silent:
        silent.connect(engine.folder.address)
        assert engine.call("test.add", 1) == 2
        assert client.stop(engine.folder)


def test_stop_leaves_nothing(engine: Engine, processes: Processes) -> None:
    """`stop` returns when folder and processes are gone, a busy worker's too."""
    engine.call("test.add", 1)
    assert len(processes()) == 2
    assert command("stop") == "Stopped 1 engine.\n"
    assert gone_within(1, engine.folder, processes)
    assert command("stop") == "Stopped 0 engines.\n"


def test_stop_clears_up_after_a_killed_engine(engine: Engine, processes: Processes) -> None:
    """`kill -9` leaves a folder; `stop` takes it away, and the workers go by themselves."""
    engine.call("test.add", 1)
    os.kill(engine.status().pid, signal.SIGKILL)
    assert engine.folder.path.exists()
    assert command("stop") == "Stopped 0 engines.\n"
    assert gone_within(5, engine.folder, processes)


def test_sigterm_leaves_nothing(engine: Engine, processes: Processes) -> None:
    """A system that shuts down takes the engine along."""
    os.kill(engine.status().pid, signal.SIGTERM)
    assert gone_within(5, engine.folder, processes)


def test_idle_engine_stops(processes: Processes, monkeypatch: pytest.MonkeyPatch) -> None:
    """Without calls it ends by itself, but never during one."""
    monkeypatch.setenv("CONVZOO_ENGINE_IDLE", "0.5")
    engine = connect()
    assert engine.call("test.stubborn", 1.5) == "slept"
    assert gone_within(5, engine.folder, processes)


def test_wrong_idle_time_is_one_sentence(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """What hinders the start is told to whoever asked for it."""
    monkeypatch.setenv("CONVZOO_ENGINE_IDLE", "soon")
    with pytest.raises(errors.EngineUnavailable, match="CONVZOO_ENGINE_IDLE must be a positive"):
        connect()


def test_too_long_a_path_is_one_sentence(runtime: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Socket addresses are short; the message says how to help."""
    deep = runtime / ("d" * 90)
    deep.mkdir()
    monkeypatch.setenv("CONVZOO_RUNTIME_DIR", str(deep))
    with pytest.raises(errors.EngineUnavailable, match="set CONVZOO_RUNTIME_DIR to a shorter one"):
        connect()
    monkeypatch.setenv("CONVZOO_RUNTIME_DIR", str(runtime))


def test_status_says_what_runs(engine: Engine) -> None:
    """`status` names the process, its folder and its workers."""
    engine.call("test.add", 1)
    text = command("status")
    assert f"Engine {engine.status().pid} in {engine.folder.path}" in text
    assert "meta: worker" in text
    assert "device: no worker yet" in text
    assert re.search(r"^  jobs: 0 of \d+, 0 waiting$", text, re.MULTILINE)


def test_status_starts_no_engine(processes: Processes) -> None:
    """Asking is not using."""
    assert command("status") == "No engine is running.\n"
    assert not processes()


def test_stop_finds_the_engine_of_older_sources(
    engine: Engine, processes: Processes, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever edits a file is not left with an engine that nothing can name."""
    monkeypatch.setattr(folder, "_sources", lambda: ("edited",))
    assert folder.this_configuration() != engine.folder
    assert command("stop") == "Stopped 1 engine.\n"
    assert gone_within(1, engine.folder, processes)


def test_engine_outlives_the_process_that_started_it(runtime: Path) -> None:
    """It has a session of its own and is nobody's zombie."""
    code = "from explorer.engine.client import connect; print(connect().folder.path)"
    started = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=30
    )
    home = folder.RuntimeFolder(Path(started.stdout.strip()))
    found = client.open_connection(home, time.monotonic() + 5)
    assert found is not None
    found.close()
    broker = Engine(home).status().pid
    assert os.getsid(broker) == broker
    assert psutil.Process(broker).status() != psutil.STATUS_ZOMBIE

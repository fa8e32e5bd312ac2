"""`python -m explorer.engine [start | status | stop]`.

`start` returns when the engine listens; the pages do it by themselves. `status` and `stop` concern
all engines of this checkout: there is one for every configuration and state of the sources in use.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from pathlib import Path

from explorer import config
from explorer.engine import client, folder, library
from explorer.engine.broker import Broker
from explorer.engine.protocol import AskStatus, EngineStatus
from explorer.errors import ExplorerError


def main(arguments: list[str] | None = None) -> int:
    """Run the command and return the exit status: 2 for an error, with one sentence."""
    parser = argparse.ArgumentParser(prog="python -m explorer.engine", description=__doc__)
    parser.add_argument("verb", nargs="?", default="start", choices=["start", "status", "stop"])
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    chosen = parser.parse_args(arguments)
    try:
        if chosen.verb == "start":
            home = folder.RuntimeFolder(chosen.folder) if chosen.folder else None
            return start(home or folder.this_configuration())
        verb = {"status": status, "stop": stop}[chosen.verb]
        return verb(folder.folders_of_checkout())
    except ExplorerError as error:
        print(error, file=sys.stderr)
        return 2


def start(home: folder.RuntimeFolder) -> int:
    """Start the engine of `home` in the background, unless it runs already."""
    deadline = time.monotonic() + client.START_TIMEOUT
    calls, idle_limit = library.calls(), config.engine_idle_seconds()
    config.jobs()  # a wrong one is told to whoever starts the engine, not to its log
    with home.lock(client.START_TIMEOUT):
        running = client.open_connection(home, deadline)
        if running is not None:
            running.close()
            return 0
        listener, key = home.listen()
        own = Path(home.address).stat().st_ino
        # Forked while there is one thread and no torch; the parent's end says "it listens".
        if os.fork():
            return 0
    if os.getsid(0) != os.getpid():
        os.setsid()
    _redirect_output(home)
    Broker(home, calls, idle_limit).serve(listener, key)
    home.remove(own)
    return 0


def status(homes: tuple[folder.RuntimeFolder, ...]) -> int:
    """Print what the engines that live in `homes` are doing; starts none."""
    running = 0
    for home in homes:
        connection = client.open_connection(home, time.monotonic() + 5)
        if connection is not None:
            running += 1
            with connection:
                connection.send(AskStatus())
                print(describe(connection.recv()))
    if not running:
        print("No engine is running.")
    return 0


def stop(homes: tuple[folder.RuntimeFolder, ...]) -> int:
    """Stop the engines that live in `homes`, and clear up after any that was killed."""
    stopped = 0
    for home in homes:
        if client.stop(home):
            stopped += 1
        else:
            _clear(home)
    print(f"Stopped {stopped} engine{'' if stopped == 1 else 's'}.")
    return 0


def _clear(home: folder.RuntimeFolder) -> None:
    with home.lock(timeout=10.0):
        if client.open_connection(home, time.monotonic() + 5) is None:
            home.delete()


def describe(engine: EngineStatus) -> str:
    """Return the status as a few lines of text."""
    lines = [
        f"Engine {engine.pid} in {engine.folder}, up for {engine.up_for:.0f} s",
        f"  stops after {engine.stops_after:g} s without a call; idle for {engine.idle_for:.0f} s",
        f"  {engine.remembered} results remembered, {engine.remembered_bytes / 1e6:.1f} MB",
    ]
    for lane in engine.lanes:
        worker = "no worker yet" if lane.worker is None else f"worker {lane.worker}"
        state = lane.doing or ("idle" if lane.ready or lane.worker is None else "loading PyTorch")
        lines.append(f"  {lane.name}: {worker}, {state}, {lane.waiting} waiting")
    lines.append(f"  jobs: {len(engine.jobs)} of {engine.slots}, {engine.waiting} waiting")
    lines += [f"    run {job.run}: process {job.process}" for job in engine.jobs]
    return "\n".join(lines)


def _redirect_output(home: folder.RuntimeFolder) -> None:
    with home.log.open("ab", buffering=0) as log, Path(os.devnull).open("rb") as nothing:
        os.dup2(nothing.fileno(), 0)
        os.dup2(log.fileno(), 1)
        os.dup2(log.fileno(), 2)


if __name__ == "__main__":
    sys.exit(main())

"""What it costs to serve: start-up, memory, and how long a click waits.

    python -m benchmarks.serving [--sessions 30] [--runs 20]

Starts an engine and a page server of its own, opens sessions by WebSocket as browsers do (without
drawing), and prints each figure beside its budget. Times are wall time: run it on a quiet machine.
"""

from __future__ import annotations

import argparse
import contextlib
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TypeVar
from urllib.parse import urlencode

import psutil
from streamlit.proto.Alert_pb2 import Alert
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
from websockets.sync.client import ClientConnection
from websockets.sync.client import connect as open_socket

from explorer.engine import client, folder

ROOT = Path(__file__).resolve().parents[1]
MEBIBYTE = 1 << 20
T = TypeVar("T")


def main() -> None:
    """Print every figure, one a line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--sessions", type=int, default=30)
    parser.add_argument("--runs", type=int, default=20)
    chosen = parser.parse_args()
    with own_engine():
        measure_engine(chosen.runs)
        measure_page_server(chosen.sessions, chosen.runs)
        engines = len(folder.folders_of_checkout())
        print(
            f"  engines running: {engines}{'' if engines == 1 else ' (a source changed meanwhile)'}"
        )


@contextlib.contextmanager
def own_engine() -> Iterator[None]:
    """Keep away from any engine that runs already, and leave none behind."""
    root = tempfile.mkdtemp(prefix="cz-")
    os.environ["CONVZOO_RUNTIME_DIR"] = root
    os.environ["CONVZOO_EXTRA_CALLS"] = "benchmarks.nothing"
    try:
        yield
    finally:
        for home in folder.folders_of_checkout():
            client.stop(home)
        shutil.rmtree(root)


def measure_engine(runs: int) -> None:
    """Start-up, memory and round trips of the engine."""
    print("Engine")
    engine, seconds = timed(client.connect)
    show("start until it takes calls", seconds, "s", budget=0.5)
    _, answered = timed(lambda: engine.call("anatomy.dissect", "alexnet", timeout=120.0))
    show("start until the first anatomy (alexnet)", seconds + answered, "s")
    _, fresh = timed(lambda: engine.call("anatomy.dissect", "resnet50", timeout=120.0))
    show("anatomy of resnet50, computed", fresh * 1e3, "ms", budget=1000)
    spread(
        "anatomy of resnet50, remembered", runs, lambda: engine.call("anatomy.dissect", "resnet50")
    )
    spread("a call that does nothing", 10 * runs, lambda: engine.call("benchmark.nothing"))
    engine.call("device.describe", timeout=120.0)
    status = engine.status()
    show("memory of the broker", memory(status.pid), "MB")
    for lane in status.lanes:
        show(f"memory of the worker in lane {lane.name}", memory(lane.worker or 0), "MB")


def measure_page_server(sessions: int, runs: int) -> None:
    """Start-up, memory and script runs of the page server, while the engine is warm."""
    print("Page server")
    begin = time.monotonic()
    with served() as (server, port):
        show("start until its health address answers", time.monotonic() - begin, "s", budget=6)
        with contextlib.ExitStack() as tabs:
            first = tabs.enter_context(tab(port))
            _, seconds = timed(lambda: visit(first, ""))
            show("first visit of the home page", seconds, "s")
            _, seconds = timed(lambda: visit(first, "anatomy", model="resnet50"))
            show("first visit of the anatomy page", seconds, "s")
            before = memory(server.pid)
            show("memory after the first session", before, "MB", budget=250)
            spread("home again", runs, lambda: visit(first, ""))
            spread("anatomy again", runs, lambda: visit(first, "anatomy", model="resnet50"))
            for model, title in (("vgg16", b"VGG-16"), ("densenet201", b"DenseNet-201")):
                begin = time.perf_counter()
                sent = visit(tabs.enter_context(tab(port)), "anatomy", model=model)
                show(f"link to {model}, not seen before", time.perf_counter() - begin, "s", 1)
                assert title in sent
            for _ in range(sessions):
                visit(tabs.enter_context(tab(port)), "anatomy", model="resnet50")
            grown = (memory(server.pid) - before) / sessions
            show(f"memory per further session (of {sessions})", grown, "MB", budget=1)
        loaded = "libtorch" in Path(f"/proc/{server.pid}/maps").read_text()
        print(f"  torch in the page server: {'YES' if loaded else 'no'}")


@contextlib.contextmanager
def served() -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """Run `streamlit run app.py`; yields when the health address answers."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = int(probe.getsockname()[1])
    options = (f"--server.port={port}", "--server.headless=true", "--server.fileWatcherType=none")
    server = subprocess.Popen(
        [sys.executable, "-m", "streamlit", "run", "app.py", *options],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        while server.poll() is None:
            with contextlib.suppress(urllib.error.URLError):
                urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=5)
                break
            time.sleep(0.02)
        yield server, port
    finally:
        server.terminate()
        server.wait(20)


@contextlib.contextmanager
def tab(port: int) -> Iterator[ClientConnection]:
    """Open a session, as a browser's tab does."""
    address = f"ws://127.0.0.1:{port}/_stcore/stream"
    with open_socket(address, subprotocols=["streamlit"], max_size=None) as session:  # type: ignore[list-item]
        yield session


def visit(session: ClientConnection, page: str, **query: str) -> bytes:
    """Run a page's script and return all it sends until it has finished."""
    message = BackMsg()
    message.rerun_script.page_name = page
    message.rerun_script.query_string = urlencode(query)
    session.send(message.SerializeToString())
    sent = b""
    while True:
        received = bytes(session.recv())  # type: ignore[arg-type]
        sent += received
        answer = ForwardMsg.FromString(received)
        element = answer.delta.new_element
        if element.HasField("exception"):
            sys.exit(f"page {page!r} raised: {element.exception.message}")
        if element.alert.format == Alert.ERROR:
            sys.exit(f"page {page!r} says: {element.alert.body}")
        if answer.WhichOneof("type") == "script_finished":
            return sent


def timed(work: Callable[[], T]) -> tuple[T, float]:
    """Return the result and the seconds it took."""
    begin = time.perf_counter()
    return work(), time.perf_counter() - begin


def spread(name: str, runs: int, work: Callable[[], object]) -> None:
    """Show median and 95th percentile of the milliseconds it takes."""
    times = sorted(timed(work)[1] * 1e3 for _ in range(runs))
    show(f"{name}, p50", times[runs // 2], "ms")
    show(f"{name}, p95", times[int(runs * 0.95)], "ms")


def memory(pid: int) -> float:
    """Return a process's resident memory in MiB."""
    return float(psutil.Process(pid).memory_info().rss / MEBIBYTE)


def show(name: str, value: float, unit: str, budget: float | None = None) -> None:
    """Print a figure, and which part of its budget it takes."""
    part = "" if budget is None else f"   {value / budget:6.0%} of {budget:g} {unit}"
    print(f"  {name:<48}{value:9.2f} {unit:<2}{part}", flush=True)


if __name__ == "__main__":
    main()

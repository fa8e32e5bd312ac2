"""What a page can rely on when it asks the engine."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path

import psutil
import pytest

from explorer import errors
from explorer.engine import client
from explorer.engine.client import Engine, connect

CONNECT = "from explorer.engine.client import connect; e = connect(); "


def client_of(engine: Engine) -> str:
    """Return code whose `e` is this very engine, even if a source file was just edited."""
    return (
        "from pathlib import Path; from explorer.engine.client import Engine; "
        "from explorer.engine.folder import RuntimeFolder; "
        f"e = Engine(RuntimeFolder(Path({str(engine.folder.path)!r}))); "
    )


def wait_until(condition: Callable[[], object], seconds: float = 20.0) -> None:
    """Look again and again until it holds; fail when it does not in time."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it never came true"
        time.sleep(0.02)


def python(code: str) -> subprocess.Popen[str]:
    """Run code in another process, as another page server would."""
    return subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)


def said(process: subprocess.Popen[str]) -> str:
    """Wait for the process and return what it printed."""
    output, _ = process.communicate(timeout=30)
    assert process.returncode == 0
    return output.strip()


def once_busy(engine: Engine, action: Callable[[], object]) -> None:
    """Act as soon as the engine works on something."""

    def watch() -> None:
        wait_until(lambda: engine.status().lanes[0].doing)
        action()

    threading.Thread(target=watch, daemon=True).start()


def test_calls_and_finds_the_engine_again(engine: Engine) -> None:
    """A second connect talks to the process that the first one started."""
    assert engine.call("test.add", 2, right=3) == 5
    assert connect().status().pid == engine.status().pid


def test_two_processes_share_one_engine(engine: Engine) -> None:
    """Two page servers of one configuration have one engine between them."""
    pids = [said(python(CONNECT + "print(e.status().pid)")) for _ in range(2)]
    assert pids == [str(engine.status().pid)] * 2


@pytest.mark.usefixtures("runtime")
def test_simultaneous_first_starts_give_one_engine() -> None:
    """Four first connects at the same time start one engine."""
    racers = [python(CONNECT + "print(e.status().pid)") for _ in range(4)]
    assert len({said(racer) for racer in racers}) == 1


def test_another_configuration_has_another_engine(
    engine: Engine, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Page servers with different user models never share an engine."""
    monkeypatch.setenv("CONVZOO_MODELS", "mine:Net")
    assert connect().status().pid != engine.status().pid


def test_client_loads_neither_torch_nor_streamlit(engine: Engine) -> None:
    """Asking the engine leaves the page server without torch."""
    code = CONNECT + (
        "import sys; assert e.call('test.add', 1) == 2; "
        "print([m for m in ('torch', 'streamlit', 'numpy') if m in sys.modules])"
    )
    assert said(python(code)) == "[]"


def test_progress_arrives_in_order(engine: Engine) -> None:
    """The caller's function gets fractions and sentences while the work runs."""
    told: list[tuple[float, str]] = []
    result = engine.call("test.steps", 5, 0.06, progress=lambda *news: told.append(news))
    assert result == "done"
    steps = [news for news in told if news[1].startswith("step")]
    assert len(steps) >= 4
    assert steps == sorted(steps)


def test_cancel_stops_work_that_reports_progress(engine: Engine) -> None:
    """A set event ends the call at once, and the worker that obeyed lives on."""
    worker = engine.call("test.where")[0]
    stop = threading.Event()
    once_busy(engine, stop.set)
    with pytest.raises(errors.Cancelled):
        engine.call("test.steps", 1000, 0.05, cancel=stop)
    assert engine.call("test.where")[0] == worker


def test_cancel_kills_work_that_does_not_listen(engine: Engine) -> None:
    """Work without progress is killed after the grace, and the next call has a new worker."""
    worker = engine.call("test.where")[0]
    stop = threading.Event()
    once_busy(engine, stop.set)
    with pytest.raises(errors.Cancelled):
        engine.call("test.stubborn", 60.0, cancel=stop)
    assert engine.call("test.where", timeout=20)[0] != worker


def test_time_limit_is_one_sentence_and_frees_the_lane(engine: Engine) -> None:
    """What runs too long raises TimeLimit, and does not hold up the next call."""
    begin = time.monotonic()
    with pytest.raises(errors.TimeLimit, match=r"After 0.3 s the engine was still sleeping"):
        engine.call("test.stubborn", 60.0, timeout=0.3)
    assert time.monotonic() - begin < 1.5
    assert engine.call("test.add", 1, timeout=20) == 2


def test_killed_worker_gives_one_sentence_and_the_next_call_works(engine: Engine) -> None:
    """`kill -9` in the middle of a call is told as what it most likely is."""
    worker = engine.call("test.where")[0]
    once_busy(engine, lambda: os.kill(worker, signal.SIGKILL))
    with pytest.raises(errors.WorkerDied) as caught:
        engine.call("test.stubborn", 60.0)
    assert str(caught.value) == (
        "The worker that was sleeping was killed, most likely because memory ran out; "
        "choose a smaller size and try again."
    )
    assert engine.call("test.add", 1) == 2


def test_worker_killed_between_calls_is_not_noticed(engine: Engine) -> None:
    """A worker that died while nobody used it is replaced in silence."""
    os.kill(engine.call("test.where")[0], signal.SIGKILL)
    wait_until(lambda: engine.status().lanes[0].worker is None)
    assert engine.call("test.add", 1) == 2


def test_crashed_worker_says_where_its_report_is(engine: Engine) -> None:
    """A worker that ends by itself is not blamed on memory."""
    with pytest.raises(errors.WorkerDied, match=r"crashed \(exit status 7\).*/log\.$"):
        engine.call("test.die", 7)


@pytest.mark.parametrize(
    ("kind", "error", "sentence"),
    [
        ("library", errors.UnknownModel, "There is no model resnet5O; did you mean resnet50?"),
        (
            "other",
            errors.EngineError,
            "While building other, ZeroDivisionError was raised: division by zero",
        ),
        ("memory", errors.OutOfMemory, "There is not enough memory for building memory; "),
        ("allocator", errors.OutOfMemory, "There is not enough memory for building allocator; "),
        ("exit", errors.EngineError, "While building exit, SystemExit was raised: 3"),
        ("unpicklable", errors.EngineError, "one and two"),
    ],
)
def test_errors_arrive_as_the_librarys_own(
    engine: Engine, kind: str, error: type[errors.ExplorerError], sentence: str
) -> None:
    """Every exception in a worker becomes an ExplorerError of one line, and the worker lives."""
    with pytest.raises(errors.ExplorerError) as caught:
        engine.call("test.fail", kind)
    assert type(caught.value) is error
    assert str(caught.value).startswith(sentence)
    assert "\n" not in str(caught.value)
    assert engine.call("test.add", 1) == 2


def test_unexpected_errors_leave_a_traceback_in_the_log(engine: Engine) -> None:
    """Whoever looks after the engine finds what the sentence left out."""
    with pytest.raises(errors.EngineError):
        engine.call("test.fail", "other")
    assert "and a second line" in engine.folder.log.read_text()


def test_unknown_and_missing_calls(engine: Engine) -> None:
    """A name outside the table is refused with the names there are."""
    with pytest.raises(errors.BadRequest, match=r"no call 'os\.system'; it has .*anatomy\.dissect"):
        engine.call("os.system", "true")
    with pytest.raises(errors.EngineError, match="AttributeError"):
        engine.call("test.missing")


def test_wrong_arguments_are_a_sentence(engine: Engine) -> None:
    """A call with arguments the function does not take raises, and the engine stays well."""
    with pytest.raises(errors.EngineError, match="TypeError"):
        engine.call("test.add", 1, colour="red")


def test_results_are_remembered_by_their_arguments(engine: Engine, tmp_path: Path) -> None:
    """Equal arguments are computed once, also for another process; others again."""
    path = str(tmp_path / "runs")
    assert engine.call("test.count", path) == 1
    assert engine.call("test.count", path) == 1
    assert said(python(client_of(engine) + f"print(e.call('test.count', {path!r}))")) == "1"
    assert engine.call("test.count", path, seconds=0.01) == 2
    assert engine.status().remembered == 2


def test_equal_calls_in_flight_share_one_computation(engine: Engine, tmp_path: Path) -> None:
    """Ten callers at once cause one run."""
    path = str(tmp_path / "runs")
    got: list[int] = []
    callers = [
        threading.Thread(target=lambda: got.append(engine.call("test.count", path, 0.3)))
        for _ in range(10)
    ]
    for caller in callers:
        caller.start()
    for caller in callers:
        caller.join(20)
    assert got == [1] * 10


def test_one_caller_leaving_does_not_stop_the_others(engine: Engine, tmp_path: Path) -> None:
    """A shared computation goes on while somebody waits for it."""
    path = str(tmp_path / "runs")
    others: list[int] = []
    patient = threading.Thread(target=lambda: others.append(engine.call("test.count", path, 0.8)))
    patient.start()
    with pytest.raises(errors.TimeLimit):
        engine.call("test.count", path, 0.8, timeout=0.2)
    patient.join(20)
    assert others == [1]


def test_many_threads_get_their_own_answers(engine: Engine) -> None:
    """Script threads of many sessions use one Engine at once."""
    got: dict[int, int] = {}
    threads = [
        threading.Thread(target=lambda n=n: got.update({n: engine.call("test.add", n)}))
        for n in range(40)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert got == {n: n + 1 for n in range(40)}


def test_caller_that_vanishes_frees_the_lane(engine: Engine) -> None:
    """When a page server dies in the middle of a call, its work is stopped."""
    caller = python(client_of(engine) + "print('in', flush=True); e.call('test.stubborn', 60.0)")
    assert caller.stdout is not None
    assert caller.stdout.readline() == "in\n"
    wait_until(lambda: engine.status().lanes[0].doing)
    caller.kill()
    caller.communicate()
    assert engine.call("test.add", 1, timeout=10) == 2


def test_engine_killed_is_started_again(engine: Engine) -> None:
    """`kill -9` of the engine costs the call in flight; its workers go with it."""
    worker = psutil.Process(engine.call("test.where")[0])
    broker = engine.status().pid
    once_busy(engine, lambda: os.kill(broker, signal.SIGKILL))
    with pytest.raises(errors.EngineError, match="stopped before it answered"):
        engine.call("test.stubborn", 60.0)
    assert psutil.wait_procs([worker], timeout=5)[0] == [worker]
    assert engine.call("test.add", 1) == 2
    assert engine.status().pid != broker


def test_engine_that_stopped_is_started_again(engine: Engine) -> None:
    """A handle outlives the engine it was made with."""
    before = engine.status().pid
    assert client.stop(engine.folder)
    assert engine.call("test.add", 1) == 2
    assert engine.status().pid != before


def test_frozen_engine_is_not_waited_for(runtime: Path, engine: Engine) -> None:
    """An engine that does not answer is one sentence after the timeout, not a hang."""
    pid = engine.status().pid
    os.kill(pid, signal.SIGSTOP)
    try:
        with pytest.raises(errors.EngineUnavailable, match="does not answer"):
            connect(timeout=0.3)
    finally:
        os.kill(pid, signal.SIGCONT)


def test_workers_are_modest(engine: Engine) -> None:
    """A worker is niced and leaves one core to the page server."""
    _, nice, _, threads = engine.call("test.where")
    assert nice >= 5
    assert int(threads) == max(1, len(os.sched_getaffinity(0)) - 1)

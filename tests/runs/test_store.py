"""What is written comes back, whoever writes and reads at the same time, whatever is killed."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from explorer.errors import BadRequest, DiskFull, StoreFailed, UnknownRun
from explorer.runs import schema, store
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training.recipe import checked
from explorer.training.records import (
    Began,
    Ended,
    Epoch,
    Filters,
    Histogram,
    Histograms,
    Layers,
    Score,
    Seen,
    Step,
)

RECIPE = checked(network="lenet5", data="digits", length=3, learning_rate=0.1)
BEGAN = Began(
    "LeNet-5", 61_706, ("conv1", "fc"), ("a", "b"), (1, 32, 32), 100, 10, 20, 5, 15, False, "cpu",
    1, 0, (0.5,), (0.25,), (1, 8, 8),
)  # fmt: skip


def new(name: str = "mine", owner: str = "me", **more: object) -> NewRun:
    """A run that is asked for."""
    return NewRun(RECIPE, name, owner, **more)  # type: ignore[arg-type]


def step(number: int, loss: float = 0.5) -> Step:
    """A step, five to an epoch."""
    return Step(number, number / 5, number * 0.1, loss, 50.0, 0.1, 640.0, 1.5)


@pytest.fixture
def runs(tmp_path: Path) -> RunStore:
    """An empty store."""
    return RunStore(tmp_path / "runs")


@pytest.fixture
def going(runs: RunStore) -> str:
    """A run that this process does."""
    run = runs.create(new(), queue=False)
    runs.begin(run)
    runs.add(run, [BEGAN])
    return run


def elsewhere(runs: RunStore, code: str) -> subprocess.Popen[str]:
    """Another process that runs this with `runs`, the same store, and says what it prints."""
    whole = (
        "import sys, time; from pathlib import Path; from explorer.runs.store import RunStore;"
        "from explorer.training.records import Step; "
        f"runs = RunStore(Path({str(runs.folder)!r}))\n{code}"
    )
    return subprocess.Popen(
        [sys.executable, "-c", whole], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    )


def said(process: subprocess.Popen[str]) -> str:
    """The next line another process prints."""
    assert process.stdout is not None
    return process.stdout.readline().strip()


def killed(process: subprocess.Popen[str]) -> None:
    """Kill -9."""
    process.kill()
    process.communicate()


def test_nothing_is_there_at_first(runs: RunStore) -> None:
    """Reading an empty store makes no file."""
    assert runs.runs() == ()
    assert runs.kept().runs == 0
    assert not runs.folder.exists()
    with pytest.raises(UnknownRun, match="no run 'x'"):
        runs.run("x")
    with pytest.raises(UnknownRun):
        runs.steps("x")


def test_run_is_as_it_was_asked_for(runs: RunStore) -> None:
    """Recipe, names and owner come back; it waits."""
    asked = NewRun(RECIPE, "  Fast \n one ", "ada", True, "race-1", "adam")
    found = runs.run(runs.create(asked))
    assert found.recipe == RECIPE
    assert (found.name, found.owner, found.shared) == ("Fast one", "ada", True)
    assert (found.group, found.variant, found.state) == ("race-1", "adam", "queued")
    assert found.folder == runs.folder / found.id
    assert found.started is None


def test_ids_sort_by_creation(runs: RunStore) -> None:
    """Within one millisecond too; they may stand in an address."""
    ids = runs.create_all([new(str(number)) for number in range(50)])
    assert list(ids) == sorted(ids)
    assert len(set(ids)) == 50
    assert all(re.fullmatch(r"[0-9a-z]{12}", each) for each in ids)
    assert [each.id for each in runs.runs()] == list(reversed(ids))


def test_owner_sees_own_and_shared(runs: RunStore) -> None:
    """And nobody else's."""
    mine, shared, theirs = runs.create_all(
        [new(owner="me"), new(owner="you", shared=True), new(owner="you")]
    )
    assert [each.id for each in runs.runs("me")] == [shared, mine]
    runs.share(theirs, True)
    assert [each.id for each in runs.runs("me")] == [theirs, shared, mine]


def test_group_is_in_order_of_creation(runs: RunStore) -> None:
    """Runs of one experiment, without others."""
    first, _, second = runs.create_all([new(group="g"), new(group="h"), new(group="g")])
    assert [each.id for each in runs.group("g")] == [first, second]


def test_steps_come_back_to_the_bit(runs: RunStore, going: str) -> None:
    """A loss that is no number, or infinite, too; later only what is newer."""
    runs.add(going, [step(1, 1 / 3), step(2, float("nan")), step(3, float("inf"))], 0.2)
    found = runs.steps(going)
    assert found.loss[0] == 1 / 3
    assert np.isnan(found.loss[1])
    assert found.loss[2] == np.inf
    assert found.step.tolist() == [1, 2, 3]
    assert found.seconds.tolist() == [0.1, 0.2, 3 * 0.1]
    runs.add(going, [step(4)])
    assert runs.steps(going, after=int(found.number[-1])).step.tolist() == [4]
    told = runs.run(going)
    assert (told.step, told.epoch, told.fraction, told.seconds) == (4, 0.8, 0.2, 0.4)


def test_other_records_come_back(runs: RunStore, going: str) -> None:
    """Arrays with type and shape, scores with what is unknown."""
    histogram = Histogram(np.array([3, 1]), np.array([0.0, 0.5, 1.0]), 2)
    epoch = Epoch(1.0, 5, 0.5, Score(0.3, 91.0, 99.0, 100), None, True)
    ended = Ended("length", 3.0, 15, 1.5, Score(0.1, 97.0, None, 9), None, None, "best")
    pictures = np.arange(2 * 4 * 4 * 3, dtype=np.uint8).reshape(2, 4, 4, 3)
    runs.add(
        going,
        [
            Layers(1, (1.0, 2.0), (0.1, 0.2)),
            Layers(2, (3.0, float("inf")), (0.3, float("nan"))),
            epoch,
            Seen(5, np.array([1, 0]), np.array([[0.25, 0.75], [0.5, 0.5]]), pictures),
            Filters(5, np.ones((2, 1, 3, 3), np.float32)),
            Histograms(5, ("conv1", "fc"), (histogram,) * 2, (), (histogram,)),
            ended,
        ],
    )
    layers = runs.layers(going)
    assert layers.step.tolist() == [1, 2]
    assert layers.gradient_norms.tolist() == [[1.0, 2.0], [3.0, np.inf]]
    assert layers.update_ratios[0].tolist() == [0.1, 0.2]
    assert np.isnan(layers.update_ratios[1, 1])
    assert runs.epochs(going) == (epoch,)
    (seen,) = runs.seen(going)
    assert seen.pictures is not None
    assert np.array_equal(seen.pictures, pictures)
    assert seen.probabilities.tolist() == [[0.25, 0.75], [0.5, 0.5]]
    (filters,) = runs.filters(going)
    assert filters.weights.dtype == np.float32
    assert filters.weights.shape == (2, 1, 3, 3)
    found = runs.histograms(going)
    assert found is not None
    assert found.layers == ("conv1", "fc")
    assert found.weights[1].edges.tolist() == [0.0, 0.5, 1.0]
    assert (found.weights[1].not_finite, found.gradients) == (2, ())
    assert runs.run(going).result == ended
    assert runs.run(going).began == BEGAN


def test_nothing_told_is_empty_arrays(runs: RunStore, going: str) -> None:
    """A curve without points can be drawn."""
    assert runs.steps(going).loss.shape == (0,)
    assert runs.layers(going).update_ratios.shape == (0, 2)
    assert runs.histograms(going) is None


def test_going_on_cuts_what_came_after_the_checkpoint(runs: RunStore, going: str) -> None:
    """Rows told again get new numbers, never old ones."""
    runs.add(going, [*map(step, range(1, 6)), Layers(5, (1.0, 1.0), (1.0, 1.0))])
    last = int(runs.steps(going).number[-1])
    runs.add(going, [Began(*_fields(BEGAN, step=3))])
    assert runs.steps(going).step.tolist() == [1, 2, 3]
    assert runs.layers(going).step.tolist() == []
    assert runs.run(going).step == 3
    runs.add(going, [step(4)])
    assert runs.steps(going, after=last).step.tolist() == [4]


def _fields(began: Began, **changed: object) -> list[object]:
    return [changed.get(name, getattr(began, name)) for name in Began.__dataclass_fields__]


def test_sample_is_bounded_and_keeps_its_pictures(
    runs: RunStore, going: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Of many rounds every second one goes, never the first or the last."""
    monkeypatch.setattr("explorer.runs.writing.MOST_KEPT", {"seen": 8})
    picture = np.zeros((1, 2, 2, 3), np.uint8)
    for number in range(1, 31):
        runs.add(going, [Seen(number, np.zeros(1), np.ones((1, 2)), picture)])
    found = runs.seen(going)
    assert len(found) <= 8
    assert (found[0].step, found[-1].step) == (1, 30)
    assert [each.step for each in found] == sorted({each.step for each in found})
    assert found[0].pictures is not None
    assert all(each.pictures is None for each in found[1:])
    first, last = runs.seen(going, ends=True)
    assert (first.step, last.step) == (1, 30)
    assert first.pictures is not None


def test_names_and_notes(runs: RunStore) -> None:
    """What people write about a run, in its limits."""
    run = runs.create(new())
    runs.rename(run, "  Better  name ")
    runs.annotate(run, "Learned\nslowly.")
    assert (runs.run(run).name, runs.run(run).note) == ("Better name", "Learned\nslowly.")
    with pytest.raises(BadRequest, match="type one"):
        runs.rename(run, "  ")
    with pytest.raises(BadRequest, match="5,000 characters"):
        runs.annotate(run, "x" * 5001)
    with pytest.raises(UnknownRun):
        runs.rename("nobody", "x")


def test_delete_takes_rows_and_folder(runs: RunStore, going: str) -> None:
    """Not while it runs; nothing of others goes."""
    other = runs.create(new("other"), queue=False)
    runs.add(going, [step(1)])
    runs.add(other, [step(1)])
    (runs.folder / going).mkdir(exist_ok=True)
    (runs.folder / going / "last.safetensors").write_bytes(b"x")
    with pytest.raises(BadRequest, match="mine is running; stop or cancel it first"):
        runs.delete(going)
    runs.finish(going, "done", "Ran its length.")
    runs.delete(going)
    assert [each.id for each in runs.runs()] == [other]
    assert not (runs.folder / going).exists()
    assert runs.steps(other).step.tolist() == [1]
    with pytest.raises(UnknownRun):
        runs.delete(going)


def test_run_of_a_killed_process_is_lost(runs: RunStore) -> None:
    """Whoever reads sees it at once, without any engine; continued it can be."""
    run = runs.create(new())
    assert runs.claim(run)
    process = elsewhere(
        runs,
        f"runs.begin({run!r}); runs.add({run!r}, [Step(1, .2, .1, 1., 50., .1, 9., 1.)]);"
        f"runs.artefacts({run!r}, continues=True, weights=()); print('on', flush=True);"
        "time.sleep(60)",
    )
    assert said(process) == "on"
    assert runs.run(run).state == "running"
    killed(process)
    found = runs.run(run)
    assert found.state == "lost"
    assert found.sentence == (
        "Its process ended before it was done; continue it from its last checkpoint."
    )
    assert found.ended is not None
    assert runs.steps(run).step.tolist() == [1]
    runs.requeue(run)
    assert runs.run(run).state == "queued"


def test_claim_of_a_killed_broker_is_void(runs: RunStore) -> None:
    """A run whose process never began waits again, in its old place."""
    first, second = runs.create_all([new(), new()])
    broker = elsewhere(runs, f"print(runs.claim({first!r}), flush=True); time.sleep(60)")
    assert said(broker) == "True"
    assert runs.run(first).state == "running"
    assert not runs.claim(first)
    assert (runs.position(first), runs.position(second)) == (0, 1)
    killed(broker)
    assert runs.run(first).state == "queued"
    assert (runs.position(first), runs.position(second)) == (1, 2)
    runs.settle()
    assert runs.claim(first)


def test_one_broker_leads(runs: RunStore) -> None:
    """The one told last; another takes over when that is gone, and only then."""
    runs.create(new())
    broker = elsewhere(runs, "runs.lead(3); print('led', flush=True); time.sleep(60)")
    assert said(broker) == "led"
    assert not runs.leads(2)
    killed(broker)
    assert runs.leads(2)


def test_estimate_needs_a_broker_and_a_pace(runs: RunStore, going: str) -> None:
    """Half done after 20 s, with one slot: the next one starts in about 20 s."""
    run, waits = runs.create_all([new(), new()])
    assert runs.estimate(waits) is None
    runs.lead(1)
    assert runs.claim(run)
    runs.begin(run)
    assert runs.estimate(waits) is None
    runs.add(run, [BEGAN, step(1)], 0.5)
    with schema.database(runs.folder / "runs.sqlite").write() as connection:
        connection.execute("UPDATE runs SET resumed = ? WHERE id = ?", (time.time() - 20.0, run))
    assert runs.position(waits) == 1
    assert runs.estimate(waits) == pytest.approx(20.0, abs=1.0)
    assert runs.estimate(going) is None


WRITER = """
for number in range(1, 201):
    runs.add(sys.argv[1], [Step(number, number / 5, .1, 1., 50., .1, 9., 1.)], number / 200)
"""


def test_many_write_while_many_read(runs: RunStore) -> None:
    """Four processes write 200 steps each; a reader always sees whole rows in order, and no error.

    In WAL mode readers wait for no writer.
    """
    ids = runs.create_all([new(str(number)) for number in range(4)], queue=False)
    path = runs.folder / "runs.sqlite"
    assert schema.database(path).read("PRAGMA journal_mode")[0][0] == "wal"
    code = WRITER.replace("sys.argv[1]", "{!r}")
    writers = [elsewhere(runs, code.format(each)) for each in ids]
    seen = dict.fromkeys(ids, 0)
    while any(writer.poll() is None for writer in writers):
        for each in ids:
            steps = runs.steps(each).step
            assert steps.tolist() == list(range(1, len(steps) + 1))
            assert len(steps) >= seen[each]
            assert runs.run(each).step >= len(steps) - 200
            seen[each] = len(steps)
    assert [writer.wait() for writer in writers] == [0] * 4
    assert [len(runs.steps(each).step) for each in ids] == [200] * 4
    for writer in writers:
        writer.communicate()


FIRST = """
from explorer.runs.records import NewRun
from explorer.training.recipe import checked
print("ready", flush=True)
sys.stdin.readline()
print(runs.create(NewRun(checked(), "first")), flush=True)
"""


def test_many_make_the_store_at_once(runs: RunStore) -> None:
    """Whichever process is first makes the tables; none of them fails."""
    processes = [elsewhere(runs, FIRST) for _ in range(4)]
    assert [said(each) for each in processes] == ["ready"] * 4
    ids = [each.communicate("\n")[0].strip() for each in processes]
    assert sorted(ids) == [each.id for each in reversed(runs.runs())]


def test_all_or_nothing(runs: RunStore, going: str) -> None:
    """An error in the middle leaves no half of what was told."""
    broken = Layers(2, ("x",), (1.0,))  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="could not convert"):
        runs.add(going, [step(1), broken])
    assert runs.steps(going).step.tolist() == []
    runs.add(going, [step(1)])
    assert runs.steps(going).step.tolist() == [1]


def test_wishes(runs: RunStore, going: str) -> None:
    """They reach what runs; what waits leaves the line; what is over stays as it is."""
    runs.wish(going, "pause")
    assert runs.asked(going) == ("pause", False)
    assert runs.run(going).sentence == "Pausing."
    runs.wish(going, "cancel")
    runs.wish(going, "pause")
    assert runs.asked(going) == ("cancel", False)
    waits = runs.create(new())
    runs.wish(waits, "stop")
    assert runs.run(waits).state == "cancelled"
    runs.finish(going, "done", "Ran its length.")
    runs.wish(going, "cancel")
    assert runs.run(going).state == "done"


def test_histograms_are_asked_for_once(runs: RunStore, going: str) -> None:
    """The run hears of it one time; a run that does not go on makes none."""
    runs.look(going)
    assert runs.asked(going) == ("", True)
    assert runs.asked(going) == ("", False)
    with pytest.raises(BadRequest, match="this one does not"):
        runs.look(runs.create(new()))


def test_what_can_be_continued(runs: RunStore, going: str) -> None:
    """A sentence says why not."""
    with pytest.raises(BadRequest, match="mine is running already"):
        runs.requeue(going)
    runs.finish(going, "failed", "The loss is no number any more.")
    with pytest.raises(BadRequest, match="left no checkpoint"):
        runs.requeue(going)
    runs.artefacts(going, continues=True, weights=("last",))
    runs.requeue(going)
    assert runs.run(going).state == "queued"
    assert runs.run(going).weights == ("last",)


def test_paused_in_line_needs_no_checkpoint(runs: RunStore) -> None:
    """It has not begun: it just waits again."""
    run = runs.create(new())
    runs.wish(run, "pause")
    assert runs.run(run).state == "paused"
    runs.requeue(run)
    assert runs.position(run) == 1


def test_extending(runs: RunStore, going: str) -> None:
    """A run that is done goes on to a greater length alone, in its own unit."""
    runs.add(going, [step(15)], 1.0)
    runs.artefacts(going, continues=True, weights=())
    runs.finish(going, "done", "Ran its length.")
    with pytest.raises(BadRequest, match="give it a greater length"):
        runs.requeue(going)
    with pytest.raises(BadRequest, match="has a length of 3 epochs; give a greater one"):
        runs.requeue(going, 3)
    runs.requeue(going, 6)
    found = runs.run(going)
    assert (found.recipe.length, found.fraction, found.state) == (6.0, 0.5, "queued")


def test_an_ensemble_gets_no_longer(runs: RunStore) -> None:
    """Its members had the old length each; it stays done, with its recipe and its result."""
    several = checked(network="linear", data="digits", length=3, ensemble="bagging", members=2)
    run = runs.create(NewRun(several, "mine"), queue=False)
    runs.begin(run)
    runs.add(run, [BEGAN, Ended("length", 6.0, 30, 3.0, None, None, Score(0.5, 80.0, None, 20))])
    runs.artefacts(run, continues=True, weights=("last",))
    runs.finish(run, "done", "Ran its length.")
    before = runs.run(run)
    with pytest.raises(BadRequest, match="mine is an ensemble"):
        runs.requeue(run, 6)
    assert runs.run(run) == before


def test_going_on_in_this_process(runs: RunStore, going: str) -> None:
    """The command line stands in nobody's line."""
    runs.artefacts(going, continues=True, weights=())
    runs.finish(going, "paused", "Paused.")
    runs.requeue(going, queue=False)
    assert runs.run(going).state == "running"
    assert runs.line() == ()
    assert runs.going() == ()
    assert runs.begin(going).id == going


def test_nothing_is_deleted_to_make_room(
    runs: RunStore, monkeypatch: pytest.MonkeyPatch, going: str
) -> None:
    """Beyond what is kept at most a new run is refused, and the sentence says how much it is."""
    monkeypatch.setattr(store, "MOST_RUNS", 2)
    with pytest.raises(DiskFull, match="1 of at most 2 runs are kept; delete some first"):
        runs.create_all([new(), new()])
    assert len(runs.runs()) == 1
    monkeypatch.setattr(store, "MOST_BYTES", 1000)
    with pytest.raises(DiskFull, match=r"take 0\.\d of at most 0 GB"):
        runs.create(new())


def test_full_disk_is_said_before_the_run(runs: RunStore, monkeypatch: pytest.MonkeyPatch) -> None:
    """More room is asked for than any disk has."""
    monkeypatch.setattr(store, "ROOM_BYTES", 1 << 60)
    with pytest.raises(DiskFull, match="delete files or runs"):
        runs.create(new())


def fill(runs: RunStore, run: str) -> None:
    """Add rows without end, of 9 KB each."""
    for number in range(2, 500):
        runs.add(run, [step(number), Filters(number, np.ones((8, 3, 7, 7)))])


def test_full_database_is_said(runs: RunStore, going: str) -> None:
    """SQLite's own "database or disk is full" becomes a sentence; what was there stays."""
    runs.add(going, [step(1)])
    database = schema.database(runs.folder / "runs.sqlite")
    pages = database.read("PRAGMA page_count")[0][0]
    database.read(f"PRAGMA max_page_count = {pages}")
    with pytest.raises(DiskFull, match=r"is full; delete files or runs\."):
        fill(runs, going)
    found = runs.steps(going).step
    assert found.tolist() == list(range(1, len(found) + 1))
    runs.finish(going, "failed", "The disk is full.")
    assert runs.run(going).state == "failed"


def test_kept_counts_all_files(runs: RunStore, going: str) -> None:
    """Database and artefacts."""
    before = runs.kept()
    (runs.folder / going).mkdir(exist_ok=True)
    (runs.folder / going / "checkpoint.pt").write_bytes(bytes(5000))
    after = runs.kept()
    assert (after.runs, after.bytes - before.bytes) == (1, 5000)


def test_damaged_store_is_a_sentence(tmp_path: Path) -> None:
    """Whatever is in the file."""
    (tmp_path / "runs.sqlite").write_bytes(b"no database at all" * 1000)
    with pytest.raises(StoreFailed, match=r"cannot be used \(file is not a database\)"):
        RunStore(tmp_path).runs()


def test_store_of_another_version_is_left_alone(runs: RunStore, going: str) -> None:
    """Neither read wrongly nor overwritten."""
    database = schema.database(runs.folder / "runs.sqlite")
    database.read("PRAGMA user_version = 7")
    database.close()
    with pytest.raises(StoreFailed, match="written by another version"):
        runs.run(going)


def test_deleted_store_starts_anew(runs: RunStore, going: str) -> None:
    """Rows are not written into a file that nobody can open any more."""
    for path in runs.folder.glob("runs.sqlite*"):
        path.unlink()
    run = runs.create(new())
    assert [each.id for each in runs.runs()] == [run]
    process = elsewhere(runs, "print(len(runs.runs()))")
    assert said(process) == "1"
    process.communicate()


def test_only_its_own_process_ends_a_run(runs: RunStore) -> None:
    """A process that was given up for lost cannot end the one that went on."""
    run = runs.create(new(), queue=False)
    runs.finish(run, "failed", "Late.", pid=1)
    assert runs.run(run).state == "running"
    runs.finish(run, "failed", "Now.", pid=os.getpid())
    assert runs.run(run).sentence == "Now."

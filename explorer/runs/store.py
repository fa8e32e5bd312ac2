"""The store of all runs: `RunStore()`, what pages, command line and engine share. No torch here.

A database (`runs.sqlite`) of what runs tell, and a folder for each with what it leaves:

    recipe.json        last.safetensors    summary.json
    checkpoint.pt      best.safetensors    samples.png
"""

from __future__ import annotations

import dataclasses
import os
import secrets
import shutil
import sqlite3
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from explorer.errors import BadRequest, DiskFull
from explorer.runs import coding, processes
from explorer.runs.writing import RunWriter
from explorer.training import recipe as recipes

if TYPE_CHECKING:
    from explorer.runs.records import NewRun, Run, Wish

MOST_RUNS = 500
MOST_BYTES = 20_000_000_000
"""What is kept at most; nothing is deleted silently, so beyond it no new run is taken."""
ROOM_BYTES = 100_000_000
"""Free bytes on the disk without which no run is taken."""
MOST_NAME, MOST_NOTE = 120, 5_000
"""Characters."""
_LETTERS = "0123456789abcdefghjkmnpqrstvwxyz"


class RunStore(RunWriter):
    """All runs in a folder (default: `config.runs_folder()`). Threads may share it."""

    def create(self, new: NewRun, *, queue: bool = True) -> str:
        """Add a run and return its id, which tells the order in which runs were made.

        It waits in line for the engine; without `queue` this process does it itself, by
        `explorer.runs.recording.record`. Raises `DiskFull` where there is no room for more.
        """
        return self.create_all((new,), queue=queue)[0]

    def create_all(self, news: Sequence[NewRun], *, queue: bool = True) -> tuple[str, ...]:
        """Add runs, all of them or none; see `create`."""
        self._check_room(len(news))
        with self._database.write() as connection:
            return tuple(_insert(connection, new, queue=queue) for new in news)

    def rename(self, id: str, name: str) -> None:
        """Give a run another name, cut to 120 characters. Raises `BadRequest` for an empty one."""
        if not name.strip():
            raise BadRequest("A run has a name; type one.")
        self._set(id, "name", " ".join(name.split())[:MOST_NAME])

    def annotate(self, id: str, note: str) -> None:
        """Write a note about a run, of at most 5,000 characters."""
        if len(note) > MOST_NOTE:
            raise BadRequest(f"A note has at most {MOST_NOTE:,} characters; shorten it.")
        self._set(id, "note", note)

    def share(self, id: str, on: bool) -> None:
        """Let everybody see a run, or its owner alone."""
        self._set(id, "shared", int(on))

    def delete(self, id: str) -> None:
        """Delete a run with all it left. Raises `BadRequest` while it runs."""
        self.settle()
        self._row(id)
        with self._database.write() as connection:
            gone = connection.execute(
                "DELETE FROM runs WHERE id = ? AND state != 'running'", (id,)
            ).rowcount
        if not gone:
            raise BadRequest(f"{self.run(id).name} is running; stop or cancel it first.")
        shutil.rmtree(self.folder / id, ignore_errors=True)
        with self._database.write() as connection:
            connection.execute("PRAGMA incremental_vacuum(1000)").fetchall()

    def wish(self, id: str, wish: Wish) -> None:
        """Ask a run to pause, stop or cancel; one that waits leaves the line at once.

        A run that is over stays as it is. `explorer.engine.control` does this and tells the engine.
        """
        leaves = {"pause": "paused", "stop": "cancelled", "cancel": "cancelled"}
        self.settle()
        self._row(id)
        with self._database.write() as connection:
            if wish in leaves:
                connection.execute(
                    "UPDATE runs SET state = ?, sentence = ?, ended = ?"
                    " WHERE id = ? AND state = 'queued'",
                    (leaves[wish], "Taken out of the line.", time.time(), id),
                )
            # A cancelled run is on its way out: it cannot be asked to pause any more.
            connection.execute(
                "UPDATE runs SET wish = ? WHERE id = ? AND state = 'running' AND wish != 'cancel'",
                (wish, id),
            )

    def look(self, id: str) -> None:
        """Ask a running run for histograms. Raises `BadRequest` when it does not run."""
        self._row(id)
        with self._database.write() as connection:
            change = "UPDATE runs SET look = 1 WHERE id = ? AND state = 'running'"
            if connection.execute(change, (id,)).rowcount:
                return
        raise BadRequest("Histograms are made while a run goes on; this one does not.")

    def requeue(self, id: str, length: float | None = None, *, queue: bool = True) -> None:
        """Put a run in line again, to go on from its checkpoint, to a new length if one is given.

        Without `queue` this process goes on with it itself, as with `create`. Raises `BadRequest`
        for a run that waits or runs, is done, or has nothing to go on from, and for an ensemble
        that is to get longer.
        """
        self.settle()
        self._row(id)
        found = self.run(id)
        _check_continues(found, extended=length is not None)
        text = coding.recipe_text(found.recipe)
        fraction = found.fraction
        if length is not None:
            text = coding.recipe_text(_extended(found, length))
            fraction *= found.recipe.length / length
        with self._database.write() as connection:
            connection.execute(
                "UPDATE runs SET state = ?, wish = '', look = 0, sentence = ?, queued = ?, pid = ?,"
                " birth = ?, recipe = ?, fraction = ?, ended = NULL WHERE id = ? AND state = ?",
                (*_place(queue=queue), text, fraction, id, found.state),
            )

    def _set(self, id: str, column: str, value: str | int) -> None:
        self._row(id)
        with self._database.write() as connection:
            connection.execute(f'UPDATE runs SET "{column}" = ? WHERE id = ?', (value, id))

    def _check_room(self, more: int) -> None:
        kept = self.kept()
        if kept.runs + more > MOST_RUNS:
            raise DiskFull(f"{kept.runs} of at most {MOST_RUNS} runs are kept; delete some first.")
        if kept.bytes > MOST_BYTES:
            raise DiskFull(
                f"The runs that are kept take {kept.bytes / 1e9:.1f} of at most "
                f"{MOST_BYTES / 1e9:.0f} GB; delete some first."
            )
        self.folder.mkdir(parents=True, exist_ok=True)
        if shutil.disk_usage(self.folder).free < ROOM_BYTES:
            raise DiskFull(
                f"The disk with {self.folder} has less than {ROOM_BYTES / 1e6:.0f} MB left; "
                "delete files or runs."
            )


def _insert(connection: sqlite3.Connection, new: NewRun, *, queue: bool) -> str:
    last = connection.execute("SELECT max(id) FROM runs").fetchone()[0]
    id, now = _new_id(last), time.time()
    connection.execute(
        'INSERT INTO runs (id, name, owner, shared, "group", variant, recipe, created, touched,'
        " state, sentence, queued, pid, birth) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?)",
        (
            id,
            " ".join(new.name.split())[:MOST_NAME] or new.recipe.network,
            new.owner,
            new.shared,
            new.group,
            new.variant,
            coding.recipe_text(new.recipe),
            now,
            now,
            *_place(queue=queue),
        ),
    )
    return id


def _place(*, queue: bool) -> tuple[str, str, float | None, int | None, str | None]:
    """State, sentence, since when in line, process and its birth of a run yet to be done."""
    if queue:
        return "queued", "Waiting for its turn.", time.time(), None, None
    return "running", "", None, (pid := os.getpid()), processes.birth(pid)


def _new_id(last: str | None) -> str:
    """Nine letters for the millisecond, later than the last one's, and three by chance."""
    moment = int(time.time() * 1000)
    if last is not None:
        moment = max(moment, _number(last[:9]) + 1)
    chance = secrets.randbelow(len(_LETTERS) ** 3)
    return _written(moment, 9) + _written(chance, 3)


def _number(letters: str) -> int:
    value = 0
    for letter in letters:
        value = value * len(_LETTERS) + _LETTERS.index(letter)
    return value


def _written(value: int, length: int) -> str:
    letters = ""
    for _ in range(length):
        value, rest = divmod(value, len(_LETTERS))
        letters = _LETTERS[rest] + letters
    return letters


def _check_continues(run: Run, *, extended: bool) -> None:
    if run.state in ("queued", "running"):
        raise BadRequest(f"{run.name} is {run.state} already; wait for it, or stop it first.")
    if extended and run.recipe.ensemble != "one":
        # Its members each had the old length; it would fail, and its result be gone.
        raise BadRequest(f"{run.name} is an ensemble, whose members are done; train a new one.")
    if run.state == "done" and not extended:
        raise BadRequest(f"{run.name} is done; give it a greater length to go on.")
    if run.started is not None and not run.continues:
        raise BadRequest(f"{run.name} left no checkpoint to go on from; start it again.")


def _extended(run: Run, length: float) -> recipes.Recipe:
    given = dataclasses.asdict(run.recipe)
    longer = recipes.checked(**{**given, "length": length})
    if longer.length <= run.recipe.length:
        raise BadRequest(
            f"{run.name} has a length of {run.recipe.length:g} {run.recipe.unit}; "
            "give a greater one."
        )
    return longer

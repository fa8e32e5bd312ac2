"""What the process that does a run, and the broker that starts it, write. No torch here."""

from __future__ import annotations

import os
import sqlite3
import time
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from typing import TYPE_CHECKING, TypeAlias

from explorer.errors import Cancelled
from explorer.runs import coding, processes
from explorer.runs.reading import RunReader
from explorer.training.records import (
    Began,
    Doing,
    Ended,
    Epoch,
    Filters,
    Histograms,
    Layers,
    Record,
    Seen,
    Step,
)

if TYPE_CHECKING:
    from explorer.runs.records import Run, State, Wish

MOST_KEPT = {"seen": 200, "filters": 120}
"""Records of a kind that a run keeps; beyond that every second one goes, but for the first."""

_Part: TypeAlias = Layers | Epoch | Seen | Filters | Histograms
_KINDS = {
    Layers: "layers",
    Epoch: "epoch",
    Seen: "seen",
    Filters: "filters",
    Histograms: "histograms",
}
_ADD_STEP = """
    INSERT INTO steps (run, step, epoch, seconds, loss, accuracy,
                       learning_rate, samples_per_second, gradient_norm)
    VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)"""
_THIN = """
    DELETE FROM parts WHERE number IN (
        SELECT number FROM (
            SELECT number, row_number() OVER (ORDER BY number) AS place
            FROM parts WHERE run = :run AND kind = :kind)
        WHERE place % 2 = 0 AND place < :count)"""


@dataclass(frozen=True, slots=True)
class Doer:
    """The process that does a run; `claimed`: it is the broker, about to start the real one."""

    pid: int
    claimed: bool
    wish: Wish


class RunWriter(RunReader):
    """The store, seen by what does the runs."""

    def lead(self, slots: int) -> None:
        """Become the broker that starts queued runs, so many at a time."""
        with self._database.write() as connection:
            _lead(connection, slots)

    def leads(self, slots: int) -> bool:
        """Whether this broker starts queued runs: it takes over from one that is gone."""
        with self._database.write() as connection:
            found = connection.execute("SELECT pid, birth FROM lead").fetchone()
            if found is None or not processes.alive(found["pid"], found["birth"]):
                _lead(connection, slots)
                return True
            return (found["pid"], found["birth"]) == _me()

    def claim(self, id: str) -> bool:
        """Take a run out of the line, to start its process. Returns False if another was first."""
        now = time.time()
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE runs SET state = 'running', claimed = 1, pid = ?, birth = ?, sentence = '',"
                " look = 0, resumed = ?, resumed_from = fraction, touched = ?, ended = NULL"
                " WHERE id = ? AND state = 'queued'",
                (*_me(), now, now, id),
            )
            return changed.rowcount == 1

    def begin(self, id: str) -> Run:
        """Do the run in this process from now on. Raises `Cancelled` if nobody waits for that."""
        now = time.time()
        with self._database.write() as connection:
            changed = connection.execute(
                "UPDATE runs SET pid = ?, birth = ?, claimed = 0, result = NULL,"
                " started = coalesce(started, ?), resumed = ?, touched = ?"
                " WHERE id = ? AND state = 'running' AND wish != 'cancel'"
                " AND (claimed OR pid = ?)",
                (*_me(), now, now, now, id, os.getpid()),
            )
            if changed.rowcount != 1:
                raise Cancelled("Cancelled.")
        return self.run(id)

    def doer(self, id: str) -> Doer | None:
        """Return the process that does a run, None when the run does not go on."""
        query = "SELECT pid, claimed, wish FROM runs WHERE id = ? AND state = 'running'"
        rows = self._database.read(query, (id,))
        return Doer(rows[0]["pid"], bool(rows[0]["claimed"]), rows[0]["wish"]) if rows else None

    def asked(self, id: str) -> tuple[Wish, bool]:
        """Return what somebody asked of a run, and whether to make histograms (once)."""
        rows = self._database.read("SELECT wish, look FROM runs WHERE id = ?", (id,))
        if not rows:  # its row was deleted under it
            return "cancel", False
        wish: Wish = rows[0]["wish"]
        if rows[0]["look"]:
            with self._database.write() as connection:
                connection.execute("UPDATE runs SET look = 0 WHERE id = ?", (id,))
        return wish, bool(rows[0]["look"])

    def add(self, id: str, records: Iterable[Record], fraction: float | None = None) -> None:
        """Keep what a run told, and how far it is; all of it or, with an error, nothing."""
        number, told = self._number(id), list(records)
        with self._database.write() as connection:
            for record in told:
                _add(connection, number, record)
            steps = [each for each in told if isinstance(each, Step)]
            connection.execute(
                "UPDATE runs SET touched = ? WHERE number = ?", (time.time(), number)
            )
            if fraction is not None:
                change = "UPDATE runs SET fraction = ? WHERE number = ?"
                connection.execute(change, (fraction, number))
            if steps:
                change = "UPDATE runs SET step = ?, epoch = ?, seconds = ? WHERE number = ?"
                last = steps[-1]
                connection.execute(change, (last.step, last.epoch, last.seconds, number))

    def artefacts(self, id: str, *, continues: bool, weights: Iterable[str]) -> None:
        """Say whether a checkpoint is there, and which weights."""
        with self._database.write() as connection:
            connection.execute(
                "UPDATE runs SET continues = ?, weights = ? WHERE id = ?",
                (continues, " ".join(weights), id),
            )

    def finish(self, id: str, state: State, sentence: str, pid: int | None = None) -> None:
        """Say how a run ended that was done by this process, or by another one."""
        now, doer = time.time(), os.getpid() if pid is None else pid
        with self._database.write() as connection:
            connection.execute(
                "UPDATE runs SET state = ?, sentence = ?, wish = '', look = 0, claimed = 0,"
                " touched = ?, ended = ?, fraction = iif(? = 'done', 1.0, fraction)"
                " WHERE id = ? AND state = 'running' AND pid = ?",
                (state, sentence, now, now, state, id, doer),
            )

    def settle(self) -> None:
        """Write down what became of runs whose process is gone, and take claims back."""
        for row in self._in_states("running"):
            state, sentence = coding.state_now(row)
            if state == "running":
                continue
            with self._database.write() as connection:
                connection.execute(
                    "UPDATE runs SET state = ?, sentence = ?, wish = '', claimed = 0, ended = ?"
                    " WHERE number = ? AND state = 'running' AND pid = ? AND birth = ?",
                    (
                        state,
                        sentence,
                        None if state == "queued" else row["touched"],
                        row["number"],
                        row["pid"],
                        row["birth"],
                    ),
                )


def _me() -> tuple[int, str]:
    pid = os.getpid()
    return pid, processes.birth(pid) or ""


def _lead(connection: sqlite3.Connection, slots: int) -> None:
    connection.execute("INSERT OR REPLACE INTO lead VALUES (1, ?, ?, ?)", (*_me(), slots))


def _add(connection: sqlite3.Connection, number: int, record: Record) -> None:
    if isinstance(record, Step):
        connection.execute(_ADD_STEP, (number, *astuple(record)))
    elif isinstance(record, Began):
        _cut(connection, number, record)
    elif isinstance(record, Doing):
        change = "UPDATE runs SET sentence = ? WHERE number = ?"
        connection.execute(change, (record.sentence, number))
    elif isinstance(record, Ended):
        text = coding.record_text(record)
        connection.execute("UPDATE runs SET result = ? WHERE number = ?", (text, number))
    else:
        _add_part(connection, number, record)


def _cut(connection: sqlite3.Connection, number: int, began: Began) -> None:
    """Begin at a checkpoint's step: what was told after it is told again."""
    for table in ("steps", "parts"):
        query = f"DELETE FROM {table} WHERE run = ? AND step > ?"
        connection.execute(query, (number, began.step))
    text = coding.record_text(began)
    connection.execute(
        "UPDATE runs SET began = ?, sentence = '', step = ?, resumed = ?, touched = ?"
        " WHERE number = ?",
        (text, began.step, (now := time.time()), now, number),
    )


def _add_part(connection: sqlite3.Connection, number: int, record: _Part) -> None:
    kind = _KINDS[type(record)]
    known = connection.execute(
        "SELECT count(*) FROM parts WHERE run = ? AND kind = ?", (number, kind)
    ).fetchone()[0]
    if kind == "histograms":
        connection.execute("DELETE FROM parts WHERE run = ? AND kind = ?", (number, kind))
    elif known >= MOST_KEPT.get(kind, known + 1):
        connection.execute(_THIN, {"run": number, "kind": kind, "count": known})
    if isinstance(record, Seen) and record.pictures is not None and known:
        # They came with the first record, when the run was begun.
        record = Seen(record.step, record.labels, record.probabilities)
    connection.execute(
        "INSERT INTO parts (run, kind, step, data) VALUES (?, ?, ?, ?)",
        (number, kind, record.step, coding.packed(record)),
    )

"""What pages and the command line read of the store. No torch here."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import numpy as np

from explorer import config
from explorer.errors import BadRequest, UnknownRun
from explorer.runs import coding, processes, shipped
from explorer.runs.line import Going, Waiting, order, starts_in
from explorer.runs.records import Kept, LayerSteps, Run, Steps
from explorer.runs.schema import database

if TYPE_CHECKING:
    from explorer.training.records import Epoch, Filters, Histograms, Seen

_Part = TypeVar("_Part")
_COLUMNS = (
    "number",
    "step",
    "epoch",
    "seconds",
    "loss",
    "accuracy",
    "learning_rate",
    "samples_per_second",
    "gradient_norm",
)


class RunReader:
    """All runs in a folder (default: `config.runs_folder()`), as they are now.

    By its id each run that comes with ConvZoo is read too (`explorer.runs.shipped`).
    """

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = config.runs_folder() if folder is None else folder
        self._database = database(self.folder / "runs.sqlite")

    def runs(self, owner: str | None = None) -> tuple[Run, ...]:
        """Return all runs, or one owner's and the shared ones; the newest first."""
        if owner is None:
            rows = self._database.read("SELECT * FROM runs ORDER BY number DESC")
        else:
            query = "SELECT * FROM runs WHERE owner = ? OR shared ORDER BY number DESC"
            rows = self._database.read(query, (owner,))
        return self._runs(rows)

    def run(self, id: str) -> Run:
        """Return one run. Raises `UnknownRun`."""
        if shipped.known(id):
            return shipped.run(id)
        return self._runs([self._row(id)])[0]

    def group(self, name: str) -> tuple[Run, ...]:
        """Return the runs of one experiment in the order in which they were asked for."""
        query = 'SELECT * FROM runs WHERE "group" = ? ORDER BY number'
        return self._runs(self._database.read(query, (name,)))

    def steps(self, id: str, after: int = 0) -> Steps:
        """Return the steps told with a row number higher than `after`, in order.

        A run that is continued loses the rows after its checkpoint and tells them again under
        higher numbers: whoever keeps old rows lets go of those whose step is not lower than the
        first new one's.
        """
        if shipped.known(id):
            return shipped.steps(id, after)
        query = f"SELECT {', '.join(_COLUMNS)} FROM steps WHERE run = ? AND number > ?"
        rows = self._database.read(f"{query} ORDER BY number", (self._number(id), after))
        # What is no number comes back from SQLite as None, which is NaN here again.
        values = np.array([tuple(row) for row in rows], np.float64).reshape(-1, len(_COLUMNS))
        return Steps(*np.ascontiguousarray(values.T))

    def layers(self, id: str) -> LayerSteps:
        """Return gradient norms and update ratios of all layers at the steps that tell them."""
        if shipped.known(id):
            return shipped.layers(id)
        rows = self._parts(id, "layers")
        began = self.run(id).began
        count = 0 if began is None else len(began.layers)
        values = coding.layers_of(rows, count)
        steps = np.array([row["step"] for row in rows], np.float64)
        return LayerSteps(step=steps, gradient_norms=values[:, 0], update_ratios=values[:, 1])

    def epochs(self, id: str) -> tuple[Epoch, ...]:
        """Return the ends of epochs, in order."""
        if shipped.known(id):
            return shipped.epochs(id)
        return self._decoded(id, "epoch", coding.epoch_of)

    def seen(self, id: str, *, ends: bool = False) -> tuple[Seen, ...]:
        """Return what the network said of the sample, in order; pictures come with the first.

        With `ends` the first and the newest alone, for those who look every second.
        """
        if shipped.known(id):  # their pictures may not be given away
            return ()
        return self._decoded(id, "seen", coding.seen_of, ends=ends)

    def filters(self, id: str, *, ends: bool = False) -> tuple[Filters, ...]:
        """Return the first layer's filters, in order; with `ends` the first and the newest."""
        if shipped.known(id):
            return shipped.filters(id, ends=ends)
        return self._decoded(id, "filters", coding.filters_of, ends=ends)

    def histograms(self, id: str) -> Histograms | None:
        """Return the newest histograms, if somebody asked for any (`explorer.engine.control`)."""
        if shipped.known(id):
            return None
        rows = self._parts(id, "histograms")
        return coding.histograms_of(rows[-1]["data"]) if rows else None

    def position(self, id: str) -> int:
        """Return the place in line of a run: 1 is next, 0 not in line."""
        self._row(id)
        places = {each.id: place for place, each in enumerate(self.line(), 1)}
        return places.get(id, 0)

    def estimate(self, id: str) -> float | None:
        """Return in how many seconds a run starts; None where nobody can say, or not in line.

        From how far the runs that go on are, and how fast.
        """
        place, lead = self.position(id), self._database.read("SELECT * FROM lead")
        if not place or not lead or not processes.alive(lead[0]["pid"], lead[0]["birth"]):
            return None
        return starts_in(place, self.line(), self.going(), lead[0]["slots"])

    def line(self) -> tuple[Waiting, ...]:
        """Return the runs that wait, the next one first."""
        rows = self._in_states("queued", "running")
        waiting = [_waiting(row) for row in rows if coding.state_now(row)[0] == "queued"]
        served = self._database.read("SELECT owner, max(resumed) FROM runs GROUP BY owner")
        return order(waiting, self.going(), {row[0]: row[1] or 0.0 for row in served})

    def going(self) -> tuple[Going, ...]:
        """Return the engine's runs that go on; those of the command line take nobody's place."""
        rows = [row for row in self._in_states("running") if row["queued"] is not None]
        return tuple(_going(row) for row in rows if coding.state_now(row)[0] == "running")

    def kept(self) -> Kept:
        """Return how much is kept: runs, and bytes with all they left on the disk."""
        rows = self._database.read("SELECT count(*) FROM runs")
        sizes = [_size(path) for path in self.folder.rglob("*")] if self.folder.is_dir() else []
        return Kept(runs=rows[0][0] if rows else 0, bytes=sum(sizes))

    def _in_states(self, *states: str) -> list[sqlite3.Row]:
        marks = ", ".join("?" * len(states))
        return self._database.read(f"SELECT * FROM runs WHERE state IN ({marks})", states)

    def _runs(self, rows: Sequence[sqlite3.Row]) -> tuple[Run, ...]:
        return tuple(coding.run_of(row, self.folder) for row in rows)

    def _row(self, id: str) -> sqlite3.Row:
        if shipped.known(id):
            raise BadRequest(
                f"{shipped.run(id).name} comes with ConvZoo and stays as it is; run its recipe to "
                "have one of your own."
            )
        rows = self._database.read("SELECT * FROM runs WHERE id = ?", (id,))
        if not rows:
            raise UnknownRun(f"There is no run {id!r} (any more); choose another one.")
        return rows[0]

    def _number(self, id: str) -> int:
        rows = self._database.read("SELECT number FROM runs WHERE id = ?", (id,))
        return int(rows[0][0] if rows else self._row(id)["number"])

    def _parts(self, id: str, kind: str) -> list[sqlite3.Row]:
        query = "SELECT step, data FROM parts WHERE run = ? AND kind = ? ORDER BY number"
        return self._database.read(query, (self._number(id), kind))

    def _decoded(
        self, id: str, kind: str, decode: Callable[[bytes], _Part], *, ends: bool = False
    ) -> tuple[_Part, ...]:
        rows = self._ends(id, kind) if ends else self._parts(id, kind)
        return tuple(decode(row["data"]) for row in rows)

    def _ends(self, id: str, kind: str) -> list[sqlite3.Row]:
        """The first and the newest of what `_parts` returns."""
        known = "FROM parts WHERE run = ?1 AND kind = ?2"
        query = (
            f"SELECT data {known} AND number IN ((SELECT min(number) {known}),"
            f" (SELECT max(number) {known})) ORDER BY number"
        )
        return self._database.read(query, (self._number(id), kind))


def _waiting(row: sqlite3.Row) -> Waiting:
    recipe = coding.recipe_of(row["recipe"])
    seconds = recipe.length - row["seconds"] if recipe.unit == "seconds" else None
    return Waiting(id=row["id"], owner=row["owner"], since=row["queued"], seconds=seconds)


def _going(row: sqlite3.Row) -> Going:
    """From the pace since it started, or went on: what it had done before took no time now."""
    spent, done = time.time() - row["resumed"], row["fraction"] - row["resumed_from"]
    if done <= 0.0 or row["began"] is None:
        return Going(row["owner"], None, None)
    left = spent * (1.0 - row["fraction"]) / done
    return Going(row["owner"], left, spent + left)


def _size(path: Path) -> int:
    try:
        return 0 if path.is_dir() else path.lstat().st_size
    except OSError:  # deleted meanwhile
        return 0

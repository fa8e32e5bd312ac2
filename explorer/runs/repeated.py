"""Whether two runs of one recipe gave the same curve, to the bit. No torch here."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.runs.records import Run, Steps
    from explorer.runs.told import Told
    from explorer.training.records import Epoch

COLUMNS = ("epoch", "loss", "accuracy", "learning_rate", "gradient_norm")
"""What has to be equal; seconds and throughput are the machine's affair."""
MACHINE = {
    "torch": "the torch version",
    "device": "the device",
    "threads": "the number of threads",
    "system": "the operating system",
    "python": "the Python version",
}


@dataclass(frozen=True, slots=True)
class Verdict:
    """Two runs of one recipe held against each other, row by row.

    `rows` counts the steps both told of, `differs_at` is the first step at which they differ and
    `largest` by how much their losses differ at most. `machine` names what the two ran on as far
    as it differs: name, first, second. `complete` says that both ran their length.
    """

    first: str
    second: str
    equal: bool
    rows: int
    epochs: int
    differs_at: int | None
    largest: float
    machine: tuple[tuple[str, str, str], ...]
    complete: bool
    sentence: str


def repeats(run: Run, others: Iterable[Run]) -> tuple[Run, ...]:
    """Those of the others whose recipe is equal to this run's, in every setting."""
    return tuple(each for each in others if each.id != run.id and each.recipe == run.recipe)


def verdict(first: Told, second: Told) -> Verdict:
    """Hold two runs of one recipe against each other: every step and epoch both told of."""
    steps = np.intersect1d(first.steps.step, second.steps.step)
    one, two = _rows(first.steps, steps), _rows(second.steps, steps)
    same = (one == two) | (np.isnan(one) & np.isnan(two))
    wrong = np.flatnonzero(~same.all(axis=1))
    epochs = list(zip(first.epochs, second.epochs, strict=False))
    late = [a.step for a, b in epochs if _scores(a) != _scores(b)]
    at = [int(steps[wrong[0]])] if len(wrong) else []
    tested = _test_differs(first.run, second.run)
    found = Verdict(
        first=first.run.id,
        second=second.run.id,
        equal=not (at or late or tested),
        rows=len(steps),
        epochs=len(epochs),
        differs_at=min([*at, *late], default=None),
        largest=_largest(one, two),
        machine=_machine(first, second),
        complete=first.run.state == second.run.state == "done",
        sentence="",
    )
    return replace(found, sentence=_sentence(found, first.run))


def _rows(steps: Steps, wanted: np.ndarray) -> np.ndarray:
    """The columns that have to be equal (T, 5), at these steps."""
    places = np.searchsorted(steps.step, wanted)
    return np.stack([np.asarray(getattr(steps, name))[places] for name in COLUMNS], axis=1)


def _scores(epoch: Epoch) -> tuple[object, ...]:
    """What has to be equal of an epoch; repr, for what is no number equals itself there."""
    return (epoch.epoch, epoch.step, repr(epoch.train), repr(epoch.validation))


def _test_differs(first: Run, second: Run) -> bool:
    if first.result is None or second.result is None:
        return False
    return repr(first.result.test) != repr(second.result.test)


def _largest(one: np.ndarray, two: np.ndarray) -> float:
    """How far apart the losses are at most, where both are numbers."""
    column = COLUMNS.index("loss")
    apart = np.abs(one[:, column] - two[:, column])
    finite = apart[np.isfinite(apart)]
    return float(finite.max()) if len(finite) else 0.0


def _machine(first: Told, second: Told) -> tuple[tuple[str, str, str], ...]:
    """What differs of the machines, as far as both runs wrote it down."""
    one, two = _ran_on(first), _ran_on(second)
    return tuple(
        (title, one[name], two[name])
        for name, title in MACHINE.items()
        if name in one and name in two and one[name] != two[name]
    )


def _ran_on(told: Told) -> dict[str, str]:
    """The machine as the run wrote it down, else what it said when it began."""
    began = told.run.began
    said = {"device": began.device, "threads": str(began.threads)} if began else {}
    return {**said, **dict(told.machine)}


def _sentence(found: Verdict, run: Run) -> str:
    if not found.rows:
        return "There is no step yet that both have told of."
    what = _many(found.rows, "step")
    if found.epochs:
        what = f"{what} and {_many(found.epochs, 'epoch')}"
    if found.equal:
        so_far = "" if found.complete else " so far"
        return f"Equal to the bit{so_far}: {what} that both told of."
    where = f"from step {found.differs_at:,} on" if found.differs_at else "on the test pictures"
    return (
        f"Not equal: they differ {where}, and their losses by {found.largest:.2g} at most; "
        f"{_why(found.machine, run)}"
    )


def _many(count: int, what: str) -> str:
    return f"{count:,} {what}" if count == 1 else f"{count:,} {what}s"


def _why(machine: Sequence[tuple[str, str, str]], run: Run) -> str:
    if machine:
        return "what differs is " + ", ".join(f"{t} ({a}, then {b})" for t, a, b in machine) + "."
    if run.recipe.unit == "seconds":
        return "a run limited by seconds takes as many steps as the machine has time for."
    return (
        "nothing is known to differ between the machines, but one was perhaps extended, or an "
        "operation of its device adds in no fixed order."
    )

"""`python -m explorer runs`: what was trained, and what came of it. No torch here."""

from __future__ import annotations

import argparse
import json
import time
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

from explorer import units
from explorer.errors import UnknownRun
from explorer.runs import compare, export, shipped
from explorer.runs.store import RunStore
from explorer.runs.told import told

if TYPE_CHECKING:
    from explorer.commands import Commands
    from explorer.runs.records import Run
    from explorer.training.records import Epoch

_HEADINGS = (
    "run", "state", "name", "network", "data", "epochs", "train", "held out", "test", "time",
    "started",
)  # fmt: skip
_EPOCH_HEADINGS = ("epoch", "step", "train loss", "train", "held-out loss", "held out", "time")
_UNKNOWN = "-"
MOST_NAME = 40
"""Characters of a name in the list."""


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    runs = commands.add_parser(
        "runs",
        help="list what was trained",
        description="List the runs there are, the newest first; without more, as a table. Those "
        f"that come with ConvZoo stand last; their ids begin with {shipped.PREFIX}",
    )
    runs.add_argument("--json", action="store_true", help="as a JSON list")
    runs.set_defaults(run=_list)
    actions = runs.add_subparsers(title="more", metavar="ACTION")
    show = actions.add_parser(
        "show", help="one run in full", description="Say what a run was and what came of it."
    )
    show.add_argument("id", metavar="RUN", help="its id, or the beginning or end of it")
    show.add_argument(
        "--json", action="store_true", default=argparse.SUPPRESS, help="with every row it told"
    )
    show.set_defaults(run=_show)
    delete = actions.add_parser(
        "delete", help="delete runs", description="Delete runs with all they left on the disk."
    )
    delete.add_argument("ids", nargs="+", metavar="RUN", help="as for show")
    delete.set_defaults(run=_delete)


def find(store: RunStore, text: str) -> Run:
    """Return the run of this id, or the only one whose id begins or ends so.

    Raises UnknownRun for none, or several.
    """
    known = _all(store)
    exact = [run for run in known if run.id == text]
    found = exact or [run for run in known if text and _abbreviated(run.id, text)]
    if len(found) == 1:
        return found[0]
    if found:
        raise UnknownRun(
            f"{len(found)} runs are called {text[:40]!r} for short; give more letters of the id."
        )
    raise UnknownRun(f"There is no run {text[:40]!r}; python -m explorer runs lists them.")


def _abbreviated(id: str, text: str) -> bool:
    return id.startswith(text) or id.endswith(text)


def _all(store: RunStore) -> tuple[Run, ...]:
    """The runs of a store, the newest first, and then those that come with ConvZoo."""
    return (*store.runs(), *shipped.runs())


def _list(chosen: argparse.Namespace) -> int:
    store = RunStore()
    runs = [(run, store.epochs(run.id)) for run in _all(store)]
    if chosen.json:
        print(json.dumps([export.as_object(*each) for each in runs], indent=2, allow_nan=False))
    elif runs:
        print(table([_HEADINGS, *(_row(*each) for each in runs)]))
    else:
        print("There is no run yet; python -m explorer train --help says how to make one.")
    return 0


def _row(run: Run, epochs: Sequence[Epoch]) -> tuple[str, ...]:
    found = compare.summary(run, epochs)
    return (
        run.id,
        run.state,
        run.name if len(run.name) <= MOST_NAME else f"{run.name[: MOST_NAME - 1]}…",
        run.recipe.network,
        compare.data(run.recipe),
        f"{found['epochs']:.4g}",
        _percent(found["train_accuracy"]),
        _percent(found["validation_accuracy"]),
        _percent(found["test_accuracy"]),
        units.duration(found["seconds"]),
        _moment(run.started or run.created),
    )


def _show(chosen: argparse.Namespace) -> int:
    store = RunStore()
    run = find(store, chosen.id)
    if chosen.json:
        print(json.dumps(export.whole(told(store, run.id)), indent=2, allow_nan=False))
        return 0
    print("\n".join(_lines(run, store.epochs(run.id))))
    return 0


def _lines(run: Run, epochs: Sequence[Epoch]) -> Iterable[str]:
    """A run as text: what it is, its settings, epoch by epoch, and what came of it."""
    yield f"{run.name} ({run.id}): {run.state}. {run.sentence}".rstrip()
    yield f"{compare.in_short(run.recipe)}; kept in {run.folder}"
    if run.note:
        yield run.note
    yield ""
    settings = compare.settings(run.recipe)
    width = max(len(row["setting"]) for row in settings)
    yield from (f"{row['setting']:<{width}}  {row['value']}" for row in settings)
    if epochs:
        yield ""
        yield table([_EPOCH_HEADINGS, *map(_epoch_row, epochs)])
    test = run.result.test if run.result else None
    if test is not None:
        yield ""
        yield (
            f"On {test.count:,} test pictures: {test.top1:.2f} % right, loss {test.loss:.5g} "
            f"(weights of the {'best epoch' if _best(run) else 'last step'})."
        )


def _best(run: Run) -> bool:
    return run.result is not None and run.result.weights == "best"


def _epoch_row(epoch: Epoch) -> tuple[str, ...]:
    held_out = epoch.validation
    return (
        f"{epoch.epoch:.4g}",
        f"{epoch.step}",
        f"{epoch.train.loss:.5g}",
        _percent(epoch.train.top1),
        _UNKNOWN if held_out is None else f"{held_out.loss:.5g}",
        _percent(None if held_out is None else held_out.top1),
        units.duration(epoch.seconds),
    )


def _delete(chosen: argparse.Namespace) -> int:
    store = RunStore()
    # All are found before any is gone.
    for run in [find(store, each) for each in chosen.ids]:
        store.delete(run.id)
        print(f"Deleted {run.name} ({run.id}).")
    return 0


def _percent(value: float | None) -> str:
    return _UNKNOWN if value is None else f"{value:.2f} %"


def _moment(seconds: float) -> str:
    return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))


def table(rows: Sequence[Sequence[str]]) -> str:
    """Write rows of cells, the first one the headings, in columns as wide as their cells."""
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join(
        "  ".join(text.ljust(width) for text, width in zip(row, widths, strict=True)).rstrip()
        for row in rows
    )

"""Everything a run has told, gathered from the store. No torch here."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.runs import shipped

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.runs.records import LayerSteps, Run, Steps
    from explorer.runs.store import RunStore
    from explorer.training.records import Epoch

SUMMARY = "summary.json"


@dataclass(frozen=True, slots=True)
class Told:
    """A run with its steps, layer by layer too, and its epochs.

    `machine` is what it ran on, such as {"torch": "2.15.0", "threads": "1"}; empty where nobody
    wrote it down.
    """

    run: Run
    steps: Steps
    layers: LayerSteps
    epochs: tuple[Epoch, ...]
    machine: tuple[tuple[str, str], ...] = ()


def told(store: RunStore, run: str) -> Told:
    """Gather what a run has told so far. Raises UnknownRun."""
    found = store.run(run)
    return Told(found, store.steps(run), store.layers(run), store.epochs(run), machine(found))


def machine(run: Run) -> tuple[tuple[str, str], ...]:
    """What a run ran on, as its summary says; empty where it says nothing."""
    if shipped.known(run.id):
        return shipped.machine(run.id)
    try:
        summary: Any = json.loads((run.folder / SUMMARY).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return ()
    found = summary.get("machine") if isinstance(summary, dict) else None
    return _words(found) if isinstance(found, dict) else ()


def _words(found: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    return tuple((str(name), str(value)) for name, value in found.items())

"""Finished runs looked at closely, several at once: what the engine is asked for. Loads torch."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from explorer.errors import BadRequest
from explorer.progress import Progress, silent
from explorer.training.counted import counted
from explorer.training.decision import decision_map_of
from explorer.training.finished import Finished, finished
from explorer.training.flatness import landscape_of, sharpness_of
from explorer.training.members import members_of

_Look = Callable[[Finished, Progress], Any]

_LOOKS: Mapping[str, _Look] = {
    "flatness": lambda done, progress: landscape_of(done, progress=progress),
    "sharpness": lambda done, _: sharpness_of(done),
    "decision": lambda done, _: decision_map_of(done),
    "members": lambda done, _: members_of(done),
    "costs": lambda done, _: counted((done.recipe,))[0],
}
MOST = 16
"""Runs of one study."""


def study(kind: str, runs: Sequence[str], progress: Progress = silent) -> tuple[Any, ...]:
    """Look at runs, one after the other: a record of `study_records` for each, or a number.

    Raises BadRequest for an unknown kind of study, or too many runs, and as `finished` does.
    """
    if kind not in _LOOKS:
        raise BadRequest(f"There is no study {kind[:40]!r}; there is {', '.join(_LOOKS)}.")
    if len(runs) > MOST:
        raise BadRequest(f"At most {MOST} runs are looked at at once.")
    found = []
    for number, run in enumerate(runs):
        told = _part(progress, number, len(runs))
        told(0.0, "Opening the network of a run")
        found.append(_LOOKS[kind](finished(run), told))
    progress(1.0, "Done")
    return tuple(found)


def _part(progress: Progress, number: int, of: int) -> Progress:
    """Progress of one of several pieces of work."""
    return lambda fraction, sentence: progress((number + fraction) / of, sentence)

"""What changed against the previous run: settings, pictures, and which answers. No torch here."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from explorer.finetune import intervals
from explorer.finetune.report_records import Changes
from explorer.runs.compare import differing

if TYPE_CHECKING:
    from explorer.finetune.report_records import Report, Share
    from explorer.runs.records import Run


def previous(run: Run, others: tuple[Run, ...]) -> Run | None:
    """The latest earlier run on any revision of the same collection, None where there is none."""
    about = run.recipe.data.partition(".")[0]
    earlier = [
        each
        for each in others
        if each.id < run.id and each.state == "done" and each.weights
        if each.recipe.data.partition(".")[0] == about
    ]
    return max(earlier, key=lambda each: each.id, default=None)


def compared(before: Report, now: Report, runs: tuple[Run, Run] | None = None) -> Changes:
    """Say what differs between two runs; `runs` are the same two, for their settings.

    A picture counts as shared where neither run learned from it, and both are judged by the label
    it has now: what was corrected since counts for whoever had it right. Raises nothing: two
    collections that have nothing in common share nothing.
    """
    same = before.collection.partition(".")[0] == now.collection.partition(".")[0]
    empty = np.zeros(0, np.int64)
    kept, old, new = (
        np.intersect1d(before.items, now.items, return_indices=True)
        if same
        else (empty, empty, empty)
    )
    names = _translated(before.classes, now.classes)
    old_labels = names[before.labels[old]] if len(old) else empty
    tested = before.held_out[old] & now.held_out[new]
    truth = now.labels[new][tested]
    was = names[before.predicted[old][tested]] == truth if tested.any() else np.zeros(0, bool)
    has = now.predicted[new][tested] == truth
    one, two = intervals.share(int(was.sum()), len(was)), intervals.share(int(has.sum()), len(has))
    return Changes(
        settings=_settings(runs),
        added=len(now.items) - len(kept),
        removed=len(before.items) - len(kept),
        relabelled=int((old_labels != now.labels[new]).sum()),
        moved=int((before.held_out[old] != now.held_out[new]).sum()),
        shared=len(was),
        before=one,
        now=two,
        fixed=_numbers(kept[tested][has & ~was]),
        broken=_numbers(kept[tested][was & ~has]),
        sentence=_sentence(one, two, intervals.paired(has, was).p),
    )


def _translated(before: tuple[str, ...], now: tuple[str, ...]) -> np.ndarray:
    """The number each earlier class has now, -1 where it is gone.

    A class with a new name in the place of one that vanished is that one.
    """
    renamed = len(before) == len(now)
    return np.array(
        [
            now.index(name)
            if name in now
            else place
            if renamed and now[place] not in before
            else -1
            for place, name in enumerate(before)
        ],
        np.int64,
    )


def _settings(runs: tuple[Run, Run] | None) -> tuple[tuple[str, str, str], ...]:
    if runs is None:
        return ()
    return tuple((title, first, second) for title, (first, second) in differing(runs).items())


def _numbers(found: np.ndarray) -> tuple[int, ...]:
    return tuple(int(each) for each in found)


def _sentence(before: Share, now: Share, p: float) -> str:
    if not now.of:
        return (
            "No picture was held out from both runs, so their accuracies are of different pictures "
            "and cannot be compared."
        )
    told = f"Of the {now.of} pictures that neither run learned from, {now.hits} are right now"
    if now.hits == before.hits:
        return f"{told}, as many as before."
    change = f"{told}, {before.hits} before"
    if p >= 0.05:
        return f"{change}; a difference this small comes about by chance too (p = {p:.2g})."
    better = "better" if now.hits > before.hits else "worse"
    return f"{change}: it has become {better} (exact McNemar test, p = {p:.2g})."

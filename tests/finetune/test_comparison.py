"""What changed against the previous run, by hand."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import cast

import numpy as np

from explorer.finetune import comparison
from explorer.runs.records import Run
from explorer.training.recipe import checked
from tests.finetune.judged import HELD_OUT, ITEMS, LABELS, SAID, judged


def test_only_what_neither_learned_from_is_compared() -> None:
    """Picture 106 was learned from before, 109 is right now, 108 is not any more."""
    before = judged(held_out=HELD_OUT & (ITEMS != 106))
    said = SAID.copy()
    said[9], said[8] = 2, 0
    found = comparison.compared(before, judged(said=said))
    assert found.shared == 3
    assert (found.before.hits, found.now.hits) == (1, 1)
    assert (found.fixed, found.broken) == ((109,), (108,))
    assert found.moved == 1
    assert "1 are right now, as many as before" in found.sentence


def test_pictures_that_came_went_and_changed_class_are_counted() -> None:
    """The first two are gone, one is new, one has another label, by which both are judged."""
    labels = LABELS[2:].copy()
    labels[-1] = 1
    now = judged(
        said=np.append(SAID[2:], 0),
        labels=np.append(labels, 0),
        items=np.append(ITEMS[2:], 500),
        held_out=np.append(HELD_OUT[2:], True),
        collection="collection:0123456789abcdef.2",
    )
    found = comparison.compared(judged(), now)
    assert (found.added, found.removed, found.relabelled) == (1, 2, 1)
    assert found.shared == 4
    assert found.before.hits == found.now.hits == 3, "109 was right about the corrected label"


def test_classes_are_followed_by_their_names() -> None:
    """A class that is renamed stays itself; of one that was removed the numbers move up."""
    renamed = judged(classes=("kitten", "<b>개", "fox 🦊"))
    assert comparison.compared(judged(), renamed).relabelled == 0
    stays = LABELS != 0
    fewer = judged(
        said=np.maximum(SAID[stays] - 1, 0),
        labels=LABELS[stays] - 1,
        items=ITEMS[stays],
        held_out=HELD_OUT[stays],
        classes=("<b>개", "fox 🦊", "new"),
    )
    found = comparison.compared(judged(), fewer)
    assert (found.removed, found.relabelled) == (5, 0)
    assert found.before.hits == 1


def test_other_collections_share_nothing() -> None:
    """Their pictures have the same numbers and are others."""
    other = judged(collection="collection:fedcba9876543210.1")
    found = comparison.compared(judged(), other)
    assert (found.shared, found.added, found.removed) == (0, 10, 10)
    assert found.now.value is None
    assert "cannot be compared" in found.sentence


def test_a_clear_gain_and_chance_are_told_apart() -> None:
    """Twelve of twelve against none; two against one."""
    many = np.zeros(24, np.int64)
    held_out = np.arange(24) >= 12
    bad = judged(many + 1, many, np.arange(24), held_out)
    good = judged(many, many, np.arange(24), held_out)
    assert "it has become better" in comparison.compared(bad, good).sentence
    assert "it has become worse" in comparison.compared(good, bad).sentence
    said = SAID.copy()
    said[9] = 2
    assert "by chance too (p = 1)" in comparison.compared(judged(), judged(said=said)).sentence


def run(id: str, data: str, **settings: object) -> Run:
    """As much of a run as is looked at."""
    recipe = replace(checked(network="lenet5", **settings), data=data)
    found = SimpleNamespace(id=id, state="done", weights=("last",), recipe=recipe)
    return cast(Run, found)


def test_settings_that_differ_are_named() -> None:
    """By their titles, as the page Runs does."""
    runs = (run("1", "collection:a.1", seed=1), run("2", "collection:a.1", seed=2))
    found = comparison.compared(judged(), judged(), runs)
    assert [values[1:] for values in found.settings] == [("1", "2")]
    assert comparison.compared(judged(), judged()).settings == ()


def test_the_previous_run_is_the_latest_earlier_one_of_the_same_collection() -> None:
    """Of any revision of it."""
    runs = tuple(
        run(id, data)
        for id, data in (("1", "collection:a.1"), ("2", "collection:a.2"), ("3", "collection:b.1"))
    )
    now = run("4", "collection:a.3")
    found = comparison.previous(now, (*runs, now, run("5", "collection:a.3")))
    assert found is runs[1]
    assert comparison.previous(runs[0], runs) is None

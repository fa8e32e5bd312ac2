"""Two runs of one recipe held against each other."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np

from explorer.runs.repeated import repeats, verdict
from explorer.training.recipe import checked
from tests.runs import made


def test_runs_of_one_recipe_are_repetitions() -> None:
    """Every setting counts, the seed too; a run is not its own repetition."""
    first, again = made.run(), made.run(id="r2", name="Again")
    other = made.run(id="r3", recipe=checked(length=2, seed=1))
    assert repeats(first, [first, again, other]) == (again,)


def test_equal_curves_are_equal_to_the_bit() -> None:
    """Times may differ; a loss that is no number is equal to itself."""
    first = made.told([2.0, math.nan])
    second = made.told([2.0, math.nan], id="r2")
    second = replace(second, steps=replace(second.steps, seconds=second.steps.seconds * 2))
    found = verdict(first, second)
    assert found.equal
    assert found.differs_at is None
    assert (found.rows, found.epochs, found.complete) == (2, 2, True)
    assert found.sentence == "Equal to the bit: 2 steps and 2 epochs that both told of."


def test_the_last_bit_counts() -> None:
    """The smallest change of one loss is found, with its step and its size."""
    loss = np.nextafter(1.0, 2.0)
    found = verdict(made.told([2.0, 1.0, 0.5]), made.told([2.0, loss, 0.5], id="r2"))
    assert not found.equal
    assert found.differs_at == 2
    assert found.largest == loss - 1.0
    assert "from step 2 on" in found.sentence


def test_what_differs_of_the_machines_is_named() -> None:
    """As the runs wrote it down; what only one did is not known to differ."""
    first = made.told([1.0], {"torch": "2.15.0", "threads": "1"})
    second = made.told([1.5], {"torch": "2.16.0", "threads": "1", "python": "3.12.1"}, id="r2")
    found = verdict(first, second)
    assert found.machine == (("the torch version", "2.15.0", "2.16.0"),)
    assert "what differs is the torch version (2.15.0, then 2.16.0)" in found.sentence
    same = verdict(made.told([1.0]), made.told([1.5], id="r2"))
    assert "nothing is known to differ" in same.sentence


def test_threads_are_known_from_the_beginning_too() -> None:
    """A run tells its device and threads when it begins, whatever its summary says."""
    two = made.told([1.5], id="r2", began=replace(made.BEGAN, threads=2))
    assert verdict(made.told([1.0]), two).machine == (("the number of threads", "1", "2"),)


def test_an_unfinished_run_is_compared_as_far_as_it_is() -> None:
    """Only steps that both told of count."""
    first = made.told([2.0, 1.0, 0.5, 0.25])
    second = made.told([2.0, 1.0], id="r2", state="running", result=None)
    second = replace(second, epochs=second.epochs[:1])
    found = verdict(first, second)
    assert (found.equal, found.rows, found.complete) == (True, 2, False)
    assert found.sentence.startswith("Equal to the bit so far: 2 steps and 1 epoch ")
    empty = verdict(first, replace(second, steps=made.steps([]), epochs=()))
    assert empty.sentence == "There is no step yet that both have told of."


def test_another_score_of_held_out_pictures_is_a_difference() -> None:
    """Also where all steps are equal, and on the test pictures too."""
    first, second = made.told(), made.told(id="r2")
    score = replace(made.EPOCHS[0].train, top1=1.0)
    late = replace(second, epochs=(made.EPOCHS[0], replace(made.EPOCHS[1], validation=score)))
    assert verdict(first, late).differs_at == 4
    tested = replace(second, run=replace(second.run, result=replace(made.ENDED, test=score)))
    found = verdict(first, tested)
    assert (found.equal, found.differs_at) == (False, None)
    assert "on the test pictures" in found.sentence


def test_seconds_are_no_measure_to_repeat() -> None:
    """A run limited by time says why it differs."""
    recipe = checked(length=2, unit="seconds")
    found = verdict(made.told([1.0], recipe=recipe), made.told([2.0], id="r2", recipe=recipe))
    assert "limited by seconds" in found.sentence

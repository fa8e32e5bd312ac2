"""The line is fair, and says when."""

from __future__ import annotations

from explorer.runs.line import Going, Waiting, order, starts_in


def ids(line: tuple[Waiting, ...]) -> str:
    """The runs' ids in order."""
    return "".join(each.id for each in line)


def test_owners_take_turns() -> None:
    """One who asked for three first lets everybody else have one in between."""
    waiting = [
        Waiting("a", "ada", 1.0),
        Waiting("b", "ada", 2.0),
        Waiting("c", "ada", 3.0),
        Waiting("d", "bob", 4.0),
        Waiting("e", "bob", 5.0),
        Waiting("f", "eve", 6.0),
    ]
    assert ids(order(waiting, (), {})) == "adfbec"


def test_what_runs_counts_as_the_first() -> None:
    """Ada has two going: her next run is her third, after two of Bob's."""
    waiting = [Waiting("a", "ada", 1.0), Waiting("b", "bob", 2.0), Waiting("c", "bob", 3.0)]
    going = [Going("ada", None, None)] * 2
    assert ids(order(waiting, going, {})) == "bca"


def test_who_was_served_longest_ago_comes_first() -> None:
    """Between two who have nothing going, the last start decides, not who clicked first."""
    waiting = [Waiting("a", "ada", 1.0), Waiting("b", "bob", 2.0)]
    assert ids(order(waiting, (), {"ada": 50.0, "bob": 20.0})) == "ba"


def test_same_moment_keeps_the_order_of_ids() -> None:
    """Runs of one experiment are asked for together, and start in their order."""
    waiting = [Waiting("b", "ada", 1.0), Waiting("a", "ada", 1.0)]
    assert ids(order(waiting, (), {})) == "ab"


def test_start_comes_when_the_first_run_ends() -> None:
    """Two slots, with 30 and 10 s left: the next one starts in 10 s, the one after in 30 s.

    The third waits for whichever ends first: the first of the line took the slot at 10 s and lasts
    the usual (40 + 60) / 2 = 50 s, the second took one at 30 s; so it is min(60, 80) = 60 s.
    """
    going = (Going("x", 30.0, 60.0), Going("y", 10.0, 40.0))
    line = tuple(Waiting(str(place), "z", 0.0) for place in range(3))
    assert [starts_in(place, line, going, 2) for place in (1, 2, 3)] == [10.0, 30.0, 60.0]


def test_length_in_seconds_is_known() -> None:
    """A run limited to 5 s is over 5 s after its start, whatever the others took."""
    line = (Waiting("a", "z", 0.0, seconds=5.0), Waiting("b", "z", 0.0))
    assert starts_in(2, line, (Going("x", 10.0, 100.0),), 1) == 15.0


def test_free_slot_is_now() -> None:
    """With a slot free, the next one does not wait."""
    line = (Waiting("a", "z", 0.0),)
    assert starts_in(1, line, (Going("x", None, None),), 2) == 0.0


def test_unknown_is_said() -> None:
    """As long as nobody knows how fast the runs are, there is no estimate."""
    line = (Waiting("a", "z", 0.0), Waiting("b", "z", 0.0))
    assert starts_in(1, line, (Going("x", None, None),), 1) is None
    assert starts_in(2, line, (), 1) is None


def test_more_runs_than_slots() -> None:
    """Three go on although there is but one slot now: only the last end makes room."""
    going = tuple(Going("x", left, 100.0) for left in (10.0, 20.0, 30.0))
    assert starts_in(1, (Waiting("a", "z", 0.0),), going, 1) == 30.0

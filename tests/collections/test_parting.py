"""Who is learned from, and who validated on."""

from __future__ import annotations

from collections import Counter

import pytest

from explorer.collections.parting import part
from explorer.collections.records import Item, Part, Traits
from explorer.errors import BadRequest

NOTHING = Traits("", "", "", "", (0, 0, 0), False)


def item(id: int, label: int, twins: int = -1, own: Part = "train") -> Item:
    """A picture as far as it matters here."""
    return Item(id, str(id), label, 1, 1, own, twins, NOTHING)


def held(items: tuple[Item, ...]) -> Counter[int]:
    """How many of each class are validated on."""
    return Counter(each.label for each in items if each.part == "validation")


def items(*counts: int) -> list[Item]:
    """So many of each class, nothing alike."""
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    return [item(id, label) for id, label in enumerate(labels)]


def test_it_is_stratified() -> None:
    """A fifth of each class, one at least; of a single picture none."""
    assert held(part(items(60, 30, 5, 2, 1), 20, 0)) == {0: 12, 1: 6, 2: 1, 3: 1}


def test_it_is_seeded() -> None:
    """The same seed splits the same way, another one another way."""
    first, again, other = (part(items(20, 20), 20, seed) for seed in (1, 1, 2))
    assert first == again
    assert first != other
    assert held(first) == held(other)


@pytest.mark.parametrize("seed", range(5))
def test_near_duplicates_stay_together(seed: int) -> None:
    """In pairs, in threes, and across classes."""
    made = [item(id, id % 2, twins=id // 3 if id < 30 else -1) for id in range(60)]
    split = part(made, 30, seed)
    for group in range(10):
        assert len({each.part for each in split if each.twins == group}) == 1
    assert held(split) == {0: 9, 1: 9}


def test_a_class_of_copies_is_learned_from() -> None:
    """There is nothing else to validate on, and that is left to be said."""
    made = [*(item(id, 0, twins=0) for id in range(6)), *(item(id, 1) for id in range(6, 12))]
    assert held(part(made, 20, 0)) == {1: 1}


def test_two_groups_of_copies_are_parted() -> None:
    """The smaller one is validated on, though it is more than a fifth."""
    made = [item(id, 0, twins=id // 4) for id in range(7)] + items(0, 5)
    made = [*made[:7], *(item(id, 1) for id in range(7, 12))]
    split = part(made, 20, 0)
    assert held(split) == {0: 3, 1: 1}
    assert {each.twins for each in split if each.label == 0 and each.part == "validation"} == {1}


def test_who_has_a_part_keeps_it() -> None:
    """New ones fill up what is missing: of twelve, a quarter is three, two are there."""
    old = [item(id, 0, own="validation" if id < 2 else "train") for id in range(8)]
    other = [item(id, 1, own="validation" if id < 22 else "train") for id in range(20, 28)]
    new = [item(id, 0) for id in range(100, 104)]
    fixed = frozenset(each.id for each in (*old, *other))
    split = part([*old, *other, *new], 25, 3, fixed)
    kept = [each for each in split if each.id in fixed]
    assert kept == [*old, *other]
    assert held(split) == {0: 3, 1: 2}


def test_a_new_picture_that_joins_both_sides_takes_them_to_be_learned_from() -> None:
    """Otherwise the validation would know its answers."""
    old = [item(0, 0, 5, "validation"), item(1, 0, 5), *(item(id, 0) for id in range(2, 6))]
    other = [item(id, 1, own="validation" if id == 6 else "train") for id in range(6, 10)]
    new = item(20, 0, 5)
    split = part([*old, *other, new], 20, 0, frozenset(range(10)))
    assert {each.part for each in split if each.twins == 5} == {"train"}
    assert held(split)[0] == 1


@pytest.mark.parametrize("share", [0, 4.9, 51, 100, float("nan")])
def test_shares_have_bounds(share: float) -> None:
    """Five to fifty percent."""
    with pytest.raises(BadRequest, match="Between 5 and 50 percent"):
        part(items(5, 5), share, 0)

"""What is said of pictures before anything learns from them."""

from __future__ import annotations

from dataclasses import replace

import pytest

from explorer.collections.findings import listed, warnings
from explorer.collections.records import Item, Traits

CLASSES = ("cup", "mug")
GREY = Traits("", "", "JPEG", "", (128, 128, 128), False)


def items(*counts: int) -> list[Item]:
    """So many of each class, all alike but for what is changed; a fifth validated on."""
    labels = [label for label, count in enumerate(counts) for _ in range(count)]
    return [
        Item(
            id, f"{id}.jpg", label, 64, 48, "train" if id % 5 else "validation", -1,
            replace(GREY, digest=str(id)),
        )
        for id, label in enumerate(labels)
    ]  # fmt: skip


def with_traits(item: Item, **changed: object) -> Item:
    """The same with other traits."""
    return replace(item, traits=replace(item.traits, **changed))


def test_nothing_is_said_where_there_is_nothing() -> None:
    """Ten and ten, taken in the same way."""
    assert warnings(CLASSES, items(10, 10)) == ()


def test_few_pictures() -> None:
    """Fewer than five: four is said, five is not."""
    (said,) = warnings(CLASSES, items(10, 4))
    assert said.startswith("The class “mug” (4) has fewer than 5 pictures")
    assert warnings(CLASSES, items(10, 5)) == ()


def test_imbalance() -> None:
    """More than five to one: fifty to ten is not, fifty-one is."""
    assert warnings(CLASSES, items(50, 10)) == ()
    (said,) = warnings(CLASSES, items(51, 10))
    assert said.startswith("The class “cup” has 51 pictures and “mug” 10, more than 5 to 1")


def test_what_is_alike_in_two_classes() -> None:
    """Equal pixels are one thing, a near-duplicate another."""
    made = items(10, 10)
    same = [with_traits(made[1], digest="x"), with_traits(made[11], digest="x")]
    same = [replace(each, twins=0) for each in same]
    said = warnings(CLASSES, [*same, *made[2:11], *made[12:], made[0]])
    assert said[0].startswith("1 picture is in two classes at once, such as 1.jpg (“cup”) and 11")
    assert not any("look nearly the same" in each for each in said)
    near = [replace(made[1], twins=0), replace(made[11], twins=0)]
    said = warnings(CLASSES, [*near, *made[2:11], *made[12:], made[0]])
    assert said[0].startswith("1.jpg (“cup”) and 11.jpg (“mug”) look nearly the same")


def test_both_sides() -> None:
    """Two to validate on with a near-duplicate to learn from."""
    made = [replace(each, twins=0) if each.id in (0, 1, 5) else each for each in items(10, 10)]
    said = warnings(CLASSES, made)
    assert said[0].startswith("2 pictures are for validation with a near-duplicate among")
    assert said[1].startswith("3 pictures are near-duplicates of others (at most 40 of 256 bits")


@pytest.mark.parametrize(("part", "what"), [("train", "validate on"), ("validation", "learn from")])
def test_a_class_on_one_side_alone(part: str, what: str) -> None:
    """Nobody can learn it, or know whether it was learned."""
    made = [replace(each, part=part) if each.label else each for each in items(10, 10)]
    (said,) = warnings(CLASSES, made)
    assert said.startswith(f"Of “mug” there is no picture to {what}")


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"width": 640}, "of 640 x 48 pixels"),
        ({"format": "PNG"}, "PNG files"),
        ({"camera": "Nikon D90"}, "taken with the camera Nikon D90"),
        ({"border": (250, 250, 250), "plain": True}, "on a plain background of the colour #ffffff"),
    ],
)
def test_one_source_per_class(change: dict[str, object], said: str) -> None:
    """Nine of ten of a class and none of the others is said, eight of ten is not."""

    def changed(count: int) -> list[Item]:
        made = items(10, 20)
        own = [
            replace(each, **change) if "width" in change else with_traits(each, **change)
            for each in made[:count]
        ]
        return [*own, *made[count:]]

    found = warnings(CLASSES, changed(9))
    assert found[0].startswith(f"90% of the pictures of “cup” are {said} and 0% of the others")
    assert not any(said in each for each in warnings(CLASSES, changed(8)))


def test_backgrounds_tell_classes() -> None:
    """By hand: means at 60 and 200, every picture within 20 of its own, so all are told."""
    made = [
        with_traits(each, border=(60 + each.id, 60, 60) if each.label == 0 else (200, 200, 200))
        for each in items(10, 10)
    ]
    (said,) = warnings(CLASSES, made)
    assert said.startswith("The mean colour of its border alone tells the class of 100% of")
    mixed = [with_traits(each, border=(20 * each.id % 256, 0, 0)) for each in items(10, 10)]
    assert warnings(CLASSES, mixed) == ()


def test_long_lists_are_cut() -> None:
    """A sentence stays one."""
    assert listed(["a"]) == "a"
    assert listed(["a", "b", "c"]) == "a, b and c"
    assert listed(list("abcdefg")) == "a, b, c, d and 3 more"

"""The map of the zoo: axes, filters, the front, and the question."""

from __future__ import annotations

import pytest

from explorer.compare import zoo_map
from explorer.compare.zoo_map import Filters, Point
from explorer.zoo import catalogue

CARDS = zoo_map.chosen(catalogue.cards(), Filters())


def points(*pairs: tuple[float, float]) -> list[Point]:
    """Points at these places; which model they are does not matter."""
    return [Point(CARDS[0], x, y) for x, y in pairs]


def test_all_rated_classifiers_are_there() -> None:
    """torchvision's 80 classifiers, each with a figure on every axis but the measured time."""
    assert len(CARDS) == 80
    for key, axis in zoo_map.AXES.items():
        known = [axis.read(card, {}) for card in CARDS]
        assert (None in known) == (key == "time"), key
    assert zoo_map.AXES["time"].read(CARDS[0], {CARDS[0].name: 3.5}) == 3.5


def test_accuracy_is_that_of_the_default_weights() -> None:
    """ResNet-50: 80.858 with V2."""
    assert zoo_map.top1(catalogue.find("resnet50")) == pytest.approx(80.858)
    assert zoo_map.top1(catalogue.find("lenet5")) is None


def test_the_front_by_hand() -> None:
    """Less across, more up: (3, 5) costs more than (2, 6) and reaches less."""
    given = points((1, 2), (2, 6), (3, 5), (4, 7), (5, 7))
    front = zoo_map.front(given, "less", "more")
    assert [(point.x, point.y) for point in front] == [(1, 2), (2, 6), (4, 7)]
    assert zoo_map.front(given, "neither", "more") == []


def test_nobody_is_better_than_the_front() -> None:
    """Held against the definition, model by model."""
    found = zoo_map.place(CARDS, "macs", "top1", {})
    for point in found.points:
        beaten = any(
            other.x <= point.x and other.y >= point.y and (other.x, other.y) != (point.x, point.y)
            for other in found.points
        )
        assert point.best != beaten, point.card.name


def test_filters_take_models_out() -> None:
    """By family, by year, by task."""
    only = zoo_map.chosen(catalogue.cards(), Filters(families=("VGG",)))
    assert len(only) == 8
    early = zoo_map.chosen(catalogue.cards(), Filters(years=(2012, 2014)))
    assert {card.year for card in early} == {2014}
    quantised = zoo_map.chosen(catalogue.cards(), Filters(tasks=("quantised",)))
    assert {card.task for card in quantised} == {"quantised"}


def test_the_smallest_above_75_under_1_gmac() -> None:
    """RegNetY-400MF: 4,344,144 parameters, 0.40 GMACs, 75.804 % (torchvision's own figures)."""
    answer = zoo_map.smallest(CARDS, 75, 1e9)
    assert answer.names[0] == "regnet_y_400mf"
    assert "RegNetY-400MF" in answer.sentence
    assert "75.80 %" in answer.sentence
    for name in answer.names:
        card = catalogue.find(name)
        assert card.macs <= 1e9
        assert (zoo_map.top1(card) or 0) >= 75


def test_no_model_is_an_answer_too() -> None:
    """A sentence, not an empty page."""
    answer = zoo_map.smallest(CARDS, 89.5, 1e9)
    assert answer.names == ()
    assert answer.sentence.startswith("None of these 80 models")


def test_axes_without_a_better_say_so() -> None:
    """A year is neither better nor worse."""
    found = zoo_map.place(CARDS, "year", "top1", {})
    assert found.front == ()
    assert "neither better nor worse" in found.note


def test_unknown_figures_are_counted_not_zero() -> None:
    """Where one model was measured, the others are said to be missing."""
    found = zoo_map.place(CARDS, "time", "top1", {"resnet18": 12.0})
    assert [point.card.name for point in found.points] == ["resnet18"]
    assert "79 models are not shown" in found.note

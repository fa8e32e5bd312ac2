"""Whose answers are averaged, and what comes out."""

from __future__ import annotations

import numpy as np
import pytest

from explorer.vision.averages import averaged
from explorer.vision.prediction_records import Prediction
from explorer.vision.records import Box, NetworkUse

PETS, DIGITS = ("cat", "dog"), ("zero", "one")


def answer(title: str, *probabilities: float, random: bool = False) -> Prediction:
    """What a network of this title says."""
    use = NetworkUse(title.lower(), title, "V1", "V1", random, "cpu")
    values = np.array(probabilities)
    return Prediction("p", "d", use, (), values, Box(0, 0, 1, 1), 0.1, 0.1, 1)


def test_probabilities_are_averaged_class_by_class() -> None:
    """A sure one and an undecided one: 0.9 and 0.5 make 0.7."""
    found = averaged([answer("A", 0.9, 0.1), answer("B", 0.5, 0.5)], [PETS, PETS], 2)
    assert found is not None
    assert found.probabilities == pytest.approx([0.7, 0.3])
    assert [(each.name, each.rank) for each in found.top] == [("cat", 1), ("dog", 2)]
    assert found.members == ("A", "B")
    assert found.left_out == ()


def test_random_weights_are_left_out_where_two_have_learned() -> None:
    """And it is said."""
    answers = [answer("A", 0.9, 0.1), answer("R", 0.0, 1.0, random=True), answer("B", 0.7, 0.3)]
    found = averaged(answers, [PETS] * 3, 2)
    assert found is not None
    assert found.members == ("A", "B")
    assert found.probabilities == pytest.approx([0.8, 0.2])
    assert found.left_out == ("R is left out: its weights are random.",)


def test_other_classes_are_left_out() -> None:
    """The larger group is averaged, whoever comes first."""
    answers = [answer("D", 0.5, 0.5), answer("A", 1.0, 0.0), answer("B", 0.0, 1.0)]
    found = averaged(answers, [DIGITS, PETS, PETS], 1)
    assert found is not None
    assert found.members == ("A", "B")
    assert found.left_out == ("D is left out: it knows other classes.",)


def test_one_answer_is_no_average() -> None:
    """Nor are two that know different classes."""
    assert averaged([], [], 1) is None
    assert averaged([answer("A", 1.0, 0.0)], [PETS], 1) is None
    assert averaged([answer("A", 1.0, 0.0), answer("D", 1.0, 0.0)], [PETS, DIGITS], 1) is None

"""Knobs take what is in their range, as their own type, and refuse the rest in one sentence."""

from __future__ import annotations

from typing import Any

import pytest

from explorer.errors import BadRequest
from explorer.knobs import Knob, settled

STEPS = Knob("steps", "Steps", 50, 2, 300)
NOISE = Knob("noise", "Noise", 0.1, 0.0, 1.0, 0.05)
WAY = Knob("way", "Way", "up", choices=("up", "down"))


@pytest.mark.parametrize(
    ("knob", "value", "taken"),
    [(STEPS, 2, 2), (STEPS, 300.0, 300), (STEPS, "12", 12), (NOISE, 1, 1.0), (WAY, "down", "down")],
)
def test_what_is_in_range_becomes_the_knobs_own_type(knob: Knob, value: Any, taken: Any) -> None:
    """Whole numbers where steps are whole, also from a link's text."""
    assert knob.checked(value) == taken
    assert type(knob.checked(value)) is type(taken)


@pytest.mark.parametrize(
    ("knob", "value", "words"),
    [
        (STEPS, 1, "Steps is a whole number from 2 to 300, not 1."),
        (STEPS, 301, "from 2 to 300"),
        (STEPS, 2.5, "whole number"),
        (STEPS, True, "whole number"),
        (STEPS, float("nan"), "whole number"),
        (STEPS, "1e999", "whole number"),
        (STEPS, None, "whole number"),
        (STEPS, 10**400, "whole number"),
        (NOISE, "much", "Noise is a number from 0 to 1, not 'much'."),
        (WAY, "left", "Way is one of up, down, not 'left'."),
    ],
)
def test_the_rest_is_refused(knob: Knob, value: Any, words: str) -> None:
    """The sentence says what is possible."""
    with pytest.raises(BadRequest) as caught:
        knob.checked(value)
    assert words in str(caught.value)


def test_all_knobs_of_something_together() -> None:
    """What is not given has its default; a name that no knob has is refused."""
    assert settled((STEPS, WAY), {"way": "down"}) == {"steps": 50, "way": "down"}
    with pytest.raises(BadRequest, match=r"no setting 'speed' here; there is steps, way\."):
        settled((STEPS, WAY), {"speed": 1})

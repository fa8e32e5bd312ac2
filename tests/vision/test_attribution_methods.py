"""Methods and knobs are data that a page can draw widgets from, and refuse what makes no sense."""

from __future__ import annotations

import pytest

from explorer.errors import BadRequest
from explorer.vision.attribution_methods import METHODS, find


@pytest.mark.parametrize("key", METHODS)
def test_a_method_says_what_it_is(key: str) -> None:
    """A title, a sentence, a paper with its address; every default is one its knob accepts."""
    method = METHODS[key]
    assert method.key == key
    assert method.sentence.endswith((".", "?"))
    assert method.link.startswith("https://")
    assert method.paper
    names = [knob.name for knob in method.knobs]
    assert len(set(names)) == len(names)
    for knob in method.knobs:
        assert knob.checked(knob.default) == knob.default
        assert knob.choices or knob.low < knob.high


def test_knobs_fill_in_their_defaults() -> None:
    """A page sends only what was changed; whole numbers stay whole."""
    settings = find("integrated_gradients").settings([("steps", 20.0)])
    assert settings == {"steps": 20, "baseline": "black"}
    assert isinstance(settings["steps"], int)


@pytest.mark.parametrize(
    ("knob", "value", "words"),
    [
        ("steps", 1, "Steps is a whole number from 2 to 300, not 1."),
        ("steps", 2.5, "Steps is a whole number from 2 to 300, not 2.5."),
        ("steps", "many", "Steps is a whole number from 2 to 300, not 'many'."),
        ("steps", float("nan"), "Steps is a whole number from 2 to 300, not nan."),
        ("steps", True, "Steps is a whole number from 2 to 300, not True."),
        ("baseline", "pink", "Baseline is one of black, blurred, grey, white, not 'pink'."),
        ("noise", 1, "Integrated gradients has no knob called 'noise'; it has steps, baseline."),
    ],
)
def test_a_value_that_makes_no_sense_is_one_sentence(knob: str, value: float, words: str) -> None:
    """It says what is allowed."""
    with pytest.raises(BadRequest) as caught:
        find("integrated_gradients").settings([(knob, value)])
    assert str(caught.value) == words


def test_an_unknown_method_is_one_sentence() -> None:
    """It names those there are."""
    with pytest.raises(BadRequest, match=r"no method 'magic'; choose one of gradient, "):
        find("magic")
    with pytest.raises(BadRequest, match="it has none"):
        find("gradcam").settings([("steps", 3)])


@pytest.mark.parametrize("written", ["gradcam", "Grad-CAM", "grad_cam", "GradCAM"])
def test_a_method_is_found_however_its_name_is_written(written: str) -> None:
    """By its key or its title, in any case, with hyphens, spaces or none."""
    assert find(written).key == "gradcam"

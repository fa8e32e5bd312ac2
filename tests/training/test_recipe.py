"""Recipes: read as they were written, carried by a link, and refused in a sentence."""

from __future__ import annotations

import base64
import dataclasses
import json
import zlib
from typing import Any

import pytest

from explorer.blocks import exchange
from explorer.blocks.presets import PRESETS
from explorer.errors import BadRequest
from explorer.training import recipe as recipes
from explorer.training.recipe import Recipe, checked
from explorer.training.recipe_knobs import GROUPS, KNOBS, OPTIMISERS

HE = {
    "network": "resnet20", "data": "cifar10", "length": 164, "batch_size": 128, "mirror": 0.5,
    "learning_rate": 0.1, "weight_decay": 0.0001, "schedule": "step", "crop": 4,
}  # fmt: skip
GOOD: dict[str, Any] = {"convzoo": "recipe", "version": 1, "network": "mlp", "data": "digits"}
RECIPES = (
    Recipe(),
    checked(**HE),
    checked(network="design", design=exchange.to_json(PRESETS["LeNet-5"]), data="mnist"),
    checked(data="folder:/tmp/Hühner & Küken", unit="seconds", length=2.5, batch_size=0),
    checked(ensemble="boosting", members=3, second_moment=0.99999, seed=2**31 - 1),
)


@pytest.mark.parametrize("recipe", RECIPES)
def test_a_recipe_comes_back_from_json_and_from_a_link(recipe: Recipe) -> None:
    """Every setting, with its own type."""
    for back in (
        recipes.from_json(recipes.to_json(recipe)),
        recipes.from_json(recipes.to_json(recipe).encode()),
        recipes.from_link(recipes.to_link(recipe)),
    ):
        assert back == recipe
        assert [type(each) for each in dataclasses.astuple(back)] == [
            type(each) for each in dataclasses.astuple(recipe)
        ]


def test_json_holds_what_differs_alone() -> None:
    """Network and data in any case, so that a file can be read without the defaults."""
    assert json.loads(recipes.to_json(Recipe())) == GOOD | {"network": "lenet5"}
    told = json.loads(recipes.to_json(checked(**HE)))
    assert told == {"convzoo": "recipe", "version": 1} | HE


def test_a_link_is_short_and_made_of_letters_for_an_address() -> None:
    """The recipe of He et al. fits where a person would still paste it."""
    letters = recipes.to_link(checked(**HE))
    assert len(letters) < 250
    assert set(letters) <= set("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_")


def test_every_setting_is_explained_by_a_knob_with_the_same_default() -> None:
    """All fields but the words; a knob's own default passes its own check."""
    fields = {field.name: field.default for field in dataclasses.fields(Recipe)}
    words = {"network", "design", "data", "weights"}
    assert {knob.name for knob in KNOBS} == fields.keys() - words
    assert len(KNOBS) == sum(len(group) for group in GROUPS.values()) == len(fields) - len(words)
    for knob in KNOBS:
        assert knob.checked(knob.default) == fields[knob.name], knob.name
        assert knob.help.endswith("."), knob.name
        assert bool(knob.paper) == bool(knob.link), knob.name


def test_optimisers_are_those_the_knob_offers() -> None:
    """Each with a sentence, a paper and a link."""
    knob = next(each for each in KNOBS if each.name == "optimiser")
    assert knob.choices == tuple(OPTIMISERS)
    for sentence, paper, link in OPTIMISERS.values():
        assert sentence.endswith(".")
        assert paper[-4:].isdigit()
        assert link.startswith("https://")


@pytest.mark.parametrize(
    ("given", "words"),
    [
        ({"sorcery": 1}, "no setting 'sorcery'"),
        ({"learning_rate": "much"}, "Learning rate is a number from 0 to 100"),
        ({"learning_rate": float("nan")}, "Learning rate is a number"),
        ({"batch_size": 1.5}, "Batch size is a whole number"),
        ({"optimiser": "sledgehammer"}, "Optimiser is one of sgd, momentum"),
        ({"optimiser": ["sgd"]}, "Optimiser is one of"),
        ({"network": 5}, "The network of a recipe is a text, not 5"),
        ({"data": None}, "The data of a recipe is a text, not None"),
        ({"network": "design"}, "give both or neither"),
        ({"design": "{}"}, "give both or neither"),
        ({"folds": 1}, "k is at least two"),
        ({"folds": 5, "fold": 6}, "the fold one from 1 to k"),
        ({"mixup": 0.2, "cutmix": 1}, "by mixup or by CutMix"),
        ({"members": 3}, "An ensemble has two members or more"),
        ({"ensemble": "bagging"}, "An ensemble has two members or more"),
        ({"length": 2.5}, "A length in epochs is a whole number, not 2.5"),
        ({"patience": 3, "validation": 0}, "hold some out"),
        ({"loss": "squared error", "label_smoothing": 0.1}, "belongs to the cross-entropy"),
    ],
)
def test_nonsense_is_refused_in_a_sentence(given: dict[str, Any], words: str) -> None:
    """Out of range, unknown, of another type, or against another setting."""
    with pytest.raises(BadRequest, match=words):
        checked(**given)
    with pytest.raises(BadRequest, match=words):
        recipes.from_json(json.dumps(GOOD | given))


@pytest.mark.parametrize(
    "given",
    [
        {"length": 0.5},
        {"length": 2.5, "unit": "seconds"},
        {"folds": 5, "fold": 5, "validation": 0, "patience": 2},
        {"ensemble": "average", "members": 2},
    ],
)
def test_what_makes_sense_together_is_taken(given: dict[str, Any]) -> None:
    """Half an epoch, seconds with a fraction, patience on a fold."""
    assert {name: getattr(checked(**given), name) for name in given} == given


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "This is no JSON"),
        (b"\xff\xfe\x00", "This is no JSON"),
        ("[" * 90_000, "This is no JSON"),
        ("9" * 5000, "This is no JSON"),
        ("[1]", "no recipe of ConvZoo"),
        ('{"convzoo": "design"}', "no recipe of ConvZoo"),
        (json.dumps(GOOD | {"version": 2}), "another version"),
        (json.dumps({"convzoo": "recipe"}), "another version"),
        (" " * 200_001, "at most 200,000 characters"),
    ],
)
def test_texts_that_are_no_recipe_are_refused(text: str | bytes, words: str) -> None:
    """By size before it is read, then by what it is."""
    with pytest.raises(BadRequest, match=words):
        recipes.from_json(text)


def packed(text: str) -> str:
    """Any text in the letters of a link."""
    return base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")


@pytest.mark.parametrize(
    "letters",
    [
        "", "?", "ü", "AAAA", recipes.to_link(checked(**HE))[:-9], packed("[1]"),
        packed("nonsense"), packed("[" * 90_000), packed(" " * 50_000_000 + "{}"),
    ],
)  # fmt: skip
def test_damaged_links_are_refused(letters: str) -> None:
    """Cut off, no letters of a link, another text, or one that would fill the memory."""
    with pytest.raises(BadRequest, match=r"cut off or damaged"):
        recipes.from_link(letters)


def test_a_link_is_checked_like_everything_else() -> None:
    """Whoever writes links by hand gets the knob's sentence."""
    with pytest.raises(BadRequest, match="Learning rate is a number from 0 to 100"):
        recipes.from_link(packed('{"network": "mlp", "learning_rate": -1}'))


def test_differences_name_what_differs_alone() -> None:
    """With the value of each recipe, in their order."""
    one, two = checked(**HE), checked(**{**HE, "seed": 3, "crop": 0})
    assert recipes.differences((one, two)) == {"crop": (4, 0), "seed": (0, 3)}
    assert recipes.differences((one, one)) == recipes.differences(()) == {}

"""Options become a recipe, each in its range, and mistakes are one sentence."""

from __future__ import annotations

import argparse
import dataclasses
import json
from pathlib import Path

import pytest

from explorer.commands import train_options
from explorer.errors import BadRequest, ExplorerError
from explorer.training.recipe import Recipe, checked, to_json
from explorer.training.recipe_knobs import KNOBS


def asked(*arguments: str) -> Recipe:
    """The recipe of a command line."""
    parser = argparse.ArgumentParser()
    train_options.add(parser)
    return train_options.recipe(parser.parse_args(arguments))


def test_names_and_a_length() -> None:
    """What is not given has its default."""
    found = asked("--network", "resnet20", "--data", "cifar10", "--epochs", "3")
    assert found == checked(network="resnet20", data="cifar10", length=3)
    assert asked("--network", "mlp").data == "digits"
    steps = asked("--network", "mlp", "--steps", "50")
    assert (steps.length, steps.unit) == (50, "steps")
    assert asked("--network", "mlp", "--seconds", "1.5", "--seed", "7").seed == 7


def test_every_knob_is_an_option() -> None:
    """Each takes its own default back, and is explained."""
    parser = argparse.ArgumentParser()
    train_options.add(parser)
    said = " ".join(parser.format_help().split())
    for knob in KNOBS:
        option = f"--{knob.name.replace('_', '-')}"
        assert option in said
        assert asked("--network", "mlp", option, str(knob.default)) == checked(network="mlp")
    assert "Share of the target that is spread over all classes." in said


def test_options_change_a_recipe_from_a_file(tmp_path: Path) -> None:
    """The same recipe with another seed and length."""
    recipe = checked(network="mlp", data="moons", length=4, optimiser="adam", learning_rate=0.01)
    file = tmp_path / "recipe.json"
    file.write_text(to_json(recipe), encoding="utf-8")
    assert asked("--recipe", str(file)) == recipe
    changed = asked("--recipe", str(file), "--seed", "3", "--epochs", "2", "--data", "circles")
    assert changed == dataclasses.replace(recipe, seed=3, length=2, data="circles")


def test_a_folder_is_data(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its path, whole or from here; a known name means that data set all the same."""
    for name in ("cat", "dog"):
        (tmp_path / "pets" / name).mkdir(parents=True)
    (tmp_path / "digits").mkdir()
    monkeypatch.chdir(tmp_path)
    assert train_options.key("pets") == f"folder:{tmp_path / 'pets'}"
    assert train_options.key(str(tmp_path / "pets")) == f"folder:{tmp_path / 'pets'}"
    assert train_options.key("digits") == "digits"
    assert train_options.key("nowhere") == "nowhere"


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "Say what to train"),
        (("--network", "lenet55"), "did you mean lenet5"),
        (("--network", "mlp", "--data", "cifar1"), "did you mean cifar10"),
        (("--network", "mlp", "--epochs", "many"), "Length is a number"),
        (("--network", "mlp", "--epochs", "2.5"), "is a whole number"),
        (("--network", "mlp", "--optimiser", "fast"), "Optimiser is one of"),
        (("--network", "mlp", "--dropout", "1"), "Dropout is a number from 0 to 0.9"),
        (("--network", "mlp", "--epochs", "2", "--unit", "steps"), "not both"),
        (("--network", "mlp", "--mixup", "1", "--cutmix", "1"), "set the other to 0"),
        (("--recipe", "/nonexistent/recipe.json"), "cannot be read (no such file"),
        (("--design", "/nonexistent/design.json"), "cannot be read (no such file"),
    ],
)
def test_mistakes_are_one_sentence(arguments: tuple[str, ...], said: str) -> None:
    """Which says what is possible."""
    with pytest.raises(ExplorerError) as caught:
        asked(*arguments)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_no_recipe_is_refused(tmp_path: Path) -> None:
    """Whatever it is."""
    file = tmp_path / "recipe.json"
    for content in (b"{}", b"\xff\xfe\x00", json.dumps({"convzoo": "design"}).encode(), b"[" * 99):
        file.write_bytes(content)
        with pytest.raises(BadRequest):
            asked("--recipe", str(file))

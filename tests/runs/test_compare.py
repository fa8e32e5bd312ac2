"""Recipes side by side, and what came of them."""

from __future__ import annotations

from dataclasses import replace

from explorer.runs import compare
from explorer.training.recipe import Recipe, checked
from tests.runs import made


def test_only_what_differs_is_listed() -> None:
    """By the titles a person knows, each value with its unit."""
    first = made.run(recipe=checked(data="digits", validation=10, optimiser="sgd"))
    second = made.run(recipe=checked(data="digits", validation=20, optimiser="adam"))
    assert compare.differing([first, second]) == {
        "Held out": ("10 %", "20 %"),
        "Optimiser": ("sgd", "adam"),
    }
    assert compare.differing([first, first]) == {}
    assert compare.differing([first]) == {}


def test_every_setting_has_a_title_of_its_own() -> None:
    """Two columns of one name would hide each other."""
    names = Recipe.__dataclass_fields__
    assert set(compare.TITLES) == set(names)
    assert len(set(compare.TITLES.values())) == len(names)


def test_a_finished_run_is_summed_up() -> None:
    """The figures of its end, the test set's among them."""
    found = compare.summary(made.run(), made.EPOCHS[:1])
    assert found["train_loss"] == 0.5
    assert found["train_accuracy"] == 80.0
    assert found["validation_accuracy"] == 75.0
    assert found["test_accuracy"] == 72.5
    assert (found["epochs"], found["steps"], found["seconds"]) == (2.0, 4, 0.8)


def test_a_running_one_has_its_last_epoch_s() -> None:
    """What is not known yet is None, never 0."""
    running = made.run(result=None, state="running", epoch=1.5, step=3, seconds=0.6)
    found = compare.summary(running, made.EPOCHS[:1])
    assert (found["train_loss"], found["validation_accuracy"]) == (1.0, 55.0)
    assert found["test_accuracy"] is None
    assert (found["epochs"], found["steps"], found["seconds"]) == (1.5, 3, 0.6)
    assert compare.summary(running)["train_loss"] is None


def test_an_accuracy_of_zero_is_not_unknown() -> None:
    """A network that gets nothing right has an accuracy."""
    score = replace(made.EPOCHS[0].train, top1=0.0, loss=0.0)
    run = made.run(result=replace(made.ENDED, train=score))
    found = compare.summary(run, made.EPOCHS)
    assert (found["train_accuracy"], found["train_loss"]) == (0.0, 0.0)


def test_a_recipe_in_a_line() -> None:
    """As in a list of runs."""
    recipe = checked(network="resnet20", data="cifar10", length=1, batch_size=0, optimiser="adam")
    assert compare.in_short(recipe) == ("resnet20 on cifar10, 1 epoch, full batch, adam at 0.05")


def test_data_of_ones_own_have_short_names() -> None:
    """A path would fill the list."""
    assert compare.data(checked(data="mnist")) == "mnist"
    assert compare.data(checked(data="folder:/home/me/pets")) == "folder pets"
    assert compare.data(checked(data="yours:0123456789abcdef")) == "yours 0123456789abcdef"


def test_a_long_design_is_cut_short() -> None:
    """The table stays a table."""
    assert len(compare.written("design", "x" * 1000)) == 60
    assert compare.written("dropout", 0.5) == "0.5"


def test_settings_that_are_not_defaults() -> None:
    """Network, data and length in any case."""
    assert compare.settings(checked(network="mlp", data="moons", rotation=10)) == [
        {"setting": "Network", "value": "mlp"},
        {"setting": "Data", "value": "moons"},
        {"setting": "Rotation", "value": "10 °"},
        {"setting": "Length", "value": "10 epochs"},
    ]
    steps = compare.settings(checked(length=50, unit="steps"))
    assert [row["value"] for row in steps] == ["lenet5", "digits", "50 steps"]

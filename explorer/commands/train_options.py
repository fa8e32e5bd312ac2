"""A recipe from the command line: every knob is an option. No torch here."""

from __future__ import annotations

import argparse
import dataclasses
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer.errors import BadRequest
from explorer.training import network_catalogue
from explorer.training import recipe as recipes
from explorer.training.data import catalogue
from explorer.training.recipe_knobs import GROUPS, KNOBS

if TYPE_CHECKING:
    from explorer.knobs import Knob
    from explorer.training.recipe import Recipe

UNITS = ("epochs", "steps", "seconds")
"""Each is an option of its own: `--epochs 10` is `--length 10 --unit epochs`."""
FOLDER = "folder:"


def add(parser: argparse.ArgumentParser) -> None:
    """Add what a recipe is made of: a file, a network, data, a length, and every knob."""
    what = parser.add_argument_group("what learns from what")
    what.add_argument("--recipe", metavar="FILE", help="a recipe as JSON; other options change it")
    what.add_argument("--network", metavar="NAME", help="such as lenet5, resnet20, small_cnn, mlp")
    what.add_argument("--design", metavar="FILE", help="a network of one's own, as JSON")
    what.add_argument(
        "--data",
        metavar="NAME",
        help="such as digits, mnist, cifar10, moons, or a folder of class folders "
        "(default: digits)",
    )
    how_long = what.add_mutually_exclusive_group()
    for unit in UNITS:
        how_long.add_argument(f"--{unit}", metavar="N", help=f"how many {unit} to train for")
    for title, knobs in GROUPS.items():
        group = parser.add_argument_group(title.lower())
        for knob in knobs:
            group.add_argument(
                _option(knob), dest=knob.name, metavar=_metavar(knob), help=_says(knob)
            )


def recipe(chosen: argparse.Namespace) -> Recipe:
    """The recipe that is asked for.

    Raises BadRequest for settings that make no sense, UnknownModel for a network nobody knows.
    """
    given = _from_file(chosen.recipe) if chosen.recipe else {}
    if chosen.design:
        given |= {"network": recipes.DESIGN, "design": _text(chosen.design, "design")}
    if chosen.network:
        given["network"] = chosen.network
        if chosen.network != recipes.DESIGN:
            given["design"] = ""
    if not given.get("network"):
        raise BadRequest(
            "Say what to train: --network NAME with --data NAME, or --recipe FILE; see --help."
        )
    if chosen.data:
        given["data"] = key(chosen.data)
    found = recipes.checked(**{**given, **turned(chosen)})
    _known(found)
    return found


def turned(chosen: argparse.Namespace) -> dict[str, Any]:
    """The knobs that were given, as their texts; the length may come by its unit."""
    turned: dict[str, Any] = {}
    for knobs in GROUPS.values():
        for knob in knobs:
            if (value := getattr(chosen, knob.name)) is not None:
                turned[knob.name] = value
    for unit in UNITS:
        if (length := getattr(chosen, unit)) is not None:
            if "length" in turned or "unit" in turned:
                raise BadRequest(f"Give --{unit}, or --length with --unit, not both.")
            turned |= {"length": length, "unit": unit}
    return turned


def number(name: str, text: str) -> float:
    """A knob's text as its number. Raises BadRequest outside the knob's range."""
    (knob,) = (each for each in KNOBS if each.name == name)
    return float(knob.checked(text))


def _from_file(path: str) -> dict[str, Any]:
    return dataclasses.asdict(recipes.from_json(_text(path, "recipe")))


def _text(path: str, what: str) -> str:
    """A file's text, "-" being what is piped in. Raises BadRequest."""
    try:
        if path == "-":
            return sys.stdin.read(recipes.MOST_CHARACTERS + 1)
        with Path(path).open(encoding="utf-8") as stream:
            return stream.read(recipes.MOST_CHARACTERS + 1)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or "it is no text"
        raise BadRequest(
            f"The {what} {path} cannot be read ({why.lower()}); name another file."
        ) from None


def key(data: str) -> str:
    """The key of a data set, or of a folder of the user's own."""
    if ":" in data or any(each.key == data for each in catalogue.data_sets()):
        return data
    try:
        there = Path(data).exists()
    except OSError:  # too long a name
        there = False
    return f"{FOLDER}{Path(data).absolute()}" if there else data


def _known(found: Recipe) -> None:
    """Refuse names nobody knows before there is a run of them."""
    if found.network != recipes.DESIGN:
        network_catalogue.find(found.network)
    catalogue.find(found.data)


def _option(knob: Knob) -> str:
    return f"--{knob.name.replace('_', '-')}"


def _metavar(knob: Knob) -> str:
    return "WORD" if knob.choices else "N"


def _says(knob: Knob) -> str:
    """What turning a knob does, and how far it goes; argparse takes % for its own."""
    unit = f" {knob.unit}" if knob.unit else ""
    reach = ", ".join(knob.choices) if knob.choices else f"{knob.low:g} to {knob.high:g}{unit}"
    return f"{knob.help} ({reach}; default: {knob.default})".replace("%", "%%")

"""The catalogue: a card of every model that is always here, read from generated data. No torch.

`catalogue.json` is written by `python -m explorer.zoo.generate`.
"""

from __future__ import annotations

import difflib
import json
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from explorer.errors import UnknownModel
from explorer.zoo.cards import ModelCard, Paper, Weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence


@cache
def cards() -> tuple[ModelCard, ...]:
    """All cards of the catalogue, by year and then as their families list them."""
    text = resources.files(__package__).joinpath("catalogue.json").read_text("utf-8")
    return tuple(_card(entry) for entry in json.loads(text))


@cache
def _by_name() -> dict[str, ModelCard]:
    return {card.name: card for card in cards()}


def find(name: str) -> ModelCard:
    """Look a card up by its model's name; raise UnknownModel with the nearest known names."""
    known = _by_name().get(name)
    if known is None:
        raise unknown(name)
    return known


def unknown(name: str, others: Iterable[str] = ()) -> UnknownModel:
    """The error for a name that nobody has registered; it proposes the nearest known ones.

    `others` are names known besides the catalogue's.
    """
    near = nearest(name, (*_by_name(), *others))
    hint = f"did you mean {' or '.join(near)}?" if near else "the zoo's list shows all names."
    return UnknownModel(f"There is no model called {name[:80]!r}; {hint}")


def nearest(name: str, known: Sequence[str], most: int = 3) -> list[str]:
    """The known names most like this one: by spelling, then those that contain it."""
    wanted = name.lower()[:80]
    close = difflib.get_close_matches(wanted, known, n=most, cutoff=0.6)
    containing = [each for each in known if wanted and wanted in each]
    return list(dict.fromkeys([*close, *containing]))[:most]


def _card(entry: dict[str, Any]) -> ModelCard:
    return ModelCard(
        **entry
        | {
            "paper": Paper(**entry["paper"]),
            "input_shape": tuple(entry["input_shape"]),
            "differs": tuple(entry["differs"]),
            "weights": tuple(_weights(each) for each in entry["weights"]),
        }
    )


def _weights(entry: dict[str, Any]) -> Weights:
    size = entry["input_size"]
    metrics = tuple((name, value) for name, value in entry["metrics"])
    return Weights(**entry | {"input_size": size and tuple(size), "metrics": metrics})

"""Write catalogue.json: `python -m explorer.zoo.generate` (some minutes; loads torch).

The words come from explorer.zoo.prose, the published figures from torchvision's own metadata, and
everything else is counted on the networks themselves. `--words` keeps what was counted, and
counts new models only (seconds).
"""

from __future__ import annotations

import dataclasses
import json
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.zoo import catalogue, published
from explorer.zoo.cards import ModelCard
from explorer.zoo.classics import CLASSICS
from explorer.zoo.extent import complete
from explorer.zoo.prose import ARCHITECTURES
from explorer.zoo.published import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from explorer.zoo.prose import Architecture, Model


COUNTED = (
    "params",
    "macs",
    "smallest",
    "largest",
    "activation_bytes",
    "depth",
    "receptive_field",
)
"""The columns that take building and running the networks."""


def described() -> Iterator[tuple[Architecture, Model]]:
    """Every model with its architecture, as the prose lists them."""
    for architecture in ARCHITECTURES:
        for model in architecture.models:
            yield architecture, model


def draft(architecture: Architecture, model: Model) -> ModelCard:
    """A card with everything but what has to be counted on the network."""
    paper = model.paper or architecture.paper
    facts = _facts(model.name)
    return ModelCard(
        name=model.name,
        title=model.title,
        family=architecture.family,
        year=paper.year,
        idea=model.idea or architecture.idea,
        paper=paper,
        source=facts.source,
        task=facts.task,
        input_shape=facts.input_shape,
        smallest=0,
        params=0,
        macs=0,
        weights=facts.weights,
        differs=(*model.differs, *architecture.differs, *facts.differs),
        inputs=facts.inputs,
    )


def _facts(name: str) -> Facts:
    if name in CLASSICS:
        shape = CLASSICS[name].input_shape
        return Facts("convzoo", "classification", shape, inputs=1, weights=(), differs=())
    return published.facts(name)


def drafts() -> list[ModelCard]:
    """All cards, not yet counted, in the order of the catalogue: by year."""
    return sorted((draft(*each) for each in described()), key=lambda card: card.year)


def serialised(cards: Iterable[ModelCard]) -> str:
    """The catalogue as JSON text."""
    entries = [dataclasses.asdict(card) for card in cards]
    return json.dumps(entries, indent=1, ensure_ascii=False) + "\n"


def counted() -> Iterator[ModelCard]:
    """All cards, counted one after the other; says on stderr which it is at."""
    for card in drafts():
        print(card.name, file=sys.stderr, flush=True)
        yield complete(card)


def _target() -> Path:
    return Path(str(resources.files("explorer.zoo").joinpath("catalogue.json")))


def written() -> str:
    """The catalogue's text as it is in the package."""
    return _target().read_text("utf-8")


def reworded() -> Iterator[ModelCard]:
    """All cards, with what the catalogue already counted; new ones are counted now."""
    known = {card.name: card for card in catalogue.cards()}
    for card in drafts():
        if card.name in known:
            columns = {column: getattr(known[card.name], column) for column in COUNTED}
            yield dataclasses.replace(card, **columns)
        else:
            yield complete(card)


def main(arguments: list[str]) -> None:
    """Write the catalogue."""
    if "--words" in arguments:
        _target().write_text(serialised(list(reworded())), "utf-8")
        return
    # A model is dissected by its name, so its name has to be in the catalogue first.
    _target().write_text(serialised(drafts()), "utf-8")
    _target().write_text(serialised(counted()), "utf-8")


if __name__ == "__main__":
    main(sys.argv[1:])

"""Write catalogue.json: `python -m explorer.zoo.generate` (about a minute; loads torch).

The words come from explorer.zoo.prose, the published figures from torchvision's own metadata, and
everything else is counted on the networks themselves.
"""

from __future__ import annotations

import dataclasses
import json
import sys
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.zoo import published
from explorer.zoo.cards import ModelCard
from explorer.zoo.classics import CLASSICS
from explorer.zoo.extent import complete
from explorer.zoo.prose import ARCHITECTURES
from explorer.zoo.published import Facts

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from explorer.zoo.prose import Architecture, Model


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


def main() -> None:
    """Write the catalogue."""
    target = Path(str(resources.files("explorer.zoo").joinpath("catalogue.json")))
    # A model is dissected by its name, so its name has to be in the catalogue first.
    target.write_text(serialised(drafts()), "utf-8")
    target.write_text(serialised(counted()), "utf-8")


if __name__ == "__main__":
    main()

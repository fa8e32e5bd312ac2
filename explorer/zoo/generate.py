"""Write catalogue.json: `python -m explorer.zoo.generate` (a few minutes; loads torch).

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
from explorer.zoo.build import network
from explorer.zoo.cards import ModelCard
from explorer.zoo.extent import counted_macs, smallest_side
from explorer.zoo.prose import ARCHITECTURES

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.zoo.prose import Architecture, Model


def described() -> Iterator[tuple[Architecture, Model]]:
    """Every model with its architecture, in the order of the catalogue: by year."""
    for architecture in sorted(ARCHITECTURES, key=lambda each: each.paper.year):
        for model in architecture.models:
            yield architecture, model


def draft(architecture: Architecture, model: Model) -> ModelCard:
    """A card with everything but what has to be counted on the network."""
    paper = model.paper or architecture.paper
    facts = published.facts(model.name)
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


def complete(card: ModelCard) -> ModelCard:
    """Count parameters and multiply-adds, and find the smallest input."""
    model = network(card.name)
    smallest, fixed = smallest_side(model, card)
    return dataclasses.replace(
        card,
        params=sum(each.numel() for each in model.parameters()),
        macs=counted_macs(model, card),
        smallest=smallest,
        fixed_size=fixed,
    )


def serialised(cards: Iterator[ModelCard]) -> str:
    """The catalogue as JSON text."""
    entries = [dataclasses.asdict(card) for card in cards]
    return json.dumps(entries, indent=1, ensure_ascii=False, allow_nan=False) + "\n"


def generate() -> str:
    """Count all models and return the catalogue's text; say on stderr which is counted."""

    def each() -> Iterator[ModelCard]:
        for architecture, model in described():
            print(model.name, file=sys.stderr, flush=True)
            yield complete(draft(architecture, model))

    return serialised(each())


if __name__ == "__main__":
    target = Path(str(resources.files("explorer.zoo").joinpath("catalogue.json")))
    target.write_text(generate(), "utf-8")

"""The pictures that come with the project: public domain or CC0, credited one by one.

No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal

from explorer import config
from explorer.errors import BadRequest
from explorer.pictures.intake import accept

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pictures.records import Picture

FOLDER = config.checkout() / "assets/samples"
PUBLIC_DOMAIN, CC0 = "Public domain", "CC0 1.0"

_OURS = "drawn for ConvZoo"


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture of the gallery; `name` stands in addresses, `credit` says who made it."""

    name: str
    title: str
    file: str
    credit: str
    licence: str
    subject: Literal["photograph", "digit"] = "photograph"


SAMPLES = (
    Sample("chelsea", "Chelsea the cat", "chelsea.jpg", "Stefan van der Walt", CC0),
    Sample("coffee", "Coffee cup", "coffee.jpg", "Rachel Michetti", CC0),
    Sample("astronaut", "Eileen Collins", "astronaut.jpg", "NASA", PUBLIC_DOMAIN),
    Sample("rocket", "Falcon 9", "rocket.jpg", "SpaceX", PUBLIC_DOMAIN),
    Sample("camera", "Cameraman", "camera.jpg", "Lav Varshney", CC0),
    Sample("retina", "Retina", "retina.jpg", "Mikael Häggström", CC0),
    Sample("hubble", "Hubble deep field", "hubble.jpg", "NASA", PUBLIC_DOMAIN),
    Sample("brick", "Brick wall", "brick.jpg", "CC0 Textures", CC0),
    Sample("grass", "Grass", "grass.jpg", "linolafett", CC0),
    Sample("digit_3", "A three", "digit_3.png", _OURS, CC0, "digit"),
    Sample("digit_5", "A five", "digit_5.png", _OURS, CC0, "digit"),
    Sample("digit_8", "An eight", "digit_8.png", _OURS, CC0, "digit"),
)


def find(name: str) -> Sample:
    """Return the sample of this name. Raises `BadRequest`, which says the names there are."""
    for sample in SAMPLES:
        if sample.name == name:
            return sample
    known = ", ".join(each.name for each in SAMPLES)
    raise BadRequest(f"There is no sample picture {name[:40]!r}; there are {known}.")


def path(sample: Sample) -> Path:
    """Return where the sample's file stands."""
    return FOLDER / sample.file


@lru_cache(maxsize=len(SAMPLES))
def accepted(name: str) -> Picture:
    """Return a sample as the gate lets it through, called by its title.

    Raises `BadRequest` for an unknown name.
    """
    sample = find(name)
    return replace(accept(path(sample).read_bytes(), sample.file), name=sample.title)

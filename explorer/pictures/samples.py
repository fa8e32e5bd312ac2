"""The pictures that come with the project: public domain or CC0, credited one by one.

No torch here.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import TYPE_CHECKING, Literal, TypeAlias

from explorer import config
from explorer.errors import BadRequest
from explorer.pictures.intake import accept

if TYPE_CHECKING:
    from pathlib import Path

    from explorer.pictures.records import Picture

FOLDER = config.checkout() / "assets/samples"
PUBLIC_DOMAIN, CC0 = "Public domain", "CC0 1.0"

Subject: TypeAlias = Literal["photograph", "class", "digit"]

SUBJECTS: dict[Subject, str] = {
    "photograph": "Photographs",
    "class": "The ten classes of CIFAR-10",
    "digit": "Digits",
}
FIRST: dict[Subject, str] = {"photograph": "chelsea", "class": "automobile_1", "digit": "digit_5"}
"""What stands for a subject until somebody chooses."""
SMALL = 64
"""Networks for pictures up to this side learned from CIFAR-10 or its like."""

_OURS = "drawn for ConvZoo"


@dataclass(frozen=True, slots=True)
class Sample:
    """A picture of the gallery; `name` stands in addresses, `credit` says who made it.

    `shows` is the class of CIFAR-10 that is seen in it; "" where none of the ten is.
    """

    name: str
    title: str
    file: str
    credit: str
    licence: str
    subject: Subject = "photograph"
    shows: str = ""

    @property
    def says(self) -> str:
        """What it is for where no eye has to guess; "" where there is nothing to say."""
        if not self.shows:
            return ""
        how = "Drawn by hand to show" if self.subject == "class" else "It shows"
        return f"{how}: {self.shows}."


def _drawn(shows: str, *titles: str) -> tuple[Sample, ...]:
    """The pictures of a class that `draw_classes.py` drew, whose files are numbered."""
    names = [f"{shows}_{number}" for number in range(1, len(titles) + 1)]
    return tuple(
        Sample(name, title, f"{name}.jpg", _OURS, CC0, "class", shows)
        for name, title in zip(names, titles, strict=True)
    )


SAMPLES = (
    Sample("chelsea", "Chelsea the cat", "chelsea.jpg", "Stefan van der Walt", CC0, shows="cat"),
    Sample("coffee", "Coffee cup", "coffee.jpg", "Rachel Michetti", CC0),
    Sample("astronaut", "Eileen Collins", "astronaut.jpg", "NASA", PUBLIC_DOMAIN),
    Sample("rocket", "Falcon 9", "rocket.jpg", "SpaceX", PUBLIC_DOMAIN),
    Sample("camera", "Cameraman", "camera.jpg", "Lav Varshney", CC0),
    Sample("retina", "Retina", "retina.jpg", "Mikael Häggström", CC0),
    Sample("hubble", "Hubble deep field", "hubble.jpg", "NASA", PUBLIC_DOMAIN),
    Sample("brick", "Brick wall", "brick.jpg", "CC0 Textures", CC0),
    Sample("grass", "Grass", "grass.jpg", "linolafett", CC0),
    *_drawn("airplane", "Airliner", "Propeller plane"),
    *_drawn("automobile", "Red saloon", "Blue hatchback"),
    *_drawn("bird", "Robin", "Goose"),
    *_drawn("cat", "Tabby cat", "Ginger cat"),
    *_drawn("deer", "Stag", "Doe"),
    *_drawn("dog", "Brown dog", "Sheepdog"),
    *_drawn("frog", "Green frog", "Brown frog"),
    *_drawn("horse", "Bay horse", "Grey horse"),
    *_drawn("ship", "Container ship", "Sailing ship"),
    *_drawn("truck", "Lorry", "Dump truck"),
    Sample("digit_3", "A three", "digit_3.png", _OURS, CC0, "digit"),
    Sample("digit_5", "A five", "digit_5.png", _OURS, CC0, "digit"),
    Sample("digit_8", "An eight", "digit_8.png", _OURS, CC0, "digit"),
)


def suiting(channels: int, side: int) -> Subject:
    """Return what a network was made for that reads so many channels, `side` pixels across."""
    if channels == 1:
        return "digit"
    return "class" if side <= SMALL else "photograph"


def of(subject: Subject) -> tuple[Sample, ...]:
    """Return the samples of a subject; a photograph of one of the ten classes is of two."""
    return tuple(
        each for each in SAMPLES if each.subject == subject or (subject == "class" and each.shows)
    )


def groups(first: Subject) -> dict[Subject, tuple[Sample, ...]]:
    """Return every sample once, by subject: those first that suit a network best."""
    order = sorted(SUBJECTS, key=lambda each: each != first)
    found: dict[Subject, tuple[Sample, ...]] = {}
    for subject in order:
        listed = {each for group in found.values() for each in group}
        found[subject] = tuple(each for each in of(subject) if each not in listed)
    return found


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

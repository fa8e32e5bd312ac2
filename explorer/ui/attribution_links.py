"""The Saliency page's part of the address: lists of methods, networks and classes, and knobs."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.vision.attribution_records import KnobValue, Method

BETWEEN = "~"
"""Stands between the parts of a list."""


def written(parts: Sequence[object]) -> str | None:
    """A list as it stands in the address; None for an empty one."""
    return BETWEEN.join(map(str, parts)) or None


def some_of(what: str, known: Sequence[str], most: int) -> Callable[[str], tuple[str, ...]]:
    """A reader of a list of names, each of which must be known; of too many the first count."""

    def parse(text: str) -> tuple[str, ...]:
        asked = tuple(dict.fromkeys(text.split(BETWEEN)))
        for each in asked:
            if each not in known:
                raise BadRequest(
                    f"The address asks for the {what} {each[:40]!r}, which there is not, so the "
                    "usual view is shown."
                )
        return asked[:most]

    return parse


def layer(known: Sequence[str]) -> Callable[[str], str]:
    """A reader of the layer a CAM is made from."""

    def parse(text: str) -> str:
        if text not in known:
            raise BadRequest(
                f"The address asks for the layer {text[:60]!r}, which no CAM can be made from in "
                "this network, so the usual one is taken."
            )
        return text

    return parse


def classes(names: Sequence[str], most: int) -> Callable[[str], tuple[int, ...]]:
    """A reader of classes by number, or by name."""
    numbers = {name.lower(): index for index, name in reversed(list(enumerate(names)))}

    def number(text: str) -> int:
        plain = text.strip().lower()
        if plain.isascii() and plain.isdigit() and int(plain[:9]) < len(names):
            return int(plain[:9])
        if plain in numbers:
            return numbers[plain]
        raise BadRequest(
            f"The address asks for the class {text[:40]!r}, which this network does not know, so "
            "the likeliest ones are shown."
        )

    return lambda text: tuple(dict.fromkeys(map(number, text.split(BETWEEN)[:most])))


def knob(method: Method, name: str) -> Callable[[str], KnobValue]:
    """A reader of one knob from the list of all that are turned ("smoothgrad.samples:50")."""
    wanted = next(each for each in method.knobs if each.name == name)

    def parse(text: str) -> KnobValue:
        for each in text.split(BETWEEN):
            place, _, value = each.partition(":")
            if place == f"{method.key}.{name}":
                return wanted.checked(value if wanted.choices else _number(value, wanted.default))
        return wanted.default

    return parse


def _number(text: str, like: KnobValue) -> float | int:
    try:
        return int(text) if isinstance(like, int) else float(text)
    except ValueError:
        raise BadRequest(f"The address sets a knob to {text[:40]!r}, which is no number.") from None

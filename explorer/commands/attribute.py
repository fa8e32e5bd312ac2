"""`python -m explorer attribute`: what a network looked at. No torch until it runs."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from explorer import units
from explorer.commands import asked
from explorer.errors import BadRequest
from explorer.vision import attribution_methods

if TYPE_CHECKING:
    from explorer.commands import Commands
    from explorer.vision.attribution_methods import KnobValue
    from explorer.vision.attribution_records import Attribution


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    attribute = commands.add_parser(
        "attribute",
        help="draw what a network looked at",
        description="Draw which pixels of a picture speak for a class (red) and against it (blue). "
        f"Methods: {', '.join(attribution_methods.METHODS)}.",
    )
    attribute.add_argument("picture", metavar="PICTURE", help="a file")
    attribute.add_argument("--model", required=True, metavar="NAME", help="a classifier of the zoo")
    attribute.add_argument("--method", required=True, metavar="NAME", help="one of those above")
    attribute.add_argument(
        "--weights", metavar="KEY", help="such as IMAGENET1K_V1 or random (default: the best here)"
    )
    attribute.add_argument(
        "--target", metavar="CLASS", help="a class by name or number (default: the top one)"
    )
    attribute.add_argument(
        "--layer", metavar="NAME", help="a row of the anatomy (default: the customary one)"
    )
    attribute.add_argument(
        "--knob",
        action="append",
        default=[],
        metavar="NAME=VALUE",
        help="a setting of the method, such as steps=100; may be given several times",
    )
    attribute.add_argument("--output", required=True, metavar="FILE.png", help="where it goes")
    attribute.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Make the map, write it, and say what it shows."""
    file = asked.writable(chosen.output, ".png")
    method = attribution_methods.find(chosen.method)
    knobs = tuple(_knob(text) for text in chosen.knob)
    method.settings(knobs)
    if chosen.layer and not method.uses_layer:
        raise BadRequest(f"{method.title} looks into no layer; leave --layer out.")
    asked.admit([chosen.model])
    picture = asked.picture(chosen.picture)

    from explorer.vision import attribution, overlay  # noqa: PLC0415 - loads torch

    found = attribution.attribute(
        chosen.model,
        picture,
        method.key,
        target=chosen.target,
        weights=chosen.weights,
        layer=chosen.layer,
        knobs=knobs,
        progress=_progress,
    )
    (limit,) = overlay.limits([found])
    asked.write(file, overlay.overlay(found, picture, limit=limit, signed=method.signed))
    print(_told(found))
    for sentence in found.notes:
        print(sentence)
    return 0


def _told(found: Attribution) -> str:
    method = attribution_methods.find(found.method)
    layer = f" at {found.layer} ({found.layer_field})" if found.layer else ""
    added = f" {found.completeness.sentence}" if found.completeness else ""
    return (
        f"{method.title}{layer} of {found.use.title}, {found.use.weights_title}, for "
        f"{found.target_name} ({found.probability:.1%}): {found.passes} passes, "
        f"{units.duration(found.seconds)}.{added}"
    )


def _knob(text: str) -> tuple[str, KnobValue]:
    name, equals, value = text.partition("=")
    if not (name and equals and value):
        raise BadRequest(f"A knob is given as NAME=VALUE, such as steps=100, not {text!r}.")
    try:
        return name, float(value)
    except ValueError:
        return name, value


def _progress(fraction: float, sentence: str) -> None:
    if sys.stderr.isatty():
        print(f"\r{fraction:4.0%} {sentence}", end="\033[K", file=sys.stderr, flush=True)

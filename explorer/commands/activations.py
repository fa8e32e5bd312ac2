"""`python -m explorer activations`: what a layer makes of a picture. No torch until it runs."""

from __future__ import annotations

import argparse
from typing import TYPE_CHECKING

from explorer import units
from explorer.commands import asked
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from explorer.commands import Commands
    from explorer.pictures.records import Picture


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    activations = commands.add_parser(
        "activations",
        help="draw feature maps",
        description="Draw what a layer makes of a picture: all its channels on one sheet, or one "
        "of them over the picture. Warm colours are above 0, cold ones below.",
    )
    activations.add_argument("picture", metavar="PICTURE", help="a file")
    activations.add_argument(
        "--model", required=True, metavar="NAME", help="a classifier of the zoo"
    )
    activations.add_argument(
        "--layer", metavar="NAME", help="a row of its anatomy (default: the first activation)"
    )
    activations.add_argument(
        "--weights", metavar="KEY", help="such as IMAGENET1K_V1 or random (default: the best here)"
    )
    activations.add_argument("--output", required=True, metavar="FILE.png", help="where it goes")
    activations.add_argument(
        "--channel", type=int, metavar="N", help="this one alone, over the picture"
    )
    activations.add_argument(
        "--scale",
        choices=("channel", "together"),
        default="channel",
        help="full colour is the largest of a channel (default), or of all together",
    )
    activations.add_argument(
        "--order",
        choices=("channel", "activation"),
        default="channel",
        help="by number (default), or the largest mean first",
    )
    activations.add_argument(
        "--page", type=int, default=1, metavar="N", help="of 256 maps each (default: 1)"
    )
    activations.set_defaults(run=run)


def run(chosen: argparse.Namespace) -> int:
    """Draw the maps, write them, and say what they are."""
    file = asked.writable(chosen.output, ".png")
    asked.admit([chosen.model])
    picture = asked.picture(chosen.picture)
    png, said = _sheet(chosen, picture) if chosen.channel is None else _one(chosen, picture)
    asked.write(file, png)
    print(said)
    return 0


def _sheet(chosen: argparse.Namespace, picture: Picture) -> tuple[bytes, str]:
    from explorer.vision import activations  # noqa: PLC0415 - loads torch

    found = activations.sheet(
        chosen.model,
        picture,
        chosen.layer,
        weights=chosen.weights,
        scale=chosen.scale,
        order=chosen.order,
        page=chosen.page - 1,
    )
    page = f", page {found.page + 1} of {found.pages}" if found.pages > 1 else ""
    said = (
        f"{found.layer} ({found.kind}) of {found.use.title}, {found.use.weights_title}: "
        f"{found.count} channels of {units.shape(found.grid)}{page}, {found.dead} dead, values "
        f"from {found.lowest:.6g} to {found.highest:.6g}."
    )
    return found.png, f"{said} {found.note}".rstrip()


def _one(chosen: argparse.Namespace, picture: Picture) -> tuple[bytes, str]:
    from explorer.pictures.pixels import pixels  # noqa: PLC0415 - Pillow
    from explorer.vision import activations, laid_over  # noqa: PLC0415 - loads torch

    found = activations.channel(
        chosen.model, picture, chosen.layer, chosen.channel, weights=chosen.weights
    )
    if found.grid is None:
        raise BadRequest(
            f"{found.layer} has one number for each channel and nothing to lay over the picture; "
            "leave --channel out."
        )
    values = found.statistics
    said = (
        f"Channel {found.channel} of {found.layer} ({found.kind}) of {found.use.title}, "
        f"{found.use.weights_title}: values from {values.lowest:.6g} to {values.highest:.6g}, "
        f"mean {values.mean:.6g}."
    )
    return laid_over.over(pixels(picture), found), said

"""`python -m explorer compare`: networks side by side. No torch until it runs."""

from __future__ import annotations

import argparse
import contextlib
import sys
from typing import TYPE_CHECKING

from explorer import units
from explorer.commands import asked
from explorer.compare import report, tables
from explorer.compare.assembled import assembled
from explorer.compare.totals import check
from explorer.errors import BadRequest

if TYPE_CHECKING:
    from collections.abc import Iterator

    from explorer.commands import Commands
    from explorer.compare.assembled import Pair
    from explorer.compare.records import Comparison, Profile


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    compare = commands.add_parser(
        "compare",
        help="put models side by side",
        description="Put two to six models side by side: totals, stages aligned by resolution, "
        "what differs between the first two, and how far each suits its input.",
    )
    compare.add_argument(
        "names", nargs="+", metavar="NAME", help="a name from the zoo, timm:NAME, module:callable"
    )
    compare.add_argument("--size", metavar="H|HxW", help="one input for all (default: their own)")
    compare.add_argument("--measure", action="store_true", help="run them here: time and memory")
    forms = compare.add_mutually_exclusive_group()
    for form, title in (("json", "JSON"), ("markdown", "Markdown"), ("html", "one HTML page")):
        forms.add_argument(
            f"--{form}", dest="form", action="store_const", const=form, help=f"as {title}"
        )
    compare.set_defaults(run=run, form="text")


def run(chosen: argparse.Namespace) -> int:
    """Compare, and print the answer."""
    asked.admit(chosen.names)
    check(chosen.names)
    size = None if chosen.size is None else units.parse_size(chosen.size)
    pairs = list(_pairs(chosen.names, size))
    profiles = list(_profiles(pairs, size)) if chosen.measure else []
    found = assembled(pairs, size=size, profiles=profiles)
    if len(found.columns) < len(pairs):
        raise BadRequest(found.left_out[0].replace("is left out", "cannot be compared"))
    sys.stdout.write(_written(found, chosen.form))
    return 0


def _pairs(names: list[str], size: tuple[int, int] | None) -> Iterator[Pair]:
    from explorer.anatomy import dissect  # noqa: PLC0415 - loads torch
    from explorer.zoo import build  # noqa: PLC0415 - loads torch

    for name in names:
        # What a user's model prints is not part of our output.
        with contextlib.redirect_stdout(sys.stderr):
            yield build.card(name), dissect(name, size=size)


def _profiles(pairs: list[Pair], size: tuple[int, int] | None) -> Iterator[Profile]:
    from explorer.compare.profile import profile  # noqa: PLC0415 - loads torch

    for number, (card, anatomy) in enumerate(pairs, 1):
        if anatomy.failure is None:
            print(f"{number}/{len(pairs)} measuring {card.name}", file=sys.stderr, flush=True)
            yield profile(card.name, size=size)


def _written(found: Comparison, form: str) -> str:
    if form == "json":
        return report.to_json(found)
    if form == "html":
        return report.html(found)
    return tables.markdown(found) if form == "markdown" else tables.text(found)

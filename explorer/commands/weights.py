"""`python -m explorer weights`: what is shipped, made and checked. No torch until it is needed."""

from __future__ import annotations

import argparse
import dataclasses
import json
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer import config
from explorer.commands import train
from explorer.commands.runs import table
from explorer.errors import BadRequest
from explorer.runs.store import RunStore
from explorer.shipped import making, page
from explorer.training import recipe as recipes
from explorer.training.data import catalogue as data_catalogue
from explorer.zoo import own_weights

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.commands import Commands
    from explorer.shipped.check import Checked
    from explorer.shipped.table import Shipped
    from explorer.training.data.loading import Pictures
    from explorer.zoo.own_weights import OwnWeights

ERROR, INTERRUPTED = 2, 130
"""A file that is not what its card says, and a training that was paused."""


def add_parser(commands: Commands) -> None:
    """Say what the command takes."""
    weights = commands.add_parser(
        "weights",
        help="the weights that come with ConvZoo",
        description="List the networks that were trained for ConvZoo, with what was measured from "
        "their files.",
    )
    weights.add_argument("--json", action="store_true", help="their cards, as a JSON list")
    weights.set_defaults(run=_list)
    actions = weights.add_subparsers(title="more", metavar="ACTION")
    _add_make(actions)
    check = actions.add_parser(
        "check",
        help="hold the files against their cards",
        description="Compare each file's SHA-256 with its card's, and where the data are on this "
        "computer its accuracy on 1,000 fixed test pictures.",
    )
    check.add_argument("models", nargs="*", metavar="MODEL", help="these alone (default: all)")
    check.set_defaults(run=_check)


def _add_make(actions: Commands) -> None:
    make = actions.add_parser(
        "make",
        help="train networks and write their files",
        description="Train networks one after the other, each by its recipe, and write weights, "
        "card and recorded run. A run of the same recipe that is done is not done again, one that "
        "was interrupted goes on. Ctrl-C pauses. Progress goes to stderr.",
    )
    make.add_argument("models", nargs="*", metavar="MODEL", help="these alone (default: all)")
    make.add_argument("--full", action="store_true", help="the full schedule, for a GPU")
    make.add_argument("--runs", type=Path, metavar="FOLDER", help="where runs are kept")
    make.add_argument("--output", type=Path, metavar="FOLDER", help="where the files are written")
    make.add_argument(
        "--download", action="store_true", help="fetch the data if they are not on this computer"
    )
    make.set_defaults(run=_make)


def _list(chosen: argparse.Namespace) -> int:
    sets = page.in_order(own_weights.all_own())
    if chosen.json:
        print(json.dumps([_as_object(each) for each in sets], indent=2, allow_nan=False))
        return 0
    print(table([page.HEADINGS, *map(page.row, sets)]))
    here = {each.model for each in sets}
    missing = [each.model for each in making.chosen(()) if each.model not in here]
    if missing:
        print(f"Not made yet: {', '.join(missing)}.")
    return 0


def _as_object(weights: OwnWeights) -> dict[str, object]:
    told = {field.name: getattr(weights, field.name) for field in dataclasses.fields(weights)}
    return told | {"recipe": recipes.told(weights.recipe)}


def _make(chosen: argparse.Namespace) -> int:
    asked = making.chosen(chosen.models)
    for key in dict.fromkeys(each.recipe.data for each in asked):
        train.here(key, fetch=chosen.download)
    store = RunStore(None if chosen.runs is None else chosen.runs.expanduser().absolute())
    folder = own_weights.folder() if chosen.output is None else chosen.output.absolute()
    for each in asked:
        if (failed := _made(each, store, folder, full=chosen.full)) is not None:
            return failed
    return 0


def _made(each: Shipped, store: RunStore, folder: Path, *, full: bool) -> int | None:
    """Make one of them; the exit code of a training that did not come to its end."""
    run = making.run_of(each.full if full else each.recipe, store)
    if run.state != "done":
        run = train.recorded(store, run.id)
    if run.state != "done":
        print(f"{each.model}: {run.sentence} The same command goes on.", file=sys.stderr)
        return INTERRUPTED if run.state == "paused" else ERROR
    from explorer.shipped import weights  # noqa: PLC0415 - loads torch

    print(f"Measuring {each.model}", file=sys.stderr, flush=True)
    made = weights.write(run, store, folder)
    cards = [own_weights.read(path) for path in sorted(folder.glob("*.json"))]
    (folder / page.PAGE).write_text(page.text([it for it in cards if it is not None]), "utf-8")
    print(f"{made.model}: {made.top1:.2f} % of all test pictures; {made.path}", flush=True)
    return None


def _check(chosen: argparse.Namespace) -> int:
    wanted = {each.model for each in making.chosen(chosen.models)}
    sets = [each for each in page.in_order(own_weights.all_own()) if each.model in wanted]
    if not sets:
        raise BadRequest(
            "There are no such weights here yet; python -m explorer weights make makes them."
        )
    wrong = [line for found in _checked(sets) for line in found.problems]
    for line in wrong:
        print(line, file=sys.stderr)
    return ERROR if wrong else 0


def _checked(sets: Sequence[OwnWeights]) -> Iterable[Checked]:
    """Check one after the other, and say how each is; the pictures of a data set are read once."""
    from explorer.shipped import check  # noqa: PLC0415 - loads torch

    pictures: dict[str, Pictures | None] = {}
    for each in sets:
        key = each.recipe.data
        if key not in pictures:
            there = data_catalogue.on_disk(key)
            pictures[key] = check.fixed_pictures(key) if there else None
        found = check.check(each, pictures[key])
        print(_said(found), flush=True)
        yield found


def _said(found: Checked) -> str:
    state = "not as its card says" if found.problems else "as its card says"
    if found.measured is None:
        return f"{found.model}: {state}; its data are not in {config.data_folder()}"
    return (
        f"{found.model}: {state}; {found.measured:.1f} % of 1,000 test pictures, "
        f"{found.stated:.1f} % stated"
    )

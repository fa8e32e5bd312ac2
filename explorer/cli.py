"""The same capabilities without a browser: `python -m explorer`, installed as `convzoo`.

Results go to stdout, progress and errors to stderr. Exit code 0 is success, 2 an error that one
sentence explains; a network that stops half-way prints the layers that ran and exits with 2 too.
Torch is loaded by the commands that need it, not by this module.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import warnings
from collections.abc import Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, NoReturn

from explorer import units
from explorer.anatomy import export
from explorer.errors import BadRequest, ExplorerError
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard

ERROR = 2
INTERRUPTED = 130
BROKEN_PIPE = 141  # both as a shell reports the signal

ZOO_HEADINGS = ("name", "year", "family", "task", "input", "params", "MACs", "top-1")


class _Parser(argparse.ArgumentParser):
    """A parser whose errors are one sentence, like all others here."""

    def error(self, message: str) -> NoReturn:
        raise BadRequest(f"{message[:1].upper()}{message[1:]}; see {self.prog} --help.")


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        # A terminal without "×" shows its code; JSON and CSV are ASCII wherever names are.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
    try:
        chosen = _parser().parse_args(arguments)
        code = int(chosen.run(chosen))
        sys.stdout.flush()
    except ExplorerError as error:
        return _fail(error)
    except BrokenPipeError:
        # Python would complain once more when it flushes at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return BROKEN_PIPE
    except KeyboardInterrupt:
        return INTERRUPTED
    return code


def _parser() -> argparse.ArgumentParser:
    prog = "python -m explorer" if sys.argv[0].endswith("__main__.py") else "convzoo"
    parser = _Parser(prog=prog, description="Understand convolutional networks.")
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)

    zoo = commands.add_parser("zoo", help="list the models", description="List the models.")
    zoo.add_argument("--json", action="store_true", help="every model's card, as a JSON list")
    zoo.set_defaults(run=_zoo)

    anatomy = commands.add_parser(
        "anatomy",
        help="take models apart",
        description="Say what each layer does to the tensor, what it costs and how far it sees.",
    )
    anatomy.add_argument(
        "names",
        nargs="*",
        metavar="NAME",
        help="a name from the zoo, timm:NAME, or module:callable, which makes a torch.nn.Module",
    )
    anatomy.add_argument("--all", action="store_true", help="the whole catalogue, timm apart")
    anatomy.add_argument("--size", metavar="H|HxW", help="pixels (default: the weights' own size)")
    anatomy.add_argument("--batch", type=int, default=1, metavar="N", help="samples (default: 1)")
    form = anatomy.add_mutually_exclusive_group()
    form.add_argument("--json", dest="write", action="store_const", const=_json, help="as JSON")
    form.add_argument("--csv", dest="write", action="store_const", const=_csv, help="as CSV")
    form.add_argument(
        "--markdown", dest="write", action="store_const", const=_markdown, help="as Markdown"
    )
    anatomy.set_defaults(run=_anatomy, write=_text)
    return parser


def _zoo(chosen: argparse.Namespace) -> int:
    cards = catalogue.cards()
    if chosen.json:
        print(json.dumps([asdict(card) for card in cards], indent=2, allow_nan=False))
        return 0
    rows = [ZOO_HEADINGS, *map(_zoo_row, cards)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = (text.ljust(width) for text, width in zip(row, widths, strict=True))
        print("  ".join(cells).rstrip())
    return 0


def _zoo_row(card: ModelCard) -> tuple[str, ...]:
    weights = card.default_weights
    top1 = None if weights is None else weights.top1
    return (
        card.name,
        str(card.year),
        card.family,
        card.task,
        units.shape(card.input_shape),
        units.count(card.params),
        units.cost(card.macs),
        "" if top1 is None else f"{top1:.2f} %",
    )


def _anatomy(chosen: argparse.Namespace) -> int:
    if chosen.all == bool(chosen.names):
        raise BadRequest("Name at least one model, or give --all alone.")
    size = None if chosen.size is None else units.parse_size(chosen.size)
    names = [card.name for card in catalogue.cards()] if chosen.all else chosen.names
    _admit(names)
    anatomies = _dissected(names, size, chosen.batch)
    sys.stdout.writelines(chosen.write(anatomies, many=chosen.all or len(names) > 1))
    code = 0
    for each in anatomies:
        if each.failure is not None:
            print(f"{each.model} stopped {export.stopped(each.failure)}", file=sys.stderr)
            code = ERROR
    return code


def _admit(names: Sequence[str]) -> None:
    """Refuse unknown names before any work, and let the user's own models in."""
    own = [name for name in names if ":" in name and not name.startswith("timm:")]
    for name in names:
        if ":" not in name:
            catalogue.find(name)
    if own:
        from explorer.zoo import user_models  # noqa: PLC0415 - loads torch

        # `convzoo` does not look for modules where it was started, as `python -m` does.
        sys.path.insert(0, "")
        for name in own:
            user_models.allow(name)


def _dissected(names: Sequence[str], size: tuple[int, int] | None, batch: int) -> list[Anatomy]:
    from explorer.anatomy import dissect  # noqa: PLC0415 - loads torch

    found = []
    for position, name in enumerate(names, 1):
        if len(names) > 1:
            print(f"{position}/{len(names)} {name}", file=sys.stderr, flush=True)
        # What a user's model prints is not part of our output.
        with contextlib.redirect_stdout(sys.stderr):
            found.append(dissect(name, size=size, batch=batch))
    return found


def _json(anatomies: Sequence[Anatomy], *, many: bool) -> list[str]:
    texts = [export.to_json(each) for each in anatomies]
    return ["[", ",\n".join(texts), "]\n"] if many else [*texts, "\n"]


def _csv(anatomies: Sequence[Anatomy], *, many: bool) -> list[str]:
    return [export.to_csv(each, header=index == 0) for index, each in enumerate(anatomies)]


def _markdown(anatomies: Sequence[Anatomy], *, many: bool) -> list[str]:
    return ["\n".join(map(export.to_markdown, anatomies))]


def _text(anatomies: Sequence[Anatomy], *, many: bool) -> list[str]:
    return ["\n".join(map(export.to_text, anatomies))]


def _fail(error: ExplorerError) -> int:
    print(" ".join(str(error).split()), file=sys.stderr)
    return ERROR

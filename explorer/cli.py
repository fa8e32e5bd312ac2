"""The same capabilities without a browser: `python -m explorer`, installed as `convzoo`.

Results go to stdout, progress and errors to stderr. Exit code 0 is success, 2 an error that one
sentence explains; a network that stops half-way prints the layers that ran and exits with 2 too.
Exit code 1 means that all was answered but for pictures that were refused.
Torch is loaded by the commands that need it, not by this module.
"""

from __future__ import annotations

import argparse
import contextlib
import json
import os
import sys
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Literal, NoReturn, TypeAlias

from explorer import units
from explorer.anatomy import export
from explorer.commands import (
    activations,
    asked,
    attribute,
    blocks,
    compare,
    finetune,
    predict,
    runs,
    train,
    weights,
)
from explorer.errors import BadRequest, ExplorerError, OutOfMemory
from explorer.exhausted import out_of_memory
from explorer.zoo import catalogue

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy
    from explorer.zoo.cards import ModelCard

MORE = (predict, activations, attribute, compare, blocks, train, finetune, runs, weights)
"""Commands in modules of their own: each has `add_parser(commands)`."""

Form: TypeAlias = Literal["text", "json", "csv", "markdown"]

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
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        return _fail(OutOfMemory("There is not enough memory; choose a smaller size or batch."))
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
    forms = anatomy.add_mutually_exclusive_group()
    for form, title in (("json", "JSON"), ("csv", "CSV"), ("markdown", "Markdown")):
        forms.add_argument(
            f"--{form}", dest="form", action="store_const", const=form, help=f"as {title}"
        )
    anatomy.set_defaults(run=_anatomy, form="text")
    for module in MORE:
        module.add_parser(commands)
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
    asked.admit(names)
    texts: list[str] = []
    stops: list[str] = []
    # Texts are kept, not anatomies: those of the whole catalogue are half a gigabyte.
    for anatomy in _dissected(names, size, chosen.batch):
        texts.append(_written(anatomy, chosen.form, header=not texts))
        if anatomy.failure is not None:
            stops.append(f"{anatomy.model} stopped {export.stopped(anatomy.failure)}")
    sys.stdout.writelines(_joined(texts, chosen.form, many=chosen.all or len(names) > 1))
    for sentence in stops:
        print(sentence, file=sys.stderr)
    return ERROR if stops else 0


def _dissected(names: Sequence[str], size: tuple[int, int] | None, batch: int) -> Iterator[Anatomy]:
    from explorer.anatomy import dissect  # noqa: PLC0415 - loads torch

    for position, name in enumerate(names, 1):
        if len(names) > 1:
            print(f"{position}/{len(names)} {name}", file=sys.stderr, flush=True)
        # What a user's model prints is not part of our output.
        with contextlib.redirect_stdout(sys.stderr):
            anatomy = dissect(name, size=size, batch=batch)
        yield anatomy


def _written(anatomy: Anatomy, form: Form, *, header: bool) -> str:
    if form == "json":
        return export.to_json(anatomy)
    if form == "csv":
        return export.to_csv(anatomy, header=header)
    return export.to_markdown(anatomy) if form == "markdown" else export.to_text(anatomy)


def _joined(texts: Sequence[str], form: Form, *, many: bool) -> tuple[str, ...]:
    """Several models as one valid file: a JSON list, one CSV table, or one text after another."""
    if form == "json":
        return ("[", ",\n".join(texts), "]\n") if many else (*texts, "\n")
    return (("" if form == "csv" else "\n").join(texts),)


def _fail(error: ExplorerError) -> int:
    print(" ".join(str(error).split()), file=sys.stderr)
    return ERROR

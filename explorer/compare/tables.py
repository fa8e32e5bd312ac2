"""A comparison as tables of text: what the page, the report and the command line all show.

No torch here. A table is a heading, column titles, and rows of as many cells.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer import units
from explorer.compare.levels import title as level_title
from explorer.compare.phrases import chain, name
from explorer.compare.stages import sizes

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from explorer.compare.records import BatchRun, Comparison, Stage, Step, Totals, Unit

CONVENTIONS = (
    "1 MAC is one multiplication with its addition. Activations are what one forward pass of one "
    "sample writes, the peak what of it is alive at once, both as the tensors ran. Depth counts "
    "layers with weights on the longest path. Accuracies are published ones and belong to the "
    "weights named."
)
STAGES_SAY = (
    "A stage is all that works on maps of one resolution: 1/8 is an eighth of the input's height, "
    "to the nearest power of two. A layer stands where its output stands. Stages add up to totals."
)


@dataclass(frozen=True, slots=True)
class Table:
    """Cells of text under titles."""

    heading: str
    titles: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    caption: str = ""


def tables(found: Comparison) -> tuple[Table, ...]:
    """All tables of a comparison, those without rows left out."""
    made = [totals(found.columns), stages(found.columns)]
    if found.difference is not None:
        steps = found.difference
        made.append(
            Table(
                f"From {steps.left} to {steps.right}",
                ("stage", "what differs"),
                tuple((level_title(each.level), each.sentence) for each in steps.stages),
                steps.sentence,
            )
        )
    if found.fits:
        rows = tuple((each.title, units.shape(each.size), each.sentence) for each in found.fits)
        made.append(Table("How far they suit pictures of a size", ("model", "size", ""), rows))
    if found.profiles:
        made.append(measured(found))
    return tuple(made)


def totals(columns: Sequence[Totals]) -> Table:
    """One row a figure, one column a model."""
    rows = [
        ("parameters", *(units.count(each.params) for each in columns)),
        ("MACs", *(_macs(each) for each in columns)),
        ("activations", *(units.memory(each.activation_bytes) for each in columns)),
        ("activations at the peak", *(units.memory(each.peak_bytes) for each in columns)),
        ("weights in memory", *(units.memory(each.weight_bytes) for each in columns)),
        ("depth", *(str(each.depth) for each in columns)),
        ("sees", *(f"{each.sees}, {each.sees_of}" for each in columns)),
        ("input", *(units.shape(each.input_shape) for each in columns)),
        ("published accuracy", *(accuracy(each) for each in columns)),
        ("year", *(str(each.year) for each in columns)),
    ]
    heads = ("", *(each.title for each in columns))
    return Table("Side by side", heads, tuple(rows), CONVENTIONS)


def accuracy(column: Totals) -> str:
    """A published accuracy with its metric and weights, or that there is none."""
    said = column.accuracy
    if said is None:
        return "none published"
    return f"{said.value:.2f} {said.metric} ({said.weights})"


def stages(columns: Sequence[Totals]) -> Table:
    """One row a resolution; each model's maps, channels, layers and cost there."""
    levels = sorted({stage.level for column in columns for stage in column.stages})
    rows = []
    for level in levels:
        cells = [level_title(level)]
        for column in columns:
            here = next((each for each in column.stages if each.level == level), None)
            cells.append("—" if here is None else stage_cell(here))
        rows.append(tuple(cells))
    heads = ("stage", *(each.title for each in columns))
    return Table("Stage by stage", heads, tuple(rows), STAGES_SAY)


def stage_cell(stage: Stage) -> str:
    """One stage of one network in a line."""
    wide = f"{stage.channels:,} channels, " if stage.channels else ""
    size = f"{sizes(stage)}, " if stage.sizes else ""
    cost = units.cost(stage.macs) if stage.macs or not stage.uncounted else units.NOT_COUNTED
    rows = "1 row" if stage.layers == 1 else f"{stage.layers} rows"
    return f"{size}{wide}{rows}, {units.short(stage.params)} params, {cost}"


def measured(found: Comparison) -> Table:
    """What was measured here, one row a model."""
    rows = tuple(
        (
            each.title,
            units.duration(each.latency_ms / 1e3),
            f"{units.rate(each.best_rate)} at batch {_best(each.runs)}",
            units.memory(each.runs[0].peak_bytes),
            each.largest.short,
        )
        for each in found.profiles
    )
    device = found.profiles[0].device
    titles = ("model", "latency, batch 1", "best throughput", "peak memory", "largest batch")
    caption = (
        f"On {device.name} ({device.kind}, threads: {device.threads}, torch {device.torch}): "
        f"medians after passes that do not count, random weights. Peak memory is "
        f"{found.profiles[0].memory_convention}. "
        + " ".join(
            f"{each.title}: {each.largest.sentence[:1].lower()}{each.largest.sentence[1:]}"
            for each in found.profiles
        )
    )
    return Table("Measured here", titles, rows, caption)


def text(found: Comparison) -> str:
    """The comparison for a terminal."""
    parts = [_aligned(each) for each in tables(found)]
    return "\n\n".join([*parts, *_notes(found)]) + "\n"


def markdown(found: Comparison) -> str:
    """The comparison as GitHub's Markdown."""
    lines = [f"# {_escaped(heading(found))}", ""]
    for each in tables(found):
        lines += [f"## {_escaped(each.heading)}", ""]
        lines.append(_piped([_escaped(title) for title in each.titles]))
        lines.append(_piped(["---"] * len(each.titles)))
        lines += [_piped([_escaped(cell) for cell in row]) for row in each.rows]
        lines += ["", _escaped(each.caption), ""] if each.caption else [""]
    lines += [f"{_escaped(each)}\n" for each in _notes(found)]
    return "\n".join(lines).rstrip() + "\n"


def heading(found: Comparison) -> str:
    """What is compared, at which input."""
    names = ", ".join(each.title for each in found.columns)
    at = f" at {units.shape(found.size)}" if found.size else ", each at its own input size"
    return f"{names}{at}"


def told(unit: Unit) -> str:
    """A unit in a line: its name, branches with channels."""
    branches = [chain(path) for path in unit.paths if path or len(unit.paths) > 1]
    return f"{name(unit)}: {' | '.join(branches)}" if any(unit.paths) else name(unit)


def step_words(step: Step) -> str:
    """What became of a pair of units, with the verdict in words."""
    return "; ".join([step.verdict, *step.words])


def _notes(found: Comparison) -> list[str]:
    return [each for each in (found.note, *found.left_out) if each]


def _best(runs: Iterable[BatchRun]) -> int:
    return max(runs, key=lambda run: run.samples_per_second).batch


def _macs(column: Totals) -> str:
    more = f" + {column.not_counted} operators not counted" if column.not_counted else ""
    return f"{units.cost(column.macs)}{more}"


def _aligned(table: Table) -> str:
    rows = [table.titles, *table.rows]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    lines = [table.heading]
    for row in rows:
        cells = (cell.ljust(width) for cell, width in zip(row, widths, strict=True))
        lines.append(f"  {'  '.join(cells)}".rstrip())
    return "\n".join([*lines, *([f"  {table.caption}"] if table.caption else [])])


def _piped(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _escaped(words: str) -> str:
    for mark in "\\|*_`[]$~":
        words = words.replace(mark, f"\\{mark}")
    return words.replace("<", "&lt;")

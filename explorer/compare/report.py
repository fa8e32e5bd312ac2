"""A comparison as a page to hand out: HTML that needs nothing else and prints, or JSON.

No torch here. Names and sentences are escaped: a user's own model may be called anything.
"""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import asdict
from html import escape
from typing import TYPE_CHECKING, Any

from explorer import units
from explorer.compare.levels import title as level_title
from explorer.compare.tables import heading, tables

if TYPE_CHECKING:
    from explorer.compare.records import Comparison, Profile, Totals
    from explorer.compare.tables import Table

COLOURS = ("#3b7dd8", "#d97706", "#0f9d8a", "#c2417c", "#8a63d2", "#7a8b1f")
_STYLE = """
@page { size: A4; margin: 12mm }
body { font: 13px/1.4 system-ui, sans-serif; color: #1d232c; max-width: 1000px; margin: 24px auto;
       padding: 0 16px }
h1 { font: 600 22px/1.2 Georgia, serif; margin: 0 0 4px }
h2 { font: 600 16px/1.2 Georgia, serif; margin: 18px 0 6px }
table { border-collapse: collapse; width: 100%; break-inside: avoid }
th, td { text-align: left; vertical-align: top; padding: 3px 8px 3px 0;
         border-bottom: 1px solid #e2ded4 }
td:first-child { color: #6a6f78; white-space: nowrap }
p { color: #6a6f78; margin: 4px 0 }
.bar { height: 9px; border-radius: 2px; min-width: 1px; print-color-adjust: exact;
       -webkit-print-color-adjust: exact }
.scroll { overflow-x: auto }
"""


def html(found: Comparison) -> str:
    """Write one self-contained page."""
    title = escape(f"{heading(found)}")
    parts = [f"<h1>{title}</h1>", *(f"<p>{escape(each)}</p>" for each in _notes(found))]
    for number, each in enumerate(tables(found)):
        parts.append(_table(each))
        if number == 1:
            parts.append(_bars(found.columns))
    parts.append("<p>Counted and written by ConvZoo from the networks themselves.</p>")
    body = "\n".join(parts)
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        f"<title>{title}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n{body}\n</body>\n"
        "</html>\n"
    )


def to_json(found: Comparison) -> str:
    """Write everything as one JSON object in ASCII; stages carry their level's title."""
    data: dict[str, Any] = asdict(found)
    for column, record in zip(data["columns"], found.columns, strict=True):
        for stage, kept in zip(column["stages"], record.stages, strict=True):
            stage["title"] = level_title(kept.level)
    if data["difference"]:
        for stage in data["difference"]["stages"]:
            stage["title"] = level_title(stage["level"])
    return json.dumps(data, indent=2, allow_nan=False) + "\n"


PROFILE_COLUMNS = (
    "model", "device", "torch", "threads", "input", "batch", "passes", "median_ms",
    "samples_per_second", "peak_bytes", "params", "macs", "largest_batch", "largest_batch_found",
)  # fmt: skip


def profiles_csv(profiles: Sequence[Profile]) -> str:
    """Write what was measured, one line a model and batch (columns: PROFILE_COLUMNS)."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(PROFILE_COLUMNS)
    for each in profiles:
        device = each.device
        for run in each.runs:
            writer.writerow(
                (
                    each.model, device.name, device.torch, device.threads,
                    "x".join(map(str, each.input_shape)), run.batch, run.passes, run.median_ms,
                    run.samples_per_second, run.peak_bytes, each.params, each.macs,
                    each.largest.batch, each.largest.found,
                )
            )  # fmt: skip
    return text.getvalue()


def profiles_json(profiles: Sequence[Profile]) -> str:
    """Write what was measured as a JSON list, an object a model."""
    return json.dumps([asdict(each) for each in profiles], indent=2, allow_nan=False) + "\n"


def _notes(found: Comparison) -> list[str]:
    return [each for each in (found.note, *found.left_out) if each]


def _table(table: Table) -> str:
    head = "".join(f"<th>{escape(each)}</th>" for each in table.titles)
    rows = "\n".join(
        f"<tr>{''.join(f'<td>{escape(cell)}</td>' for cell in row)}</tr>" for row in table.rows
    )
    caption = f"<p>{escape(table.caption)}</p>" if table.caption else ""
    return (
        f'<h2>{escape(table.heading)}</h2>\n<div class="scroll"><table>\n<tr>{head}</tr>\n{rows}\n'
        f"</table></div>\n{caption}"
    )


def _bars(columns: Sequence[Totals]) -> str:
    """MACs of every model as bars of one scale."""
    most = max((each.macs for each in columns), default=0) or 1
    rows = "\n".join(
        f"<tr><td>{escape(each.title)}</td><td style='width:70%'><div class='bar' "
        f"style='width:{100 * each.macs / most:.1f}%;background:{colour}'></div></td>"
        f"<td>{escape(units.cost(each.macs))}</td></tr>"
        for each, colour in zip(columns, COLOURS, strict=False)
    )
    return f"<h2>MACs of one forward pass</h2>\n<table>\n{rows}\n</table>"

"""The arithmetic of one unit as in a textbook: patch × kernel = products, channel by channel.

The grids are HTML with SVG, since they stand beside each other on a wide screen and below each
other on a narrow one.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING, Any

import plotly.graph_objects as go

from explorer.figures import style
from explorer.vision.arithmetic_records import Edge

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from explorer.vision.arithmetic_records import Arithmetic

    Numbers = npt.NDArray[np.floating[Any]]

POSITIVE, NEGATIVE = style.PALETTE[1], style.PALETTE[0]
MOST_BARS = 14
_WRITTEN = 11  # a larger grid has colours only
_PADDING = {
    Edge.ZERO: "padding: 0",
    Edge.COPIED: "padding: a number of the map itself",
    Edge.ABSENT: "beyond the map, not counted",
}


def number(value: float) -> str:
    """Write a number in about three significant digits, as short as a cell needs it."""
    size = abs(value)
    if value == 0:
        return "0"
    if size >= 9_999.5 or size < 0.0005:
        mantissa, _, exponent = f"{value:.0e}".partition("e")
        return f"{mantissa}e{int(exponent)}".replace("-", "−")
    digits = 0 if size >= 99.95 else 1 if size >= 9.995 else 2 if size >= 0.0995 else 3
    return f"{value:.{digits}f}".replace("-", "−")


def grids(done: Arithmetic, channel: int) -> str:
    """Patch, kernel and products of one input channel, counted from the first, side by side.

    A maximum has its winner marked, an average its cells; their patch stands alone.
    """
    name = f"input channel {done.first_input + channel}"
    where = f"{_from_to(done.rows, 'row')}, {_from_to(done.columns, 'column')}"
    patch = _grid(done.patch[channel], f"Patch: {name}", where, done, edge=True)
    if done.kernel is None:
        parts = [patch]
    else:
        kernel = _grid(done.kernel[channel], "Kernel", "the weights", done)
        total = f"sum {number(float(done.contributions[channel]))}"
        products = _grid(done.products(channel), "Products", total, done)
        parts = [patch, _sign("×"), kernel, _sign("="), products]
    return (
        '<div style="display:flex;flex-wrap:wrap;align-items:center;gap:.25rem .75rem">'
        f"{''.join(parts)}</div>"
    )


def contributions(done: Arithmetic) -> go.Figure:
    """What each input channel adds to the sum, the largest first, the rest as one, and the bias."""
    rows = _bars(done)
    figure = style.blank(280, bargap=0.25 if len(rows) > 6 else 0.6, showlegend=False)
    values = [row["adds"] for row in rows]
    figure.add_trace(
        go.Bar(
            x=[row["what"] for row in rows],
            y=values,
            marker={"color": [POSITIVE if each >= 0 else NEGATIVE for each in values]},
            hovertemplate="%{x}: %{y:.6g}<extra></extra>",
        )
    )
    figure.update_xaxes(type="category", title="Input channel", tickangle=0)
    figure.update_yaxes(title="Adds to the sum", zeroline=True, zerolinecolor=style.OTHER)
    return figure


def contribution_rows(done: Arithmetic) -> list[dict[str, Any]]:
    """Every input channel with what it adds, the largest first, and the bias."""
    rows: list[dict[str, Any]] = [
        {"input channel": str(done.first_input + each), "adds": float(done.contributions[each])}
        for each in done.strongest
    ]
    if done.bias is not None:
        rows.append({"input channel": "bias", "adds": done.bias})
    return rows


def _bars(done: Arithmetic) -> list[dict[str, Any]]:
    shown, rest = done.strongest[:MOST_BARS], done.strongest[MOST_BARS:]
    rows = [
        {"what": str(done.first_input + each), "adds": float(done.contributions[each])}
        for each in shown
    ]
    if rest:
        added = float(done.contributions[list(rest)].sum())
        rows.append({"what": f"{len(rest)} more", "adds": added})
    if done.bias is not None:
        rows.append({"what": "bias", "adds": done.bias})
    return rows


def _grid(values: Numbers, title: str, below: str, done: Arithmetic, *, edge: bool = False) -> str:
    """One grid of numbers, coloured by sign and size, with a title above and a note below."""
    height, width = values.shape
    cell, font = _cell(max(height, width))
    peak = float(abs(values).max()) or 1.0
    marks = "".join(
        _one(values, row, column, cell, font, peak, done, edge)
        for row in range(height)
        for column in range(width)
    )
    wide, tall = max(width * cell, 128) + 2, height * cell + 2
    return (
        '<figure style="margin:.25rem 0;max-width:100%"><figcaption style="font-weight:600">'
        f'{escape(title)}</figcaption><svg xmlns="http://www.w3.org/2000/svg" role="img" '
        f'viewBox="-1 -1 {wide} {tall}" width="{wide}" height="{tall}" fill="none" '
        f'stroke="currentColor" font-family="inherit" font-size="{font}" text-anchor="middle">'
        f"<title>{escape(title)}: {height} by {width} numbers</title>{marks}</svg>"
        f'<figcaption style="opacity:.75;font-size:.85em">{escape(below)}</figcaption></figure>'
    )


def _one(
    values: Numbers, row: int, column: int, cell: float, font: float, peak: float,
    done: Arithmetic, edge: bool,
) -> str:  # fmt: skip
    """One cell: colour for sign and size, its number, and dashes where it is no part of the map."""
    value = float(values[row, column])
    kind = Edge(int(done.edge[row, column])) if edge else Edge.INSIDE
    x, y = column * cell, row * cell
    colour = POSITIVE if value > 0 else NEGATIVE
    strength = 0.08 + 0.67 * abs(value) / peak if value else 0.0
    said = _PADDING.get(kind, f"{value:.9g}")
    line = 'stroke-opacity=".28"' if kind is Edge.INSIDE else 'stroke-dasharray="3 3"'
    if edge and done.winner == (row, column):
        line = f'stroke="{style.PALETTE[3]}" stroke-width="3"'
    box = (
        f'<rect x="{x:g}" y="{y:g}" width="{cell:g}" height="{cell:g}" fill="{colour}" '
        f'fill-opacity="{strength:.3f}" {line}><title>{escape(said)}</title></rect>'
    )
    if max(values.shape) > _WRITTEN:
        return box
    text = "–" if kind is Edge.ABSENT else number(value)
    faint = ' fill-opacity=".5"' if kind is not Edge.INSIDE else ""
    return box + (
        f'<text x="{x + cell / 2:g}" y="{y + cell / 2 + font * 0.35:g}" fill="currentColor"'
        f' stroke="none" pointer-events="none"{faint}>{text}</text>'
    )


def _cell(side: int) -> tuple[float, float]:
    """Sizes of a cell and its digits, in pixels."""
    for most, cell, font in ((3, 52, 14), (5, 44, 12.5), (7, 38, 11.5), (_WRITTEN, 30, 9.5)):
        if side <= most:
            return cell, font
    return max(3.0, 264 / side), 0


def _sign(text: str) -> str:
    return f'<span style="font-size:1.6rem" aria-hidden="true">{text}</span>'


def _from_to(numbers: tuple[int, ...], what: str) -> str:
    """ "rows −1 to 1", in steps where there are gaps."""
    first, last = (str(each).replace("-", "−") for each in (numbers[0], numbers[-1]))
    if len(numbers) == 1:
        return f"{what} {first}"
    step = numbers[1] - numbers[0]
    return f"{what}s {first} to {last}" + (f" in steps of {step}" if step > 1 else "")

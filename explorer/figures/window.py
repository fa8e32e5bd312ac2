"""A layer's sliding window on its input grid, as a small SVG: kernel, stride, padding, dilation."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING

from explorer import units

if TYPE_CHECKING:
    from explorer.anatomy.records import Layer, Window

FIRST, SECOND = "#3b7dd8", "#d97706"
_SIDE = 190.0
_FEWEST, _LARGEST_CELL = 6, 26.0
_ABOVE, _BELOW, _BETWEEN = 24.0, 22.0, 64.0
_LETTER = 7.2
_FINEST_CELL = 5.0


@dataclass(frozen=True, slots=True)
class _Axis:
    """One axis of the wide grid: `length` cells, `margin` more on each side, `shown` in all."""

    length: int
    margin: int
    kernel: int
    stride: int
    dilation: int
    windows: int

    @property
    def span(self) -> int:
        """Cells from the window's first to its last."""
        return self.dilation * (self.kernel - 1) + 1

    @property
    def shown(self) -> int:
        """Cells drawn: two windows and one more, all if that is nearly all."""
        wanted = max(_FEWEST, self.span + (self.stride if self.windows > 1 else 0) + 1)
        everything = self.length + 2 * self.margin
        return everything if everything <= wanted + 2 else wanted

    @property
    def is_cut(self) -> bool:
        return self.shown < self.length + 2 * self.margin


def window_drawing(layer: Layer) -> str | None:
    """Draw where a layer's first two windows lie; None for a layer without a window.

    Of three axes the last two are drawn, of one a row. In a transposed convolution the windows
    lie on the output: each input position writes one. The picture is described in its `<desc>`
    (`window_words`). Colours fit light and dark pages; lines take the text's colour.
    """
    if layer.window is None or not layer.ran or not layer.inputs:
        return None
    down, across = _axes(layer, layer.window)
    cell = min(_LARGEST_CELL, _SIDE / max(down.shown, across.shown))
    wide = _wide_grid(down, across, cell)
    narrow = _narrow_grid(down, across)
    left, right = (narrow, wide) if layer.window.transposed else (wide, narrow)
    titles = [f"{name} {units.shape(shape)}" for name, shape in _sizes(layer, layer.window)]
    second = 8 + max(left.width + _BETWEEN, _LETTER * len(titles[0]) + 16)
    width = second + max(right.width + 18, _LETTER * len(titles[1]))
    height = _ABOVE + max(left.height, right.height) + _BELOW
    middle = _ABOVE + min(left.height, right.height) / 2
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:.0f} {height:.0f}"'
        f' width="{width:.0f}" height="{height:.0f}" role="img" fill="none" stroke="currentColor"'
        f' font-family="inherit" font-size="12"><title>{escape(layer.name)}</title>'
        f"<desc>{escape(window_words(layer))}</desc>"
        f"{_label(8, 14, titles[0])}{_label(second, 14, titles[1])}{_moved(8, left.marks)}"
        f"{_arrow(8 + left.width + 18, second - 10, middle)}{_moved(second, right.marks)}</svg>"
    )


def window_words(layer: Layer) -> str:
    """Say in words what the drawing shows."""
    window = layer.window
    if window is None:
        return ""
    down, across = _axes(layer, window)
    side = "output" if window.transposed else "input"
    settings = [f"kernel {units.shape(window.kernel)}", f"stride {units.shape(window.stride)}"]
    settings += [f"padding {units.shape(window.padding)}"] if any(window.padding) else []
    if any(each != 1 for each in window.dilation):
        settings.append(f"dilation {units.shape(window.dilation)}")
    rows = f"rows {_from_to(down, 0)} and " if len(window.kernel) > 1 else ""
    first = f"{rows}columns {_from_to(across, 0)} of the {side}"
    second = f", the second columns {_from_to(across, 1)}" if across.windows > 1 else ""
    covers = "writes to" if window.transposed else "covers"
    who = "input position" if window.transposed else "output position"
    sentences = [
        f"{', '.join(settings).capitalize()}.",
        f"The first {who} {covers} {first}{second}.",
    ]
    if any(window.padding):
        cut = ", which is cut off" if window.transposed else ""
        sentences.append(f"Positions outside are padding{cut}.")
    return " ".join(sentences)


@dataclass(frozen=True, slots=True)
class _Grid:
    """A drawn grid with what is marked on it; its top is at `_ABOVE`."""

    width: float
    height: float
    marks: str


def _axes(layer: Layer, window: Window) -> tuple[_Axis, _Axis]:
    """The last two axes; of a window over one axis, a single row stands in for the first."""
    count = len(window.kernel)
    wide, narrow = layer.inputs[0], layer.output
    if window.transposed:
        wide, narrow = narrow, wide
    columns = zip(
        wide[-count:], window.padding, window.kernel, window.stride, window.dilation,
        narrow[-count:], strict=True,
    )  # fmt: skip
    axes = [_Axis(*each) for each in columns]
    down = axes[-2] if count > 1 else _Axis(1, 0, 1, 1, 1, 1)
    return down, axes[-1]


def _sizes(layer: Layer, window: Window) -> list[tuple[str, tuple[int, ...]]]:
    count = len(window.kernel)
    return [("Input", layer.inputs[0][-count:]), ("Output", layer.output[-count:])]


def _wide_grid(down: _Axis, across: _Axis, cell: float) -> _Grid:
    """The grid the windows lie on, with its padding and two windows."""
    width, height = across.shown * cell, down.shown * cell
    inner = _rectangle(
        across.margin * cell,
        down.margin * cell,
        (min(across.shown, across.margin + across.length) - across.margin) * cell,
        (min(down.shown, down.margin + down.length) - down.margin) * cell,
        'fill="currentColor" fill-opacity=".09" stroke="none"',
    )
    outer = _rectangle(0, 0, width, height, 'stroke-opacity=".5" stroke-dasharray="3 3"')
    marks = [outer, inner, _lines(across.shown, down.shown, cell)]
    marks.append(_window(down, across, cell, 0, FIRST))
    if across.windows > 1:
        marks.append(_window(down, across, cell, 1, SECOND))
    return _Grid(width, height, "".join(marks) + _dots(down.is_cut, across.is_cut, width, height))


def _window(down: _Axis, across: _Axis, cell: float, place: int, colour: str) -> str:
    """One window: what it reads filled, its reach outlined."""
    x, y = place * across.stride * cell, 0.0
    reach = _rectangle(
        x, y, across.span * cell, down.span * cell,
        f'stroke="{colour}" stroke-width="2.5"' + (' stroke-dasharray="6 3"' if place else ""),
    )  # fmt: skip
    filled = f'fill="{colour}" fill-opacity=".38" stroke="none"'
    if down.dilation == across.dilation == 1:
        return _rectangle(x, y, across.span * cell, down.span * cell, filled) + reach
    taps = (
        _rectangle(x + j * across.dilation * cell, y + i * down.dilation * cell, cell, cell, filled)
        for i in range(down.kernel)
        for j in range(across.kernel)
    )
    return "".join(taps) + reach


def _narrow_grid(down: _Axis, across: _Axis) -> _Grid:
    """The grid with one position per window, the first two marked."""
    rows, columns, cell = min(down.windows, 4), min(across.windows, 4), 20.0
    width, height = columns * cell, rows * cell
    marks = [
        _rectangle(0, 0, width, height, 'fill="currentColor" fill-opacity=".09"'),
        _lines(columns, rows, cell),
        _rectangle(0, 0, cell, cell, f'fill="{FIRST}" stroke="{FIRST}" fill-opacity=".6"'),
    ]
    if columns > 1:
        dashed = f'fill="{SECOND}" stroke="{SECOND}" fill-opacity=".6" stroke-dasharray="6 3"'
        marks.append(_rectangle(cell, 0, cell, cell, dashed))
    cut = _dots(rows < down.windows, columns < across.windows, width, height)
    return _Grid(width, height, "".join(marks) + cut)


def _lines(columns: int, rows: int, cell: float) -> str:
    """The lines between cells, left out where they would merge into grey."""
    if cell < _FINEST_CELL:
        return ""
    upright = "".join(f"M{_n(i * cell)} {_n(_ABOVE)}v{_n(rows * cell)}" for i in range(1, columns))
    level = "".join(f"M0 {_n(_ABOVE + i * cell)}h{_n(columns * cell)}" for i in range(1, rows))
    return f'<path d="{upright}{level}" stroke-opacity=".25"/>' if upright + level else ""


def _dots(down: bool, across: bool, width: float, height: float) -> str:
    """Marks that a grid goes on to the right or downwards."""
    dots = _label(width + 3, _ABOVE + height / 2 + 4, "…") if across else ""
    return dots + (_label(width / 2 - 2, _ABOVE + height + 15, "⋮") if down else "")


def _rectangle(x: float, y: float, width: float, height: float, style: str) -> str:
    place = f'x="{_n(x)}" y="{_n(_ABOVE + y)}" width="{_n(width)}" height="{_n(height)}"'
    return f"<rect {place} {style}/>"


def _arrow(start: float, end: float, y: float) -> str:
    return f'<path d="M{_n(start)} {_n(y)}H{_n(end)}m-5 -4l5 4l-5 4"/>'


def _label(x: float, y: float, words: str) -> str:
    place = f'x="{_n(x)}" y="{_n(y)}"'
    return f'<text {place} fill="currentColor" stroke="none">{escape(words)}</text>'


def _moved(x: float, marks: str) -> str:
    return f'<g transform="translate({_n(x)} 0)">{marks}</g>'


def _from_to(axis: _Axis, place: int) -> str:
    first = place * axis.stride - axis.margin
    last = first + axis.span - 1
    return f"{first}".replace("-", "−") + (f" to {last}".replace("-", "−") if last > first else "")


def _n(number: float) -> str:
    return f"{number:.1f}".removesuffix(".0")

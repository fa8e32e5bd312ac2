"""The live view of runs: ECharts options as plain dicts, small enough to be sent every second.

No torch here. A page with a growing curve gets these; what is over is drawn by
`explorer.figures.training` for study.
"""

from __future__ import annotations

import colorsys
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

import numpy as np

from explorer.figures import style
from explorer.runs.curves import AXES, METRICS, thinned

if TYPE_CHECKING:
    from explorer.runs.curves import Axis, Line
    from explorer.runs.records import LayerSteps

Option: TypeAlias = dict[str, Any]
Which: TypeAlias = Literal["gradient norm", "update ratio"]

DIGITS = 5
"""Significant digits of a value that is sent; nobody reads more while it moves."""
MARKED = 24
"""Epochs up to which each one is marked on a curve of held-out pictures."""
PALEST, DARKEST = 0.76, 0.4
"""Lightness of the shades of a colour, from 0, black, to 1, white."""
MOST_COLUMNS, MOST_LAYERS = 60, 40
"""Cells of a heat strip across and down."""
STRIP = ("#2b2f77", "#2f6fae", "#35a7a0", "#a9cf54", "#f4d13d")
"""From small to large: readable with any kind of colour blindness, and in grey."""


def curves(
    lines: Sequence[Line],
    *,
    metric: str,
    colour: Mapping[str, str],
    axis: Axis = "step",
    log: bool = False,
    log_x: bool = False,
) -> Option:
    """All lines in the same axes: batches solid, held-out pictures dashed and dotted.

    `colour` is a run's own. A logarithmic axis leaves out what is not above zero.
    """
    told = METRICS[metric]
    unit = f", {told.unit}" if told.unit else ""
    return {
        "animation": False,
        "grid": {"left": 8, "right": 16, "top": 36, "bottom": 32, "containLabel": True},
        "title": {
            "text": f"{told.title}{unit}",
            "left": 0,
            "top": 4,
            "textStyle": {"fontSize": 13},
        },
        "tooltip": {"trigger": "axis", "confine": True, "valueFormatter": "%.4g"},
        "xAxis": {
            "type": "log" if log_x else "value",
            "name": AXES[axis],
            "nameLocation": "middle",
            "nameGap": 26,
            "min": "dataMin",
            "max": "dataMax",
            "splitLine": {"show": False},
        },
        "yAxis": {
            "type": "log" if log else "value",
            "scale": True,
            **({"max": 100} if told.unit == "%" and not log else {}),
        },
        "series": [_series(line, colour[line.run], log, log_x) for line in lines],
    }


def _series(line: Line, colour: str, log: bool, log_x: bool) -> Option:
    held_out = line.part == "validation"
    few = thinned(line)
    return {
        "type": "line",
        "id": f"{line.run} {line.part} {line.label}",
        "name": f"{line.label}, held out" if held_out else line.label,
        "data": [[_number(x, log_x), _number(y, log)] for x, y in zip(few.x, few.y, strict=True)],
        "showSymbol": len(few.x) <= (MARKED if held_out else 1),
        "symbolSize": 5,
        "color": colour,
        "lineStyle": {"width": 1.6 if held_out else 1.3, "type": "dashed" if held_out else "solid"},
        "emphasis": {"disabled": True},
    }


def _number(value: float, log: bool) -> float | None:
    """A value as it is sent; None, a gap, for what the axis has no place for."""
    if not math.isfinite(value) or (log and value <= 0):
        return None
    return float(f"{value:.{DIGITS}g}")


def strip(layers: LayerSteps, names: Sequence[str], which: Which) -> Option:
    """A heat strip: layers down, steps across, colour the decimal logarithm.

    At most `MOST_COLUMNS` of the steps and `MOST_LAYERS` of the layers are drawn, evenly chosen,
    the first and the last among them.
    """
    values = layers.gradient_norms if which == "gradient norm" else layers.update_ratios
    columns, rows = _spread(values.shape[0], MOST_COLUMNS), _spread(len(names), MOST_LAYERS)
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(values[np.ix_(columns, rows)])
    # A series for each layer, whose name a tooltip can then tell.
    series: list[Option] = [
        {"type": "heatmap", "name": names[row], "progressive": 0, "data": _cells(logs[:, y], y)}
        for y, row in enumerate(rows)
    ]
    steps = [f"step {int(layers.step[column]):,}" for column in columns]
    return {
        "animation": False,
        "grid": {"left": 8, "right": 78, "top": 8, "bottom": 28, "containLabel": True},
        "tooltip": {
            "confine": True,
            "formatter": f"{{a}}, {{b}}<br>log10 of the {which}: {{@[2]}}",
        },
        "xAxis": {"type": "category", "data": steps, "axisTick": {"show": False}},
        "yAxis": {
            "type": "category",
            "data": [names[row] for row in rows],
            "inverse": True,
            "axisTick": {"show": False},
            "axisLabel": {"fontSize": 11, "width": 150, "overflow": "truncate"},
        },
        "visualMap": _colour_bar([cell[2] for each in series for cell in each["data"]] or [0.0]),
        "series": series,
    }


def _colour_bar(drawn: Sequence[float]) -> Option:
    """From the smallest to the largest of what is drawn."""
    return {
        "min": min(drawn),
        "max": max(*drawn, min(drawn) + 1e-6),
        "dimension": 2,
        "calculable": False,
        "right": 0,
        "top": "middle",
        "itemHeight": 110,
        "precision": 1,
        "text": ["large", "small"],
        "inRange": {"color": list(STRIP)},
    }


def _cells(logs: np.ndarray, y: int) -> list[list[float]]:
    """The cells of one layer; a value without a logarithm leaves a hole."""
    return [[x, y, float(f"{each:.4g}")] for x, each in enumerate(logs) if np.isfinite(each)]


def _spread(count: int, most: int) -> list[int]:
    """At most so many places of a row of `count`, evenly spread, with both ends."""
    if count <= most:
        return list(range(count))
    return [int(each) for each in np.linspace(0, count - 1, most).round()]


def strip_height(layers: int) -> int:
    """Pixels in which the names of so many layers can be read."""
    return 56 + max(3, min(layers, MOST_LAYERS)) * 17


def colour_of(runs: Sequence[str]) -> dict[str, str]:
    """A line's colour for each run, by its place."""
    return {run: style.PALETTE[place % len(style.PALETTE)] for place, run in enumerate(runs)}


def shades(depths: Mapping[str, tuple[str, int]]) -> dict[str, str]:
    """A line's colour for each run, of a kind and a depth: the kind's own, the deeper the darker.

    No shade is so pale or so dark that it is lost on a light or a dark page.
    """
    kinds = list(dict.fromkeys(kind for kind, _ in depths.values()))
    ladders = {name: sorted({d for kind, d in depths.values() if kind == name}) for name in kinds}
    return {
        run: _shade(kinds.index(kind), ladders[kind].index(depth), len(ladders[kind]))
        for run, (kind, depth) in depths.items()
    }


def _shade(kind: int, rung: int, rungs: int) -> str:
    """A kind's colour at a place from the palest, 0, to the darkest."""
    base = style.PALETTE[kind % len(style.PALETTE)]
    if rungs == 1:
        return base
    hue, _, saturation = colorsys.rgb_to_hls(
        *(int(base[at : at + 2], 16) / 255 for at in (1, 3, 5))
    )
    light = PALEST + (DARKEST - PALEST) * rung / (rungs - 1)
    rgb = colorsys.hls_to_rgb(hue, light, saturation)
    return "#" + "".join(f"{round(255 * each):02x}" for each in rgb)

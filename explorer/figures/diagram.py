"""The diagram of a network as SVG: foldable blocks, coloured by what they cost.

In a page the drawing takes its colours (Streamlit's `--st-*` variables); as a file of its own it
carries a legend and follows the reader's light or dark scheme.
"""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from explorer import units
from explorer.figures.diagram_colours import COSTS, FREE, RAMP, UNKNOWN, Cost, Scale, scale
from explorer.figures.diagram_layout import Diagram, arrange
from explorer.figures.diagram_marks import box_mark, edge_mark, frame_mark

if TYPE_CHECKING:
    from collections.abc import Mapping

    from explorer.anatomy.folding import Folded
    from explorer.anatomy.records import Anatomy

__all__ = ["COSTS", "Cost", "drawing", "legend", "standalone"]

_LEGEND_WIDTH, _LEGEND_HEIGHT = 340, 50

_FONT = "system-ui,'Segoe UI',Roboto,Helvetica,Arial,sans-serif"
_THEME = {
    "font": f"var(--st-font,{_FONT})",
    "ink": "var(--st-text-color,#1f2430)",
    "paper": "var(--st-background-color,#ffffff)",
    "surface": "var(--st-secondary-background-color,#eef1f5)",
    "accent": "var(--st-primary-color,#d9480f)",
}
_LIGHT = {
    "font": _FONT,
    "ink": "#1f2430",
    "paper": "#ffffff",
    "surface": "#eef1f5",
    "accent": "#d9480f",
}
_DARK = {
    "font": _FONT,
    "ink": "#f2f4f8",
    "paper": "#11151c",
    "surface": "#232a36",
    "accent": "#ff922b",
}

_SHAPES = (
    "text{font-size:11px}"
    ".b{stroke-opacity:.45}.u .b{stroke-dasharray:3 2}.i{opacity:.65}.i .b{stroke-dasharray:4 3}"
    ".e{fill:none;stroke-opacity:.6;stroke-width:1.3;stroke-linejoin:round}"
    ".a{stroke-opacity:.3;stroke-width:1}.f{fill-opacity:.45;stroke-opacity:.3}"
    ".h{fill-opacity:.09}.n{font-weight:600;font-size:12px}.k{font-weight:500}"
    ".r{text-anchor:end}.m{text-anchor:middle}"
    ".s{font-size:16px;font-weight:600;text-anchor:middle}.p{fill:none;stroke-width:1.5}"
    "[data-do]{cursor:pointer;outline:none}"
    "[data-do]:focus-visible .b,[data-do]:focus-visible .h,.chosen .b"
    "{stroke-opacity:1;stroke-width:3}"
)
_COLOURS = (
    "text{fill:<ink>;font-family:<font>}.b,.e,.f,.p{stroke:<ink>}.b,.f{fill:<surface>}.h{fill:<ink>}.y{fill:<paper>}"
    "[data-do]:focus-visible .b,[data-do]:focus-visible .h,.chosen .b{stroke:<accent>}"
)
_STEPS = "".join(f".c{step} .b,.c{step}.q{{fill:{fill}}}" for step, fill in enumerate(RAMP)) + (
    ".d text{fill:#10151f}.d .p{stroke:#10151f}.w text{fill:#fff}.w .p{stroke:#fff}"
)


def drawing(
    anatomy: Anatomy,
    folded: Folded,
    cost: Cost = "MACs",
    convention: units.Convention = "MACs",
) -> str:
    """Draw a folded anatomy for a page: SVG without a legend, in the page's colours.

    Nodes carry `data-id` and `data-do` ("open", "close" or "select") for the page's script, and
    `data-layer`, the index of their last layer.
    """
    laid = arrange(folded, anatomy.input_shapes)
    marks = _marks(laid, scale(folded.nodes, cost, anatomy.input_shapes), convention)
    style = _SHAPES + _coloured(_THEME) + _STEPS
    # An "img" would hide its nodes from those who hear the page; here they can be chosen.
    head = _head(anatomy, folded, laid.width, laid.height, role="group")
    return f"{head}<style>{style}</style>{marks}</svg>"


def legend(
    anatomy: Anatomy,
    folded: Folded,
    cost: Cost = "MACs",
    convention: units.Convention = "MACs",
) -> str:
    """Draw what the colours of a diagram mean, as an SVG of its own."""
    shades = scale(folded.nodes, cost, anatomy.input_shapes)
    style = _SHAPES + _coloured(_THEME) + _STEPS
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{_LEGEND_WIDTH}"'
        f' height="{_LEGEND_HEIGHT}" role="img"><title>{escape(_scale_words(shades, convention))}'
        f"</title><style>{style}</style>{_legend_marks(folded, shades, convention)}</svg>"
    )


def standalone(
    anatomy: Anatomy,
    folded: Folded,
    cost: Cost = "MACs",
    convention: units.Convention = "MACs",
) -> str:
    """Draw a folded anatomy as a file of its own, with its legend, for light and dark readers."""
    laid = arrange(folded, anatomy.input_shapes)
    shades = scale(folded.nodes, cost, anatomy.input_shapes)
    width, top = max(laid.width, _LEGEND_WIDTH + 24), _LEGEND_HEIGHT + 8
    height = laid.height + top
    dark = f"@media(prefers-color-scheme:dark){{{_coloured(_DARK)}{_STEPS}}}"
    style = _SHAPES + _coloured(_LIGHT) + _STEPS + dark
    return (
        f"{_head(anatomy, folded, width, height)}<style>{style}</style>"
        f'<rect class="y" width="{width:.0f}" height="{height:.0f}"/>'
        f'<g transform="translate(16 8)">{_legend_marks(folded, shades, convention)}</g>'
        f'<g transform="translate({(width - laid.width) / 2:.0f} {top})">'
        f"{_marks(laid, shades, convention)}</g></svg>\n"
    )


def _marks(laid: Diagram, shades: Scale, convention: units.Convention) -> str:
    paths = {frame.node.id: frame.node.path for frame in laid.frames}
    frames = [frame_mark(each, paths.get(each.node.parent, ""), convention) for each in laid.frames]
    boxes = [
        box_mark(each, paths.get(each.node.parent, "") if each.node else "", shades, convention)
        for each in laid.boxes
    ]
    return "".join((*frames, *map(edge_mark, laid.edges), *boxes))


def _head(anatomy: Anatomy, folded: Folded, width: float, height: float, role: str = "img") -> str:
    described = (
        f"{len(folded.nodes)} nodes from the input downwards: "
        f"{units.count(anatomy.params)} parameters, {units.cost(anatomy.macs)} in all. "
        "The table of layers holds the same numbers."
    )
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height:.0f}"'
        f' viewBox="0 0 {width:.0f} {height:.0f}" role="{role}" aria-labelledby="diagram-title'
        f' diagram-words"><title id="diagram-title">{escape(anatomy.title)}</title>'
        f'<desc id="diagram-words">{escape(described)}</desc>'
    )


def _legend_marks(folded: Folded, shades: Scale, convention: units.Convention) -> str:
    start, middle, end = shades.marks(convention)
    side = 30
    swatches = "".join(
        f'<rect class="c{step} q" x="{step * side}" y="17" width="{side}" height="12"/>'
        for step in range(len(RAMP))
    )
    total = side * len(RAMP)
    return (
        f'<text class="n" x="0" y="11">{escape(_scale_name(shades, convention))}</text>{swatches}'
        f'<text x="0" y="42">{escape(start)}</text>'
        f'<text class="m" x="{total / 2:g}" y="42">{escape(middle)}</text>'
        f'<text class="r" x="{total}" y="42">{escape(end)}</text>'
        + _outside_the_ramp(folded, shades, total + 10)
    )


def _outside_the_ramp(folded: Folded, shades: Scale, x: int) -> str:
    """The marks of nodes that cost nothing or nobody knows what, where there are such nodes."""
    steps = {shades.step(node) for node in folded.nodes if node.ran}
    marks = ""
    for step, look, words in ((FREE, "z", "none"), (UNKNOWN, "u", "unknown")):
        if step in steps:
            marks += (
                f'<g class="{look}"><rect class="b" x="{x}" y="17" width="18" height="12"/></g>'
                f'<text x="{x + 22}" y="27">{words}</text>'
            )
            x += 50
    return marks


def _scale_name(shades: Scale, convention: units.Convention) -> str:
    if shades.cost == "MACs":
        return convention
    return f"{shades.cost}, longer side" if shades.cost == "receptive field" else shades.cost


def _scale_words(shades: Scale, convention: units.Convention) -> str:
    start, middle, end = shades.marks(convention)
    return f"Colours show {_scale_name(shades, convention)}: from {start} over {middle} to {end}."


def _coloured(colours: Mapping[str, str]) -> str:
    css = _COLOURS
    for name, colour in colours.items():
        css = css.replace(f"<{name}>", colour)
    return css

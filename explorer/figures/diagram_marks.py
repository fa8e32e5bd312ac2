"""The single marks of a diagram as SVG elements: boxes, frames, edges and the words in them."""

from __future__ import annotations

from html import escape
from typing import TYPE_CHECKING

from explorer import units
from explorer.anatomy.records import Status
from explorer.figures.diagram_colours import FREE, LIGHT_TEXT_FROM, UNKNOWN, Scale
from explorer.figures.diagram_layout import HEADER, Box, Edge, Frame

if TYPE_CHECKING:
    from explorer.anatomy.folding import Node
    from explorer.anatomy.records import ReceptiveField, Shape

MARGIN = 9.0
_WIDE = frozenset("mwMW@%×∥…")
_NARROW = frozenset("iljtfrI.,:;|'!()[] ·")


def box_mark(box: Box, parent_path: str, scale: Scale, convention: units.Convention) -> str:
    """Draw a node with its words; the input has no cost and cannot be chosen."""
    if box.node is None:
        return _input_mark(box)
    node = box.node
    step = scale.step(node)
    colour = {FREE: "z", UNKNOWN: "u"}.get(
        step, f"c{step} {'w' if step >= LIGHT_TEXT_FROM else 'd'}"
    )
    idle = "" if node.ran else " i"
    does = "open" if box.form == "folded" else "select"
    attributes = (
        f'class="{colour}{idle}" data-id="{_quoted(node.id)}" data-do="{does}"'
        f' data-layer="{node.layers[-1]}" role="button" tabindex="0"'
    )
    words = _words(box, node, parent_path, convention)
    title = f"<title>{escape(described(node, convention), quote=False)}</title>"
    return f"<g {attributes}>{title}{_outline(box)}{words}</g>"


def frame_mark(frame: Frame, parent_path: str, convention: units.Convention) -> str:
    """Draw an opened group: an outline, and a header that closes it."""
    node, right = frame.node, frame.x + frame.width
    cost = _costs(node, convention, short=True)
    room = frame.width - 2 * MARGIN - 14
    name = _short_name(node, parent_path)
    label = fitted(" · ".join(filter(None, (name, node.repeats or node.kind))), room, 11)
    left_over = room - _width_of(label, 11) - 12
    aside = cost if _width_of(cost, 11) <= left_over else ""
    base = frame.y + HEADER / 2 + 4
    minus = f"M{_n(frame.x + MARGIN)} {_n(base - 4)}h8"
    title = f"<title>{escape(described(node, convention), quote=False)}\nopened: closes</title>"
    return (
        f'<rect class="f" {_place(frame.x, frame.y, frame.width, frame.height)} rx="8"/>'
        f'<g data-id="{_quoted(node.id)}" data-do="close" role="button" tabindex="0">{title}'
        f'<rect class="h" {_place(frame.x, frame.y, frame.width, HEADER)} rx="8"/>'
        f'<path class="p" d="{minus}"/>'
        f"{_text(frame.x + MARGIN + 14, base, label)}"
        f"{_text(right - MARGIN, base, aside, 'r') if aside else ''}</g>"
    )


def edge_mark(edge: Edge) -> str:
    """Draw a line between nodes; shortcuts past many are fainter."""
    return f'<path class="{"e a" if edge.arc else "e"}" d="{edge.path}"/>'


def described(node: Node, convention: units.Convention = "MACs") -> str:
    """Say in a few lines what a node is, makes and costs."""
    lines = [
        f"{node.id} ({node.repeats or node.kind})",
        f"output {units.shape(node.output)}" if node.ran else "not run in this forward pass",
        f"{units.count(node.params)} parameters",
        _counted(node, convention),
        f"activations {units.memory(node.activation_bytes)}",
        f"receptive field {field_words(node.receptive_field)}" if node.ran else "",
    ]
    return "\n".join(line for line in lines if line)


def field_words(field: ReceptiveField) -> str:
    """Write a receptive field: its size, and how far it may be believed where not exactly."""
    size = units.axes(field.size)
    if field.status is Status.EXACT:
        return size
    if field.status is Status.UPPER_BOUND:
        return f"at most {size}"
    return str(field.status.value)


def fitted(text: str, width: float, size: float) -> str:
    """Cut a text with an ellipsis so that it fits a width, by the letters' usual widths."""
    if _width_of(text, size) <= width:
        return text
    room = width - _width_of("…", size)
    for end, letter in enumerate(text):
        room -= _width_of(letter, size)
        if room < 0:
            return f"{text[:end]}…"
    return text


def _width_of(text: str, size: float) -> float:
    """An upper estimate for the fonts named in the drawing's style."""
    return size * sum(
        0.9 if c in _WIDE else 0.36 if c in _NARROW else 0.68 if c.isupper() else 0.62 for c in text
    )


def _words(box: Box, node: Node, parent_path: str, convention: units.Convention) -> str:
    left, right, middle = box.x + MARGIN, box.x + box.width - MARGIN, box.x + box.width / 2
    if box.form == "round":
        return _text(middle, box.y + box.height / 2 + 5.5, box.sign, "s")
    room = box.width - 2 * MARGIN
    name, kind = _short_name(node, parent_path), node.repeats or node.kind
    shape = _short_shape(node.output) if node.ran else "not run"
    if box.form == "slim":
        kept = fitted(_together(name, kind), room - _width_of(shape, 11) - 8, 11)
        return _text(left, box.y + 16.5, kept) + _text(right, box.y + 16.5, shape, "r")
    if box.form == "layer":
        first = fitted(name, room - _width_of(shape, 11) - 8, 11)
        return (
            _text(left, box.y + 18, first, "k")
            + _text(right, box.y + 18, shape, "r")
            + _text(left, box.y + 34, _kind_and_costs(kind, node, convention, room))
        )
    plus = f"M{_n(right - 10)} {_n(box.y + 16)}h10m-5 -5v10"
    return (
        _text(left, box.y + 20, fitted(name, room - 18, 12), "n")
        + f'<path class="p" d="{plus}"/>'
        + _text(left, box.y + 37, fitted(kind, room - _width_of(shape, 11) - 8, 11))
        + _text(right, box.y + 37, shape, "r")
        + _text(left, box.y + 53, fitted(_costs(node, convention), room, 11))
    )


def _together(name: str, kind: str) -> str:
    return name if name.partition("#")[0].rpartition(".")[2] == kind else f"{name} · {kind}"


def _short_name(node: Node, parent_path: str) -> str:
    """The label without the path of the frame it stands in."""
    return node.label.removeprefix(f"{parent_path}.") if parent_path else node.label


def _short_shape(shape: Shape) -> str:
    """A shape in little room, without the batch where there are other axes."""
    return "×".join(str(each) for each in (shape[1:] if len(shape) > 1 else shape)) or "1"


def _costs(node: Node, convention: units.Convention, *, short: bool = False) -> str:
    params = units.short(node.params) if node.params else ""
    parts = [params and (params if short else f"{params} params"), _counted(node, convention)]
    return " · ".join(filter(None, parts))


def _kind_and_costs(kind: str, node: Node, convention: units.Convention, room: float) -> str:
    """Both on one line, the unit of the parameters left out where it is narrow."""
    for short in (False, True):
        line = f"{kind} · {_costs(node, convention, short=short)}"
        if _width_of(line, 11) <= room:
            return line
    costs = f" · {_costs(node, convention, short=True)}"
    return fitted(kind, room - _width_of(costs, 11), 11) + costs


def _counted(node: Node, convention: units.Convention) -> str:
    if not node.ran:
        return ""
    if node.uncounted == len(node.layers):
        return units.NOT_COUNTED
    counted = units.cost(node.macs, convention)
    if node.uncounted:
        return f"over {counted}"
    return counted if node.macs else ""


def _outline(box: Box) -> str:
    if box.form == "round":
        radius = box.width / 2
        x, y = box.x + radius, box.y + radius
        return f'<circle class="b" cx="{_n(x)}" cy="{_n(y)}" r="{_n(radius)}"/>'
    corners = {"slim": 12, "input": 15}.get(box.form, 6)
    place = _place(box.x, box.y, box.width, box.height)
    behind = ""
    if box.form == "folded":
        moved = _place(box.x + 3, box.y + 3, box.width, box.height)
        behind = f'<rect class="b" {moved} rx="{corners}"/>'
    return f'{behind}<rect class="b" {place} rx="{corners}"/>'


def _input_mark(box: Box) -> str:
    middle = box.x + box.width / 2
    words = fitted(f"input {box.sign}", box.width - 2 * MARGIN, 11)
    return f'<g class="start">{_outline(box)}{_text(middle, box.y + 19.5, words, "m")}</g>'


def _text(x: float, y: float, words: str, kind: str = "") -> str:
    css = f' class="{kind}"' if kind else ""
    return f'<text{css} x="{_n(x)}" y="{_n(y)}">{escape(words, quote=False)}</text>'


def _place(x: float, y: float, width: float, height: float) -> str:
    return f'x="{_n(x)}" y="{_n(y)}" width="{_n(width)}" height="{_n(height)}"'


def _n(number: float) -> str:
    """A coordinate with no more digits than a screen shows."""
    return f"{number:.1f}".removesuffix(".0")


def _quoted(text: str) -> str:
    return escape(text, quote=True)

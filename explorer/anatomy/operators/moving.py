"""Receptive-field rules of operators that move elements: arguments in, fields out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from explorer.anatomy import rearranging, sliding
from explorer.anatomy.fields import Field, MaybeField, bounded, differing, fitted, joined_or_none
from explorer.anatomy.layouts import is_plain, plain
from explorer.anatomy.operators.seeing import by_data, fields_of, of_first, pairs
from explorer.anatomy.sliding import LOST_PLACE, Slide

if TYPE_CHECKING:
    from explorer.anatomy.operators.registry import OperatorCall


def joined(call: OperatorCall) -> MaybeField:
    """cat(tensors, dim): the union over channels, a list of places over positions."""
    parts = [(ref.shape, ref.field) for ref in call.inputs if ref.shape != (0,)]
    return rearranging.concatenated(parts, call.argument(1, "dim", 0))


def stacked(call: OperatorCall) -> MaybeField:
    """stack(tensors, dim): a new dimension, the union along it."""
    seen = joined_or_none(fields_of(call))
    if seen is None:
        return None
    out = call.output.shape
    dim = call.argument(1, "dim", 0) % len(out)
    return seen._replace(layout=(*seen.layout[:dim], plain(out[dim]), *seen.layout[dim:]))


def viewed(call: OperatorCall) -> MaybeField:
    """view, reshape, flatten, squeeze, unsqueeze: the same elements in the same order."""
    field: MaybeField = call.inputs[0].field
    return None if field is None else rearranging.reshaped(field, call.output.shape)


@of_first
def permuted(field: Field, call: OperatorCall) -> Field:
    """permute, transpose and their like, by where each dimension went."""
    rank = len(field.layout)
    order = list(range(rank))
    name, args = call.short, call.args[1:]
    if name == "permute":
        order = [dim % rank for dim in args[0]]
    elif name in ("transpose", "swapaxes", "swapdims"):
        one, other = (dim % rank for dim in args)
        order[one], order[other] = other, one
    elif name in ("movedim", "moveaxis"):
        order = _moved(rank, *args)
    elif name in ("T", "numpy_T"):
        order.reverse()
    elif rank > 1:
        order[-2:] = [rank - 1, rank - 2]
    return rearranging.permuted(field, order)


def _moved(rank: int, source: Any, target: Any) -> list[int]:
    sources = [dim % rank for dim in ([source] if isinstance(source, int) else source)]
    targets = [dim % rank for dim in ([target] if isinstance(target, int) else target)]
    order = [dim for dim in range(rank) if dim not in sources]
    for place, dim in sorted(zip(targets, sources, strict=True)):
        order.insert(place, dim)
    return order


def expanded(call: OperatorCall) -> MaybeField:
    """expand: single elements repeated along a dimension."""
    return fitted(call.inputs[0].field, call.output.shape)


@of_first
def selected(field: Field, call: OperatorCall) -> Field:
    """select(x, dim, index)."""
    return rearranging.selected(field, call.args[1], call.args[2])


@of_first
def sliced(field: Field, call: OperatorCall) -> Field:
    """slice(x, dim, start, end, step) and narrow(x, dim, start, length)."""
    rank = len(field.layout)
    dim = call.argument(1, "dim", 0) % rank
    length = call.inputs[0].shape[dim]
    start = call.argument(2, "start") or 0
    start = min(max(start + length if start < 0 else start, 0), length)
    step = 1 if call.short == "narrow" else call.argument(4, "step", 1)
    return sliding.sliced(field, dim, start, step, call.output.shape[dim])


@of_first
def split(field: Field, call: OperatorCall) -> list[MaybeField]:
    """split and chunk: consecutive stretches of a dimension."""
    dim = call.argument(2, "dim", 0) % len(field.layout)
    start, fields = 0, []
    for ref in call.outputs:
        fields.append(sliding.sliced(field, dim, start, 1, ref.shape[dim]))
        start += ref.shape[dim]
    return [*fields]


@of_first
def unbound(field: Field, call: OperatorCall) -> list[MaybeField]:
    """unbind(x, dim): every index along a dimension on its own."""
    dim = call.argument(1, "dim", 0)
    return [rearranging.selected(field, dim, number) for number in range(len(call.outputs))]


@of_first
def rolled(field: Field, call: OperatorCall) -> MaybeField:
    """roll(x, shifts, dims); without dims the flattened tensor is rolled."""
    shifts, dims = call.args[1], call.argument(2, "dims")
    if not dims:
        return bounded(field, call.output.shape, LOST_PLACE)
    masked = _masks_windows(call)
    for shift, dim in zip(_listed(shifts), _listed(dims), strict=True):
        field = rearranging.rolled(field, dim % len(field.layout), shift, masked=masked)
    return field


def _masks_windows(call: OperatorCall) -> bool:
    """Whether the module that rolls also fills a mask, as shifted-window attention does."""
    calls = call.output.trace
    nearby = calls[max(0, call.index - _NEARBY) : call.index + _NEARBY]
    return any(each.short == "masked_fill" and each.frame == call.frame for each in nearby)


_NEARBY = 150  # operators; a block of shifted-window attention has fewer


@of_first
def flipped(field: Field, call: OperatorCall) -> Field:
    """flip(x, dims)."""
    for dim in _listed(call.args[1]):
        field = rearranging.flipped(field, dim % len(field.layout))
    return field


@of_first
def padded(field: Field, call: OperatorCall) -> Field:
    """pad(x, two numbers per dimension from the last on, mode)."""
    circular = call.argument(2, "mode", "constant") == "circular"
    for back, (before, _) in enumerate(pairs(call.args[1]), start=1):
        dim = len(field.layout) - back
        field = sliding.padded(field, dim, before, call.output.shape[dim], circular=circular)
    return field


@of_first
def repeated(field: Field, call: OperatorCall) -> Field:
    """repeat(x, times per dimension)."""
    times = call.args[1]
    field = field._replace(layout=((),) * (len(times) - len(field.layout)) + field.layout)
    for back, count in enumerate(reversed(times), start=1):
        field = rearranging.repeated(field, len(field.layout) - back, count)
    return field


def gathered(call: OperatorCall) -> MaybeField:
    """gather(x, dim, index): constant indices keep plain dimensions plain."""
    field, index = fields_of(call)
    if index is not None:
        return by_data(call)
    if field is None:
        return None
    dim = call.argument(1, "dim", 0)
    if isinstance(dim, int) and is_plain(field.layout[dim]) and call.short == "index_select":
        return fitted(field, call.output.shape)
    return bounded(field, call.output.shape, LOST_PLACE)


@of_first
def unfolded(field: Field, call: OperatorCall) -> Field:
    """unfold(x, dim, size, step): sliding windows, laid out along a new dimension."""
    _, dim, length, step = call.args
    dim %= len(field.layout)
    return rearranging.unfolded(field, dim, length, step, call.output.shape[dim])


@of_first
def columns(field: Field, call: OperatorCall) -> MaybeField:
    """im2col(x, kernel, dilation, padding, stride): windows as columns."""
    _, kernel, dilation, padding, stride = call.args
    sizes = field.shape[-2:]
    slides = list(map(Slide, kernel, stride, padding, dilation))
    rows = [
        (n + 2 * p - d * (k - 1) - 1) // s + 1
        for n, (k, s, p, d) in zip(sizes, slides, strict=True)
    ]
    slid = sliding.slid(field, slides, [*field.shape[:-2], *rows])
    out = call.output.shape
    layout = (*slid.layout[:-3], differing(slid, out[-2]), slid.layout[-2] + slid.layout[-1])
    return slid._replace(layout=layout)


def anywhere(call: OperatorCall) -> MaybeField:
    """An operator whose moves are not followed: the bound of everything it was given."""
    out = call.output.shape
    bounds = [None if each is None else bounded(each, out, LOST_PLACE) for each in fields_of(call)]
    return joined_or_none(bounds)


def placed(field: Field, view: OperatorCall, output: int) -> MaybeField:
    """Return the field of a tensor into a view of which something with this field was written.

    `view` is the call that made the view, `output` which of its outputs was written.
    """
    shape = view.inputs[0].shape
    name = view.short
    if name == "select":
        dim = view.args[1] % len(shape)
        layout = (*field.layout[:dim], plain(shape[dim]), *field.layout[dim:])
        return field._replace(layout=layout)
    if name in _STRETCHES:
        dim = view.argument(*_STRETCHES[name], 0) % len(shape)
        before = sum(ref.shape[dim] for ref in view.outputs[:output])
        if name in ("slice", "narrow"):
            start = view.argument(2, "start") or 0
            before = start + shape[dim] if start < 0 else start
        if name != "slice" or view.argument(4, "step", 1) == 1:
            return sliding.padded(field, dim, before, shape[dim])
    if name in _SAME_ORDER or (name not in _REORDERED and view.outputs[output].shape == shape):
        return rearranging.reshaped(field, shape)
    return bounded(field, shape, LOST_PLACE)


_STRETCHES = {
    "slice": (1, "dim"), "narrow": (1, "dim"), "chunk": (2, "dim"), "split": (2, "dim"),
    "split_with_sizes": (2, "dim"),
}  # fmt: skip
_REORDERED = ("permute", "transpose", "t", "swapaxes", "swapdims", "movedim", "moveaxis", "flip")
_SAME_ORDER = ("view", "reshape", "unsqueeze", "squeeze", "flatten", "alias", "detach", "unflatten")


def created(call: OperatorCall) -> MaybeField:
    """A new tensor of constants or noise: it does not see the input."""
    return None


def _listed(value: Any) -> list[int]:
    return [value] if isinstance(value, int) else list(value)

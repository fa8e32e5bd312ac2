"""Output-shape rules that many operators share.

A rule is called with an operator's own arguments and returns the output's shape, or None where
torch had better decide: other types than floating point, mixed types, rare arguments.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.anatomy.operators.registry import Shape


def unchanged(x: Any, *args: Any, **kwargs: Any) -> Shape | None:
    """The shape of the first argument, as for activations and normalisation."""
    return x.shape if x.dtype.is_floating_point and "dtype" not in kwargs else None


def along(x: Any, dim: int, dtype: Any = None) -> Shape | None:
    """softmax and its like, which may be asked for another type."""
    return unchanged(x) if dtype is None else None


def moved(x: Any, *args: Any) -> Shape:
    """The shape of the first argument, whatever its type (roll, flip)."""
    shape: Shape = x.shape
    return shape


def clamped(x: Any, low: Any = None, high: Any = None, **kwargs: Any) -> Shape | None:
    """clamp and its like with plain numbers for bounds."""
    if hasattr(low, "shape") or hasattr(high, "shape"):
        return None
    return unchanged(x, **kwargs)


def broadcast(a: Any, b: Any, **kwargs: Any) -> Shape | None:
    """Two operands of one floating type, or one and a number. Raises where sizes disagree."""
    if not a.dtype.is_floating_point:
        return None
    left, right = a.shape, getattr(b, "shape", None)
    if right is None:
        return left
    if a.dtype is not b.dtype or kwargs.get("rounding_mode"):
        return None
    return left if left == right else together(left, right)


def compared(a: Any, b: Any) -> Shape | None:
    """A comparison with a plain number."""
    return None if hasattr(b, "shape") else a.shape


def masked_out(x: Any, mask: Any, value: Any) -> Shape | None:
    """masked_fill with a plain number."""
    return None if hasattr(value, "shape") else together(x.shape, mask.shape)


def together(left: Shape, right: Shape) -> Shape:
    """The shape two operands broadcast to. Raises RuntimeError where they do not."""
    if len(left) < len(right):
        left, right = right, left
    out = list(left)
    offset = len(left) - len(right)
    for axis, n in enumerate(right):
        m = out[offset + axis]
        if m == 1:
            out[offset + axis] = n
        elif n not in (1, m):
            raise RuntimeError(f"{tuple(left)} and {tuple(right)} cannot be combined")
    return tuple(out)


def summed(x: Any, dim: Any = None, keepdim: bool = False, **kwargs: Any) -> Shape | None:
    """A mean or sum over some dimensions."""
    if not x.dtype.is_floating_point or kwargs:
        return None
    shape = x.shape
    rank = len(shape)
    dims = range(rank) if dim is None or dim == [] else [dim] if isinstance(dim, int) else dim
    gone = {each % rank for each in dims} if rank else set()
    if keepdim:
        return tuple([1 if axis in gone else n for axis, n in enumerate(shape)])
    return tuple([n for axis, n in enumerate(shape) if axis not in gone])


def vector_norm(
    x: Any, ord: Any = 2, dim: Any = None, keepdim: bool = False, **kwargs: Any
) -> Shape | None:
    """linalg.vector_norm, whose second argument is the kind of norm."""
    return summed(x, dim, keepdim, **kwargs)


def padded(x: Any, pad: Any, mode: str = "constant", value: Any = None) -> Shape | None:
    """pad by a number of elements before and after, from the last dimension on."""
    out = list(x.shape)
    for number in range(len(pad) // 2):
        out[-1 - number] += pad[2 * number] + pad[2 * number + 1]
    if mode != "constant" or min(out) < 1:
        return None
    return tuple(out)


def joined(tensors: Any, dim: int = 0) -> Shape | None:
    """cat along one dimension. Raises RuntimeError where the other dimensions disagree."""
    first = tensors[0]
    shape = first.shape
    axes = len(shape)
    if any(len(t.shape) != axes or t.dtype is not first.dtype for t in tensors):
        return None  # torch ignores empty one-dimensional tensors, and promotes types
    dim %= axes
    length = 0
    for tensor in tensors:
        other = tensor.shape
        if other[:dim] != shape[:dim] or other[dim + 1 :] != shape[dim + 1 :]:
            raise RuntimeError(
                f"{tuple(shape)} and {tuple(other)} cannot be joined along axis {dim}"
            )
        length += other[dim]
    return (*shape[:dim], length, *shape[dim + 1 :])


def interpolated(x: Any, size: Any, *settings: Any) -> Shape | None:
    """Interpolation to a size, or by the factors in the last argument, rounded down."""
    shape = x.shape
    if size is None:
        factors = settings[-1] if settings else None
        if not isinstance(factors, list):
            return None
        size = [int(n * factor) for n, factor in zip(shape[2:], factors, strict=True)]
    return (*shape[:2], *size) if min(size) > 0 else None

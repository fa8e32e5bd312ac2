"""Run one operator of a recorded forward pass: by rule, by torch's meta kernels, or for real."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor

from explorer.anatomy.operators import lookup

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

META = torch.device("meta")

READ = (
    "Numbers read from the data are taken to be 1, comparisons false: masks are drawn 1 pixel big."
)
_READS = ("aten::item", "aten::_local_scalar_dense", "aten::is_nonzero", "aten::equal")


class Known:
    """What the tracer needs of an operator at every call, looked up once."""

    __slots__ = (
        "assumed", "assumes", "decomposes", "dtype", "func", "in_place", "like", "operator",
        "reads", "rule",
    )  # fmt: skip

    def __init__(self, func: Any) -> None:
        self.func = func
        schema = func._schema
        self.operator = lookup(func)
        self.in_place = schema.is_mutable and schema.name.endswith("_") and bool(schema.arguments)
        self.rule = self.operator.shape if self.operator and not self.in_place else None
        self.assumed = self.operator.assumed if self.operator else None
        self.assumes = self.operator.assumes if self.operator else ""
        self.dtype: torch.dtype | None = None
        if self.operator and self.operator.dtype:
            self.dtype = getattr(torch, self.operator.dtype)
        self.like = self.operator is not None and self.operator.like
        # Marks for the profiler (nn.DataParallel sets one) are no part of the network.
        self.reads = schema.name in _READS or func.namespace == "profiler"
        self.decomposes = (
            self.operator is None and func.namespace == "aten" and func._can_decompose()
        )


KNOWN: dict[int, Known] = {}


def known_as(func: Any) -> Known:
    """Look up what is known of an operator and remember it."""
    # Operators live as long as torch, so their id may stand for them (their hash is slow).
    known = KNOWN[id(func)] = Known(func)
    return known


class Execution:
    """How the operators of one pass are run; `assumptions` collects what had to be assumed."""

    def __init__(self, owned: set[int], *, real: bool, rules: bool, assume: bool) -> None:
        """`owned` are the ids of the module's own tensors; the rest is as for the Tracer.

        `selecting` is set when an operator was answered by an assumption on the data.
        """
        self.real = real
        self.rules = rules
        self.assume = assume
        self.assumptions: dict[str, None] = {}
        self.selecting = False
        self.twins: dict[int, Tensor] = {}
        self._owned = owned
        self._keep: list[Tensor] = []

    def run(self, known: Known, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run an operator and return its output."""
        if self.real:
            return known.func(*args, **kwargs)
        first = args[0] if args else None
        if type(first) is list and first:
            first = first[0]
        if not isinstance(first, Tensor) or not first.is_meta or known.reads:
            return self._run_mixed(known, args, kwargs)
        out = None
        if known.rule is not None and self.rules:
            out = self._by_rule(known, first, args, kwargs)
        elif known.in_place and self.rules:
            out = args[0]
        if out is None and known.assumed is not None and self.assume:
            out = self._by_assumption(known, first, args, kwargs)
        if out is None:
            out = known.func(*self._on_meta(args), **self._on_meta(kwargs))
        return out

    def _by_rule(self, known: Known, first: Tensor, args: Any, kwargs: dict[str, Any]) -> Any:
        """Make the output an entry's shape rule tells; None where it leaves that to torch."""
        shape = known.rule(*args, **kwargs)  # type: ignore[misc]
        if shape is None:
            return None
        dtype = known.dtype or first.dtype
        if type(shape) is list:
            return self._several(shape, dtype)
        if known.like and not first.is_contiguous() and shape == first.shape:
            return _laid_out_like(first, dtype)
        return torch.empty(shape, dtype=dtype, device=META)

    def _by_assumption(self, known: Known, first: Tensor, args: Any, kwargs: dict[str, Any]) -> Any:
        """Make the output as assumed of an operator whose output depends on the data."""
        shape = known.assumed(*args, **kwargs)  # type: ignore[misc]
        if shape is None:
            return None
        self.assumptions[known.assumes] = None
        self.selecting = True
        dtype = known.dtype or first.dtype
        if type(shape) is list:
            return self._several(shape, dtype)
        return torch.empty(shape, dtype=dtype, device=META)

    @staticmethod
    def _several(shapes: list[Any], dtype: torch.dtype) -> tuple[Tensor, ...]:
        return tuple(torch.empty(shape, dtype=dtype, device=META) for shape in shapes)

    def _run_mixed(self, known: Known, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        """Run an operator whose first argument is no meta tensor, or that reads a number.

        Constants that a forward pass makes for itself are computed for real, so that it may
        branch on them. The module's own tensors are not touched: their meta twins stand in.
        """
        tensors = [*tensors_in(args), *tensors_in(kwargs)]
        meta = any(each.is_meta for each in tensors)
        if known.reads:
            if meta and self.assume:
                self.assumptions[READ] = None
                return 0 if known.func._schema.name == "aten::is_nonzero" else 1
            return known.func(*args, **kwargs)
        if not meta and not any(id(each) in self._owned for each in tensors):
            return known.func(*args, **kwargs)
        if known.in_place and not args[0].is_meta:
            return args[0]  # the module's own, or about to hold what has no numbers
        args, kwargs = self._on_meta(args), self._on_meta(kwargs)
        first = args[0] if args else None
        if type(first) is list and first:
            first = first[0]
        if not isinstance(first, Tensor):  # 2 ** x: there is no tensor a rule could start from
            return known.func(*args, **kwargs)
        return self.run(known, args, kwargs)

    def _on_meta(self, value: Any) -> Any:
        """Replace real tensors in an argument by meta twins, and devices by the meta device."""
        if isinstance(value, Tensor):
            return value if value.is_meta else self._twin(value)
        if isinstance(value, torch.device):
            return META
        if isinstance(value, (list, tuple)) and value:
            return type(value)([self._on_meta(each) for each in value])
        if isinstance(value, dict) and value:
            return {key: self._on_meta(each) for key, each in value.items()}
        return value

    def _twin(self, tensor: Tensor) -> Tensor:
        twin = self.twins.get(id(tensor))
        if twin is None:
            # A view of an inference tensor cannot stand for a view of a tensor that is none.
            with torch.inference_mode(tensor.is_inference()):
                twin = self.twins[id(tensor)] = like_on_meta(tensor)
            self._keep.append(tensor)
        return twin


def _laid_out_like(tensor: Tensor, dtype: torch.dtype) -> Tensor:
    """A new tensor with the strides of a permuted one; contiguous if that one has repeats."""
    if 0 in tensor.stride() or not torch.ops.aten.is_non_overlapping_and_dense(tensor):
        return torch.empty(tensor.shape, dtype=dtype, device=META)
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=dtype, device=META)


def like_on_meta(tensor: Tensor) -> Tensor:
    """A tensor of the same shape, strides and type without numbers."""
    return torch.empty_strided(tensor.shape, tensor.stride(), dtype=tensor.dtype, device=META)


def tensors_in(value: Any) -> Iterator[Tensor]:
    """All tensors in a nested structure, in order."""
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, (list, tuple)):
        for each in value:
            yield from tensors_in(each)
    elif isinstance(value, dict):
        for each in value.values():
            yield from tensors_in(each)
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from tensors_in(getattr(value, name))


def mapped(value: Any, change: Callable[[Tensor], Tensor]) -> Any:
    """Apply a function to every tensor in nested lists, tuples and dictionaries."""
    if isinstance(value, Tensor):
        return change(value)
    if isinstance(value, tuple) and hasattr(value, "_fields"):
        return type(value)(*(mapped(each, change) for each in value))
    if isinstance(value, (list, tuple)):
        return type(value)(mapped(each, change) for each in value)
    if isinstance(value, dict):
        return {key: mapped(each, change) for key, each in value.items()}
    return value

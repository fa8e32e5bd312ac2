"""Matrix products: fully connected layers, matmul and attention."""

from __future__ import annotations

import math
from typing import Any

from explorer.anatomy.fields import (
    Field,
    MaybeField,
    contracted,
    fitted,
    joined_or_none,
    matched,
    reduced,
)
from explorer.anatomy.operators.registry import OperatorCall, Shape, register
from explorer.anatomy.operators.seeing import by_data, fields_of, of_first


def _linear(x: Any, weight: Any, bias: Any = None) -> Shape | None:
    if len(weight.shape) != 2:
        return None
    if x.shape[-1] != weight.shape[1]:
        raise RuntimeError(f"this layer reads {weight.shape[1]} features and got {x.shape[-1]}")
    return (*x.shape[:-1], weight.shape[0])


def _matmul(a: Any, b: Any) -> Shape | None:
    left, right = a.shape, b.shape
    if len(left) != len(right) or len(left) < 2 or left[:-2] != right[:-2]:
        return None
    if left[-1] != right[-2]:
        raise RuntimeError(f"cannot multiply {tuple(left)} by {tuple(right)}")
    return (*left[:-1], right[-1])


def _attention(query: Any, key: Any, value: Any, *args: Any, **kwargs: Any) -> Shape:
    return (*query.shape[:-1], value.shape[-1])


def _linear_macs(call: OperatorCall) -> int:
    # Every output element is a product over the input features.
    macs: int = call.output.numel * call.args[1].shape[-1]
    return macs


def _matmul_macs(call: OperatorCall) -> int:
    # Every output element is a product over the inner dimension.
    macs: int = call.output.numel * call.args[0].shape[-1]
    return macs


def _added_matmul_macs(call: OperatorCall) -> int:
    macs: int = call.output.numel * call.args[1].shape[-1]
    return macs


def _attention_macs(call: OperatorCall) -> int:
    # Query times key, then the weights times value: Q * K * (E + V) for every head.
    query, key, value = (call.args[i].shape for i in range(3))
    macs: int = math.prod(query[:-1]) * key[-2] * (query[-1] + value[-1])
    return macs


def _bilinear_macs(call: OperatorCall) -> int:
    # x1' A x2 for every output feature, as x1' A first.
    left, right, weight = (call.args[i].shape for i in range(3))
    macs: int = math.prod(left[:-1]) * weight[0] * right[-1] * (left[-1] + 1)
    return macs


@of_first
def _linear_field(field: Field, call: OperatorCall) -> Field:
    return contracted(field, -1, call.args[1].shape[0])


def _matmul_field(call: OperatorCall) -> MaybeField:
    left, right = fields_of(call)
    return matched(left, right, call.output.shape)


def _added_matmul_field(call: OperatorCall) -> MaybeField:
    added, left, right = fields_of(call)
    product = matched(left, right, call.output.shape)
    return fitted(joined_or_none([added, product]), call.output.shape)


def _attention_field(call: OperatorCall) -> MaybeField:
    """Every query sees, through the weights, every key and value, whole."""
    query, key, value, *others = fields_of(call)
    parts = [
        None if query is None else reduced(query, [-1], keep=True),
        None if key is None else reduced(key, [-1, -2], keep=True),
        None if value is None else reduced(value, [-2], keep=True),
        *(None if other is None else reduced(other, [-1], keep=True) for other in others),
    ]
    return fitted(joined_or_none(parts), call.output.shape)


def _embedding_field(call: OperatorCall) -> MaybeField:
    weight, indices = fields_of(call)
    if weight is not None or indices is None:
        return by_data(call) if weight is not None else None
    return fitted(indices._replace(layout=(*indices.layout, ())), call.output.shape)


register("linear", shape=_linear, macs=_linear_macs, field=_linear_field, saved="input",
         weighted=True)  # fmt: skip
register("matmul", shape=_matmul, macs=_matmul_macs, field=_matmul_field, saved="inputs",
         weighted=True)  # fmt: skip
register("mm", "bmm", "mv", "dot", macs=_matmul_macs, field=_matmul_field, saved="inputs",
         weighted=True)  # fmt: skip
register("addmm", "baddbmm", "addmv", macs=_added_matmul_macs, field=_added_matmul_field,
         saved="inputs", weighted=True)  # fmt: skip
register("scaled_dot_product_attention", shape=_attention, macs=_attention_macs,
         field=_attention_field, saved="inputs")  # fmt: skip
register("bilinear", macs=_bilinear_macs, saved="inputs", weighted=True)
register("embedding", field=_embedding_field, saved="input")

"""Matrix products: fully connected layers, matmul and attention."""

from __future__ import annotations

import math
from typing import Any

from explorer.anatomy.operators.registry import OperatorCall, Shape, register


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
    return call.output.numel * call.args[1].shape[-1]


def _matmul_macs(call: OperatorCall) -> int:
    # Every output element is a product over the inner dimension.
    return call.output.numel * call.args[0].shape[-1]


def _added_matmul_macs(call: OperatorCall) -> int:
    return call.output.numel * call.args[1].shape[-1]


def _attention_macs(call: OperatorCall) -> int:
    # Query times key, then the weights times value: Q * K * (E + V) for every head.
    query, key, value = (call.args[i].shape for i in range(3))
    return math.prod(query[:-1]) * key[-2] * (query[-1] + value[-1])


def _bilinear_macs(call: OperatorCall) -> int:
    # x1' A x2 for every output feature, as x1' A first.
    left, right, weight = (call.args[i].shape for i in range(3))
    return math.prod(left[:-1]) * weight[0] * right[-1] * (left[-1] + 1)


register("linear", shape=_linear, macs=_linear_macs, saved="input", weighted=True)
register("matmul", shape=_matmul, macs=_matmul_macs, saved="inputs", weighted=True)
register("mm", "bmm", "mv", "dot", macs=_matmul_macs, saved="inputs", weighted=True)
register("addmm", "baddbmm", "addmv", macs=_added_matmul_macs, saved="inputs", weighted=True)
register("scaled_dot_product_attention", shape=_attention, macs=_attention_macs, saved="inputs")
register("bilinear", macs=_bilinear_macs, saved="inputs", weighted=True)
register("embedding", saved="input")

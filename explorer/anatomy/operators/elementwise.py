"""Element-wise arithmetic, activations, comparisons and reductions."""

from __future__ import annotations

from explorer.anatomy.fields import (
    Field,
    MaybeField,
    bounded,
    contracted,
    fitted,
    joined_or_none,
    reduced,
)
from explorer.anatomy.layouts import is_plain, plain
from explorer.anatomy.operators.outputs import (
    along,
    broadcast,
    clamped,
    compared,
    masked_out,
    summed,
    unchanged,
)
from explorer.anatomy.operators.registry import OperatorCall, register
from explorer.anatomy.operators.seeing import (
    among,
    by_data,
    fields_of,
    of_first,
    over_dim_or_both,
    over_dims,
    same,
    union,
)
from explorer.anatomy.sliding import LOST_PLACE


@of_first
def _glu_field(field: Field, call: OperatorCall) -> Field:
    dim = call.argument(1, "dim", -1)
    if is_plain(field.layout[dim]):
        return contracted(field, dim, call.output.shape[dim])
    return bounded(field, call.output.shape, LOST_PLACE)


@of_first
def _topk_field(field: Field, call: OperatorCall) -> Field:
    return contracted(field, call.argument(2, "dim", -1), call.args[1])


@of_first
def _one_hot_field(field: Field, call: OperatorCall) -> Field:
    return field._replace(layout=(*field.layout, plain(call.output.shape[-1])))


def _similarity_field(call: OperatorCall) -> MaybeField:
    seen = joined_or_none(fields_of(call))
    return None if seen is None else reduced(seen, [call.argument(2, "dim", 1)], keep=False)


def _copied(call: OperatorCall) -> MaybeField:
    return fitted(call.inputs[1].field, call.output.shape)


def _overwritten(call: OperatorCall) -> MaybeField:
    return None


register("relu", "sigmoid", "tanh", "exp", "sqrt", "rsqrt",
         shape=unchanged, like=True, field=same, saved="output")  # fmt: skip
register("softmax", "log_softmax", shape=along, like=True, field=among(), saved="output")
register("gelu", "silu", "hardswish", "hardsigmoid", "hardtanh", "relu6", "mish",
         "softplus", "abs", "log", "sin", "cos", "square",
         "rrelu", "log_sigmoid", "erf", "reciprocal", "log1p",
         "log2", "threshold", "hardshrink", "softshrink", "expm1", "atan", "acos", "asin", "tan",
         shape=unchanged, like=True, field=same, saved="input")  # fmt: skip
register(
    "leaky_relu",
    "elu",
    "selu",
    "celu",
    shape=unchanged,
    like=True,
    field=same,
    saved="input or result",
)
register("clamp", "clamp_min", "clamp_max", "pow",
         shape=clamped, like=True, field=union, saved="input")  # fmt: skip
register("masked_fill", shape=masked_out, like=True, field=union, saved="input")
register("prelu", "addcmul", "addcdiv", "where", "minimum", "maximum",
         field=union, saved="input")  # fmt: skip
register("glu", field=_glu_field, saved="input")
register("cumsum", "logcumsumexp", field=among(default=0), saved="input")
register("var", "std", "var_mean", "std_mean", "prod", "amax", "amin", "logsumexp",
         field=over_dims(), saved="input")  # fmt: skip
register("max", "min", field=over_dim_or_both, saved="input")
register("cosine_similarity", field=_similarity_field, saved="input")
register("add", "sub", "rsub", shape=broadcast, like=True, field=union)
register("mul", "div", shape=broadcast, like=True, field=union, saved="inputs")
register("mean", "sum", shape=summed, field=over_dims())
register("neg", "floor", "ceil", "round", "sign", "trunc", "detach", "nan_to_num", "log10",
         field=same)  # fmt: skip
register("lerp", "floor_divide", "remainder", "fmod", field=union)
register("eq", "ne", "lt", "gt", "le", "ge", shape=compared, dtype="bool", field=union)
register("logical_and", "logical_or", "logical_not",
         "bitwise_and", "bitwise_or", "bitwise_not", "isnan", "isinf", "isfinite", "__and__",
         "__or__", "isclose", field=union)  # fmt: skip
register("any", "all", "argmax", "argmin", "count_nonzero", field=over_dims())
register("sort", "argsort", "cumprod", field=among())
register("topk", field=_topk_field)
register("one_hot", field=_one_hot_field)
register("bernoulli", "tril", "triu", field=same)
register("copy", field=_copied)
register("zero", "fill", "uniform", "normal", "random", field=_overwritten)
register("equal", "is_nonzero", "item", "_local_scalar_dense", "bincount",
         field=by_data)  # fmt: skip

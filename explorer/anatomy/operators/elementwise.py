"""Element-wise arithmetic, activations, comparisons and reductions."""

from __future__ import annotations

from typing import Any

from explorer.anatomy.operators.normalisation import unchanged
from explorer.anatomy.operators.registry import Shape, register


def _broadcast(a: Any, b: Any, **kwargs: Any) -> Shape | None:
    left = a.shape
    right = getattr(b, "shape", None)
    if right is None:
        # A number changes neither shape nor, for floating point, type.
        return left if a.is_floating_point() else None  # type: ignore[no-any-return]
    if a.dtype is not b.dtype:
        return None
    if left == right:
        return left  # type: ignore[no-any-return]
    if len(left) != len(right):
        return None
    out = []
    for m, n in zip(left, right, strict=True):
        if m != n and m != 1 and n != 1:
            raise RuntimeError(f"{tuple(left)} and {tuple(right)} cannot be combined")
        out.append(n if m == 1 else m)
    return tuple(out)


register("relu", "sigmoid", "tanh", "softmax", "log_softmax", "exp", "sqrt", "rsqrt",
         shape=unchanged, saved="output")  # fmt: skip
register("gelu", "silu", "hardswish", "hardsigmoid", "hardtanh", "relu6", "leaky_relu", "elu",
         "selu", "celu", "mish", "softplus", "prelu", "abs", "log", "sin", "cos", "square",
         "rrelu", "softsign", "logsigmoid", "log_sigmoid", "erf", "reciprocal", "log1p",
         "log2", "glu", "threshold", "clamp", "clamp_min", "clamp_max", "pow", "hardshrink",
         "softshrink", "masked_fill", "expm1", "addcmul", "addcdiv", "where", "minimum",
         "maximum", "atan", "acos", "asin", "tan", "cumsum", "var", "std", "var_mean", "prod",
         "amax", "amin", "max", "min", "logsumexp", "cosine_similarity",
         saved="input")  # fmt: skip
register("add", "sub", "rsub", shape=_broadcast)
register("mul", "div", shape=_broadcast, saved="inputs")
register("mean", "sum", "neg", "floor", "ceil", "round", "sign", "lerp",
         "floor_divide", "remainder", "fmod", "trunc", "detach", "nan_to_num", "log10")  # fmt: skip
register("eq", "ne", "lt", "gt", "le", "ge", "logical_and", "logical_or", "logical_not",
         "bitwise_and", "bitwise_or", "bitwise_not", "isnan", "isinf", "isfinite", "any", "all",
         "argmax", "argmin", "argsort", "sort", "topk", "__and__", "__or__",
         "bernoulli", "zero", "fill", "copy", "uniform", "normal", "random", "isclose",
         "equal", "is_nonzero", "item", "_local_scalar_dense", "unique", "bincount",
         "count_nonzero", "one_hot", "cumprod", "tril", "triu")  # fmt: skip

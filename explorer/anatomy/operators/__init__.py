"""The operators the anatomy understands, one module per family."""

from explorer.anatomy.operators import (
    convolution,
    detection,
    elementwise,
    linear,
    normalisation,
    pooling,
    resample,
    shape,
)
from explorer.anatomy.operators.registry import (
    CONSTANT,
    NETWORK_INPUT,
    Operator,
    OperatorCall,
    Storage,
    TensorRef,
    entries,
    lookup,
    register,
)

__all__ = [
    "CONSTANT",
    "NETWORK_INPUT",
    "Operator",
    "OperatorCall",
    "Storage",
    "TensorRef",
    "convolution",
    "detection",
    "elementwise",
    "entries",
    "linear",
    "lookup",
    "normalisation",
    "pooling",
    "register",
    "resample",
    "shape",
]

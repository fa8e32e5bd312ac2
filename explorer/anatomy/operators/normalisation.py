"""Normalisation and regularisation: shapes pass through."""

from __future__ import annotations

from typing import Any

from explorer.anatomy.operators.registry import Shape, register


def unchanged(x: Any, *args: Any, **kwargs: Any) -> Shape:
    """The shape of the first argument."""
    shape: Shape = x.shape
    return shape


register(
    "batch_norm", "layer_norm", "group_norm", "instance_norm", "rms_norm",
    shape=unchanged, saved="input",
)  # fmt: skip
register("local_response_norm", "norm", "linalg_vector_norm", saved="input")
register("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", saved="mask")

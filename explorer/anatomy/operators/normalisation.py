"""Normalisation and regularisation: shapes pass through."""

from __future__ import annotations

from explorer.anatomy.fields import Field, normalised
from explorer.anatomy.operators.outputs import unchanged, vector_norm
from explorer.anatomy.operators.registry import OperatorCall, register
from explorer.anatomy.operators.seeing import of_first, over_dims, same


@of_first
def _batch_norm_field(field: Field, call: OperatorCall) -> Field:
    # With running statistics it is element-wise.
    if not call.argument(5, "training", False):
        return field
    return normalised(field, [0, *range(2, len(field.layout))])


@of_first
def _instance_norm_field(field: Field, call: OperatorCall) -> Field:
    if not call.argument(5, "use_input_stats", True):
        return field
    return normalised(field, range(2, len(field.layout)))


@of_first
def _group_norm_field(field: Field, call: OperatorCall) -> Field:
    return normalised(field, range(1, len(field.layout)))


@of_first
def _layer_norm_field(field: Field, call: OperatorCall) -> Field:
    return normalised(field, range(-len(call.args[1]), 0))


register("batch_norm", shape=unchanged, like=True, field=_batch_norm_field, saved="input")
register("layer_norm", "rms_norm", shape=unchanged, field=_layer_norm_field, saved="input")
register("group_norm", shape=unchanged, field=_group_norm_field, saved="input")
register("instance_norm", shape=unchanged, field=_instance_norm_field, saved="input")
register("linalg_vector_norm", shape=vector_norm, field=over_dims(2), saved="input")
register("norm", field=over_dims(2), saved="input")
register("dropout", "feature_dropout", "alpha_dropout", "feature_alpha_dropout", field=same,
         saved="mask")  # fmt: skip

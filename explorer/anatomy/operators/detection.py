"""Operators of detectors, and those whose output shape depends on the data.

Shapes alone cannot say how many candidates pass a test. On the meta device these operators are
answered by the assumption that all of them do; the sentences below say so in the result. A
forward pass that was not told to assume anything runs them for real instead.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from explorer.anatomy.operators.registry import OperatorCall, Shape, register
from explorer.anatomy.operators.seeing import by_data, fields_of
from explorer.anatomy.rearranging import indexed

if TYPE_CHECKING:
    from explorer.anatomy.fields import MaybeField

KEPT = "Every candidate survives the suppression of duplicates, up to the model's own caps."
PASSED = "Every candidate passes each test on its score, its size or its pyramid level."
TOGETHER = "Candidates of all classes are suppressed together."


def _passed(x: Any) -> Shape:
    return (math.prod(x.shape), len(x.shape))


def _passed_by_axis(x: Any) -> list[Shape]:
    return [(math.prod(x.shape),)] * len(x.shape)


def _kept(boxes: Any, scores: Any, threshold: float) -> Shape:
    return (boxes.shape[0],)


def _one_value(x: Any, ordered: bool = True, inverse: bool = False, counts: bool = False) -> Any:
    return [(1,), x.shape if inverse else (0,), (1,) if counts else (0,)]


def _looked_up(x: Any, indices: Any) -> Shape | None:
    """Shape of `x[numbers]` for one tensor of whole numbers, after plain colons."""
    axis = len(indices) - 1
    if any(each is not None for each in indices[:-1]) or str(indices[-1].dtype) != "torch.int64":
        return None
    return (*x.shape[:axis], *indices[-1].shape, *x.shape[axis + 1 :])


def masked(x: Any, indices: Any) -> Shape | None:
    """Shape of `x[mask]` for one mask of booleans, all of them true; None for other indices."""
    masks = [(axis, each) for axis, each in enumerate(indices) if each is not None]
    if len(masks) != 1 or str(masks[0][1].dtype) != "torch.bool":
        return None
    axis, mask = masks[0]
    rest = axis + len(mask.shape)
    return (*x.shape[:axis], math.prod(mask.shape), *x.shape[rest:])


def _pooled_regions(
    x: Any, rois: Any, scale: float, height: int, width: int, *args: Any, **kwargs: Any
) -> Shape:
    return (rois.shape[0], x.shape[1], height, width)


def _index_field(call: OperatorCall) -> MaybeField:
    """Indices that are computed decide where one looks; constant ones only reorder."""
    field, *indices = fields_of(call)
    if any(index is not None for index in indices):
        return by_data(call)
    return None if field is None else indexed(field, _indexed_dims(call), call.output.shape)


def _indexed_dims(call: OperatorCall) -> list[int]:
    return [dim for dim, index in enumerate(call.args[1]) if index is not None]


register("torchvision::nms", field=by_data, assumed=_kept, dtype="int64", assumes=KEPT)
register("nonzero", field=by_data, assumed=_passed, dtype="int64", assumes=PASSED)
register("where.default", "nonzero_numpy", field=by_data, assumed=_passed_by_axis, dtype="int64",
         assumes=PASSED)  # fmt: skip
register("_unique2", field=by_data, assumed=_one_value, dtype="int64", assumes=TOGETHER)
register("index", shape=_looked_up, assumed=masked, field=_index_field, assumes=PASSED)
register("torchvision::roi_align", field=by_data, shape=_pooled_regions, saved="input",
         regions=True)  # fmt: skip
register("torchvision::roi_pool", "torchvision::ps_roi_align", "torchvision::ps_roi_pool",
         field=by_data, saved="input", regions=True)  # fmt: skip

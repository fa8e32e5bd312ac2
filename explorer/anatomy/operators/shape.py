"""Moving and viewing: no arithmetic, so no cost."""

from __future__ import annotations

from typing import Any

from explorer.anatomy.operators.registry import Shape, register


def _joined(tensors: Any, dim: int = 0) -> Shape | None:
    first = tensors[0].shape
    axes = len(first)
    if any(len(t.shape) != axes for t in tensors):
        return None  # torch ignores empty one-dimensional tensors among the others
    dim %= axes
    length = 0
    for tensor in tensors:
        shape = tensor.shape
        if shape[:dim] != first[:dim] or shape[dim + 1 :] != first[dim + 1 :]:
            raise RuntimeError(
                f"{tuple(first)} and {tuple(shape)} cannot be joined along axis {dim}"
            )
        length += shape[dim]
    return (*first[:dim], length, *first[dim + 1 :])


register("cat", "concat", "concatenate", shape=_joined)
register("flatten")
register("stack", "hstack", "vstack", "roll", "pad", "constant_pad_nd", "gather",
         "index_select", "take_along_dim", "repeat", "tile", "flip", "reflection_pad1d",
         "reflection_pad2d", "reflection_pad3d", "replication_pad1d", "replication_pad2d",
         "replication_pad3d", "repeat_interleave", "scatter", "index_put", "index_add",
         "masked_select", "meshgrid", "bucketize", "masked_scatter", "im2col",
         "unfold", "col2im", "rot90", "_convert_indices_from_csr_to_coo")  # fmt: skip
register("view", "reshape", "permute", "transpose", "t", "expand", "expand_as", "unsqueeze",
         "squeeze", "select", "slice", "narrow", "chunk", "split", "split_with_sizes", "unbind",
         "contiguous", "clone", "alias", "to", "_to_copy", "type_as", "float", "view_as",
         "swapaxes", "movedim", "moveaxis", "unflatten", "lift_fresh", "numpy_T", "mT", "T",
         "adjoint", "diagonal", "detach_copy", "real", "imag", "view_as_real", "ravel",
         "tensor_split", "swapdims", "resolve_conj", "resolve_neg", "broadcast_to", "unsafe_chunk",
         "unsafe_split", "_unsafe_view", "_reshape_alias", "atleast_1d", "atleast_2d",
         "squeeze_copy", "cpu", "positive",
         row=False)  # fmt: skip
register("empty", "zeros", "ones", "full", "arange", "linspace", "tensor", "rand", "randn",
         "randint", "empty_like", "zeros_like", "ones_like", "full_like", "rand_like",
         "randn_like", "new_empty", "new_zeros", "new_ones", "new_full", "eye", "scalar_tensor",
         "randperm", "empty_strided", "new_empty_strided", "empty_permuted",
         row=False)  # fmt: skip

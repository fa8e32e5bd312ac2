"""Moving and viewing: no arithmetic, so no cost."""

from __future__ import annotations

from explorer.anatomy.operators import moving
from explorer.anatomy.operators.outputs import joined, moved, padded
from explorer.anatomy.operators.registry import register
from explorer.anatomy.operators.seeing import by_data, same

register("cat", "concat", "concatenate", shape=joined, field=moving.joined)
register("flatten", field=moving.viewed)
register("stack", field=moving.stacked)
register("roll", shape=moved, field=moving.rolled)
register("flip", shape=moved, field=moving.flipped)
register("pad", "constant_pad_nd", shape=padded, field=moving.padded)
register("reflection_pad1d", "reflection_pad2d", "reflection_pad3d", "replication_pad1d",
         "replication_pad2d", "replication_pad3d", field=moving.padded)  # fmt: skip
register("repeat", "tile", field=moving.repeated)
register("gather", "take_along_dim", "index_select", field=moving.gathered)
register("unfold", field=moving.unfolded)
register("im2col", field=moving.columns)
register("masked_select", "bucketize", field=by_data)
register("hstack", "vstack", "repeat_interleave", "scatter", "index_put", "index_add",
         "index_fill", "index_copy", "meshgrid",
         "masked_scatter", "col2im", "rot90", "_convert_indices_from_csr_to_coo",
         field=moving.anywhere)  # fmt: skip
register("view", "reshape", "unsqueeze", "squeeze", "view_as", "unflatten", "ravel",
         "_unsafe_view", "_reshape_alias", "atleast_1d", "atleast_2d", "squeeze_copy",
         field=moving.viewed, row=False)  # fmt: skip
register("permute", "transpose", "t", "swapaxes", "swapdims", "movedim", "moveaxis", "numpy_T",
         "mT", "adjoint", field=moving.permuted, row=False)  # fmt: skip
register("expand", "expand_as", "broadcast_to", field=moving.expanded, row=False)
register("contiguous", "clone", "alias", "to", "_to_copy", "type_as", "lift_fresh",
         "detach_copy", "resolve_conj", "resolve_neg", "cpu", "positive",
         field=same, row=False)  # fmt: skip
register("select", field=moving.selected, row=False)
register("slice", "narrow", field=moving.sliced, row=False)
register("chunk", "split", "split_with_sizes", "tensor_split", "unsafe_chunk", "unsafe_split",
         field=moving.split, row=False)  # fmt: skip
register("unbind", field=moving.unbound, row=False)
register("diagonal", "real", "imag", "view_as_real", field=moving.anywhere, row=False)
register("empty", "zeros", "ones", "full", "arange", "linspace", "tensor", "rand", "randn",
         "randint", "empty_like", "zeros_like", "ones_like", "full_like", "rand_like",
         "randn_like", "new_empty", "new_zeros", "new_ones", "new_full", "eye", "scalar_tensor",
         "randperm", "empty_strided", "new_empty_strided", "empty_permuted",
         field=moving.created, row=False)  # fmt: skip

"""Resampling: interpolation, grids and sub-pixel shuffling."""

from __future__ import annotations

from explorer.anatomy.operators.registry import register

register("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d",
         "_upsample_nearest_exact1d", "_upsample_nearest_exact2d", "_upsample_nearest_exact3d",
         "upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d",
         "upsample_bicubic2d", "_upsample_bilinear2d_aa", "_upsample_bicubic2d_aa",
         "pixel_shuffle", "pixel_unshuffle", "channel_shuffle",
         "native_channel_shuffle")  # fmt: skip
register("grid_sampler", "grid_sampler_2d", "grid_sampler_3d", "affine_grid_generator",
         saved="inputs")  # fmt: skip

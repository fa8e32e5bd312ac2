"""Resampling: interpolation, grids and sub-pixel shuffling."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.anatomy import sliding
from explorer.anatomy.operators.outputs import interpolated
from explorer.anatomy.operators.registry import OperatorCall, register
from explorer.anatomy.operators.seeing import Rule, by_data, of_first, same
from explorer.anatomy.rearranging import shuffled_down, shuffled_up

if TYPE_CHECKING:
    from explorer.anatomy.axes import Interpolation
    from explorer.anatomy.fields import Field


def _interpolation(kind: Interpolation, *, antialias: bool = False) -> Rule:
    """Arguments are input, size, [align_corners,] then the factors in a list or one by one."""

    def rule(field: Field, call: OperatorCall) -> Field:
        given = list(call.args[2:])
        corners = bool(given.pop(0)) if given and not kind.startswith("nearest") else False
        axes = len(call.output.shape) - 2
        if len(given) == 1 and isinstance(given[0], list):
            given = given[0]
        factors = [*given, *[None] * axes][:axes]
        return sliding.resized(
            field, call.output.shape, kind, factors, align_corners=corners, antialias=antialias
        )

    return of_first(rule)


def _up(field: Field, call: OperatorCall) -> Field:
    return shuffled_up(field, call.args[1], call.output.shape)


def _down(field: Field, call: OperatorCall) -> Field:
    return shuffled_down(field, call.args[1], call.output.shape)


register("upsample_nearest1d", "upsample_nearest2d", "upsample_nearest3d",
         shape=interpolated, field=_interpolation("nearest"))  # fmt: skip
register("_upsample_nearest_exact1d", "_upsample_nearest_exact2d", "_upsample_nearest_exact3d",
         shape=interpolated, field=_interpolation("nearest-exact"))  # fmt: skip
register("upsample_linear1d", "upsample_bilinear2d", "upsample_trilinear3d",
         shape=interpolated, field=_interpolation("linear"))  # fmt: skip
register("upsample_bicubic2d", shape=interpolated, field=_interpolation("cubic"))
register("_upsample_bilinear2d_aa", field=_interpolation("linear", antialias=True))
register("_upsample_bicubic2d_aa", field=_interpolation("cubic", antialias=True))
register("pixel_shuffle", field=of_first(_up))
register("pixel_unshuffle", field=of_first(_down))
register("channel_shuffle", "native_channel_shuffle", field=same)
register("grid_sampler", "grid_sampler_2d", "grid_sampler_3d", "affine_grid_generator",
         field=by_data, saved="inputs")  # fmt: skip

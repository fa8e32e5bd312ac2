"""Operators of detectors: regions of interest and suppression of duplicates."""

from __future__ import annotations

from explorer.anatomy.operators.registry import register

register("torchvision::roi_align", "torchvision::roi_pool", "torchvision::ps_roi_align",
         "torchvision::ps_roi_pool", saved="input")  # fmt: skip
register("torchvision::nms", row=True)

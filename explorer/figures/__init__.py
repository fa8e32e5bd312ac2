"""Figures: functions from records to plotly figures, each with its numbers as rows beside it.

The modules load plotly, which takes a fifth of a second, when a figure is first drawn:
`figures.zoo.accuracy_against_cost(cards)` imports `explorer.figures.zoo` here.
"""

from __future__ import annotations

import importlib
from typing import Any

_MODULES = frozenset(
    {
        "activations",
        "arithmetic",
        "attribution",
        "confusion",
        "cost_lab",
        "compare",
        "compare_fits",
        "compare_map",
        "compare_measured",
        "compare_trained",
        "data_sets",
        "depths",
        "field_picture",
        "finetune",
        "finetune_map",
        "gradient_flow",
        "landscapes",
        "live",
        "measured",
        "memory",
        "network",
        "predictions",
        "receptive_field",
        "scaling",
        "studies",
        "surfaces",
        "training",
        "window",
        "zoo",
    }
)


def __getattr__(name: str) -> Any:
    if name in _MODULES:
        return importlib.import_module(f"{__name__}.{name}")
    raise AttributeError(name)

"""Take a network apart: `dissect` (loads torch on first use), and the records it returns."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from explorer.anatomy.dissection import dissect as dissect

__all__ = ["dissect"]


def __getattr__(name: str) -> Any:
    # Pages import the records beside this; only `dissect` itself may load torch.
    if name == "dissect":
        from explorer.anatomy.dissection import dissect  # noqa: PLC0415 - see above

        return dissect
    raise AttributeError(name)

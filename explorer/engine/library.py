"""What the engine may be asked to do: a name, the function behind it, and where it runs.

Adding a capability is adding a line here. Nothing outside this table can be called.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

Lane: TypeAlias = Literal["meta", "device"]


@dataclass(frozen=True, slots=True)
class Call:
    """A library function the engine runs: `target` is "module:function".

    Calls in lane "meta" touch no weights and answer in well under a second or so; lane "device"
    builds and runs networks for real, one at a time. `remembered` results are kept by their
    arguments in a bounded cache.
    """

    target: str
    lane: Lane
    remembered: bool = False


CALLS: dict[str, Call] = {
    "anatomy.dissect": Call("explorer.anatomy.dissection:dissect", "meta", remembered=True),
    "anatomy.reconcile": Call("explorer.anatomy.reconcile:reconcile", "device", remembered=True),
    "anatomy.measure": Call("explorer.anatomy.measure:measure", "device"),
    "device.describe": Call("explorer.device:describe", "device"),
    "zoo.timm_names": Call("explorer.zoo.timm_models:names", "meta", remembered=True),
    "zoo.card": Call("explorer.zoo.build:card", "meta", remembered=True),
}

"""A network's diagram with what learns and what stays as it is, each in its colour."""

from __future__ import annotations

from typing import TYPE_CHECKING

from explorer.figures import diagram

if TYPE_CHECKING:
    from explorer.anatomy.folding import Folded
    from explorer.anatomy.records import Anatomy
    from explorer.finetune.records import FrozenParts

LEARNS, STAYS = "rgba(217,119,6,.45)", "rgba(128,134,145,.28)"


def drawing(anatomy: Anatomy, folded: Folded, parts: FrozenParts) -> str:
    """Draw a folded anatomy as SVG in the page's colours; what has no weights is left plain.

    The anatomy is that of the network before it got its new head.
    """
    plain = "var(--st-secondary-background-color,#eef1f5)"
    rules = [
        ".b{fill:" + plain + "!important}",
        ".p{display:none}[data-do]{cursor:default}",  # nothing opens here
        "text{fill:var(--st-text-color,#1f2430)!important}",
        *(_rule(node.id, parts.learns(node.path)) for node in folded.nodes if node.params),
    ]
    style = f"<style>{''.join(rules)}</style>"
    return diagram.drawing(anatomy, folded, "parameters").replace("</svg>", f"{style}</svg>")


def _rule(id: str, learns: bool) -> str:
    name = id.replace("\\", "\\\\").replace('"', '\\"')
    return f'[data-id="{name}"] .b{{fill:{LEARNS if learns else STAYS}!important}}'

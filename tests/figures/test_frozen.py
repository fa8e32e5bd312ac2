"""What learns and what stays, on a network's own diagram."""

from __future__ import annotations

import re

from explorer.anatomy import folding
from explorer.anatomy.dissection import dissect
from explorer.figures import frozen
from explorer.finetune.records import Block, FrozenParts

PARTS = FrozenParts(
    title="AlexNet",
    head=Block("classifier.6", ("classifier.6",), 8194),
    blocks=(Block("features", ("features",), 1), Block("classifier.4", ("classifier.4",), 1)),
    regime="last",
    open_blocks=1,
)


def test_what_learns_has_its_colour_and_what_has_no_weights_has_none() -> None:
    """Of AlexNet the last two layers; convolutions stay, pooling and ReLU are left plain."""
    anatomy = dissect("alexnet")
    svg = frozen.drawing(anatomy, folding.fold(anatomy, "layers"), PARTS)
    colours = dict(re.findall(r'\[data-id="([^"]+)"\] \.b\{fill:([^!]+)!', svg))
    learns = {name for name, colour in colours.items() if colour == frozen.LEARNS}
    stays = {name for name, colour in colours.items() if colour == frozen.STAYS}
    assert learns == {"classifier.4", "classifier.6"}
    assert stays == {f"features.{n}" for n in (0, 3, 6, 8, 10)} | {"classifier.1"}
    assert svg.endswith("</style></svg>")

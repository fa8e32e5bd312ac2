"""The drawing of a window shows the pixels torch reads, and says the same in words."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from itertools import pairwise
from typing import TYPE_CHECKING

import pytest
import torch
from torch import nn

from explorer.anatomy import dissect
from explorer.figures.window import FIRST, SECOND, window_drawing, window_words

if TYPE_CHECKING:
    from explorer.anatomy.records import Layer

SVG = "{http://www.w3.org/2000/svg}"


def layer_of(module: nn.Module, *shape: int) -> Layer:
    """The row of one module run by itself."""
    return dissect(nn.Sequential(module), inputs=torch.zeros(shape)).layers[0]


def drawn(layer: Layer) -> ET.Element:
    """The drawing, parsed: it is well-formed XML."""
    text = window_drawing(layer)
    assert text is not None
    return ET.fromstring(text)


def columns_read(module: nn.Module, shape: tuple[int, ...], output: int) -> set[int]:
    """Input columns an output column in the middle row depends on, by torch's gradient."""
    picture = torch.zeros(shape, requires_grad=True)
    out = module(picture)
    out[..., out.shape[-2] // 2, output].sum().backward()
    assert picture.grad is not None
    return set(picture.grad.abs().sum((0, 1, 2)).nonzero().flatten().tolist())


@pytest.mark.parametrize(
    ("settings", "side"),
    [((3, 1, 1), 9), ((7, 2, 3), 32), ((3, 1, 2, 2), 12), ((1, 2, 0), 8), ((4, 4, 0), 16)],
)
def test_words_name_the_columns_torch_reads(settings: tuple[int, ...], side: int) -> None:
    """From the first to the last column of both windows, padding counted below 0."""
    module = nn.Conv2d(1, 1, *settings)
    nn.init.ones_(module.weight)
    said = window_words(layer_of(module, 1, 1, side, side)).replace("−", "-")
    first, second = (
        re.search(rf"{word} columns (-?\d+)(?: to (-?\d+))?", said) for word in ("and", "second")
    )
    for place, found in enumerate((first, second)):
        assert found is not None, said
        start, end = int(found[1]), int(found[2] or found[1])
        read = columns_read(module, (1, 1, side, side), place)
        assert read == {at for at in range(start, end + 1, module.dilation[1]) if at >= 0}
    assert ("padding" in said) == bool(module.padding[0])


def test_transposed_windows_lie_on_the_output() -> None:
    """One input position writes a kernel's worth of output, a stride apart from its neighbour's."""
    module = nn.ConvTranspose2d(1, 1, 4, 2, 1, bias=False)
    nn.init.ones_(module.weight)
    pictures = torch.zeros(2, 1, 5, 5)
    pictures[0, 0, 2, 0] = pictures[1, 0, 2, 1] = 1
    written = [set(out[0].sum(0).nonzero().flatten().tolist()) for out in module(pictures)]
    said = window_words(layer_of(module, 1, 1, 5, 5))
    assert "columns −1 to 2 of the output, the second columns 1 to 4" in said
    assert written == [{0, 1, 2}, {1, 2, 3, 4}]
    assert said.endswith("Positions outside are padding, which is cut off.")


def test_a_dilated_kernel_reads_cells_apart() -> None:
    """Nine cells are filled for each of the two windows, none of them neighbours."""
    picture = drawn(layer_of(nn.Conv2d(1, 1, 3, padding=2, dilation=2), 1, 1, 32, 32))
    for colour in (FIRST, SECOND):
        cells = [
            each
            for each in picture.iter(f"{SVG}rect")
            if each.get("fill") == colour and each.get("stroke") == "none"
        ]
        assert len(cells) == 9
        width = float(cells[0].get("width", "0"))
        across = sorted({float(each.get("x", "0")) for each in cells})
        assert [round((b - a) / width) for a, b in pairwise(across)] == [2, 2]


def test_a_large_input_is_cut_and_says_so() -> None:
    """Of 224 pixels only a corner is drawn, with dots; of 5 all."""
    large = drawn(layer_of(nn.Conv2d(3, 8, 7, 2, 3), 1, 3, 224, 224))
    small = drawn(layer_of(nn.Conv2d(3, 8, 3, 1, 1), 1, 3, 4, 4))
    dots = [[text.text for text in each.iter(f"{SVG}text")] for each in (large, small)]
    assert "…" in dots[0]
    assert "⋮" in dots[0]
    assert dots[1] == ["Input 4 × 4", "Output 4 × 4"]


@pytest.mark.parametrize(
    ("module", "shape"),
    [
        (nn.Conv1d(1, 1, 5, 2, 2), (1, 1, 50)),
        (nn.Conv3d(1, 1, 3, 1, 1), (1, 1, 4, 9, 9)),
        (nn.AvgPool2d(7), (1, 1, 7, 7)),
        (nn.Conv2d(1, 1, 32, 32), (1, 1, 224, 224)),
    ],
    ids=["one axis", "three axes", "one window", "large kernel"],
)
def test_every_window_is_drawn_small(module: nn.Module, shape: tuple[int, ...]) -> None:
    """Whatever the axes and sizes, the picture stays small and describes itself."""
    layer = layer_of(module, *shape)
    picture = drawn(layer)
    assert float(picture.get("width", "inf")) < 480
    assert float(picture.get("height", "inf")) < 300
    assert picture.findtext(f"{SVG}desc") == window_words(layer)


def test_nothing_is_drawn_without_a_window() -> None:
    """A fully connected layer has none."""
    assert window_drawing(layer_of(nn.Linear(4, 2), 1, 4)) is None

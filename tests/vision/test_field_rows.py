"""Rows with units, what the theory says of each, and which lie on the way to the output."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.anatomy.sight import seen
from explorer.errors import BadRequest
from explorer.vision.field_records import FieldRow, on_picture
from explorer.vision.field_rows import MOST, field_rows, rows_of
from explorer.vision.grids import unit
from explorer.vision.records import Box, Preprocessing
from explorer.zoo import build, catalogue

CLASSIFIERS = [card.name for card in catalogue.cards() if card.task == "classification"]


def rows_by_name(name: str) -> dict[str, FieldRow]:
    """The rows of a network of the zoo, without weights."""
    card = catalogue.find(name)
    rows = rows_of(build.network(name), torch.empty(1, *card.input_shape, device="meta"))
    return {row.name: row for row in rows}


@pytest.mark.parametrize(
    ("name", "row", "size", "stride", "padding"),
    [
        ("alexnet", "features.12", 195, 32, 66),
        ("vgg16", "features.30", 212, 32, 90),
        ("resnet18", "layer4.1.relu#2", 435, 32, 217),
        ("resnet50", "layer4.2.relu#3", 427, 32, 213),
        ("inception_v3", "Mixed_7c.cat#3", 1311, 32, 618),
        ("googlenet_5x5", "inception.5b.cat", 699, 32, 327),
        ("mobilenet_v1", "features.13.pointwise.2", 315, 32, None),
    ],
)
def test_published_fields(name: str, row: str, size: int, stride: int, padding: int | None) -> None:
    """Araujo, Norris and Sim (2019): unit i sees the r pixels from -P + i S on."""
    found = rows_by_name(name)[row]
    assert found.main
    for y, x in ((0, 0), (found.height - 1, 0), (2, 3)):
        box = found.theoretical(y, x).unclipped
        assert box is not None
        assert (box.bottom - box.top, box.right - box.left) == (size, size)
        if padding is not None:
            assert (box.top, box.left) == (y * stride - padding, x * stride - padding)


@pytest.mark.parametrize(
    ("name", "row", "convolutions"),
    [
        ("efficientnet_b0", "features.8.2", 851),
        ("mobilenet_v3_small", "features.12.2", 639),
        ("vit_b_16", "encoder.ln", 16),
        ("swin_t", "norm", None),
        ("regnet_y_400mf", "trunk_output.block4.block4-5.activation", None),
    ],
)
def test_squeeze_and_excitation_and_attention_see_the_whole_input(
    name: str, row: str, convolutions: int | None
) -> None:
    """The whole input, and the convolutions' extent apart from it."""
    found = rows_by_name(name)[row]
    theory = found.theoretical(1, 2)
    assert theory.whole
    assert theory.box == theory.unclipped == Box(0, 0, *found.pixels)
    assert theory.convolutional is not None
    if convolutions is not None:
        assert theory.convolutional.bottom - theory.convolutional.top == convolutions


def test_a_token_of_a_transformer_stands_at_its_patch() -> None:
    """Before any attention the token in row 3, column 5 sees its own 16 x 16 pixels."""
    row = rows_by_name("vit_b_16")["cat"]
    assert row.theoretical(3, 5).box == Box(48, 80, 64, 96) == row.cell(3, 5)
    assert row.channels == 768


def test_every_unit_s_box_is_its_own_interval() -> None:
    """Clipped as `seen` does it, for every unit of some rows of several families."""
    for name in ("densenet121", "googlenet", "squeezenet1_1", "swin_t", "shufflenet_v2_x0_5"):
        rows = [row for row in rows_by_name(name).values() if row.main and row.height <= 28]
        for row in rows[::3]:
            for y in range(row.height):
                for x in (0, row.width // 2, row.width - 1):
                    index = [each[0] for each in unit(row.field, y, x)]
                    ends = seen(row.field, index)
                    assert ends is not None
                    (top, bottom), (left, right) = ends  # type: ignore[misc]
                    assert row.theoretical(y, x).box == Box(top, left, bottom + 1, right + 1)


def test_the_nearest_unit_of_a_unit_s_place_is_the_unit() -> None:
    """A click on what stands for a unit finds it again."""
    for name in ("alexnet", "resnet18", "vit_b_16", "lenet5", "densenet121"):
        for row in rows_by_name(name).values():
            for y, x in {(0, 0), (row.height // 2, row.width - 1)}:
                cell = row.cell(y, x)
                middle = (cell.top + cell.bottom) / 2, (cell.left + cell.right) / 2
                assert row.nearest(*middle) == (y, x), (name, row.name)


def test_units_of_one_window_each_have_a_place() -> None:
    """Swin's first block: a window of 7 x 7 units sees one box, a click still tells them apart."""
    row = rows_by_name("swin_t")["features.1.0.add#2"]
    assert row.theoretical(8, 9) == row.theoretical(13, 7)
    assert row.cell(8, 9) == Box(32, 36, 36, 40)
    assert row.nearest(34, 38) == (8, 9)


class Residual(nn.Module):
    """A convolution, a block with a way past it, and a pooling."""

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv2d(1, 2, 3)
        self.norm = nn.BatchNorm2d(2)
        self.inner = nn.Conv2d(2, 2, 3, padding=1)
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Linear(2, 3)

    def forward(self, x: Tensor) -> Tensor:
        """The inner convolution is passed by."""
        x = self.norm(self.first(x)).relu()
        x = self.pool(x + self.inner(x))
        return self.head(x.mean((2, 3)))


def test_the_main_path_is_what_nothing_passes_by() -> None:
    """Of convolution, norm and activation the last; not the convolution inside the block."""
    rows = rows_of(Residual().eval(), torch.empty(1, 1, 12, 12))
    assert [row.name for row in rows] == ["first", "norm", "relu", "inner", "add", "pool"]
    assert [row.name for row in rows if row.main] == ["relu", "add", "pool"]


@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_has_a_way_along_it(name: str) -> None:
    """Up to twenty rows, whose convolutions see more and more, down to a map of few units."""
    rows = [row for row in rows_by_name(name).values() if row.main]
    assert 5 <= len(rows) <= MOST
    assert rows[-1].height <= 37
    assert rows[0].height >= rows[-1].height
    extents = [row.theoretical(*row.nearest(*(side / 2 for side in row.pixels))) for row in rows]
    local = [each.convolutional or each.unclipped for each in extents]
    assert all(each is not None for each in local)
    heights = [each.bottom - each.top for each in local if each is not None]
    assert heights[-1] == max(heights)


def test_a_row_without_units_is_one_sentence() -> None:
    """It names a row that has them."""
    known = field_rows("lenet5", "random")
    with pytest.raises(BadRequest, match=r"LeNet-5.*no layer 'output'.*such as ") as raised:
        known.row("output")
    assert known.main[-1].name in str(raised.value)


def test_a_unit_that_there_is_not_is_one_sentence() -> None:
    """It says how many rows and columns there are."""
    row = rows_by_name("alexnet")["features.12"]
    with pytest.raises(BadRequest, match=r"rows go from 0 to 5 and its columns from 0 to 5"):
        row.theoretical(6, 0)


def test_a_box_is_carried_over_to_the_picture() -> None:
    """A picture of 600 x 400, its shorter side brought to 256, of which 224 x 224 are cut out."""
    recipe = Preprocessing(256, (224, 224), "bilinear", (0.0,) * 3, (1.0,) * 3, "by hand")
    window = recipe.window(400, 600)
    box = on_picture(Box(0, 0, 224, 224), window, (224, 224))
    assert box == window
    # One input pixel is 400 / 256 of the picture's; the crop starts at (16, 80) of (256, 384).
    down, across = 400 / 256, 600 / 384
    half = on_picture(Box(10, 20, 30, 60), window, (224, 224))
    assert (half.top, half.left) == pytest.approx(((16 + 10) * down, (80 + 20) * across))
    assert (half.bottom, half.right) == pytest.approx(((16 + 30) * down, (80 + 60) * across))

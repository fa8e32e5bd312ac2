"""Figures along a network: what they show is what the papers say."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest

from explorer.anatomy import dissect
from explorer.figures import network

if TYPE_CHECKING:
    from explorer.anatomy.records import Anatomy


@pytest.fixture(scope="module")
def lenet() -> Anatomy:
    """LeNet-5 on a 32 by 32 picture."""
    return dissect("lenet5")


@pytest.fixture(scope="module")
def vgg() -> Anatomy:
    """VGG-16 on a 224 by 224 picture."""
    return dissect("vgg16")


def test_lenets_maps_shrink_and_its_channels_grow(lenet: Anatomy) -> None:
    """28, 14, 10, 5, 1 pixels wide; 6, 16, 120 channels: figure 2 of the paper."""
    rows = network.shape_rows(lenet)
    assert list(dict.fromkeys(row["height"] for row in rows)) == [28, 14, 10, 5, 1]
    assert list(dict.fromkeys(row["channels"] for row in rows)) == [6, 16, 120]


def test_square_maps_have_one_line_for_both_sides(lenet: Anatomy) -> None:
    """Height and width share a line where they are equal, and only there."""
    names = [trace.name for trace in network.shapes(lenet).data]
    assert names == ["height = width", "channels"]
    wide = dissect("vgg11", size=(64, 96))
    assert [trace.name for trace in network.shapes(wide).data] == ["height", "width", "channels"]


def test_costs_are_drawn_whole(vgg: Anatomy) -> None:
    """The bars of each of the three costs add up to VGG-16's published totals."""
    params, macs, memory = network.costs(vgg).data
    assert sum(params.y) == 138_357_544
    assert sum(macs.y) == pytest.approx(15.47e9, rel=1e-3)
    assert sum(memory.y) == vgg.activation_bytes


def test_flops_are_named_and_doubled(vgg: Anatomy) -> None:
    """The axis says FLOPs, and each bar is two per multiply-add."""
    figure = network.costs(vgg, "FLOPs")
    assert figure.layout.yaxis2.title.text == "FLOPs"
    assert sum(figure.data[1].y) == 2 * vgg.macs


def test_vggs_fields_stay_inside_a_large_picture(vgg: Anatomy) -> None:
    """Its last map sees 212 pixels (facts of Araujo et al.): inside 224, beyond 200."""
    assert network.outgrown(vgg) == []
    beyond = network.outgrown(dissect("vgg16", size=200))
    fields = {layer.name: layer.receptive_field.size for layer in beyond}
    assert fields["features.30"] == (212, 212)
    assert "features.23" not in fields  # pool 4 sees 100 pixels


def test_outgrown_layers_have_their_own_mark() -> None:
    """ResNet-50 sees 427 pixels of 224: drawn apart from what stays inside, above the line."""
    figure = network.receptive_fields(dissect("resnet50"))
    marked = next(trace for trace in figure.data if trace.name == "outgrown the picture")
    assert min(marked.y) > 224
    assert max(marked.y) == 427


def test_squeeze_and_excitation_is_drawn_by_its_convolutions() -> None:
    """EfficientNet-B0 sees everything; what is drawn for it is the convolutional path."""
    anatomy = dissect("efficientnet_b0")
    assert len(network.whole(anatomy)) > len(anatomy.layers) / 2
    figure = network.receptive_fields(anatomy)
    assert next(trace for trace in figure.data if trace.name == network.WHOLE).y


def test_side_branches_do_not_cut_the_shape_to_one_pixel() -> None:
    """The squeezed maps inside EfficientNet are left out, its pooled head is not."""
    heights = [row["height"] for row in network.shape_rows(dissect("efficientnet_b0"))]
    assert heights == sorted(heights, reverse=True)
    assert heights[-1] == 1


def test_tables_hold_what_the_figures_draw(vgg: Anatomy) -> None:
    """The text alternative has the figure's numbers, a row a point."""
    drawn = sum(len(trace.y) for trace in network.receptive_fields(vgg).data)
    assert len(network.field_rows(vgg)) >= drawn
    assert [row["MACs"] for row in network.cost_rows(vgg)] == list(network.costs(vgg).data[1].y)


def test_channels_may_come_last() -> None:
    """Swin-T's four stages are 56, 28, 14 and 7 wide with 96 to 768 channels: the paper's table."""
    rows = {row["layer"]: row for row in network.shape_rows(dissect("swin_t"))}
    for stage, (side, channels) in enumerate([(56, 96), (28, 192), (14, 384), (7, 768)]):
        row = rows[f"features.{2 * stage + 1}.0.norm1"]
        assert (row["height"], row["width"], row["channels"]) == (side, side, channels)


def test_windows_and_tokens_are_no_maps() -> None:
    """MaxViT's windows of 49 tokens are not drawn as maps 49 high."""
    rows = network.shape_rows(dissect("maxvit_t"))
    assert {row["height"] for row in rows} == {112, 56, 28, 14, 7, 1}

"""What a layer makes of a picture equals what torch computes, and is counted as it should be."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pytest
import torch
from torchvision import models

from explorer.errors import BadRequest
from explorer.pictures import intake, samples
from explorer.vision import activations, passes, preprocess
from explorer.vision.loading import let_go, load

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from explorer.pictures.records import Picture


@pytest.fixture
def cat() -> Picture:
    """A photograph."""
    return samples.accepted("chelsea")


@pytest.fixture(autouse=True)
def fresh() -> Iterator[None]:
    """Nothing is remembered from one test to the next."""
    yield
    passes.forget()
    let_go()


def test_maps_equal_torchvision_s_own(
    cat: Picture, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SqueezeNet's real first layers, run through torchvision's modules one by one."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    found = activations.activations("squeezenet1_0", cat, "features.2", weights="IMAGENET1K_V1")
    net = models.squeezenet1_0(weights=models.SqueezeNet1_0_Weights.IMAGENET1K_V1).eval()
    recipe = load("squeezenet1_0", "IMAGENET1K_V1").preprocessing
    with torch.inference_mode():
        expected = net.features[:3](preprocess.input_tensor(cat, recipe))
    assert np.allclose(found.values, expected[0].numpy(), atol=1e-4)
    assert found.output == (1, 96, 54, 54)
    assert not found.use.random


def test_units_lie_where_they_look(cat: Picture) -> None:
    """VGG's second pooling: cells of 4 input pixels, over the window, 300 * 4 / 256 picture pixels.

    Cell i is in the middle of what unit i sees: padding of 1 keeps maps aligned with the input.
    """
    found = activations.activations("vgg11", cat, "features.5", weights="random")
    assert found.grid is not None
    box, window = found.grid.box, found.window
    assert (found.grid.rows, found.grid.columns) == (56, 56)
    assert (box.bottom - box.top) / 56 == pytest.approx(4 * 300 / 256)
    assert box.top == pytest.approx(window.top)
    assert box.right == pytest.approx(window.right)
    assert set(found.grid.unit(0.5, 0.5)) <= {27, 28}


def test_the_first_row_is_the_first_activation() -> None:
    """ResNet: conv1, bn1, relu; a ViT has no activation behind its convolution."""
    found = activations.rows("resnet18", weights="random")
    assert found.start == "relu"
    assert "first convolution" in found.reason
    assert activations.rows("vit_b_16", weights="random").start == "conv_proj"


def test_rows_say_what_can_be_done_with_them() -> None:
    """Convolutions have filters and arithmetic, an addition neither; vectors have no grid."""
    rows = {each.layer: each for each in activations.rows("resnet18", weights="random").rows}
    assert rows["conv1"].explained
    assert rows["conv1"].filtered
    assert (rows["conv1"].channels, rows["conv1"].grid) == (64, (112, 112))
    assert not rows["layer1.0.add"].explained
    assert not rows["layer1.0.add"].filtered
    assert (rows["fc"].channels, rows["fc"].grid) == (1000, (1, 1))


SLOW = ("densenet121", "googlenet", "swin_v2_t", "maxvit_t", "vit_b_16")


@pytest.mark.parametrize(
    "name",
    ["lenet5", "mobilenet_v3_small", *(pytest.param(n, marks=pytest.mark.slow) for n in SLOW)],
)
def test_every_row_can_be_looked_at(name: str, cat: Picture) -> None:
    """Sheets of some rows: maps, tokens, windows, attention, vectors and tables."""
    rows = activations.rows(name, weights="random").rows
    for row in rows[:: max(1, len(rows) // 8)]:
        sheet = activations.sheet(name, cat, row.layer, weights="random")
        assert (sheet.count, sheet.grid) == (row.channels, row.grid)
        assert sheet.png.startswith(b"\x89PNG")


def test_statistics_of_a_picture(cat: Picture) -> None:
    """Each row's numbers are those of its own tensor; ReLU has zeros, its convolution has none."""
    found = activations.statistics("squeezenet1_0", cat, weights="random")
    rows = {each.layer: each for each in found.layers}
    maps = activations.activations("squeezenet1_0", cat, "features.1", weights="random").values
    relu = rows["features.1"]
    assert relu.values.mean == pytest.approx(maps.mean(), rel=1e-4)
    assert relu.values.spread == pytest.approx(maps.std(), rel=1e-4)
    assert relu.values.zeros == pytest.approx((maps == 0).mean())
    assert relu.dead == (maps.max((1, 2)) <= 0).sum()
    assert rows["features.0"].values.zeros < 0.01
    assert [each.index for each in found.layers] == sorted(each.index for each in found.layers)


def test_filters_are_the_weights() -> None:
    """Of the first convolution, which reads colours; a ReLU has none."""
    found = activations.filters("squeezenet1_0", "features.0", weights="random")
    with load("squeezenet1_0", "random").borrowed() as network:
        weight = network.get_submodule("features.0").weight
        assert np.array_equal(found.values, weight.numpy())
    assert found.first
    assert not activations.filters("squeezenet1_0", "features.3.squeeze", weights="random").first
    with pytest.raises(BadRequest, match="no convolution"):
        activations.filters("squeezenet1_0", "features.1", weights="random")


def test_what_there_is_not_is_one_sentence(cat: Picture) -> None:
    """A layer, a channel and a page that do not exist."""
    with pytest.raises(BadRequest, match="no layer 'conv99'"):
        activations.sheet("lenet5", cat, "conv99")
    with pytest.raises(BadRequest, match="channels 0 to 5, not 6"):
        activations.channel("lenet5", cat, "c1", 6)
    with pytest.raises(BadRequest, match="there is no page 0"):
        activations.sheet("lenet5", cat, "c1", page=-1)


def test_what_is_kept_is_bounded(cat: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    """Of many layers only the last ones stay in memory."""
    monkeypatch.setattr(passes, "MOST_BYTES", 5 << 20)
    for row in activations.rows("squeezenet1_0", weights="random").rows[:6]:
        activations.activations("squeezenet1_0", cat, row.layer, weights="random")
    held = sum(passes._bytes(each) for each in passes._kept.values())
    assert 0 < held <= 5 << 20


def test_what_is_no_number_is_not_dead(cat: Picture) -> None:
    """Neither on the sheet nor along the network."""
    with load("lenet5", "random").borrowed() as network, torch.no_grad():
        next(network.parameters()).fill_(float("nan"))
    along = activations.statistics("lenet5", cat, weights="random")
    found = next(each for each in along.layers if each.layer == "c3")
    assert np.isnan(found.values.highest)
    assert found.dead == activations.sheet("lenet5", cat, "c3", weights="random").dead == 0


def test_no_room_loses_no_answer(cat: Picture, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was known is handed out though keeping the rest pushes it out."""
    net = load("lenet5", "random")
    passes.outputs(net, cat, ["c1"])
    monkeypatch.setattr(passes, "MOST_BYTES", 1)
    found = passes.outputs(net, cat, ["c1", "c3", "c5"])
    assert [each.shape[1] for each in found.values()] == [6, 16, 120]
    assert len(passes._kept) == 1


def test_another_picture_has_other_maps(cat: Picture, shared_data: Path) -> None:
    """What is remembered is told apart by the picture's pixels."""
    other = samples.accepted("coffee")
    one, two = (activations.activations("lenet5", each, "c1").values for each in (cat, other))
    assert not np.allclose(one, two)
    file = next((shared_data / "photos").iterdir())
    third = intake.accept(file.read_bytes(), file.name)
    assert not np.allclose(activations.activations("lenet5", third, "c1").values, one)

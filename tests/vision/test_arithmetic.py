"""Each number is the sum it is said to be: by hand, for every kind of window, for every network."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.errors import BadRequest
from explorer.pictures import samples
from explorer.vision import passes
from explorer.vision.arithmetic import arithmetic, summed, unit, unit_of
from explorer.vision.arithmetic_records import Edge
from explorer.vision.arrangement import arrangement
from explorer.vision.loaded import LoadedModel
from explorer.vision.passes import Called
from explorer.vision.reading import READERS, bound, explained
from explorer.vision.records import Preprocessing
from explorer.vision.taps import Counting, Taps, find_taps
from explorer.zoo import build, catalogue, weights

if TYPE_CHECKING:
    from explorer.pictures.records import Picture

# torch pads the map itself where "same" is uneven, and says so once.
pytestmark = pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel")

CLASSIFIERS = [card.name for card in catalogue.cards() if card.task == "classification"]
QUICK = (
    "lenet5", "lenet5_partial", "squeezenet1_0", "mobilenet_v3_small", "resnet18",
    "shufflenet_v2_x0_5", "mnasnet0_5", "regnet_y_400mf",
)  # fmt: skip


class Windows(nn.Module):
    """Every kind of window there is, one behind the other."""

    def __init__(self) -> None:
        super().__init__()
        convolutions = (
            nn.Conv2d(3, 6, 3, padding=1),
            nn.Conv2d(6, 4, (3, 2), stride=(1, 2), padding=(2, 0), groups=2, bias=False),
            nn.Conv2d(4, 4, 3, padding=2, dilation=2, groups=4),
            nn.Conv2d(4, 8, 1),
            nn.Conv2d(8, 4, 3, padding=(1, 2), padding_mode="reflect"),
            nn.Conv2d(4, 4, 3, padding=1, padding_mode="circular"),
            nn.Conv2d(4, 4, (2, 4), padding="same", dilation=(1, 2)),
            nn.MaxPool2d(3, 2, padding=1, ceil_mode=True),
            nn.Conv2d(4, 5, 2, padding=2),
            nn.MaxPool2d((2, 3), 1, dilation=(2, 1)),
            nn.AvgPool2d(3, 2, padding=1, ceil_mode=True),
            nn.Conv2d(5, 5, 2, padding=2),
            nn.AvgPool2d(3, 2, padding=1, ceil_mode=True, count_include_pad=False),
            nn.Conv2d(5, 5, 2, padding=3),
            nn.AvgPool2d(2, divisor_override=3),
            nn.AdaptiveAvgPool2d((3, 2)),
        )
        self.body = nn.Sequential(*convolutions)
        self.head = nn.Linear(5, 10)

    def forward(self, x: Tensor) -> Tensor:
        """Mean over the map, then a linear layer."""
        scores: Tensor = self.head(self.body(x).mean((2, 3)))
        return scores


class Behind(nn.Module):
    """A convolution by hand, its norm and ReLU, and an addition."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1)
        self.bn = nn.BatchNorm2d(1)
        self.relu = nn.ReLU(inplace=True)
        nn.init.constant_(self.conv.weight, 1.0)
        nn.init.constant_(self.conv.bias, -2.0)
        self.bn.running_mean.fill_(1.0)
        self.bn.running_var.fill_(4.0)
        self.bn.eps = 0.0

    def forward(self, x: Tensor) -> Tensor:
        """Return ten scores, all the same."""
        y = self.relu(self.bn(self.conv(x)))
        return (y + x).mean((2, 3)).expand(-1, 10)


def opened(network: nn.Module, channels: int, side: int) -> LoadedModel:
    """A small network as the zoo would lend it; its input is the picture's pixels from 0 to 1."""
    card = replace(catalogue.find("lenet5"), name=f"small{id(network)}")
    recipe = Preprocessing(
        None, (side, side), "bilinear", (0.0,) * channels, (1.0,) * channels, "a test"
    )
    choice = weights.choose(card, "random")
    return LoadedModel(card, choice, network, recipe, ("a",) * 10, torch.device("cpu"))


@pytest.fixture
def cat() -> Picture:
    """A photograph."""
    return samples.accepted("chelsea")


def test_by_hand(cat: Picture) -> None:
    """Kernel of ones, bias -2: the corner is the sum of four pixels less two."""
    net = opened(Behind(), 1, 8)
    x = passes.input_of(net, cat)[0, 0].numpy().astype(np.float64)
    found = unit_of(net, cat, "relu", (0, 0, 0))
    made = found.made
    assert made is not None
    four = x[:2, :2].sum()
    assert made.total == pytest.approx(four, abs=1e-6)
    assert made.bias == -2.0
    assert made.result == pytest.approx(four - 2, abs=1e-6)
    assert (made.rows, made.columns) == ((-1, 0, 1), (-1, 0, 1))
    assert np.array_equal(made.edge == Edge.ZERO, np.array([[1, 1, 1], [1, 0, 0], [1, 0, 0]]))
    normed = (four - 2 - 1) / 2
    steps = {each.layer: each.value for each in found.then}
    assert steps["bn"] == pytest.approx(normed, abs=1e-6)
    assert steps["relu"] == pytest.approx(max(0.0, normed), abs=1e-6)
    assert found.value == steps["relu"]
    # The picture is brought to 8 by 8 whole, so two of its pixels are a quarter of its side.
    assert found.seen is not None
    assert found.seen.bottom == pytest.approx(cat.height / 4)
    assert found.seen.right == pytest.approx(cat.width / 4)
    assert found.crop.startswith(b"\x89PNG")


def test_an_addition_says_what_it_was_given(cat: Picture) -> None:
    """No patch, but the number that came from the ReLU."""
    net = opened(Behind(), 1, 8)
    found = unit_of(net, cat, "add", (0, 3, 3))
    assert found.made is None
    relu = unit_of(net, cat, "relu", (0, 3, 3)).value
    pixel = float(passes.input_of(net, cat)[0, 0, 3, 3])
    assert [each.value for each in found.before] == [relu]
    assert found.value == pytest.approx(relu + pixel, abs=1e-6)


@pytest.mark.parametrize("number", range(16))
def test_units_of_every_window(number: int, cat: Picture) -> None:
    """Groups, strides, dilation, all paddings, ceil mode, divisors: units are their sums."""
    torch.manual_seed(number)
    net = opened(Windows(), 3, 13)
    layer = f"body.{number}"
    row = net.taps.layer(layer)
    _, channels, height, width = row.output
    rows, columns = {0, 1, height // 2, height - 1}, {0, 1, width // 2, width - 1}
    for place in product((0, channels - 1), rows, columns):
        made = unit_of(net, cat, layer, place).made
        assert made is not None
        assert made.result == pytest.approx(made.value, abs=2e-6), place


def test_a_mean_and_a_linear_layer(cat: Picture) -> None:
    """They are an average over the whole map, and one product for each input."""
    torch.manual_seed(3)
    net = opened(Windows(), 3, 13)
    mean = unit_of(net, cat, "mean", (2, 0, 0)).made
    assert mean is not None
    assert (mean.operation, mean.divisor) == ("average", 6.0)
    assert mean.difference == pytest.approx(0, abs=1e-7)
    linear = unit_of(net, cat, "head", (7, 0, 0)).made
    assert linear is not None
    assert linear.contributions.shape == (5,)
    assert linear.difference == pytest.approx(0, abs=1e-6)


def test_mirrored_and_wrapped_padding_is_marked(cat: Picture) -> None:
    """Reflect pads with numbers of the map: at the corner they are copied, not zero."""
    torch.manual_seed(0)
    net = opened(Windows(), 3, 13)
    for layer in ("body.4", "body.5"):
        made = unit_of(net, cat, layer, (0, 0, 0)).made
        assert made is not None
        assert made.rows[0] == -1
        assert set(made.edge[0]) == {Edge.COPIED}
        assert np.any(made.patch[:, 0] != 0)


def test_a_maximum_names_its_winner(cat: Picture) -> None:
    """The winning cell holds the largest number of the patch."""
    made = arithmetic("squeezenet1_0", cat, "features.2", (3, 10, 10), weights="random")
    assert made.winner is not None
    assert made.patch[0][made.winner] == made.patch.max() == made.value


def test_a_group_reads_its_own_channels(cat: Picture) -> None:
    """A depthwise convolution's channel 5 reads input channel 5 and no other."""
    made = arithmetic("mobilenet_v2", cat, "features.1.conv.0.0", (5, 20, 30), weights="random")
    assert (made.first_input, len(made.contributions)) == (5, 1)


def test_what_is_no_sum_is_said(cat: Picture) -> None:
    """Attention is refused in one sentence; so are units that there are not."""
    with pytest.raises(BadRequest, match="no single sum"):
        arithmetic("swin_t", cat, "features.1.0.attn", (0, 0, 0), weights="random")
    with pytest.raises(BadRequest, match="rows 0 to 27, not 28"):
        unit("lenet5", cat, "c1", (0, 28, 0))
    with pytest.raises(BadRequest, match="no layer 'c9'"):
        unit("lenet5", cat, "c9", (0, 0, 0))


class _Checking(Counting):
    """Takes units of every row apart while the network runs, against what its functions return."""

    def __init__(self, taps: Taps) -> None:
        super().__init__()
        self.rows = {
            taps.principals[row.name]: row
            for row in taps.layers
            if row.ran and explained(taps, row)
        }
        self.fields = taps.fields
        self.checked = 0

    def run(self, func: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
        out = func(*args, **kwargs)
        row = self.rows.get(self.number)
        if row is not None and isinstance(out, Tensor):
            with torch._C.DisableTorchFunction():
                self._check(Called(func, args, kwargs, out), row.name, row.op, row.output)
        return out

    def _check(self, call: Called, name: str, op: str, shape: tuple[int, ...]) -> None:
        placed = arrangement(shape, self.fields.get(name))
        height, width = placed.grid
        last = (placed.channels - 1, height - 1, width - 1)
        for place in {(0, 0, 0), last, tuple(each // 2 for each in last)}:
            index = placed.index(*place)
            read = READERS[op.removeprefix("aten.")](bound(call), index)
            _, result, _, _ = summed(read)
            factors = 1.0 if read.kernel is None else np.abs(read.kernel.astype(np.float64))
            # Rounding grows with what was added up, not with what is left of it.
            size = float((np.abs(read.patch) * factors).sum()) / (read.divisor or 1.0)
            allowed = 4e-6 * (size + abs(read.bias or 0.0)) + 1e-30
            assert abs(result - float(call.result[index])) <= allowed, (name, place)
            self.checked += 1


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CLASSIFIERS],
)
def test_every_convolution_and_pooling_of_the_zoo(name: str) -> None:
    """In every row, units at two corners and in the middle are what they are said to be."""
    torch.manual_seed(0)
    card = catalogue.find(name)
    net, x = build.real_network(name), torch.rand(1, *card.input_shape)
    checking = _Checking(find_taps(net, x))
    with torch.inference_mode(), checking:
        net(x)
    windows = [row for row in checking.rows.values() if "conv2d" in row.op or "pool2d" in row.op]
    assert len(windows) >= 1
    assert checking.checked >= len(checking.rows)

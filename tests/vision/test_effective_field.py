"""What moves a unit, against hand calculations, finite differences, and the theoretical box."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
import pytest
import torch
from torch import Tensor, nn

from explorer.errors import BadRequest, Cancelled
from explorer.pictures import samples
from explorer.vision.effective_field import Aim, effective_field, field_growth, gradients
from explorer.vision.field_rows import field_rows, rows_of
from explorer.vision.loading import let_go, load
from explorer.vision.spreads import spread
from explorer.vision.taps import find_taps
from explorer.zoo import build, catalogue

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from explorer.pictures.records import Picture
    from explorer.vision.field_records import FieldRow

Map = npt.NDArray[np.float64]

CLASSIFIERS = [card.name for card in catalogue.cards() if card.task == "classification"]
QUICK = ("alexnet_2012", "efficientnet_b0", "lenet5_partial", "resnet18", "swin_t", "vit_b_32")


@pytest.fixture
def cat() -> Picture:
    """The sample picture of a cat."""
    return samples.accepted("chelsea")


def ones(*convolutions: nn.Conv2d) -> nn.Sequential:
    """Convolutions without bias whose weights are all one."""
    for each in convolutions:
        nn.init.ones_(each.weight)
    return nn.Sequential(*convolutions).eval().requires_grad_(False)


def field_of(net: nn.Module, x: Tensor, row: str, *unit: int, passes: int = 1) -> Map:
    """The effective field of one unit."""
    found = next(each for each in rows_of(net, x) if each.name == row)
    aims = [Aim(found, (unit[0], unit[1]))]
    return gradients(net, find_taps(net, x), aims, [x], passes=passes)[0]


def conv(kernel: int, **settings: int) -> nn.Conv2d:
    """One channel in, one out."""
    return nn.Conv2d(1, 1, kernel, bias=False, **settings)


@pytest.mark.parametrize(
    ("net", "profile"),
    [
        (ones(conv(3), conv(3)), [1, 2, 3, 2, 1]),
        (ones(conv(3), conv(3), conv(3)), [1, 3, 6, 7, 6, 3, 1]),
        (ones(conv(3), conv(3, dilation=2)), [1, 1, 2, 1, 2, 1, 1]),
        (ones(conv(3, dilation=2)), [1, 0, 1, 0, 1]),
        (ones(conv(3, stride=2), conv(3)), [1, 1, 2, 1, 2, 1, 1]),
        (ones(conv(2, stride=2), conv(2, stride=2)), [1, 1, 1, 1]),
    ],
    ids=["two 3x3", "three 3x3", "dilated after 3x3", "dilated", "after stride 2", "patches"],
)
def test_stacks_of_ones_count_their_paths(net: nn.Sequential, profile: list[int]) -> None:
    """The gradient by a pixel is the number of paths from it: the kernels' convolution, squared."""
    x = torch.zeros(1, 1, 24, 24)
    row = rows_of(net, x)[-1]
    found = field_of(net, x, row.name, 2, 1)
    box = row.theoretical(2, 1).box
    assert box is not None
    top, left = int(box.top), int(box.left)
    expected = np.zeros((24, 24))
    expected[top : top + len(profile), left : left + len(profile)] = np.outer(profile, profile)
    np.testing.assert_array_equal(found, expected)


def test_two_3x3_hold_this_much_in_the_middle() -> None:
    """Of 81 paths 7 x 7 come from the middle 3 x 3; 25 pixels are needed for 95 %."""
    net, x = ones(conv(3), conv(3)), torch.zeros(1, 1, 9, 9)
    row = rows_of(net, x)[-1]
    found = spread(
        field_of(net, x, row.name, 2, 2), row.centre(2, 2), row.theoretical(2, 2).unclipped
    )
    assert (found.side_68, found.side_95) == (5, 5)  # 49 of 81 are 60 %
    # The middle half of five pixels: one and three quarters of its neighbours.
    assert found.centre == pytest.approx(((3 + 2 * 0.75 * 2) / 9) ** 2)


def test_it_equals_finite_differences() -> None:
    """A tanh between two convolutions, three colours; the unit is one number, so signs are mute."""
    torch.manual_seed(5)
    net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.Tanh(), nn.Conv2d(4, 1, 3)).double().eval()
    x = torch.randn(1, 3, 7, 7, dtype=torch.float64)
    found = field_of(net, x, "2", 1, 2)
    expected = np.zeros((7, 7))
    with torch.no_grad():
        for index in np.ndindex(3, 7, 7):
            step = torch.zeros_like(x)
            step[(0, *index)] = 1e-5
            slope = (net(x + step) - net(x - step))[0, 0, 1, 2] / 2e-5
            expected[index[1:]] += abs(float(slope))
    np.testing.assert_allclose(found, expected, atol=1e-8)


def test_signs_keep_channels_from_cancelling() -> None:
    """All channels of a layer norm always add up to zero; with signs something is left."""
    torch.manual_seed(6)
    net = nn.Sequential(nn.Conv2d(1, 8, 2, 2), Last(), nn.LayerNorm(8)).eval()
    x = torch.randn(1, 1, 8, 8)
    assert field_of(net, x, "2", 1, 1).sum() > 0.1


class Last(nn.Module):
    """Channels last, as layer norms want them."""

    def forward(self, x: Tensor) -> Tensor:
        """(N, C, H, W) to (N, H, W, C)."""
        return x.permute(0, 2, 3, 1)


def test_passes_and_inputs_are_averaged() -> None:
    """Each pass takes the next input; what one-number units give does not depend on the signs."""
    torch.manual_seed(7)
    net = nn.Sequential(nn.Conv2d(1, 2, 3), nn.Tanh(), nn.Conv2d(2, 1, 3)).eval()
    one, other = torch.randn(1, 1, 6, 6), torch.randn(1, 1, 6, 6)
    aims = [Aim(rows_of(net, one)[-1], (0, 1))]
    taps = find_taps(net, one)
    first, second = (gradients(net, taps, aims, [each])[0] for each in (one, other))
    both = gradients(net, taps, aims, [one, other], passes=3)[0]
    np.testing.assert_allclose(both, (2 * first + second) / 3, rtol=1e-6)


def test_the_network_runs_no_further_than_the_row() -> None:
    """What stands behind it would raise, and does not run."""

    class Raising(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            if not x.is_meta:
                raise AssertionError("ran")
            return x * 2

    net, x = nn.Sequential(conv(3), Raising()), torch.zeros(1, 1, 5, 5)
    assert field_of(net, x, "0", 0, 0).sum() > 0


FAMILIES: dict[str, tuple[int, Sequence[str]]] = {
    "alexnet": (160, ("features.5", "features.7")),
    "vgg11": (96, ("features.7", "features.10")),
    "resnet18": (128, ("maxpool", "layer2.1.relu#2")),
    "densenet121": (160, ("features.denseblock1.cat", "features.transition1.pool")),
    "googlenet": (128, ("inception3a.cat", "maxpool3")),
    "inception_v3": (160, ("Mixed_5b.cat", "Mixed_5c.cat")),
    "mobilenet_v2": (128, ("features.3.add", "features.5.add")),
    "shufflenet_v2_x0_5": (160, ("maxpool",)),
    "squeezenet1_1": (130, ("features.5", "features.7.cat")),
    "mnasnet0_5": (128, ("layers.8.2.add",)),
    "regnet_x_400mf": (96, ("trunk_output.block1.block1-0.activation",)),
    "convnext_tiny": (128, ("features.1.2.add",)),
    "swin_t": (224, ("features.1.1.add#2", "features.2.reduction")),
    "efficientnet_b0": (96, ("features.0.2",)),
}


LONG = ("googlenet", "inception_v3", "vgg11")


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=pytest.mark.slow if name in LONG else ()) for name in FAMILIES],
)
def test_nothing_outside_the_box_moves_a_unit(name: str) -> None:
    """Not by a rounding error, in the middle, at the corners; most of the box's width is used."""
    side, names = FAMILIES[name]
    torch.manual_seed(0)
    net = build.real_network(name).eval().requires_grad_(False)
    x = torch.randn(1, 3, side, side)
    rows = {row.name: row for row in rows_of(net, x)}
    aims = [Aim(rows[each], unit) for each in names for unit in _places(rows[each])]
    for (row, unit), values in zip(aims, gradients(net, find_taps(net, x), aims, [x]), strict=True):
        box = row.theoretical(*unit).box
        assert box is not None
        assert values.sum() > 0
        outside = values.copy()
        outside[int(box.top) : int(box.bottom), int(box.left) : int(box.right)] = 0
        assert outside.sum() == 0, (row.name, unit)
        assert np.ptp(np.nonzero(values)[0]) + 1 > 0.5 * (box.bottom - box.top)


def _places(row: FieldRow) -> list[tuple[int, int]]:
    return [(0, 0), (row.height // 2, row.width // 3), (row.height - 1, row.width - 1)]


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CLASSIFIERS],
)
def test_the_last_map_of_every_classifier_has_a_field(name: str, cat: Picture) -> None:
    """All of the mass lies in the box, and the square with 95 % of it is no larger."""
    let_go()  # some of them have gigabytes
    found = effective_field(name, cat, weights="random", passes=1)
    assert found.use.random
    assert found.spread.inside == pytest.approx(1, abs=1e-6)
    assert found.spread.side_68 is not None
    assert found.spread.side_95 is not None
    assert found.spread.side_68 <= found.spread.side_95
    assert found.ratio is not None
    assert 0 < found.ratio <= 1
    assert found.values.shape == load(name, "random").preprocessing.crop


def test_it_is_the_same_every_time(cat: Picture) -> None:
    """Signs and noise come from a seed."""
    for over in ("picture", "noise"):
        first, second = (
            effective_field("lenet5", cat, "c3", (2, 3), weights="random", over=over, passes=3)
            for _ in range(2)
        )
        assert np.array_equal(first.values, second.values)
        assert first.spread == second.spread


def test_growth_and_single_fields_agree(cat: Picture) -> None:
    """One forward for all rows gives what each gives alone, and the theory grows."""
    grown = field_growth("lenet5", cat, (10.0, 20.0), weights="random")
    assert [each.row for each in grown.fields] == [
        row.name for row in field_rows("lenet5", "random").main
    ]
    for each in grown.fields:
        alone = effective_field("lenet5", cat, each.row, each.unit, weights="random", passes=1)
        assert each.spread == alone.spread
        assert each.theoretical == alone.theoretical
    heights = [each.theoretical.sides for each in grown.fields]
    assert heights == [(5, 5), (6, 6), (14, 14), (16, 16), (32, 32)]
    assert grown.at("c1") is grown.fields[0]
    assert grown.at("nowhere") is None


def test_a_trained_network_on_a_photograph(
    cat: Picture, shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SqueezeNet's real weights: the centre holds most, the effective field is the smaller one."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    found = effective_field("squeezenet1_0", cat, "features.12.cat", (6, 6), passes=2)
    assert not found.use.random
    assert found.theoretical.sides == (155, 155)
    assert found.spread.centre is not None
    assert found.spread.centre > 0.5
    assert found.ratio is not None
    assert found.ratio < 0.9
    assert found.window.bottom <= cat.height


def test_the_network_is_as_it_was(cat: Picture) -> None:
    """No gradient, no hook, no wish for one; also after someone has stopped the work."""
    model = load("lenet5", "random")
    effective_field("lenet5", cat, weights="random")

    def stop(fraction: float, sentence: str) -> None:
        if fraction > 0:
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled):
        effective_field("lenet5", cat, weights="random", passes=4, progress=stop)
    with model.borrowed() as network:
        assert all(each.grad is None and not each.requires_grad for each in network.parameters())
        assert not any(each._forward_hooks for each in network.modules())


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"row": "c3", "unit": (10, 0)}, r"c3 has no unit in row 10, column 0; .* 0 to 9 "),
        ({"row": "c3", "unit": (0, -1)}, r"no unit in row 0, column -1"),
        ({"row": "nowhere"}, r"has no layer 'nowhere'"),
        ({"passes": 0}, r"from 1 to 64 passes, not 0"),
        ({"over": "clouds"}, r"over picture, photographs, noise, not 'clouds'"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    arguments: dict[str, object], sentence: str, cat: Picture
) -> None:
    """Said before anything runs."""
    with pytest.raises(BadRequest, match=sentence) as raised:
        effective_field("lenet5", cat, weights="random", **arguments)  # type: ignore[arg-type]
    assert "\n" not in str(raised.value)


def test_a_unit_that_nothing_moves_says_so() -> None:
    """A ReLU that is off everywhere lets no gradient through."""
    net = nn.Sequential(nn.Conv2d(1, 1, 3), nn.ReLU()).eval()
    nn.init.constant_(net[0].bias, -100.0)  # type: ignore[arg-type]
    values = field_of(net, torch.zeros(1, 1, 5, 5), "1", 0, 0)
    assert not values.any()
    assert spread(values, (1.5, 1.5), None).side_95 is None

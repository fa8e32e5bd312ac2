"""Designs become modules whose shapes and counts are those worked out by hand."""

from __future__ import annotations

import pickle

import pytest
import torch
from torch import nn

from explorer.anatomy import dissect
from explorer.blocks.build import build, make
from explorer.blocks.parts import (
    DEPTHWISE,
    Activate,
    Conv,
    DepthwiseConv,
    Dropout,
    Flatten,
    GlobalPool,
    Join,
    Linear,
    Normalise,
    Part,
    Pool,
)
from explorer.errors import BadDesign

LENET = (
    Conv(6, (5, 5), padding=(0, 0), activation="tanh"),
    Pool("average"),
    Conv(16, (5, 5), padding=(0, 0), activation="tanh"),
    Pool("average"),
    Flatten(),
    Linear(120, expects=400, activation="tanh"),
    Linear(84, activation="tanh"),
    Linear(10),
)


def counts(design: tuple[Part, ...], shape: tuple[int, int, int]) -> tuple[int, int]:
    """Parameters and multiply-adds of the real module."""
    anatomy = dissect(build(design, shape), inputs=torch.empty(1, *shape, device="meta"))
    return anatomy.params, anatomy.macs


def test_lenet_5_is_the_zoo_s() -> None:
    """61,706 parameters and 416,520 multiply-adds, as the model of the zoo."""
    zoo = dissect("lenet5")
    assert counts(LENET, (1, 32, 32)) == (61_706, 416_520) == (zoo.params, zoo.macs)


def test_a_bottleneck_has_the_weights_of_the_paper() -> None:
    """256 -> 64 -> 64 -> 256: 69,632 weights where two 3x3 at 256 have 1,179,648."""
    inner = (Conv(64, (1, 1), bias=False), Conv(64, bias=False), Conv(256, (1, 1), bias=False))
    bottleneck = (Join("add", (inner, ()), "ReLU"),)
    basic = (Join("add", ((Conv(256, bias=False), Conv(256, bias=False)), ())),)
    assert counts(bottleneck, (256, 56, 56))[0] == 69_632
    assert counts(basic, (256, 56, 56))[0] == 1_179_648


def test_an_inception_branch_has_the_multiplications_of_the_paper() -> None:
    """5x5 on 28x28x192 to 32: 120,422,400; through a 1x1 to 16: 2,408,448 + 10,035,200."""
    direct = (Conv(32, (5, 5), bias=False),)
    reduced = (Conv(16, (1, 1), bias=False), Conv(32, (5, 5), bias=False))
    assert counts(direct, (192, 28, 28))[1] == 120_422_400
    assert counts(reduced, (192, 28, 28))[1] == 2_408_448 + 10_035_200


def test_depthwise_separable_of_the_course() -> None:
    """6x6x3, 3x3, five filters, no padding: 2,160 multiplications or 432 + 240."""
    plain = (Conv(5, padding=(0, 0), bias=False),)
    separable = (DepthwiseConv(padding=(0, 0), bias=False), Conv(5, (1, 1), bias=False))
    grouped = (Conv(3, padding=(0, 0), groups=DEPTHWISE, bias=False), Conv(5, (1, 1), bias=False))
    assert counts(plain, (3, 6, 6))[1] == 2_160
    # 4 x 4 positions: 16 * 3 * 9 = 432, and 16 * 3 * 5 = 240.
    assert counts(separable, (3, 6, 6)) == counts(grouped, (3, 6, 6)) == (27 + 15, 672)


def test_joins_compute_what_they_say() -> None:
    """Sum with the identity, concatenation with it, and a weight for every map."""
    x = torch.randn(2, 4, 5, 5)
    conv = nn.Conv2d(4, 4, 3, padding=1, bias=False)
    for how, expected in (
        ("add", lambda y: y + x),
        ("concatenate", lambda y: torch.cat([y, x], 1)),
    ):
        module = build((Join(how, ((Conv(4, bias=False),), ())),), (4, 5, 5), "cpu")  # type: ignore[arg-type]
        module.load_state_dict({next(iter(module.state_dict())): conv.weight})
        assert torch.allclose(module(x), expected(conv(x)))
    squeeze = (GlobalPool(), Conv(4, (1, 1), activation="sigmoid"))
    gate = build((Join("multiply", ((), squeeze)),), (4, 5, 5), "cpu")
    weight, bias = gate.state_dict().values()
    weights = (x.mean((2, 3)) @ weight[:, :, 0, 0].T + bias).sigmoid()
    assert torch.allclose(gate(x), x * weights[:, :, None, None], atol=1e-6)


def test_modules_are_named_by_kind_and_number() -> None:
    """Within a path too, so that an exported class can have the same names."""
    design = (Conv(4, norm="batch", activation="ReLU"), Join("add", ((Conv(4),), ())), Activate())
    names = [name for name, _ in build(design, (3, 8, 8)).named_modules() if name]
    assert names == [
        "conv1", "norm1", "act1", "add1", "add1.paths", "add1.paths.0", "add1.paths.0.conv1",
        "add1.paths.1", "act2",
    ]  # fmt: skip


@pytest.mark.parametrize("norm", ["batch", "layer", "group", "instance"])
def test_every_normalisation_has_a_scale_and_a_shift_per_channel(norm: str) -> None:
    """Two numbers for each of 12 channels, also where eight groups do not divide them."""
    design = (Normalise(norm),)  # type: ignore[arg-type]
    assert counts(design, (12, 4, 4)) == (24, 0)


@pytest.mark.parametrize(
    ("design", "place", "words"),
    [
        (
            (*LENET[:2], Conv(32, (5, 5), padding=(0, 0)), Pool("average"), Flatten(), LENET[5]),
            (5,),
            "Linear expects 400 numbers, receives 800: 32 × 5 × 5",
        ),
        ((Conv(8, (3, 3)), Conv(8, groups=3)), (1,), "3 groups must divide both the 8 channels"),
        ((Conv(8, (7, 7), padding=(0, 0)), Pool("max", (40, 40))), (1,), "larger than the padded"),
        ((Conv(8, dilation=20, padding=(0, 0)),), (0,), "41 wide with its gaps"),
        ((Conv(0),), (0,), "channels must be at least 1"),
        ((Conv(8, stride=0),), (0,), "stride must be at least 1"),
        ((Conv(8, (0, 3)),), (0,), "kernel must be at least 1"),
        ((Conv(8, (2, 2)),), (0,), "odd side"),
        ((Conv(8, padding=(-1, 0)),), (0,), "negative"),
        ((Pool("max", (2, 2), 2, (2, 2)),), (0,), "half of its kernel"),
        ((Join("add", ((Conv(8),), ())),), (0,), "different shapes cannot be added"),
        (
            (Conv(8), Join("concatenate", ((Conv(8, stride=2),), (Conv(4),)))),
            (1,),
            "height and width agree",
        ),
        ((Join("add", ((Conv(1), Conv(1, (50, 50), padding=(0, 0))), ())),), (0, 0, 1), "padded"),
        ((Linear(10),), (0,), "put Flatten"),
        ((Flatten(), Conv(8)), (1,), "needs a map"),
        ((Dropout(1.0),), (0,), "probability"),
        ((Flatten(), Linear(10_000_000)), (1,), "four billion"),
        ((Conv(3_000_000_000, (1, 1)),), (0,), "3,072,000,000,000 numbers"),
    ],
)
def test_what_does_not_fit_is_said_where_it_stands(
    design: tuple[Part, ...], place: tuple[int, ...], words: str
) -> None:
    """One sentence, and the place of the part that causes it; it survives the way to a page."""
    with pytest.raises(BadDesign, match=words.replace("(", r"\(")) as caught:
        build(design, (1, 32, 32))
    assert caught.value.place == place
    again = pickle.loads(pickle.dumps(caught.value))
    assert (str(again), again.place) == (str(caught.value), place)


def test_shapes_worked_out_are_those_the_modules_give() -> None:
    """Strides, dilation, oblong kernels, pooling with padding, and all the rest, run for real."""
    design: tuple[Part, ...] = (
        Conv(6, (1, 7), 2, (0, 3), norm="group", activation="GELU"),
        Pool("max", (3, 3), 2, (1, 1)),
        Conv(8, (3, 3), 1, (2, 2), 2, 2),
        DepthwiseConv((5, 3), 2, multiplier=2, norm="batch", activation="hard-swish"),
        Join("concatenate", ((), (Conv(4, (1, 1)),), (Pool("average", (3, 3), 1, (1, 1)),))),
        Dropout(0.2),
        GlobalPool(),
        Linear(5),
    )
    for length in range(1, len(design) + 1):
        module = build(design[:length], (4, 41, 37), "cpu")
        x = torch.randn(2, 4, 41, 37)
        with torch.inference_mode():
            assert module(x).shape[1:] == _claimed(design[:length], (4, 41, 37))


def _claimed(design: tuple[Part, ...], shape: tuple[int, ...]) -> tuple[int, ...]:
    """The shape that building says leaves the last part."""
    for part in design:
        shape = make(part, shape).shape
    return tuple(shape)

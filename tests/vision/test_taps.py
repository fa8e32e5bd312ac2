"""Rows are found again in a pass with numbers, with gradients too, and nothing is left behind."""

from __future__ import annotations

import pytest
import torch
from torch import Tensor, nn

from explorer.anatomy import dissect
from explorer.anatomy.sight import seen
from explorer.errors import BadRequest
from explorer.vision.instrumented import Instrumented, arguments_of, captured
from explorer.vision.taps import find_taps
from explorer.zoo import build, catalogue

CLASSIFIERS = [card.name for card in catalogue.cards() if card.task == "classification"]
QUICK = (
    "densenet121", "efficientnet_b0", "googlenet", "lenet5", "lenet5_partial", "mobilenet_v3_small",
    "regnet_y_400mf", "resnet18", "shufflenet_v2_x0_5", "squeezenet1_0", "swin_t", "vit_b_16",
)  # fmt: skip


class Awkward(nn.Module):
    """Modules used twice, an in-place ReLU and addition, a Dropout that does nothing."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(1, 1, 3, padding=1, bias=False)
        self.relu = nn.ReLU(inplace=True)
        self.drop = nn.Dropout()

    def forward(self, x: Tensor) -> Tensor:
        """As a residual block does it."""
        x = self.relu(self.conv(x))
        y = self.conv(x)
        y += x
        return self.drop(self.relu(y)).mean((2, 3))


class Looking(nn.Module):
    """Looks at a shape, which is a function too, before it computes."""

    def forward(self, x: Tensor) -> Tensor:
        """Return the positive part of a batch of vectors."""
        assert x.dim() == 2
        return torch.relu(x)


def test_in_place_and_reused_modules_keep_their_own_numbers() -> None:
    """Each row has what it computed: before the ReLU negative numbers, after it none."""
    torch.manual_seed(1)
    net, x = Awkward().eval(), torch.randn(1, 1, 5, 5)
    taps = find_taps(net, x)
    names = [layer.name for layer in taps.layers]
    assert names == ["conv", "relu", "conv#2", "add", "relu#2", "drop", "mean"]
    with torch.inference_mode():
        kept, output = captured(net, taps, names, x)
        first = net.conv(x)
        second = net.conv(first.relu())
    assert torch.equal(kept["conv"], first)
    assert kept["conv"].min() < 0
    assert torch.equal(kept["relu"], first.relu())
    assert torch.equal(kept["conv#2"], second)
    assert torch.equal(kept["add"], second + first.relu())
    assert torch.equal(kept["drop"], (second + first.relu()).relu())
    assert torch.equal(output, net(x))


def test_gradients_of_a_row_equal_finite_differences() -> None:
    """The derivative of the output by the second convolution, where an in-place ReLU follows."""
    torch.manual_seed(2)
    net, x = Awkward().eval().double(), torch.randn(1, 1, 4, 4, dtype=torch.float64)
    taps = find_taps(net, x)
    kept, output = captured(net, taps, ["conv#2"], x)
    (gradient,) = torch.autograd.grad(output.sum(), kept["conv#2"])
    z = kept["conv#2"].detach()
    first = net.conv(x).relu().detach()

    def behind(z: Tensor) -> float:
        return float((z + first).relu().mean((2, 3)).sum())

    for at in ((0, 0, 1, 2), (0, 0, 3, 0)):
        step = torch.zeros_like(z)
        step[at] = 1e-6
        slope = (behind(z + step) - behind(z - step)) / 2e-6
        assert float(gradient[at]) == pytest.approx(slope, abs=1e-6)


@pytest.mark.parametrize(
    "name",
    [pytest.param(name, marks=() if name in QUICK else pytest.mark.slow) for name in CLASSIFIERS],
)
def test_the_rows_are_those_of_the_anatomy(name: str) -> None:
    """Same names and shapes; all of them can be reached but those inside an einsum."""
    card = catalogue.find(name)
    taps = find_taps(build.network(name), *build.example_inputs(card, device="meta"))
    assert [(each.name, each.output) for each in taps.layers] == [
        (each.name, each.output) for each in dissect(name).layers
    ]
    hidden = [layer for layer in taps.layers if layer.ran and layer.name not in taps.places]
    assert {layer.kind for layer in hidden} <= {"bmm", "reshape", "permute"}
    assert not hidden or name == "maxvit_t"


@pytest.mark.parametrize("name", QUICK)
def test_every_row_has_its_shape_and_the_output_is_the_network_s(name: str) -> None:
    """Reading all rows of a real network changes nothing of what it computes."""
    card = catalogue.find(name)
    torch.manual_seed(0)
    net = build.real_network(name)
    x = torch.rand(1, *card.input_shape)
    taps = find_taps(net, x)
    with torch.inference_mode():
        kept, output = captured(net, taps, taps.places, x)
        assert torch.equal(output, net(x))
    shapes = {layer.name: layer.output for layer in taps.layers}
    assert {each: tuple(tensor.shape) for each, tensor in kept.items()} == {
        each: shapes[each] for each in taps.places
    }


def test_fields_say_what_each_element_sees() -> None:
    """The second convolution of 3 by 3 with padding sees 5 by 5 pixels, fewer at the corner."""
    net, x = Awkward().eval(), torch.randn(1, 1, 9, 9)
    fields = find_taps(net, x).fields
    assert seen(fields["conv#2"], (0, 0, 4, 5)) == ((2, 6), (3, 7))
    assert seen(fields["add"], (0, 0, 0, 8)) == ((0, 2), (6, 8))
    assert seen(fields["mean"], (0, 0)) == ((0, 8), (0, 8))


def test_stand_ins_give_each_call_a_module_of_its_own() -> None:
    """Two calls of one in-place ReLU become two plain ones, and the result stays the same."""
    torch.manual_seed(3)
    net, x = Awkward().eval(), torch.randn(2, 1, 5, 5)
    instrumented = Instrumented(net, find_taps(net, x), stand_ins=True, example=x)
    assert [type(each) for each in instrumented.stand_ins.values()] == [nn.ReLU, nn.ReLU]
    assert not any(each.inplace for each in instrumented.stand_ins.values())
    assert torch.equal(instrumented(x), net(x))
    assert net.relu.inplace


@pytest.mark.parametrize("name", ["densenet121", "googlenet", "resnet18", "vit_b_16", "lenet5"])
def test_stand_ins_change_no_network(name: str) -> None:
    """ReLU, pooling, softmax, tanh and sigmoid, called as modules or functions."""
    card = catalogue.find(name)
    torch.manual_seed(0)
    net, x = build.real_network(name), torch.rand(1, *card.input_shape)
    instrumented = Instrumented(net, find_taps(net, x), stand_ins=True, example=x)
    with torch.no_grad():
        assert torch.allclose(instrumented(x), net(x), atol=1e-6)


def test_arguments_of_a_convolution() -> None:
    """What the second call of the convolution read: the ReLU's output, and the weights."""
    torch.manual_seed(4)
    net, x = Awkward().eval(), torch.randn(1, 1, 5, 5)
    function, args, _ = arguments_of(net, find_taps(net, x), "conv#2", x)
    assert function is torch.conv2d
    assert torch.equal(args[0], net.conv(x).relu())
    assert args[1] is net.conv.weight


def test_arguments_of_a_row_that_looks_at_a_shape_first() -> None:
    """A function that gives no tensor is not the one behind the row."""
    net, x = Looking().eval(), torch.randn(1, 3)
    function, args, _ = arguments_of(net, find_taps(net, x), "relu", x)
    assert function is torch.relu
    assert torch.equal(args[0], x)


def test_a_row_that_is_not_there_is_one_sentence() -> None:
    """It names the row asked for, and one there is."""
    net, x = Awkward().eval(), torch.randn(1, 1, 5, 5)
    with pytest.raises(BadRequest, match=r"'layer9'.*such as conv"):
        captured(net, find_taps(net, x), ["layer9"], x)


def test_a_block_stands_for_its_last_row() -> None:
    """The output of ResNet-18's last stage is that of the ReLU behind its last addition."""
    card = catalogue.find("resnet18")
    taps = find_taps(build.network("resnet18"), *build.example_inputs(card, device="meta"))
    assert taps.layer("layer4").name == "layer4.1.relu#2"
    assert taps.layer("layer4.1.conv2").name == "layer4.1.conv2"
    assert taps.place("layer4") == taps.place("layer4.1.relu#2")
    with pytest.raises(BadRequest):
        taps.layer("layer")

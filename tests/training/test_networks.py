"""Networks of recipes: every classifier of the zoo, swapped parts, and the same seed twice."""

from __future__ import annotations

import itertools
import json
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import models

from explorer.errors import BadDesign, BadRequest, BuildFailed, UnknownModel
from explorer.training import network_catalogue
from explorer.training.networks import Prepared, build, fitted, layers
from explorer.training.recipe import checked
from explorer.zoo.skeleton import without_initialising

DIGITS, CIFAR, POINTS = (1, 8, 8), (3, 32, 32), (2, 1, 1)
ALL = [each.name for each in network_catalogue.networks()]
FAMILIES = (
    "linear", "mlp", "small_cnn", "plain_chain", "residual_chain", "lenet5", "lenet5_partial",
    "resnet20", "plain20", "nin_cifar10", "squeezenet1_1",
    "mobilenet_v1_025", "mobilenet_v2", "mobilenet_v3_small", "googlenet", "resnet18",
)  # fmt: skip
SLOW = (
    "alexnet", "alexnet_2012", "vgg11", "vgg16_c", "googlenet_2014", "inception_v3", "densenet121",
    "efficientnet_b0", "vit_b_32", "swin_t", "swin_v2_t", "convnext_tiny", "maxvit_t",
    "resnext50_32x4d", "wide_resnet50_2", "shufflenet_v2_x0_5", "mnasnet0_5", "regnet_x_400mf",
)  # fmt: skip


def made(
    network: str, shape: tuple[int, int, int] = CIFAR, classes: int = 7, **more: Any
) -> Prepared:
    """A recipe's network."""
    return build(checked(network=network, **more), shape, classes)


def learn(prepared: Prepared, shape: tuple[int, int, int], classes: int) -> Tensor:
    """Scores of three pictures; every weight got a gradient from them."""
    dice = torch.Generator().manual_seed(0)
    pictures = torch.randint(256, (3, *shape), generator=dice, dtype=torch.uint8)
    scores = prepared.network(fitted(pictures, prepared.shape) / 255)
    F.cross_entropy(scores, torch.arange(3) % classes).backward()  # type: ignore[no-untyped-call]
    without = [name for name, each in prepared.network.named_parameters() if each.grad is None]
    assert not without
    found: Tensor = scores.detach()
    return found


@pytest.mark.slow
@pytest.mark.parametrize("shape", [DIGITS, CIFAR])
@pytest.mark.parametrize("name", ALL)
def test_every_classifier_is_built_for_small_pictures(
    name: str, shape: tuple[int, int, int]
) -> None:
    """`build` proves each by a pass in training mode, here without numbers."""
    with without_initialising():
        prepared = made(name, shape)
    assert prepared.network.training
    assert prepared.title
    channels = {parameter.shape[0] for parameter in prepared.network.parameters()}
    assert 7 in channels or name == "lenet5_partial"
    names = [each for each, _ in layers(prepared.network, prepared.shape)]
    assert sorted(names) == sorted(each for each, _ in layers(prepared.network))
    assert names


@pytest.mark.parametrize("name", FAMILIES)
def test_each_family_learns_from_digits(name: str) -> None:
    """One pass forward and one backward on real weights; scores are numbers."""
    assert learn(made(name, DIGITS, 10), DIGITS, 10).isfinite().all()


@pytest.mark.slow
@pytest.mark.parametrize("name", SLOW)
def test_each_large_family_learns_from_photographs(name: str) -> None:
    """The same of those that take seconds."""
    scores = learn(made(name), CIFAR, 7)
    assert scores.shape == (3, 7)
    assert scores.isfinite().all()


@pytest.mark.parametrize("name", ["linear", "mlp", "plain_chain", "residual_chain"])
def test_some_take_points(name: str) -> None:
    """Two numbers, three classes, with a batch normalisation as well."""
    more = {} if name == "linear" else {"normalisation": "batch"}
    prepared = made(name, POINTS, 3, **more)
    assert prepared.shape == POINTS
    assert prepared.network(torch.randn(5, *POINTS)).shape == (5, 3)


@pytest.mark.parametrize("name", ["lenet5", "resnet18", "small_cnn", "timm:resnet18"])
def test_the_others_say_that_they_need_pictures(name: str) -> None:
    """A sentence, with networks that do."""
    with pytest.raises(BadRequest, match="mlp"):
        made(name, POINTS)


@pytest.mark.parametrize(
    "name",
    [
        "small_cnn",
        "resnet20",
        *(pytest.param(each, marks=pytest.mark.slow) for each in ("googlenet", "vit_b_32")),
    ],
)
def test_the_same_seed_gives_the_same_weights(name: str) -> None:
    """Bit by bit; another seed gives others, and torch's own generator is left alone."""
    before = torch.random.get_rng_state()
    more = {"size": 32} if name == "vit_b_32" else {}
    first, second, other = (made(name, seed=seed, **more).network for seed in (1, 1, 2))
    assert torch.equal(torch.random.get_rng_state(), before)
    pairs = list(zip(first.parameters(), second.parameters(), strict=True))
    assert all(torch.equal(one, two) for one, two in pairs)
    assert not all(map(torch.equal, first.parameters(), other.parameters()))


def test_shapes_are_what_networks_need() -> None:
    """LeNet-5 its 32 pixels, CIFAR's nets the data's own, ImageNet's 32 or more."""
    assert made("lenet5", (1, 28, 28)).shape == (1, 32, 32)
    assert made("lenet5", CIFAR).shape == (1, 32, 32)
    assert made("resnet20", (1, 28, 28)).shape == (3, 28, 28)
    assert made("resnet20", DIGITS).shape == (3, 8, 8)
    assert made("resnet18", DIGITS).shape == (3, 32, 32)
    assert made("alexnet", CIFAR).shape == (3, 63, 63)
    assert made("resnet18", CIFAR, size=64).shape == (3, 64, 64)
    assert made("small_cnn", (1, 28, 28), size=16).shape == (1, 16, 16)
    assert made("vit_b_32", CIFAR, size=64).shape == (3, 64, 64)


def test_the_head_is_torchvisions_own_with_so_many_classes() -> None:
    """ResNet-18 for seven classes is what torchvision builds from the same seed."""
    prepared = made("resnet18", seed=5)
    torch.manual_seed(5)
    wanted = models.resnet18(num_classes=7)
    for (name, one), (_, two) in zip(
        prepared.network.state_dict().items(), wanted.state_dict().items(), strict=True
    ):
        assert torch.equal(one, two), name


def test_a_resnet_has_the_published_number_of_parameters() -> None:
    """He et al., table 6: 0.27 M for ResNet-20 and 0.85 M for ResNet-56, by their alias."""
    for name, millions in (("resnet20", 0.27), ("resnet56", 0.85), ("plain20", 0.27)):
        params = sum(each.numel() for each in made(name, CIFAR, 10).network.parameters())
        assert round(params / 1e6, 2) == millions


def kinds(network: nn.Module, *wanted: type[nn.Module]) -> int:
    """How many modules are of one of these classes."""
    return sum(isinstance(each, wanted) for each in network.modules())


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [
        ("layer", nn.GroupNorm), ("group", nn.GroupNorm), ("instance", nn.InstanceNorm2d),
        ("local response", nn.LocalResponseNorm), ("none", nn.Identity),
    ],
)  # fmt: skip
@pytest.mark.parametrize("name", ["resnet20", "cifar_resnet20_b", "small_cnn"])
def test_normalisations_are_swapped_for_real_modules(
    name: str, kind: str, wanted: type[nn.Module]
) -> None:
    """As many new ones as there were, in shortcuts too; no batch normalisation is left."""
    batches = kinds(made(name).network, nn.BatchNorm2d)
    network = made(name, normalisation=kind).network
    assert kinds(network, nn.BatchNorm2d) == 0
    if name == "small_cnn" and kind == "none":
        assert kinds(network, nn.Identity) == 0  # it is built without
    else:
        assert kinds(network, wanted) >= batches > 0
    if kind == "layer":
        groups = [each.num_groups for each in network.modules() if isinstance(each, nn.GroupNorm)]
        assert set(groups) == {1}
    if kind == "group":
        assert {
            each.num_groups for each in network.modules() if isinstance(each, nn.GroupNorm)
        } == {8}


def test_local_response_normalisation_becomes_batch() -> None:
    """AlexNet's two, with the channels that reach them: 96 and 256."""
    with without_initialising():
        network = made("alexnet_2012", normalisation="batch").network
    found = [each.num_features for each in network.modules() if isinstance(each, nn.BatchNorm2d)]
    assert found == [96, 256]
    assert kinds(network, nn.LocalResponseNorm) == 0


@pytest.mark.parametrize(
    ("name", "more", "said"),
    [
        ("lenet5", {"normalisation": "batch"}, "no normalisation that could be swapped"),
        ("vit_b_32", {"normalisation": "batch", "size": 32}, "normalises tokens"),
        ("mlp", {"normalisation": "instance"}, "fully connected"),
        ("resnet18", {"normalisation": "instance"}, "a single position"),
        ("resnet18", {"batch_size": 1}, "a larger batch"),
        ("linear", {"activation": "tanh"}, "nothing between"),
        ("linear", {"depth": 3}, "one layer"),
        ("resnet20", {"depth": 30}, "Depth and width"),
        ("mlp", {"depth": 1}, "2 layers or more"),
        ("lenet5", {"size": 28}, "32 to 35 pixels"),
        ("fcn_resnet50", {}, "segmentation"),
    ],
)
def test_what_cannot_be_is_said(name: str, more: dict[str, Any], said: str) -> None:
    """In one sentence that says what to do."""
    with pytest.raises(BadRequest, match=said):
        made(name, **more)


@pytest.mark.parametrize("name", ["resnet21", "nothing", "raft_larg"])
def test_unknown_networks_are_said_with_near_names(name: str) -> None:
    """The sentence quotes what was asked for."""
    with pytest.raises(UnknownModel, match=name):
        made(name)


def test_a_patch_that_does_not_divide_the_side_is_said() -> None:
    """ViT-B/32 of 48 pixels."""
    with pytest.raises(BuildFailed, match="ViT-B/32"):
        made("vit_b_32", size=48)


def activated(prepared: Prepared, pictures: Tensor) -> Tensor:
    """Scores in evaluation mode."""
    scores: Tensor = prepared.network.eval()(pictures)
    return scores.detach()


LENET_ACTIVATIONS: dict[str, Callable[[Tensor], Tensor]] = {
    "relu": torch.relu, "tanh": torch.tanh, "sigmoid": torch.sigmoid, "gelu": F.gelu,
    "leaky relu": F.leaky_relu, "elu": F.elu, "silu": F.silu, "identity": lambda x: x,
}  # fmt: skip


@pytest.mark.parametrize("kind", LENET_ACTIVATIONS)
def test_activations_in_a_networks_own_code_are_swapped(kind: str) -> None:
    """LeNet-5 calls tanh as a function; its layers by hand with another one give the same."""
    prepared = made("lenet5", activation=kind)
    pictures = torch.rand(2, 1, 32, 32, generator=torch.Generator().manual_seed(0))
    found, net, act = activated(prepared, pictures), prepared.network, LENET_ACTIVATIONS[kind]
    x = pictures
    for convolution in ("c1", "c3"):
        x = act(F.avg_pool2d(net.get_submodule(convolution)(x), 2))
    x = act(net.get_submodule("c5")(x)).flatten(1)
    wanted = net.get_submodule("output")(act(net.get_submodule("f6")(x)))
    torch.testing.assert_close(found, wanted.detach())
    assert "c1.weight" in net.state_dict()  # names stay those of the zoo


@pytest.mark.parametrize(
    "name",
    ["lenet5", "squeezenet1_0", "plain20", pytest.param("densenet121", marks=pytest.mark.slow)],
)
def test_a_network_of_identities_is_linear_in_scale(name: str) -> None:
    """Without normalisations, biases and rectifiers, twice the picture gives twice the scores.

    Maximum pooling does so too; DenseNet has one rectifier as a function in its own code.
    """
    prepared = made(name, activation="identity", normalisation="none", initialisation="lecun")
    picture = torch.rand(1, *prepared.shape)
    once = activated(prepared, picture)
    torch.testing.assert_close(activated(prepared, 2 * picture), 2 * once, rtol=1e-3, atol=1e-4)
    assert once.abs().max() > 0
    rectified = made(name, normalisation="none", initialisation="lecun")
    assert not torch.allclose(activated(rectified, picture), once)


def test_gates_stay_gates() -> None:
    """The sigmoid of squeeze-and-excitation multiplies maps; it is no activation to swap."""
    with without_initialising():
        network = made("efficientnet_b0", activation="relu").network
    assert kinds(network, nn.SiLU) == 0
    assert kinds(network, nn.Sigmoid) == 16  # one for each MBConv


@pytest.mark.parametrize("name", ["alexnet", "squeezenet1_0", "small_cnn", "resnet20", "mlp"])
def test_dropout_stands_before_the_last_layer(name: str) -> None:
    """A share of what it reads is zero while training, and none in use."""
    prepared = made(name, dropout=0.5)
    heads = [
        each
        for each in prepared.network.modules()
        if isinstance(each, nn.Sequential)
        and [key for key, _ in each.named_children()] == ["dropout", "layer"]
    ]
    assert len(heads) == 1
    assert heads[0][0].p == 0.5
    weights = heads[0][1].weight
    assert isinstance(weights, Tensor)
    assert weights.shape[0] == 7


STATISTICS = [
    ("he", 2.0), ("lecun", 1.0), ("too small", 0.02), ("too large", 18.0), ("zero", 0.0),
]  # fmt: skip


@pytest.mark.parametrize(("kind", "gain"), STATISTICS)
def test_initial_weights_have_the_published_variance(kind: str, gain: float) -> None:
    """Variance times fan-in: 2 by He, 1 by LeCun, 0.1² and 3² of He's; biases are zero."""
    network = made("mlp", CIFAR, initialisation=kind, width=256).network
    first = network.get_submodule("hidden.linear1")
    assert isinstance(first, nn.Linear)
    assert first.weight.var().item() * first.in_features == pytest.approx(gain, rel=0.03)
    assert not first.bias.any()


def test_glorots_weights_are_uniform() -> None:
    """Within ± sqrt(6 / (fan-in + fan-out))."""
    network = made("mlp", CIFAR, initialisation="glorot", width=256).network
    weight = network.get_parameter("hidden.linear1.weight")
    bound = (6 / (3072 + 256)) ** 0.5
    assert weight.abs().max().item() == pytest.approx(bound, rel=0.01)
    assert weight.var().item() == pytest.approx(bound**2 / 3, rel=0.02)


def test_orthogonal_weights_keep_lengths() -> None:
    """A square layer's matrix times its transpose is the identity."""
    weight = made("mlp", initialisation="orthogonal").network.get_parameter("hidden.linear2.weight")
    torch.testing.assert_close(weight @ weight.T, torch.eye(128), atol=1e-5, rtol=0)


@pytest.mark.parametrize("activation", ["relu", "tanh", "sigmoid"])
def test_residual_layers_of_zero_weights_are_the_identity(activation: str) -> None:
    """To the bit, through 50 of them."""
    network = made("residual_chain", activation=activation, initialisation="zero", depth=52).network
    x = torch.randn(2, 16, 4, 4)
    assert torch.equal(network.get_submodule("layers")(x), x)


@pytest.mark.parametrize("name", ["plain_chain", "residual_chain"])
@pytest.mark.parametrize("depth", [2, pytest.param(400, marks=pytest.mark.slow)])
def test_chains_have_any_depth(name: str, depth: int) -> None:
    """So many layers with weights; a residual one still passes a signal of the same size."""
    prepared = made(name, DIGITS, 10, depth=depth)
    assert len(layers(prepared.network)) == depth
    with torch.inference_mode():
        scores = prepared.network(torch.rand(4, *DIGITS))
    assert scores.isfinite().all()
    assert 0.01 < scores.std() < 10


def test_the_gradient_vanishes_in_a_plain_chain_and_not_with_skips() -> None:
    """Sigmoids, 30 layers: at the first layer it is a millionth of that at the last, or less."""
    ratios = []
    for name in ("plain_chain", "residual_chain"):
        prepared = made(name, DIGITS, 10, depth=30, activation="sigmoid")
        learn(prepared, DIGITS, 10)
        norms = [each.weight.grad.norm().item() for _, each in layers(prepared.network)]  # type: ignore[union-attr]
        ratios.append(norms[0] / norms[-2])
    assert ratios[0] < 1e-6
    assert ratios[1] > 1e-2


def test_depth_and_width_of_the_small_convolutional_network() -> None:
    """Four convolutions that double at each halving, and the scores: counted by hand."""
    prepared = made("small_cnn", CIFAR, 10, depth=5, width=8, normalisation="none")
    shapes = [tuple(each.weight.shape) for _, each in layers(prepared.network)]
    assert shapes == [(8, 3, 3, 3), (8, 8, 3, 3), (16, 8, 3, 3), (32, 16, 3, 3), (10, 32)]


DESIGN: dict[str, Any] = {
    "convzoo": "design", "version": 1, "name": "Mine", "input": [3, 32, 32],
    "layers": [
        {"layer": "conv", "channels": 8, "kernel": "3", "norm": "batch"},
        {"layer": "global pool"},
        {"layer": "linear", "features": 1000},
    ],
}  # fmt: skip


def test_a_design_is_trained_for_the_datas_classes() -> None:
    """Its last layer gets as many outputs; its input is as it says, or of another side."""
    design = json.dumps(DESIGN)
    prepared = made("design", DIGITS, 10, design=design)
    assert prepared.shape == CIFAR
    assert prepared.title == "Mine"
    assert learn(prepared, DIGITS, 10).shape == (3, 10)
    assert made("design", DIGITS, 10, design=design, size=16).shape == (3, 16, 16)


def test_a_design_may_end_in_a_convolution() -> None:
    """And global pooling: its maps of one position become the scores."""
    rows = [{"layer": "conv", "channels": 5, "kernel": "1"}, {"layer": "global pool"}]
    prepared = made("design", CIFAR, 7, design=json.dumps({**DESIGN, "layers": rows}))
    assert learn(prepared, CIFAR, 7).shape == (3, 7)


def test_a_design_that_cannot_be_trained_is_said() -> None:
    """One that ends in whole maps, and one whose rows do not fit."""
    whole = [{"layer": "conv", "channels": 5, "kernel": "3"}]
    with pytest.raises(BadRequest, match="Mine"):
        made("design", CIFAR, 7, design=json.dumps({**DESIGN, "layers": whole}))
    with pytest.raises(BadDesign):
        made("design", CIFAR, 7, design=json.dumps({**DESIGN, "layers": [{"layer": "wall"}]}))


def test_layers_stand_in_the_order_in_which_they_run() -> None:
    """ResNet-18's downsampling convolution runs after the two others of its block."""
    prepared = made("resnet18")
    names = [name for name, _ in layers(prepared.network, prepared.shape)]
    assert names[0] == "conv1"
    assert names[-1] == "fc"
    assert names.index("layer2.0.conv2") < names.index("layer2.0.downsample.0")
    assert prepared.network.training


def test_a_timm_network_is_trained() -> None:
    """Its normalisations activate as well; both can be swapped."""
    pytest.importorskip("timm")
    prepared = made("timm:efficientnet_b0", normalisation="group", activation="relu")
    assert learn(prepared, CIFAR, 7).shape == (3, 7)
    assert kinds(prepared.network, nn.BatchNorm2d) == 0
    assert kinds(prepared.network, nn.GroupNorm) > 40


def test_titles_of_small_networks_say_their_form() -> None:
    """Depth and width in words, as they are."""
    assert made("plain_chain", depth=30, width=8).title == "Plain chain, 30 layers, 8 wide"


@pytest.mark.parametrize(
    ("normalisation", "activation"),
    list(itertools.product(("own", "none", "batch", "layer", "group"), ("own", "relu", "gelu"))),
)
def test_small_networks_take_every_combination(normalisation: str, activation: str) -> None:
    """Of what may stand between layers."""
    for name in ("mlp", "small_cnn", "plain_chain", "residual_chain"):
        prepared = made(name, DIGITS, 10, normalisation=normalisation, activation=activation)
        assert prepared.network(torch.rand(2, *DIGITS)).shape == (2, 10)

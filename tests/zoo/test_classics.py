"""The networks built here, against their papers."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from explorer.anatomy import dissect
from explorer.zoo import catalogue
from explorer.zoo.build import network
from explorer.zoo.classics import CLASSICS
from explorer.zoo.classics.cifar_resnet import Block, CifarNet, PaddedIdentity
from explorer.zoo.classics.digit_codes import DIGIT_CODES
from explorer.zoo.classics.googlenet import MODULES, GoogLeNet, Inception
from explorer.zoo.classics.lenet import (
    C3_READS,
    LeNet5,
    LeNet5Partial,
    PartialConvolution,
    RadialBasis,
    Squash,
    Subsampling,
)
from explorer.zoo.classics.normalisation import local_response_norm


def parameters(module: nn.Module) -> int:
    """How many numbers a module learns."""
    return sum(each.numel() for each in module.parameters())


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        # By hand: 156 + 2,416 + 48,120 + 10,164 + 850.
        ("lenet5", 61_706),
        # Section II-B: 156 + 12 + 1,516 + 32 + 48,120 + 10,164.
        ("lenet5_partial", 60_000),
        # By hand: 34,944 + 307,456 + 885,120 + 663,936 + 442,624 + 37,752,832 + 16,781,312
        # + 4,097,000.
        ("alexnet_2012", 60_965_224),
        ("nin_cifar10", 966_986),
        # torchvision's VGG-11: LRN has no parameters.
        ("vgg11_lrn", 132_863_336),
        # VGG-16 less 8 * (256^2 + 2 * 512^2) weights of three 3x3 kernels.
        ("vgg16_c", 138_357_544 - 8 * (256**2 + 2 * 512**2)),
        ("googlenet_5x5", 7_005_832),
        ("mobilenet_v1", 4_231_976),
    ],
)
def test_parameters_equal_the_known_count(name: str, expected: int) -> None:
    """To the last weight."""
    assert parameters(network(name)) == expected


@pytest.mark.parametrize(
    ("name", "millions", "digits"),
    [
        ("mobilenet_v1", 4.2, 1),
        ("mobilenet_v1_075", 2.6, 1),
        ("mobilenet_v1_050", 1.3, 1),
        ("mobilenet_v1_025", 0.5, 1),
        ("vgg16_c", 134, 0),
        ("vgg11_lrn", 133, 0),
        *((f"cifar_resnet{depth}_a", millions, 2 if depth < 110 else 1) for depth, millions in (
            (20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7))),
    ],
)  # fmt: skip
def test_parameters_round_to_what_the_paper_prints(name: str, millions: float, digits: int) -> None:
    """MobileNet tables 6 and 8, VGG table 2, ResNet table 6."""
    assert round(parameters(network(name)) / 1e6, digits) == millions


@pytest.mark.parametrize(
    ("name", "millions"),
    [
        ("mobilenet_v1", 569),
        ("mobilenet_v1_075", 325),
        ("mobilenet_v1_050", 149),
        ("mobilenet_v1_025", 41),
    ],
)
def test_mobilenet_costs_what_its_table_6_says(name: str, millions: int) -> None:
    """Million multiply-adds at 224 by 224."""
    assert int(catalogue.find(name).macs / 1e6) in {millions - 1, millions}


@pytest.mark.parametrize(
    ("name", "layer", "expected"),
    [
        # facts: MobileNet v1, last pointwise; GoogLeNet with a last pooling of 2x2.
        ("mobilenet_v1", "features.13.pointwise.2", (315, 32, 157)),
        ("googlenet_5x5", "inception.5b.cat", (699, 32, 327)),
        # The paper's pooling of 3x3 sees one position more, at stride 16.
        ("googlenet_2014", "inception.5b.cat", (699 + 16, 32, 327)),
        # By hand: conv 5, pool +1, conv +4*2, pool +2.
        ("lenet5", "s4", (16, 4, 0)),
        # By hand: seven 3x3 at stride 1, six at 2 (the first counts 1), six at 4 likewise.
        ("cifar_resnet20_a", "stage3.2.relu2", (81, 4, 40)),
        ("plain20", "stage3.2.relu2", (81, 4, 40)),
    ],
)
def test_receptive_fields(name: str, layer: str, expected: tuple[int, int, int]) -> None:
    """Size, stride and padding at the last map, the same for both axes."""
    (row,) = [each for each in dissect(name).layers if each.name == layer]
    field = row.receptive_field
    assert (field.size, field.stride, field.padding) == tuple((each,) * 2 for each in expected)


@pytest.mark.parametrize("name", CLASSICS)
def test_every_classic_ends_in_one_score_per_class(name: str) -> None:
    """At its own size, on the meta device."""
    shape = CLASSICS[name].input_shape
    scores = network(name)(torch.empty(2, *shape, device="meta"))
    assert scores.shape == (2, 1000 if shape[-1] > 32 else 10)


def test_lenet_shrinks_the_map_as_figure_2_says() -> None:
    """28, 14, 10, 5, 1."""
    model, x, sides = LeNet5(), torch.zeros(1, 1, 32, 32), []
    for layer in (model.c1, model.s2, model.c3, model.s4, model.c5):
        x = layer(x)
        sides.append(x.shape[-1])
    assert sides == [28, 14, 10, 5, 1]


def test_c3_reads_sixty_maps_as_table_1_says() -> None:
    """Six maps read 3, nine read 4, one reads all; every input is read by ten."""
    assert [len(chosen) for chosen in C3_READS] == [3] * 6 + [4] * 9 + [6]
    assert all(sum(index in chosen for chosen in C3_READS) == 10 for index in range(6))


def test_a_partial_convolution_is_a_full_one_with_holes() -> None:
    """Zeros in a full kernel where a map is not read give the same result."""
    partial = PartialConvolution(C3_READS, kernel_size=5)
    full = nn.Conv2d(6, 16, kernel_size=5)
    with torch.no_grad():
        full.weight.zero_()
        for index, (convolution, chosen) in enumerate(zip(partial.maps, C3_READS, strict=True)):
            full.weight[index, list(chosen)] = convolution.weight[0]
            full.bias[index] = convolution.bias[0]
    x = torch.rand(2, 6, 14, 14)
    torch.testing.assert_close(partial(x), full(x))


def test_subsampling_adds_scales_and_shifts() -> None:
    """By hand: (1 + 2 + 3 + 4) * 0.5 + 1 = 6."""
    layer = Subsampling(1)
    with torch.no_grad():
        layer.coefficient.fill_(0.5)
        layer.bias.fill_(1.0)
    assert layer(torch.tensor([[[[1.0, 2.0], [3.0, 4.0]]]])).item() == 6.0


def test_the_squashing_function_maps_one_to_one() -> None:
    """The paper chose 1.7159 and 2/3 for it."""
    squashed = Squash()(torch.tensor([-1.0, 0.0, 1.0, 100.0]))
    torch.testing.assert_close(squashed, torch.tensor([-1.0, 0.0, 1.0, 1.7159]), atol=1e-4, rtol=0)


def test_codes_are_twelve_rows_of_seven_and_all_different() -> None:
    """A digit's own code is at distance zero, and it is the nearest."""
    codes = torch.tensor(DIGIT_CODES)
    assert codes.shape == (10, 84)
    assert set(codes.unique().tolist()) == {-1.0, 1.0}
    distances = RadialBasis()(codes)
    assert distances.diagonal().tolist() == [0.0] * 10
    assert distances.argmin(dim=1).tolist() == list(range(10))
    # A pixel that differs adds (1 - -1) ** 2.
    assert distances[1, 7].item() == 4 * (codes[1] != codes[7]).sum().item()


def test_codes_are_no_parameters() -> None:
    """They are drawn, not learned."""
    assert [name for name, _ in LeNet5Partial().output.named_parameters()] == []


def test_local_response_norm_follows_the_paper_s_formula() -> None:
    """a / (2 + 0.0001 * sum of squares over five channels) ** 0.75, at the edge over fewer."""
    x = torch.rand(1, 7, 1, 1) * 100
    a = x.flatten().tolist()
    expected = [
        a[i] / (2 + 1e-4 * sum(b**2 for b in a[max(0, i - 2) : i + 3])) ** 0.75 for i in range(7)
    ]
    torch.testing.assert_close(local_response_norm()(x).flatten(), torch.tensor(expected))


def test_towers_see_half_of_the_channels_each() -> None:
    """AlexNet's second convolution: a change in the first tower leaves the second alone."""
    convolution = network("alexnet_2012").features[4].to_empty(device="cpu")
    convolution.reset_parameters()
    x = torch.rand(1, 96, 8, 8)
    changed = x.clone()
    changed[:, :48] += 1
    difference = (convolution(x) - convolution(changed)).abs().amax(dim=(0, 2, 3))
    assert (difference[:128] > 0).all()
    assert (difference[128:] == 0).all()


def test_an_inception_module_concatenates_four_branches() -> None:
    """Facts: 28x28x192 becomes 64 + 128 + 32 + 32 = 256 channels in module 3a."""
    channels, widths = MODULES["3a"]
    module = Inception(channels, widths, batch_norm=False)
    assert module(torch.zeros(1, 192, 28, 28)).shape == (1, 256, 28, 28)


def test_the_5x5_branch_costs_a_tenth_with_its_reduction() -> None:
    """Facts: 2,408,448 + 10,035,200 multiplications instead of 120,422,400."""
    rows = {row.name: row for row in dissect("googlenet_2014").layers}
    branch = [rows[f"inception.3a.branch5.{step}.0"].macs for step in (0, 1)]
    assert branch == [2_408_448, 10_035_200]


def test_biases_instead_of_batch_norms_explain_the_difference_to_the_facts() -> None:
    """A batch norm has two parameters per channel, a bias one; else the counts are equal."""
    with torch.device("meta"):
        paper = GoogLeNet(auxiliary=False)
    biases = sum(
        each.bias.numel()
        for each in paper.modules()
        if isinstance(each, nn.Conv2d) and each.bias is not None
    )
    assert parameters(paper) == 6_998_552
    assert parameters(paper) + biases == 7_005_832


def test_auxiliary_heads_speak_in_training_only() -> None:
    """Three tensors of scores in training, one in evaluation."""
    model = network("googlenet_2014")
    picture = torch.empty(1, 3, 224, 224, device="meta")
    with torch.no_grad():
        assert [tuple(each.shape) for each in model.train()(picture)] == [(1, 1000)] * 3
        assert model.eval()(picture).shape == (1, 1000)


def test_option_a_keeps_every_second_pixel_and_appends_zeros() -> None:
    """No parameters, and the old channels unchanged."""
    x = torch.rand(1, 16, 4, 4)
    made = PaddedIdentity(16, 32)(x)
    assert torch.equal(made[:, :16], x[:, :, ::2, ::2])
    assert made[:, 16:].count_nonzero() == 0


def test_zero_weights_make_a_residual_block_the_identity_and_a_plain_one_zero() -> None:
    """Why depth does not hurt: g(0 + a) = a for a that is not negative."""
    x = torch.rand(1, 16, 4, 4)
    for option, expected in (("A", x), ("none", torch.zeros_like(x))):
        block = Block(16, 16, option).eval()
        nn.init.zeros_(block.conv2.weight)
        torch.testing.assert_close(block(x), expected)


@pytest.mark.parametrize("depth", [20, 56])
def test_depth_counts_the_layers_with_weights(depth: int) -> None:
    """6n + 2, as the paper counts (shortcuts aside)."""
    model = CifarNet(depth, "none")
    weighted = [m for m in model.modules() if isinstance(m, nn.Conv2d | nn.Linear)]
    assert len(weighted) == depth


@pytest.mark.parametrize("depth", [0, 2, 21])
def test_other_depths_are_refused(depth: int) -> None:
    """Only 6n + 2 makes three equal stages."""
    with pytest.raises(ValueError, match="6n \\+ 2"):
        CifarNet(depth, "A")

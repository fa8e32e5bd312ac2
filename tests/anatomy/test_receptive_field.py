"""Receptive fields of published networks, against figures published or derived by hand."""

from __future__ import annotations

import time

import pytest
import torch
from torchvision.models import get_model

from explorer.anatomy import dissect
from explorer.anatomy.records import Anatomy, ReceptiveField, Status

# Araujo, Norris and Sim (Distill, 2019) and the networks' own arithmetic: size, stride, padding.
PUBLISHED = [
    ("alexnet", "features.12", 195, 32, 66),
    ("vgg16", "features.30", 212, 32, 90),
    ("resnet18", "layer4.1.relu#2", 435, 32, 217),
    ("resnet50", "layer4.2.relu#3", 427, 32, 213),
    ("inception_v3", "Mixed_7c", 1311, 32, 618),
    ("googlenet_5x5", "inception.5b", 699, 32, 327),
    # The published 699 pools 2x2 before module 5a; the paper's own table says 3x3: 16 more.
    ("googlenet_2014", "inception.5b", 699 + 16, 32, 327),
    ("mobilenet_v1", "features", 315, 32, None),
]


def _field(anatomy: Anatomy, name: str) -> ReceptiveField:
    """Receptive field of a layer, or of the last one inside a module."""
    inside = [
        layer for layer in anatomy.layers
        if layer.ran and (layer.name == name or layer.name.startswith(f"{name}."))
    ]  # fmt: skip
    return inside[-1].receptive_field


@pytest.mark.parametrize(("model", "layer", "size", "stride", "padding"), PUBLISHED)
def test_the_last_feature_map_sees_what_was_published(
    model: str, layer: str, size: int, stride: int, padding: int | None
) -> None:
    """Size, effective stride and effective padding of the last feature map."""
    record = _field(dissect(model), layer)
    assert record.status is Status.EXACT
    assert record.size == (size, size)
    assert record.stride == (stride, stride)
    if padding is not None:
        assert record.padding == (padding, padding)


def test_layers_that_never_ran_are_unknown() -> None:
    """The auxiliary head of Inception v3 runs only in training."""
    auxiliary = [x for x in dissect("inception_v3").layers if x.name.startswith("AuxLogits")]
    assert auxiliary
    assert {x.receptive_field.status for x in auxiliary} == {Status.UNKNOWN}


@pytest.mark.parametrize(
    ("model", "layer", "convolutional"),
    [
        # Two 3x3 windows, the first with stride 2: 3 + 2 * 2.
        ("mobilenet_v3_small", "features.1", 7),
        ("efficientnet_b0", "features.1", 7),
        ("regnet_y_400mf", "trunk_output.block1", 7),
        ("vit_b_16", "encoder.ln", 16),
        ("resnet50", "fc", None),
    ],
)
def test_models_with_gates_or_attention_see_the_whole_input(
    model: str, layer: str, convolutional: int | None
) -> None:
    """They say so, and give the convolutional path's extent apart where there is one."""
    anatomy = dissect(model)
    record = _field(anatomy, layer)
    assert record.status is Status.WHOLE_INPUT
    assert record.size == anatomy.input_shapes[0][2:]
    if convolutional is None:
        assert record.convolutional is None
    else:
        assert record.convolutional is not None
        assert record.convolutional.size == (convolutional, convolutional)


def test_swin_reaches_the_whole_input_by_stages() -> None:
    """Windows of 7 patches of 4 are 28 pixels; the last stage's window is its whole map."""
    anatomy = dissect("swin_t")
    first = _field(anatomy, "features.1.0.add")
    # A patch sees its window, 28 pixels, at one end of it or the other: 24 + 4 + 24.
    assert first.status is Status.UPPER_BOUND
    assert (first.size, first.stride, first.padding) == ((52, 52), (4, 4), (24, 24))
    assert _field(anatomy, "features.5").status is Status.UPPER_BOUND
    assert _field(anatomy, "features.7").status is Status.WHOLE_INPUT


def test_height_and_width_are_followed_apart() -> None:
    """Inception v3 has 1x7 and 7x1 kernels; a square field all the same, on any input."""
    record = _field(dissect("inception_v3", size=(299, 333)), "Mixed_6b.branch7x7_2.bn")
    assert record.size[0] != record.size[1]


def test_video_has_a_third_axis() -> None:
    """R3D-18's stem is 3 x 7 x 7 with stride 1 x 2 x 2."""
    record = _field(dissect("r3d_18"), "stem.0")
    assert (record.size, record.stride, record.padding) == ((3, 7, 7), (1, 2, 2), (1, 3, 3))


def test_detectors_see_through_their_batching_and_stop_at_proposals() -> None:
    """The body is exact; what regions show depends on the data."""
    anatomy = dissect("fasterrcnn_resnet50_fpn")
    body = _field(anatomy, "backbone.body.layer4")
    assert (body.status, body.size) == (Status.EXACT, (427, 427))
    head = _field(anatomy, "roi_heads.box_head.fc6")
    assert head.status is Status.DATA_DEPENDENT


def test_an_operator_without_a_rule_is_unknown() -> None:
    """A Fourier transform has no entry: everything behind it is unknown, with the reason."""
    model = Mixed()
    layers = dissect(model, inputs=torch.ones(1, 3, 16, 16)).layers
    fields = {layer.name: layer.receptive_field for layer in layers}
    assert fields["first"].status is Status.EXACT
    assert fields["last"].status is Status.UNKNOWN
    assert fields["last"].note.startswith("no rule follows")


class Mixed(torch.nn.Module):
    """Two convolutions with a Fourier transform between them."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(3, 4, 3)
        self.last = torch.nn.Conv2d(4, 4, 3)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Convolve, transform, convolve."""
        transformed: torch.Tensor = torch.fft.fft2(self.first(x)).real
        return self.last(transformed)


def test_following_is_cheap() -> None:
    """The receptive fields of densenet201 (700 layers) take a small part of a second."""
    dissect("densenet201")
    start = time.process_time()
    anatomy = dissect("densenet201", size=256)
    assert time.process_time() - start < 3
    assert len(anatomy.layers) > 700


class Pasted(torch.nn.Module):
    """Copies its input into a larger canvas, adds to a slice of the result, and convolves."""

    def __init__(self) -> None:
        super().__init__()
        self.first = torch.nn.Conv2d(3, 4, 3, padding=1)
        self.last = torch.nn.Conv2d(4, 4, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Paste, convolve, overwrite a part, convolve."""
        canvas = torch.zeros(1, 3, 20, 20)
        canvas[:, :, 2:18, 2:18] = x
        y = self.first(canvas)
        y[:, :2].add_(y.mean((2, 3), keepdim=True)[:, :2])
        result: torch.Tensor = self.last(y)
        return result


def test_writing_into_a_part_is_seen_afterwards_and_not_before() -> None:
    """The canvas sees what was pasted; the first convolution ran before the mean was added."""
    layers = dissect(Pasted(), inputs=torch.ones(1, 3, 16, 16)).layers
    fields = {layer.name: layer.receptive_field for layer in layers}
    first = fields["first"]
    assert first.status is Status.EXACT
    assert (first.size, first.stride, first.padding) == ((3, 3), (1, 1), (3, 3))
    assert fields["last"].status is Status.WHOLE_INPUT


def test_residuals_added_in_place_leave_the_branch_as_it_was() -> None:
    """ConvNeXt scales its branch, then adds the block's input to it in place."""
    layers = dissect("convnext_tiny").layers
    assert {x.receptive_field.status for x in layers} == {Status.EXACT, Status.WHOLE_INPUT}


class Registers(torch.nn.Module):
    """Cuts off as many tokens as it has registers, which may be none."""

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Puts an empty stretch of the map back in front of it."""
        return torch.cat([x[:, :, 2:2], x], 2).relu()


def test_an_empty_stretch_sees_nothing_and_adds_nothing() -> None:
    """A pixel still sees itself."""
    record = dissect(Registers(), inputs=torch.zeros(1, 3, 8, 8)).layers[-1].receptive_field
    assert (record.size, record.status) == ((1, 1), Status.EXACT)


@pytest.mark.parametrize(
    ("model", "size", "unread"),
    [
        # 7x7 stride 2 without padding: 109 positions read 2 * 108 + 7 = 223 pixels. The windows of
        # its ceil-mode pooling reach beyond that, but there is nothing there to read.
        ("squeezenet1_0", 224, 1),
        ("squeezenet1_0", 225, 0),
        ("resnet18", 224, 0),
    ],
)
def test_the_pixels_a_network_never_reads_are_those_without_a_gradient(
    model: str, size: int, unread: int
) -> None:
    """The note's figure, and the support of a real gradient of everything the network says."""
    note = dissect(model, size=size).layers[-1].receptive_field.note
    said = f"{unread} of {size} pixels along height are never read"
    assert note.startswith(said) if unread else "never read" not in note
    network = get_model(model).eval()
    for parameter in network.parameters():
        torch.nn.init.uniform_(parameter, 0.001, 0.01)
    picture = torch.rand(1, 3, size, size, requires_grad=True)
    network(picture).sum().backward()
    assert picture.grad is not None
    assert int((picture.grad.abs().sum((0, 1, 3)) == 0).sum()) == unread

"""Networks taken apart: by hand on small ones, by invariants on every model of torchvision."""

from __future__ import annotations

import random
import warnings
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F
from torchvision import models

from explorer.anatomy import dissect
from explorer.anatomy.records import NETWORK_INPUT, Anatomy, Layer
from explorer.errors import BadRequest, UnknownModel


def row(anatomy: Anatomy, name: str) -> Layer:
    """The layer of a name."""
    return next(layer for layer in anatomy.layers if layer.name == name)


@pytest.mark.parametrize("name", models.list_models())
def test_the_books_balance_for_every_model(name: str) -> None:
    """Rows add up to totals, and parameters are those the authors published."""
    anatomy = dissect(name)
    layers = anatomy.layers
    published = models.get_model_weights(name).DEFAULT.meta["num_params"]
    assert anatomy.failure is None
    assert anatomy.params == sum(layer.params for layer in layers) == published
    assert anatomy.trainable_params == sum(layer.trainable_params for layer in layers)
    assert anatomy.macs == sum(layer.macs or 0 for layer in layers)
    assert anatomy.activation_bytes == sum(layer.activation_bytes for layer in layers)
    assert anatomy.saved_bytes == sum(layer.saved_bytes for layer in layers)
    assert anatomy.not_counted == ()
    assert len({layer.name for layer in layers}) == len(layers)
    for layer in layers:
        assert layer.macs == sum(each.macs or 0 for each in layer.operations)
        assert layer.params == sum(p.count for p in layer.parameters if p.shared_with is None)
        assert all(NETWORK_INPUT <= source < layer.index for source in layer.sources)


@pytest.mark.parametrize(
    ("name", "depth"),
    [("vgg16", 16), ("resnet50", 50), ("resnet18", 18), ("googlenet", 22), ("densenet121", 121)],
)
def test_depth_is_the_one_in_the_papers_name(name: str, depth: int) -> None:
    """Layers with weights on the longest path."""
    assert dissect(name).depth == depth


class Shared(nn.Module):
    """Every trick in one small network."""

    def __init__(self) -> None:
        super().__init__()
        self.scale = nn.Parameter(torch.ones(4, 1, 1))
        self.conv = nn.Conv2d(3, 4, 3, padding=1)
        self.again = nn.Conv2d(4, 4, 3, padding=1, groups=2, bias=False)
        self.relu = nn.ReLU(inplace=True)
        self.idle = nn.Identity()
        self.aux = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        """Calls `again` twice, adds, scales, and joins; never calls `aux`."""
        y = self.relu(self.conv(x))
        z = self.idle(self.again(self.again(y)))
        z = z + y
        z = torch.cat([z * self.scale, y], 1)
        return F.adaptive_avg_pool2d(z, 1).flatten(1)


def test_a_small_network_by_hand() -> None:
    """Names, costs and links of shared, functional, in-place, idle and unused parts."""
    anatomy = dissect(Shared(), inputs=torch.zeros(2, 3, 8, 8))
    assert [(each.name, each.sources) for each in anatomy.layers] == [
        ("conv", (NETWORK_INPUT,)),
        ("relu", (0,)),
        ("again", (1,)),
        ("again#2", (2,)),
        ("idle", (3,)),
        ("add", (1, 4)),
        ("mul", (5,)),
        ("cat", (1, 6)),
        ("adaptive_avg_pool2d", (7,)),
        ("flatten", (8,)),
        ("aux", ()),
    ]
    assert row(anatomy, "conv").macs == 2 * 4 * 64 * 27  # outputs times kernel elements
    assert row(anatomy, "again").macs == 2 * 4 * 64 * 18  # two groups of two channels
    assert row(anatomy, "again").params == 4 * 2 * 9
    assert row(anatomy, "again#2").params == 0
    assert row(anatomy, "again#2").parameters[0].shared_with == "again"
    assert row(anatomy, "mul").params == 4
    assert row(anatomy, "relu").activation_bytes == 0
    assert row(anatomy, "add").activation_bytes == 2 * 4 * 64 * 4
    assert not row(anatomy, "aux").ran
    assert anatomy.params == 4 + (4 * 27 + 4) + 72 + 10
    assert anatomy.macs == 2 * 4 * 64 * (27 + 18 + 18)
    assert anatomy.depth == 3
    window = row(anatomy, "again").window
    assert window is not None
    assert (window.kernel, window.padding, window.groups) == ((3, 3), (1, 1), 2)


def test_attention_is_one_row() -> None:
    """A MultiheadAttention holds its projections' parameters and costs.

    10 tokens of 8 features: projections 3 * 10 * 8 * 8 and 10 * 8 * 8, products 2 * 10 * 10 * 8.
    """

    class Attends(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.attention = nn.MultiheadAttention(8, 2, batch_first=True)

        def forward(self, x: Tensor) -> Tensor:
            return self.attention(x, x, x, need_weights=False)[0]  # type: ignore[no-any-return]

    anatomy = dissect(Attends().eval(), inputs=torch.zeros(1, 10, 8))
    assert [layer.name for layer in anatomy.layers] == ["attention"]
    assert anatomy.params == 8 * 24 + 24 + 8 * 8 + 8
    assert anatomy.macs == 4 * 10 * 8 * 8 + 2 * 10 * 10 * 8


def test_what_has_no_formula_is_listed() -> None:
    """An operator the anatomy does not know counts as such, not as zero."""

    class Inverts(nn.Module):
        def forward(self, x: Tensor) -> Tensor:
            return torch.linalg.matrix_exp(x)

    anatomy = dissect(Inverts(), inputs=torch.zeros(3, 3))
    assert [each.op for each in anatomy.not_counted] == ["aten.linalg_matrix_exp"]
    assert anatomy.layers[0].macs is None


def snapshot(module: nn.Module) -> dict[str, Any]:
    """Everything about a module that dissecting must not change."""
    return {
        "state": {name: value.clone() for name, value in module.state_dict().items()},
        "ids": [id(each) for each in (*module.parameters(), *module.buffers())],
        "grads": [None if p.grad is None else p.grad.clone() for p in module.parameters()],
        "modes": [each.training for each in module.modules()],
        "attributes": [sorted(each.__dict__) for each in module.modules()],
        "marks": [sorted(vars(each)) for each in (*module.parameters(), *module.buffers())],
        "hooks": [len(each._forward_hooks) for each in module.modules()],
        "torch": torch.get_rng_state(),
        "python": random.getstate(),
    }


def assert_same(before: dict[str, Any], after: dict[str, Any]) -> None:
    """Compare two snapshots."""
    for key, value in before.items():
        torch.testing.assert_close(after[key], value, rtol=0, atol=0) if key in (
            "state",
            "torch",
        ) else None
        if key == "grads":
            assert all(
                (a is None and b is None) or torch.equal(a, b)
                for a, b in zip(value, after[key], strict=True)
            )
        elif key not in ("state", "torch"):
            assert after[key] == value, key


class Stateful(nn.Module):
    """Batch norm in training, dropout, a counter, and data-dependent or raising if asked."""

    def __init__(self, *, looks: bool = False, raises: bool = False) -> None:
        super().__init__()
        self.linear = nn.Linear(4, 4)
        self.norm = nn.BatchNorm1d(4)
        self.register_buffer("seen", torch.zeros(()))
        self.looks, self.raises = looks, raises

    def forward(self, x: Tensor) -> Tensor:
        """Changes buffers and draws random numbers."""
        self.seen = self.seen + 1
        y = F.dropout(self.norm(self.linear(x)), 0.5, training=True) * random.random()
        if self.looks and y.sum().item() < 1e9:
            y = y.relu()
        if self.raises:
            raise ValueError("on purpose")
        return y


@pytest.mark.parametrize("looks", [False, True])
@pytest.mark.parametrize("raises", [False, True])
def test_a_module_is_left_untouched(looks: bool, raises: bool) -> None:
    """Mode, parameters, buffers, gradients, hooks and random numbers are as before."""
    module = Stateful(looks=looks, raises=raises)
    x = torch.randn(8, 4)
    module(x).sum().backward() if not raises else None
    before = snapshot(module)
    anatomy = dissect(module, inputs=x)
    assert_same(before, snapshot(module))
    assert vars(x) == {}
    assert anatomy.run.kind == ("real" if looks else "meta")
    assert (anatomy.failure is not None) is raises
    assert {"linear", "norm", "dropout"} <= {layer.name for layer in anatomy.layers}


class Remembers(nn.Module):
    """Keeps its last activation and a count as plain attributes, and draws from numpy."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 4, 3)
        self.last: Tensor | None = None
        self.calls = 0

    def forward(self, x: Tensor) -> Tensor:
        """Changes attributes that torch knows nothing of."""
        self.calls += 1
        self.last = self.again = self.conv(x)
        return self.last * float(np.random.rand())


def test_plain_attributes_are_left_untouched_too() -> None:
    """No activation without numbers stays behind in the module."""
    module = Remembers()
    before, numbers = dict(vars(module)), str(np.random.get_state())
    dissect(module, inputs=torch.zeros(1, 3, 8, 8))
    assert vars(module) == before
    assert module.last is None
    assert str(np.random.get_state()) == numbers


def test_modules_without_layers_or_weights_to_see_are_refused() -> None:
    """TorchScript hides its layers, a lazy module has no weights yet."""
    x = torch.zeros(1, 3, 8, 8)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch deprecates scripting
        scripted = torch.jit.trace(nn.Conv2d(3, 4, 3), x)  # type: ignore[no-untyped-call]
        lazy = nn.LazyConv2d(4, 3)
    with pytest.raises(BadRequest, match="scripted"):
        dissect(scripted, inputs=x)
    with pytest.raises(BadRequest, match="lazy"):
        dissect(lazy, inputs=x)
    assert "training" not in vars(scripted)


def test_marks_for_the_profiler_are_no_operators() -> None:
    """nn.DataParallel sets one around its forward pass."""
    anatomy = dissect(nn.DataParallel(nn.Conv2d(3, 4, 3)), inputs=torch.zeros(1, 3, 8, 8))
    assert [layer.name for layer in anatomy.layers] == ["module"]
    assert anatomy.not_counted == ()


def test_batch_norm_in_training_is_told_as_batch_norm() -> None:
    """Not as the counter it raises first."""
    anatomy = dissect(nn.Sequential(nn.BatchNorm2d(3)), inputs=torch.zeros(2, 3, 8, 8))
    assert anatomy.layers[0].op == "aten.batch_norm"


class Spectrum(nn.Module):
    """A convolution and an operator without a formula in one leaf module."""

    def __init__(self) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.zeros(4, 3, 3, 3))

    def forward(self, x: Tensor) -> Tensor:
        """The spectrum of a convolution."""
        return torch.fft.fft2(F.conv2d(x, self.weight)).abs()


def test_what_has_no_formula_does_not_hide_what_has_one() -> None:
    """4 maps of 6x6, each value from 27 numbers, are counted; the transform is listed."""
    anatomy = dissect(nn.Sequential(Spectrum()), inputs=torch.zeros(1, 3, 8, 8))
    assert anatomy.macs == 4 * 6 * 6 * 27
    assert [each.layers for each in anatomy.not_counted] == [("0",)]


def test_depth_counts_layers_whose_weights_are_computed_once() -> None:
    """Two convolutions, one with its weight normalised and one with it cast, are two layers."""
    norm = nn.utils.parametrizations
    network = nn.Sequential(
        norm.weight_norm(nn.Conv2d(3, 4, 3, bias=False)),
        norm.spectral_norm(nn.Conv2d(4, 4, 3, bias=False)),
    )
    assert dissect(network, inputs=torch.zeros(1, 3, 8, 8)).depth == 2
    with torch.autocast("cpu", dtype=torch.bfloat16):
        assert dissect(nn.Conv2d(3, 4, 3), inputs=torch.zeros(1, 3, 8, 8)).depth == 1


def test_a_stopped_pass_does_not_say_that_layers_are_not_needed() -> None:
    """The classifier behind the failure was not reached."""
    anatomy = dissect("alexnet", size=40)
    assert "stopped before" in row(anatomy, "classifier.1").note


def test_a_real_run_says_why() -> None:
    """The sentence names the device and what meta tensors could not do."""
    anatomy = dissect(Stateful(looks=True), inputs=torch.randn(8, 4))
    assert "for real on the cpu" in anatomy.run.reason
    assert "relu" in {layer.name for layer in anatomy.layers}


def test_a_failure_keeps_the_layers_that_worked() -> None:
    """AlexNet on 40x40 loses its map at the last pooling; 63 is the smallest that works."""
    anatomy = dissect("alexnet", size=40)
    failure = anatomy.failure
    assert failure is not None
    assert failure.layer == "features.12"
    assert failure.sufficient_size == (63, 63)
    assert dissect("alexnet", size=63).failure is None
    assert dissect("alexnet", size=62).failure is not None
    assert [layer.name for layer in anatomy.layers if layer.ran][-1] == "features.11"
    assert anatomy.params == 61_100_840


def test_a_network_of_one_size_says_which() -> None:
    """A vision transformer takes 224x224 only."""
    failure = dissect("vit_b_16", size=100).failure
    assert failure is not None
    assert failure.sufficient_size == (224, 224)


def test_a_side_too_short_is_raised_alone() -> None:
    """VGG needs 32 along each side; the long one stays."""
    failure = dissect("vgg16", size=(16, 300)).failure
    assert failure is not None
    assert failure.sufficient_size == (32, 300)


def test_batch_multiplies_costs_and_not_parameters() -> None:
    """Three pictures cost three times one."""
    one, three = dissect("resnet18"), dissect("resnet18", batch=3)
    assert three.macs == 3 * one.macs
    assert three.params == one.params


def test_detectors_state_their_proposals() -> None:
    """A two-stage count says how many proposals it holds for (facts: 134.38 G with 1,000)."""
    anatomy = dissect("fasterrcnn_resnet50_fpn")
    assert round(anatomy.macs / 1e9, 2) == 134.38
    assert any(each.startswith("1,000 proposals") for each in anatomy.run.assumptions)


@pytest.mark.parametrize("size", [0, -3, 4097, "big", 2.5, (224,), (0, 5), True])
def test_sizes_that_make_no_sense_are_refused(size: Any) -> None:
    """One sentence says what a size is."""
    with pytest.raises(BadRequest, match="from 1 to 4096"):
        dissect("resnet18", size=size)


@pytest.mark.parametrize("batch", [0, -1, 4097, 1.5])
def test_batches_that_make_no_sense_are_refused(batch: Any) -> None:
    """Likewise for batches."""
    with pytest.raises(BadRequest, match="batch"):
        dissect("resnet18", batch=batch)


def test_unknown_names_are_refused() -> None:
    """The zoo says what it knows."""
    with pytest.raises(UnknownModel):
        dissect("resnet5O")


def test_a_module_needs_inputs() -> None:
    """There is no size to guess them from."""
    with pytest.raises(BadRequest, match="inputs"):
        dissect(nn.Linear(2, 2))


class Temperatures(nn.Module):
    """Raises a number to the power of a module's own tensor, as sine positions do."""

    def __init__(self) -> None:
        super().__init__()
        self.exponents = nn.Parameter(torch.zeros(8))

    def forward(self, x: Tensor) -> Tensor:
        """Scale the columns."""
        return x * 2**self.exponents + torch.pow(2.0, x)


def test_an_operator_may_be_led_by_a_number() -> None:
    """2 ** x has no tensor in front."""
    anatomy = dissect(Temperatures(), inputs=torch.zeros(1, 3, 8, 8))
    assert anatomy.failure is None
    assert anatomy.layers[-1].output == (1, 3, 8, 8)
    assert anatomy.params == 8

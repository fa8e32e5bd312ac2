"""Maps are right, repeatable, whole records, and networks are as before after each of them."""

from __future__ import annotations

import gc
import threading
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from explorer.errors import BadRequest, Cancelled
from explorer.pictures import samples
from explorer.vision import attribution
from explorer.vision.attribution import attribute, attribute_loaded
from explorer.vision.attribution_methods import METHODS
from explorer.vision.attribution_records import Attribution, Cell, Failed
from explorer.zoo import catalogue
from tests.vision.saliency_nets import Awkward, awkward, lent, noise

SMALL = {"steps": 3, "window": 50, "stride": 50, "count": 9, "maps": 3, "samples": 10}
CLASSIFIERS = [card.name for card in catalogue.cards() if card.task == "classification"]
QUICK = ("cifar_resnet20_a", "lenet5_partial", "mnasnet0_5", "shufflenet_v2_x0_5", "squeezenet1_1")
WATCHED = ("gradcam", "guided_backprop")
FAMILIES = (
    "densenet121", "efficientnet_b0", "googlenet", "maxvit_t", "mobilenet_v3_small",
    "regnet_y_400mf", "resnet18", "swin_t", "vgg11", "vit_b_32",
)  # fmt: skip


def few(method: str) -> tuple[tuple[str, Any], ...]:
    """Knobs that make a method quick."""
    return tuple(
        (knob.name, SMALL[knob.name]) for knob in METHODS[method].knobs if knob.name in SMALL
    )


def digit() -> Any:
    """A bundled digit."""
    return samples.accepted(next(each.name for each in samples.SAMPLES if "digit" in each.name))


@pytest.mark.parametrize("method", METHODS)
def test_every_method_gives_a_whole_record(method: str) -> None:
    """On our own LeNet-5: the map at the input's size, the class named, passes as foreseen."""
    found = attribute("lenet5", digit(), method, knobs=few(method))
    assert found.values.shape == (32, 32)
    assert found.values.dtype == np.float32
    assert np.isfinite(found.values).all()
    assert not found.blank
    assert found.method == method
    assert 0 <= found.probability <= 1
    assert found.target_name == str(found.target)
    assert dict(found.knobs) == METHODS[method].settings(few(method))
    assert (found.layer == "tanh#2") == METHODS[method].uses_layer
    assert bool(found.layer_field) == METHODS[method].uses_layer
    assert found.seconds > 0
    assert METHODS[method].signed or found.values.min() >= 0
    expected = attribution.estimate("lenet5", digit(), method, knobs=few(method))
    assert found.passes == expected.passes


def test_the_probability_is_the_softmax_s() -> None:
    """Of the class asked for, by name or number, as the network says it."""
    net = awkward()
    loaded, picture = lent(net), noise()
    found = attribute_loaded(loaded, picture, "gradient", target="three")
    from explorer.vision.preprocess import input_tensor  # noqa: PLC0415

    scores = net(input_tensor(picture, loaded.preprocessing))
    assert found.target == 2
    assert found.probability == pytest.approx(float(scores.softmax(1)[0, 2]), rel=1e-5)
    top = attribute_loaded(loaded, picture, "gradcam")
    assert top.target == int(scores.argmax())


class State:
    """All that a saliency method could leave behind in a network."""

    def __init__(self, net: nn.Module, x: Tensor) -> None:
        self.hooks = [
            len(getattr(module, name))
            for module in net.modules()
            for name in vars(module)
            if name.endswith("_hooks")
        ]
        self.modes = [module.training for module in net.modules()]
        self.attributes = [sorted(vars(module)) for module in net.modules()]
        self.wanting = [each.requires_grad for each in net.parameters()]
        self.gradients = [each.grad for each in net.parameters()]
        self.numbers = [each.clone() for each in net.state_dict().values()]
        with torch.no_grad():
            self.output = net(x)

    def same(self, other: State) -> bool:
        """Whether nothing has changed."""
        plain = ("hooks", "modes", "attributes", "wanting", "gradients")
        return (
            all(getattr(self, name) == getattr(other, name) for name in plain)
            and all(map(torch.equal, self.numbers, other.numbers))
            and torch.equal(self.output, other.output)
        )


@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_as_before(method: str) -> None:
    """Hooks, modes, attributes, gradients and outputs, with in-place and reused ReLUs."""
    net, x = awkward(), torch.randn(1, 1, 12, 12)
    loaded = lent(net)
    before = State(net, x)
    first = attribute_loaded(loaded, noise(), method, knobs=few(method))
    assert before.same(State(net, x))
    again = attribute_loaded(loaded, noise(), method, knobs=few(method))
    assert np.array_equal(first.values, again.values)


@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_as_before_after_it_was_stopped(method: str) -> None:
    """Cancelled at each of its passes; the next map is right."""
    net, x = awkward(), torch.randn(1, 1, 12, 12)
    loaded = lent(net)
    before = State(net, x)
    whole = attribute_loaded(loaded, noise(), method, knobs=few(method))
    calls: list[float] = []
    attribute_loaded(
        loaded, noise(), method, knobs=few(method), progress=lambda f, _: calls.append(f)
    )
    assert calls == sorted(calls)
    assert 0 <= calls[0] <= calls[-1] <= 1
    for stop in range(len(calls)):
        left = [stop]

        def progress(fraction: float, sentence: str, left: list[int] = left) -> None:
            if not left[0]:
                raise Cancelled("stopped")
            left[0] -= 1

        with pytest.raises(Cancelled):
            attribute_loaded(loaded, noise(), method, knobs=few(method), progress=progress)
        assert before.same(State(net, x))
    again = attribute_loaded(loaded, noise(), method, knobs=few(method))
    assert np.array_equal(whole.values, again.values)


class Breaking(Awkward):
    """Fails at a pass while gradients are on."""

    broken = False

    def forward(self, x: Tensor) -> Tensor:
        """Raise in the middle, where it was told to."""
        x = self.pool(self.relu(self.first(x)))
        if self.broken:
            raise RuntimeError("no such kernel")
        return self.scores(x.mean((2, 3)))


@pytest.mark.parametrize("method", METHODS)
def test_the_network_is_as_before_after_it_failed(method: str) -> None:
    """An exception out of the forward pass leaves no hook either."""
    net, x = Breaking().eval().requires_grad_(False), torch.randn(1, 1, 12, 12)
    loaded = lent(net)
    assert loaded.taps
    before = State(net, x)
    net.broken = True
    with pytest.raises(RuntimeError, match="no such kernel"):
        attribute_loaded(loaded, noise(), method, knobs=few(method))
    net.broken = False
    after = State(net, x)
    before.attributes = after.attributes
    assert before.same(after)


def alive() -> int:
    """How many tensors there are."""
    gc.collect()
    return sum(issubclass(type(each), Tensor) for each in gc.get_objects())


@pytest.mark.parametrize(
    "method",
    [
        pytest.param(method, marks=() if method in WATCHED else pytest.mark.slow)
        for method in METHODS
    ],
)
def test_memory_returns_to_its_baseline(method: str) -> None:
    """After fifty maps there are as many tensors as after the first."""
    loaded, picture = lent(awkward()), noise()
    attribute_loaded(loaded, picture, method, knobs=few(method))
    before = alive()
    for _ in range(50):
        attribute_loaded(loaded, picture, method, knobs=few(method))
    assert alive() <= before


def test_four_threads_get_the_right_maps() -> None:
    """One network, four people with pictures, classes and methods of their own."""
    loaded = lent(awkward())
    cells = [
        (noise(seed), method, seed % 3)
        for seed, method in enumerate(("gradient", "guided_backprop", "deeplift", "smoothgrad"))
    ]
    alone = [_asked(loaded, *cell) for cell in cells]
    wrong: list[str] = []

    def work(number: int) -> None:
        for _ in range(8):
            found = _asked(loaded, *cells[number])
            if not np.array_equal(found.values, alone[number].values):
                wrong.append(cells[number][1])

    threads = [threading.Thread(target=work, args=(number,)) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def _asked(loaded: Any, picture: Any, method: str, target: int) -> Attribution:
    return attribute_loaded(loaded, picture, method, target=target, knobs=few(method))


class Constant(nn.Module):
    """Three scores that do not depend on the picture's numbers."""

    def forward(self, x: Tensor) -> Tensor:
        """Zero times everything."""
        return 0 * x.flatten(1)[:, :3]


def test_blank_maps_and_no_numbers_are_said() -> None:
    """Each with its count."""
    blank = attribute_loaded(lent(Constant()), noise(), "gradient", target=0)
    assert blank.blank
    assert blank.notes == ("The map is blank: all 144 values are zero, no pixel matters.",)
    values = np.zeros((2, 2), dtype=np.float32)
    values[0] = np.nan, np.inf
    assert attribution._doubts(values, METHODS["gradient"]) == (
        "2 of 4 values (50%) are no numbers: do not trust it.",
    )


def test_a_grid_fills_every_cell_it_can() -> None:
    """A class, a network and a method that there are not; progress runs over all of them."""
    fractions: list[float] = []
    cells = (
        Cell("lenet5", "gradient"),
        Cell("lenet5", "gradcam", target="eleven"),
        Cell("lenet5", "occlusion", target="3", knobs=few("occlusion")),
        Cell("no_such_net", "gradient"),
        Cell("lenet5", "no_such_method"),
    )
    found = attribution.grid(digit(), cells, progress=lambda f, _: fractions.append(f))
    assert [type(each) for each in found] == [Attribution, Failed, Attribution, Failed, Failed]
    assert "no class called 'eleven'" in found[1].reason
    assert found[2].target == 3
    assert fractions == sorted(fractions)


def test_an_estimate_is_seconds_bytes_and_a_sentence() -> None:
    """More steps cost more; the passes are those of the recipe."""
    few_steps = attribution.estimate("lenet5", digit(), "integrated_gradients")
    assert few_steps.passes == 52
    assert few_steps.bytes > 0
    assert "52 passes through the network" in few_steps.sentence
    more = attribution.estimate("lenet5", digit(), "integrated_gradients", knobs=[("steps", 300)])
    assert more.passes == 302


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"method": "magic"}, "no method 'magic'"),
        ({"method": "gradient", "target": 10}, "classes 0 to 9, not 10"),
        ({"method": "gradcam", "layer": "layer9"}, "no layer 'layer9'"),
        ({"method": "gradcam", "layer": "f6"}, "The output of f6 is no map"),
        ({"method": "occlusion", "knobs": [("window", 99)]}, "from 2 to 50, not 99"),
    ],
)
def test_what_there_is_not_is_one_sentence(arguments: dict[str, Any], words: str) -> None:
    """Method, class, layer and knob."""
    with pytest.raises(BadRequest, match=words):
        attribute("lenet5", digit(), **arguments)


@pytest.mark.parametrize(
    "name",
    [*QUICK, *(pytest.param(each, marks=pytest.mark.slow) for each in FAMILIES)],
)
def test_every_family_works_with_every_method(name: str) -> None:
    """Random weights: numbers everywhere, or a sentence on why there are none."""
    methods = METHODS if name in FAMILIES else ("gradient", "deeplift", "gradcam", "occlusion")
    for method in methods:
        picture = samples.accepted("chelsea")  # superpixels need edges, which noise has none of
        found = attribute(name, picture, method, weights="random", knobs=few(method))
        side = catalogue.find(name).input_size[0]
        assert found.values.shape == (side, side)
        assert np.isfinite(found.values).all(), method
        assert found.blank == any("blank" in note for note in found.notes), method


@pytest.mark.slow
@pytest.mark.parametrize("name", CLASSIFIERS)
def test_every_classifier_has_a_gradient_and_a_gradcam(name: str) -> None:
    """All of them, with random weights."""
    for method in ("gradient", "gradcam"):
        found = attribute(name, noise(side=64), method, weights="random")
        assert np.isfinite(found.values).all()
        assert found.use.random

"""A network is lent to one at a time and comes back as it was."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
import torch
from torch import Tensor, nn

from explorer.errors import (
    BadCheckpoint,
    BadRequest,
    MissingWeights,
    OutOfMemory,
    UnknownModel,
)
from explorer.pictures import samples
from explorer.vision import loading, passes, preprocess
from explorer.vision.loading import load
from explorer.vision.question import seeded
from explorer.zoo import build, user_models
from tests.pictured import noise

if TYPE_CHECKING:
    from explorer.vision.loaded import LoadedModel


@pytest.fixture(autouse=True)
def nothing_loaded() -> None:
    """Each test loads anew."""
    loading.let_go()


@pytest.fixture
def no_weights(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A computer to which no weights were ever downloaded."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "kept"))
    return tmp_path


def disturb(network: nn.Module) -> None:
    """Everything an explanation method may do to a network it borrows."""
    network.train()
    for module in network.modules():
        module.register_forward_hook(lambda *_: None)
        module.register_forward_pre_hook(lambda *_: None)
        module.register_full_backward_hook(lambda *_: None)
    for parameter in network.parameters():
        parameter.requires_grad_(True)
    network(torch.randn(2, 1, 32, 32, requires_grad=True)).sum().backward()
    assert any(parameter.grad is not None for parameter in network.parameters())


def is_as_it_was(network: nn.Module) -> bool:
    """No mode, no hook, no gradient is left."""
    return (
        not any(module.training for module in network.modules())
        and not any(
            module._forward_hooks
            or module._forward_pre_hooks
            or module._backward_hooks
            or module._backward_pre_hooks
            for module in network.modules()
        )
        and not any(each.requires_grad or each.grad is not None for each in network.parameters())
    )


def test_it_comes_back_as_it_was() -> None:
    """Modes, hooks, gradients and the wish for gradients are restored."""
    loaded = load("lenet5", "random")
    with loaded.borrowed() as network:
        assert is_as_it_was(network)
        disturb(network)
        assert not is_as_it_was(network)
    assert is_as_it_was(network)


def test_it_comes_back_as_it_was_after_an_exception() -> None:
    """Whatever happened to the borrower, the next one finds the network in order."""
    loaded = load("lenet5", "random")
    with pytest.raises(ZeroDivisionError):
        borrow_and_fail(loaded)
    with loaded.borrowed() as network:
        assert is_as_it_was(network)
    # The lock is free again: another thread gets it at once.
    taken = threading.Event()
    threading.Thread(target=lambda: taken.set() if borrow(loaded) else None).start()
    assert taken.wait(10)


def borrow_and_fail(loaded: LoadedModel) -> None:
    """Break off in the middle of everything."""
    with loaded.borrowed() as network:
        disturb(network)
        raise ZeroDivisionError


def borrow(loaded: LoadedModel) -> bool:
    """Whether the network could be borrowed."""
    with loaded.borrowed() as network:
        return isinstance(network, nn.Module)


def test_one_borrower_at_a_time() -> None:
    """Four threads, each with its own picture and a hook of its own, get their own numbers.

    A hook that another thread left would count twice.
    """
    loaded = load("lenet5", "random")
    inputs = [torch.randn(1, 1, 32, 32) for _ in range(4)]
    with loaded.borrowed() as network, torch.inference_mode():
        expected = [network(each) for each in inputs]

    def ask(number: int) -> tuple[bool, int]:
        calls: list[Tensor] = []
        with loaded.borrowed() as network, torch.inference_mode():
            network.register_forward_hook(lambda *given: calls.append(given[2]))
            output = network(inputs[number])
        return torch.equal(output, expected[number]), len(calls)

    with ThreadPoolExecutor(4) as threads:
        found = list(threads.map(ask, [number % 4 for number in range(160)]))
    assert found == [(True, 1)] * 160


def test_a_borrower_may_ask_for_the_rows_while_others_do() -> None:
    """Somebody waits for the network to find its rows; the borrower, asking too, does not."""
    loaded = load("lenet5", "random")
    waiting = threading.Thread(target=lambda: loaded.taps, daemon=True)
    found: list[int] = []

    def ask() -> None:
        with loaded.borrowed():
            waiting.start()
            time.sleep(0.2)
            found.append(len(loaded.taps.layers))

    asking = threading.Thread(target=ask, daemon=True)
    asking.start()
    asking.join(20)
    assert found
    waiting.join(20)
    assert not waiting.is_alive()


def test_the_same_numbers_as_torchvisions_own_loader(
    shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SqueezeNet's weights through TORCH_HOME give the scores that torchvision's network gives."""
    from torchvision import models  # noqa: PLC0415

    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    weights = models.SqueezeNet1_0_Weights.DEFAULT
    theirs = models.squeezenet1_0(weights=weights).eval()
    loaded = load("squeezenet1_0")
    given = preprocess.input_tensor(noise(300, 400), loaded.preprocessing)
    with loaded.borrowed() as ours, torch.inference_mode():
        assert torch.equal(ours(given), theirs(given))
    assert loaded.use.weights == "IMAGENET1K_V1"
    assert not loaded.use.random
    assert loaded.use.warning == ""
    assert loaded.classes == tuple(weights.meta["categories"])
    assert loaded.size_bytes == 4 * 1_248_424, "torchvision's num_params"


def test_random_weights_are_the_same_every_time(no_weights: Path) -> None:
    """And leave the process's own random numbers alone."""
    torch.manual_seed(7)
    expected = torch.rand(1)
    torch.manual_seed(7)
    first = load("squeezenet1_1")
    assert torch.equal(torch.rand(1), expected)
    loading.let_go()
    second = load("squeezenet1_1")
    assert first is not second
    assert first.use.random
    assert first.use.warning == "random weights: nothing was learned"
    with first.borrowed() as one, second.borrowed() as other:
        for mine, yours in zip(one.parameters(), other.parameters(), strict=True):
            assert torch.equal(mine, yours)


def test_nobody_draws_in_between_random_weights(monkeypatch: pytest.MonkeyPatch) -> None:
    """A method that draws too, from the one generator of the process, waits until they are made."""
    make = build.real_network
    waited: list[bool] = []

    def draw() -> None:
        with seeded(3, torch.device("cpu")):
            torch.rand(1)

    other = threading.Thread(target=draw)

    def disturbed(name: str) -> nn.Module:
        other.start()
        other.join(0.3)
        waited.append(other.is_alive())
        return make(name)

    monkeypatch.setattr(build, "real_network", disturbed)
    load("lenet5", "random")
    other.join(10)
    assert waited == [True]
    assert not other.is_alive()


def test_the_last_few_stay_loaded(monkeypatch: pytest.MonkeyPatch) -> None:
    """The one that was not asked for longest goes first; the same one is the same object."""
    monkeypatch.setattr(loading, "MOST_NETWORKS", 2)
    first, second = load("lenet5", "random"), load("lenet5_partial", "random")
    assert load("lenet5", "random") is first
    load("nin_cifar10", "random")
    assert load("lenet5", "random") is first
    assert load("lenet5_partial", "random") is not second


def test_nothing_holds_the_weights_of_a_network_that_went(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was kept of its passes, which holds weights of its layers, goes with it."""
    monkeypatch.setattr(loading, "MOST_NETWORKS", 1)
    picture = samples.accepted("digit_3")
    for name in ("lenet5", "lenet5_partial"):
        passes.called(load(name, "random"), picture, "c1")
        assert {key[0] for key in passes._kept} == {name}
    loading.let_go()
    assert not passes._kept


@pytest.mark.parametrize(
    "error", [MemoryError(), RuntimeError("DefaultCPUAllocator: can't allocate memory")]
)
def test_a_whole_file_is_not_blamed_where_memory_runs_out(
    error: Exception, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is told to remove it."""

    def fail(path: str) -> None:
        raise error

    monkeypatch.setattr("safetensors.torch.load_file", fail)
    with pytest.raises(OutOfMemory, match="memory of the CPU ran out"):
        load("lenet5", "convzoo")


def test_ten_classes_of_somebody_s_own_are_not_named_after_cifar(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody said what they are, so they are numbers."""
    (tmp_path / "ten_of_mine.py").write_text(
        "from torch import nn\n\ndef net():\n"
        "    return nn.Sequential(nn.Conv2d(3, 10, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten())\n"
    )
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.setattr(user_models, "_allowed", {"ten_of_mine:net"})
    assert load("ten_of_mine:net").classes[:2] == ("class 0", "class 1")
    assert load("nin_cifar10", "random").classes[:2] == ("airplane", "automobile")


def test_memory_is_bounded_and_the_network_in_use_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    """With no room at all there is one network: the last."""
    monkeypatch.setattr(loading, "MOST_BYTES", 1)
    load("lenet5", "random")
    last = load("lenet5_partial", "random")
    assert list(loading._loaded.values()) == [last]


def test_missing_weights_are_a_sentence(no_weights: Path) -> None:
    """It names the file and the folder to put it into."""
    with pytest.raises(MissingWeights) as caught:
        load("resnet50", "IMAGENET1K_V2")
    text = str(caught.value)
    assert "resnet50-11ad3fa6.pth" in text, "torchvision's own file name"
    assert str(no_weights / "hub" / "checkpoints") in text


def test_without_weights_the_best_on_disk_are_random(no_weights: Path) -> None:
    """Nothing is fetched behind anybody's back."""
    assert load("squeezenet1_0").use.weights == "random"
    assert not list(no_weights.rglob("*.pth"))


def test_a_file_that_does_not_fit_is_a_sentence(no_weights: Path) -> None:
    """A truncated download says which file to remove."""
    folder = no_weights / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    file = folder / "squeezenet1_1-b8a52dc0.pth"
    file.write_bytes(b"PK\x03\x04 and then nothing")
    with pytest.raises(BadCheckpoint) as caught:
        load("squeezenet1_1")
    assert str(file) in str(caught.value)
    assert "download it again" in str(caught.value)


@pytest.mark.parametrize("name", ["fcn_resnet50", "r3d_18", "raft_small", "quantized_resnet18"])
def test_other_tasks_are_a_sentence(name: str) -> None:
    """It says what the model is for and what can be opened."""
    with pytest.raises(BadRequest, match=r"is for .* classifiers only, such as resnet50\.$"):
        load(name)


def test_an_unknown_model_is_a_sentence() -> None:
    """With the nearest names."""
    with pytest.raises(UnknownModel, match="resnet50"):
        load("resnet51")


def test_targets_are_given_by_name_or_number(no_weights: Path) -> None:
    """Case does not matter; another name gets the nearest ones, another number the range."""
    loaded = load("squeezenet1_0")
    assert loaded.target(281) == loaded.target("281") == loaded.target(" Tabby ") == 281
    with pytest.raises(BadRequest, match="did you mean Egyptian cat"):
        loaded.target("egyptian")
    with pytest.raises(BadRequest, match="0 to 999, not 1000"):
        loaded.target(1000)
    with pytest.raises(BadRequest, match="no class called 'unicorn'"):
        loaded.target("unicorn")
    for digits in ("²", "9" * 5000):
        with pytest.raises(BadRequest, match="no class called"):
            loaded.target(digits)


def test_rows_of_the_anatomy_are_found_without_disturbing() -> None:
    """Every row of LeNet-5 is there, and the network is as it was."""
    loaded = load("lenet5", "random")
    names = [layer.name for layer in loaded.taps.layers]
    assert names[0] == "c1"
    with loaded.borrowed() as network:
        assert is_as_it_was(network)
        assert sum(each.numel() for each in network.parameters()) == sum(
            each.numel() for each in build.real_network("lenet5").parameters()
        )


def test_a_name_of_two_classes_is_asked_back() -> None:
    """ImageNet's Cardigan (264) is a Welsh corgi, its cardigan (474) is worn."""
    loaded = load("squeezenet1_0", "random")
    assert loaded.target("Cardigan") == 264
    assert loaded.target("cardigan") == 474
    with pytest.raises(BadRequest, match="CARDIGAN is the name of 264 and 474"):
        loaded.target("CARDIGAN")
    assert loaded.target("474") == loaded.target(474) == 474
    assert loaded.target("Tench") == 0

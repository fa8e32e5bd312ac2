"""Networks built and run for real: times add up, memory is seen and given back."""

from __future__ import annotations

import gc
import statistics
import time
import weakref
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import psutil
import pytest
import torch
from torch import nn

from explorer import device as devices
from explorer.anatomy import dissect, memory, passes, peak_memory, stopwatch
from explorer.anatomy import measure as measuring
from explorer.anatomy.measure import measure
from explorer.errors import BadRequest, Cancelled, OutOfMemory, UnknownModel
from explorer.zoo import build

if TYPE_CHECKING:
    from explorer.anatomy.merit_records import Measurement

CPU = torch.device("cpu")


@pytest.fixture(scope="module")
def found() -> Measurement:
    """A small classifier, measured on the CPU."""
    return measure("squeezenet1_1", size=96, batch=2, device="cpu", runs=5)


def test_latency_and_throughput_belong_together(found: Measurement) -> None:
    """Median and quartiles are those of the passes; two samples a pass."""
    lower, middle, upper = np.percentile(found.latencies_ms, [25, 50, 75])
    assert len(found.latencies_ms) == 5
    assert found.discarded >= 1
    assert (found.lower_quartile_ms, found.median_ms, found.upper_quartile_ms) == pytest.approx(
        (lower, middle, upper)
    )
    assert found.samples_per_second == pytest.approx(2000 / found.median_ms)


def test_counted_figures_stand_beside(found: Measurement) -> None:
    """Parameters and multiply-adds are the anatomy's at the same input, and give MACs a second."""
    anatomy = dissect("squeezenet1_1", size=96, batch=2)
    assert (found.params, found.macs) == (anatomy.params, anatomy.macs)
    assert found.input_shapes == anatomy.input_shapes
    assert found.macs_per_second == pytest.approx(found.macs / (found.median_ms / 1000))
    assert found.counted_peak_bytes == memory.forward_bytes(anatomy)


def test_it_says_that_the_weights_are_random(found: Measurement) -> None:
    """Nobody should read accuracy into it."""
    assert any("random" in note for note in found.notes)


def test_the_blocks_add_up_to_the_whole(found: Measurement) -> None:
    """Blocks do not overlap: their sum is within the whole, and the remainder closes it."""
    times = found.times
    assert times.blocks_ms == pytest.approx(sum(each.milliseconds for each in times.blocks))
    assert times.blocks_ms + times.remainder_ms == pytest.approx(times.whole_ms)
    assert 0 <= times.remainder_ms < times.whole_ms
    assert [each.path for each in times.blocks if each.kind == "Fire"] == [
        f"features.{number}" for number in (3, 4, 6, 7, 9, 10, 11, 12)
    ]
    assert sum(each.params for each in times.blocks) == found.params


def test_passes_that_disagree_raise_a_doubt() -> None:
    """Quartiles 50 % of the median apart are said; 10 % are not worth a word."""
    assert "50 % of the median" in measuring._doubts(9.0, 10.0, 14.0)[0]
    assert measuring._doubts(9.5, 10.0, 10.5) == ()


class Napping(nn.Module):
    """A module that takes a known time."""

    def __init__(self, seconds: float) -> None:
        super().__init__()
        self.seconds = seconds

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Sleep, then give the input back."""
        time.sleep(self.seconds)
        return x


class TwiceThenMore(nn.Module):
    """Calls one block twice, another once, and naps 30 ms outside of them."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.second, self.unused = Napping(0.02), Napping(0.05), Napping(9.0)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Nap here, twice in the first block and once in the second."""
        time.sleep(0.03)
        return self.second(self.first(self.first(x)))


def test_the_stopwatch_finds_known_times_and_leaves_no_hooks() -> None:
    """Two naps of 20 ms in one block, one of 50 in another, 30 outside."""
    network = TwiceThenMore()
    with stopwatch.Stopwatch(network, CPU) as watch:
        for _ in range(3):
            watch.time(lambda: network(torch.zeros(1)))
    times = watch.read()
    assert [(each.path, each.calls) for each in times.blocks] == [("first", 2), ("second", 1)]
    assert times.passes == 3
    # Sleeping takes at least as long as asked; a busy machine adds some.
    assert times.blocks[0].milliseconds >= 40
    assert times.blocks[1].milliseconds >= 50
    assert times.remainder_ms >= 30
    assert not any(each._forward_hooks or each._forward_pre_hooks for each in network.modules())


def test_hooks_are_gone_after_an_exception() -> None:
    """A forward that raises leaves the network as it was."""
    network = nn.Sequential(nn.Linear(3, 3))
    with pytest.raises(RuntimeError), stopwatch.Stopwatch(network, CPU) as watch:
        watch.time(lambda: network(torch.zeros(1, 4)))
    assert not network[0]._forward_hooks
    assert not network[0]._forward_pre_hooks


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("resnet50", ["conv1", "bn1", "relu", "maxpool",
                      *(f"layer{s}.{b}" for s, n in enumerate((3, 4, 6, 3), 1) for b in range(n)),
                      "avgpool", "fc"]),
        ("vit_b_16", ["conv_proj", "encoder.dropout",
                      *(f"encoder.layers.encoder_layer_{n}" for n in range(12)),
                      "encoder.ln", "heads.head"]),
    ],
)  # fmt: skip
def test_blocks_are_those_a_paper_draws(name: str, expected: list[str]) -> None:
    """Stages are opened to residual blocks, the encoder to its layers, no further."""
    assert list(stopwatch.blocks(build.network(name))) == expected


def test_a_stable_network_needs_few_passes() -> None:
    """Passes end when the median is known to 1 %, or after their number or time is up."""
    job = passes.Job(nn.Identity(), (torch.zeros(1),), CPU, lambda *_: None)
    found, stopped = passes.latencies(job, None)
    assert passes.FEWEST <= len(found) <= passes.MOST
    assert stopped
    assert statistics.median(found) > 0


def test_a_slow_network_is_bounded_in_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Once the seconds are up no pass begins, but three are the least."""
    monkeypatch.setattr(passes, "SECONDS", 0.05)
    job = passes.Job(Napping(0.04), (torch.zeros(1),), CPU, lambda *_: None)
    found, stopped = passes.latencies(job, 500)
    assert len(found) == 3
    assert "had passed" in stopped


def test_peak_memory_sees_what_is_allocated() -> None:
    """200 MB that come and go are in the peak, and not in the next one."""
    meter = peak_memory.meter(CPU)
    block = torch.ones(50_000_000)
    del block
    gc.collect()
    peak = meter.read()
    meter.restart()
    after = meter.read()
    meter.stop()
    assert 195_000_000 < peak < 260_000_000
    assert after < 50_000_000


def test_sampling_stands_in_where_the_kernel_keeps_no_peak() -> None:
    """A level that rises for 60 ms is seen."""
    process = psutil.Process()
    meter = peak_memory.SampledMeter(lambda: int(process.memory_info().rss), "resident memory")
    block = torch.ones(50_000_000)
    time.sleep(0.06)
    del block
    peak = meter.read()
    meter.stop()
    assert 150_000_000 < peak < 260_000_000
    assert "every 5 ms" in meter.convention


def test_the_weights_are_in_the_peak() -> None:
    """AlexNet's 244 MB of parameters are resident while it runs, and hardly more than twice."""
    found = measure("alexnet", size=64, device="cpu", runs=1)
    assert 244_000_000 < found.peak_bytes < 2.5 * 244_000_000


def test_cancelling_inside_a_pass_frees_the_network(monkeypatch: pytest.MonkeyPatch) -> None:
    """`Cancelled` comes through from between two modules, and nothing of the network stays."""
    built: list[weakref.ref[nn.Module]] = []
    make = build.real_network

    def watched(name: str, place: torch.device) -> nn.Module:
        network = make(name, place)
        built.append(weakref.ref(network))
        return network

    monkeypatch.setattr(build, "real_network", watched)
    monkeypatch.setattr(passes, "_SLOW", 0.0)  # ask between all modules

    def stop(fraction: float, sentence: str) -> None:
        if sentence == "Running a pass":
            raise Cancelled("Stopped.")

    with pytest.raises(Cancelled) as caught:
        measure("squeezenet1_1", size=64, device="cpu", progress=stop)
    assert len(built) == 1
    assert built[0]() is None, "freed while the error is still at hand"
    assert str(caught.value) == "Stopped."


def test_too_much_is_refused_beforehand(monkeypatch: pytest.MonkeyPatch) -> None:
    """When weights and activations exceed what is free, nothing is built."""
    monkeypatch.setattr(devices, "free_bytes", lambda place: 10_000_000)
    monkeypatch.setattr(build, "real_network", lambda *_: pytest.fail("it was built"))
    with pytest.raises(OutOfMemory, match=r"needs about .* 10\.0 MB are free; choose a smaller"):
        measure("resnet18", device="cpu")


def raise_like_cuda(*_: object) -> nn.Module:
    """What torch raises on a full GPU."""
    raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")


def allocate_too_much(*_: object) -> nn.Module:
    """Ask the CPU allocator for 2^60 bytes, which it refuses in its own words."""
    return nn.Linear(2**29, 2**29)


@pytest.mark.parametrize("build_network", [raise_like_cuda, allocate_too_much])
def test_running_out_of_memory_is_one_sentence(
    monkeypatch: pytest.MonkeyPatch, build_network: object
) -> None:
    """What the allocators of GPU and CPU raise becomes `OutOfMemory`."""
    monkeypatch.setattr(build, "real_network", build_network)
    with pytest.raises(OutOfMemory, match=r"ran out while ResNet-18 .* batch of 1; choose"):
        measure("resnet18", device="cpu")


def test_other_errors_are_not_taken_for_memory() -> None:
    """Only an allocator's words are translated."""
    anatomy = dissect("squeezenet1_1", size=64)
    with pytest.raises(RuntimeError, match="shape"), measuring.exhaustion(anatomy.title, 1, CPU):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")


def test_an_input_the_network_cannot_take_is_said_before_the_build() -> None:
    """AlexNet's maps vanish at 16 pixels."""
    with pytest.raises(BadRequest, match=r"AlexNet.* cannot run on this input"):
        measure("alexnet", size=16, device="cpu")


def test_nonsense_is_refused() -> None:
    """Unknown names, sizes, numbers of passes and devices raise."""
    with pytest.raises(UnknownModel):
        measure("resnet51x")
    for arguments in ({"size": -1}, {"runs": 0}, {"runs": 10**6}, {"device": "abacus"}):
        with pytest.raises(BadRequest):
            measure("resnet18", **arguments)


@pytest.mark.parametrize(
    ("name", "size"),
    [
        ("ssdlite320_mobilenet_v3_large", 128),
        ("lraspp_mobilenet_v3_large", 64),
        ("mc3_18", 32),
        ("raft_small", 128),
        ("quantized_resnet18", 64),
        ("lenet5", None),
    ],
)
def test_every_task_can_be_measured(name: str, size: int | None) -> None:
    """Detectors' lists, segmentation, video clips, pairs of frames, int8, and our own classics."""
    found = measure(name, size=size, device="cpu", runs=1)
    assert found.median_ms > 0
    assert found.times.blocks
    assert found.samples_per_second == pytest.approx(1000 / found.median_ms)


def test_a_quantised_model_runs_in_int8_on_the_cpu() -> None:
    """Whatever the device asked for; its weights have left the parameters."""
    network = measuring._built(build.card("quantized_resnet18"), CPU)
    assert list(network.parameters()) == []
    kinds = {type(each).__module__ for each in network.modules()}
    assert any("quantized" in kind for kind in kinds)
    assert any("int8" in note for note in measure("quantized_resnet18", size=64, runs=1).notes)


def test_random_numbers_of_the_caller_are_left_alone() -> None:
    """Building draws weights; the caller's generator does not notice."""
    torch.manual_seed(7)
    expected = torch.rand(3)
    torch.manual_seed(7)
    measure("lenet5", device="cpu", runs=1)
    assert torch.equal(torch.rand(3), expected)


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")
def test_on_a_gpu_memory_is_what_torch_allocated() -> None:
    """The peak holds the weights, and the blocks are timed by events."""
    found = measure("resnet50", device="cuda", batch=8)
    assert "max_memory_allocated" in found.memory_convention
    assert found.peak_bytes >= 102_000_000
    assert replace(found.device, free_bytes=0).kind == "cuda"
    assert found.times.blocks_ms <= found.times.whole_ms

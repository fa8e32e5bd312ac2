"""How much CPU time and memory a network opened on a picture takes, beside bare torch and captum.

    python -m benchmarks.vision [prediction] [maps] [attribution] [--model NAME]

All ratios are of CPU times of one process in one run, of a network with random weights at its own
size (resnet50 at 224 unless told otherwise), the best of a few repetitions. The yardstick is one
bare forward and backward pass to the input, the weights without gradients. Peaks of memory are
what a fresh process adds.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import time
import warnings
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from captum.attr import IntegratedGradients, NoiseTunnel, Occlusion, Saliency
from torch import Tensor, nn

from explorer.pictures.intake import accept
from explorer.vision import activations, montage, perturbations
from explorer.vision.attribution import attribute_loaded
from explorer.vision.loading import load
from explorer.vision.predict import predict
from explorer.vision.preprocess import input_tensor
from explorer.vision.stamp import png

if TYPE_CHECKING:
    from explorer.pictures.records import Picture
    from explorer.vision.activation_records import Activations
    from explorer.vision.loaded import LoadedModel

CHUNKS = (1, 2, 4, 5, 8, 10, 16)
"""What captum may choose its best chunk from."""
STEPS, SAMPLES = 50, 16
WINDOW, STRIDE = 14, 14
"""Of the patch that hides the picture, in per cent of a side."""
ROW = "{:<44}{:>10}{:>12}"


def cpu_seconds(work: Callable[[], object], times: int = 1) -> float:
    """CPU time of a piece of work, all threads together; the best of so many repetitions."""
    best = float("inf")
    for _ in range(times):
        start = time.process_time()
        work()
        best = min(best, time.process_time() - start)
    return best


def picture() -> Picture:
    """A photograph's size and as many colours."""
    pixels = np.random.default_rng(0).integers(0, 256, (240, 320, 3), dtype=np.uint8)
    return accept(png(pixels), "noise.png")


def attribution(name: str) -> None:
    """Gradient methods beside a bare pass, slow ones beside captum."""
    loaded, shown = load(name, "random"), picture()
    x = input_tensor(shown, loaded.preprocessing)
    loaded.taps  # noqa: B018 - found once for each network, and not part of a map
    with loaded.borrowed() as net:
        bare = min(cpu_seconds(lambda: _bare(net, x)) for _ in range(5))
    print(ROW.format(f"{name}, CPU", "seconds", "ratio"))
    _print("one forward and backward", bare, bare)
    for method in ("gradient", "gradcam"):
        took = cpu_seconds(lambda: attribute_loaded(loaded, shown, method), 5)  # noqa: B023
        _print(f"{method}: ours / bare", took, bare)
    _integrated(loaded, shown, x)
    _smoothgrad(loaded, shown, x)
    _occlusion(loaded, shown, x)
    for way in ("ours", "captum"):
        _memory(name, way)


def _bare(net: nn.Module, x: Tensor) -> None:
    x = x.clone().requires_grad_()
    scores = net(x)
    torch.autograd.grad(scores[0, scores.argmax()], x)


def _integrated(loaded: LoadedModel, shown: Picture, x: Tensor) -> None:
    ours = cpu_seconds(lambda: ours_integrated(loaded, shown))
    with loaded.borrowed() as net:
        default = cpu_seconds(lambda: captums_integrated(net, x))
    _print(f"integrated gradients, {STEPS} steps: captum's defaults", default, default)
    _print("  captum's defaults / ours", ours, default, inverse=True)


def ours_integrated(loaded: LoadedModel, shown: Picture) -> None:
    """As a user of this project gets it."""
    attribute_loaded(loaded, shown, "integrated_gradients", target=0, knobs=[("steps", STEPS)])


def captums_integrated(net: nn.Module, x: Tensor) -> None:
    """All steps at once, as captum does it when not told otherwise."""
    IntegratedGradients(net).attribute(x, target=0, n_steps=STEPS)


def _smoothgrad(loaded: LoadedModel, shown: Picture, x: Tensor) -> None:
    def captums(net: nn.Module, chunk: int) -> None:
        NoiseTunnel(Saliency(net)).attribute(
            x, nt_samples=SAMPLES, nt_samples_batch_size=chunk, stdevs=0.5, target=0, abs=False
        )

    knobs = [("samples", SAMPLES)]
    ours = cpu_seconds(lambda: attribute_loaded(loaded, shown, "smoothgrad", target=0, knobs=knobs))
    _beside_the_best(f"SmoothGrad, {SAMPLES} samples", loaded, ours, captums)


def _occlusion(loaded: LoadedModel, shown: Picture, x: Tensor) -> None:
    size, steps = perturbations.sides(x, WINDOW, STRIDE)
    places = perturbations.positions(x, WINDOW, STRIDE)

    def captums(net: nn.Module, chunk: int) -> None:
        with torch.no_grad():
            Occlusion(net).attribute(
                x, (3, *size), (3, *steps), target=0, perturbations_per_eval=chunk
            )

    knobs = [("window", WINDOW), ("stride", STRIDE)]
    ours = cpu_seconds(lambda: attribute_loaded(loaded, shown, "occlusion", target=0, knobs=knobs))
    _beside_the_best(f"occlusion, {places} places", loaded, ours, captums)


def _beside_the_best(
    label: str, loaded: LoadedModel, ours: float, captums: Callable[[nn.Module, int], None]
) -> None:
    with loaded.borrowed() as net:
        times = {chunk: cpu_seconds(lambda: captums(net, chunk)) for chunk in CHUNKS}  # noqa: B023
    chunk = min(times, key=times.__getitem__)
    _print(f"{label}: captum at its best chunk, {chunk}", times[chunk], times[chunk])
    _print("  ours / captum", ours, times[chunk])


def _memory(name: str, way: str) -> None:
    command = [sys.executable, "-m", "benchmarks.vision", "--peak", way, "--model", name]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    print(ROW.format(f"integrated gradients, peak of memory, {way}", done.stdout.strip(), ""))


def peak(name: str, way: str) -> None:
    """Print what integrated gradients add to the memory of this process."""
    loaded, shown = load(name, "random"), picture()
    x = input_tensor(shown, loaded.preprocessing)
    loaded.taps  # noqa: B018
    before = _most_memory()
    with loaded.borrowed() as net:
        if way == "ours":
            ours_integrated(loaded, shown)
        else:
            captums_integrated(net, x)
    print(f"{(_most_memory() - before) / 1024:.0f} MiB")


def _most_memory() -> int:
    """The most memory this process ever had, in KiB.

    Linux's own record of the process: what `getrusage` says begins with the parent's.
    """
    status = Path("/proc/self/status").read_text("ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM"))


def _print(label: str, seconds: float, beside: float, *, inverse: bool = False) -> None:
    ratio = beside / seconds if inverse else seconds / beside
    print(ROW.format(label, f"{seconds:.2f}", f"{ratio:.2f}"), flush=True)


def prediction(name: str) -> None:
    """A whole prediction, the picture's preparation included, beside a bare forward pass."""
    loaded, shown = load(name, "random"), picture()
    x = input_tensor(shown, loaded.preprocessing)

    def bare() -> None:
        with loaded.borrowed() as net, torch.inference_mode():
            net(x)

    predict(name, [shown], weights="random")
    forward = cpu_seconds(bare, 7)
    print(ROW.format(f"{name}, CPU", "seconds", "ratio"))
    _print("one forward", forward, forward)
    ours = cpu_seconds(lambda: predict(name, [shown], weights="random"), 7)
    _print("prediction: ours / bare", ours, forward)


def maps(name: str) -> None:
    """All channels of a layer as one sheet: from numbers to PNG, and from a layer's name."""
    shown = picture()
    rows = [row.layer for row in activations.rows(name, weights="random").rows]
    print(ROW.format(f"{name}, a sheet of maps", "ms", "maps"))
    for channels in (64, 256):
        found = _with_maps(name, shown, rows, channels)
        if found is not None:
            took = min(_wall(lambda: montage.sheet(found)) for _ in range(5))  # noqa: B023
            print(ROW.format(f"  {found.layer}, {found.output[2:]}", f"{1e3 * took:.0f}", channels))
    first, *others = rows
    activations.sheet(name, shown, first, weights="random")
    times = sorted(
        _wall(lambda: activations.sheet(name, shown, each, weights="random"))  # noqa: B023
        for each in others[:20]
    )
    print(ROW.format("  another layer, its pass included: median", f"{1e3 * times[10]:.0f}", ""))


def _with_maps(name: str, shown: Picture, rows: list[str], channels: int) -> Activations | None:
    """The largest maps of a layer with so many channels."""
    for row in rows:
        found = activations.activations(name, shown, row, weights="random")
        if len(found.values) == channels and found.values[0].size > 1:
            return found
    return None


def _wall(work: Callable[[], object]) -> float:
    start = time.perf_counter()
    work()
    return time.perf_counter() - start


PARTS: dict[str, Callable[[str], None]] = {
    "prediction": prediction,
    "maps": maps,
    "attribution": attribution,
}
"""What can be measured, by name."""


def main() -> None:
    """Measure the parts asked for, all of them without."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("parts", nargs="*", choices=[*PARTS, []], help="default: all")
    parser.add_argument("--model", default="resnet50")
    parser.add_argument("--peak", choices=("ours", "captum"), help=argparse.SUPPRESS)
    chosen = parser.parse_args()
    warnings.simplefilter("ignore")
    if chosen.peak:
        peak(chosen.model, chosen.peak)
        return
    for part in chosen.parts or PARTS:
        PARTS[part](chosen.model)


if __name__ == "__main__":
    main()

"""How long a fine-tuning takes, against a pass over the pictures and against loops by hand.

    python -m benchmarks.finetune [head] [all] [gpu] [--network squeezenet1_0] [--rounds 3]

`head`: 120 pictures at 224, a new head for 10 epochs. "one pass" runs the network once over the
same pictures, as tensors that are ready; the target is 1.3 times that and 2 s. "frozen loop" is the
usual one, which sends every batch through the frozen network in every epoch; the target is a fifth
of it. `all`: pictures per second of a full fine-tuning against a bare loop with the same network,
batches and optimiser, taking turns step by step; the target is 0.95, of CPU time, the median of all
steps. `head` is timed on the wall, the shortest of its rounds; everything runs on one thread.
Without weights on disk they are random: the time is the same.
`gpu`, where there is one: 1,000 pictures, ResNet-50, 5 epochs of each regime, seconds of each.
"""

from __future__ import annotations

import argparse
import dataclasses
import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from PIL import Image
from torch import nn
from torch.nn import functional as F
from torchvision import models

from explorer import device as devices
from explorer.collections import intake
from explorer.finetune import starting
from explorer.finetune.tuning import Tuning
from explorer.training.recipe import Recipe, checked
from explorer.training.records import Began
from explorer.zoo import build, weights

if TYPE_CHECKING:
    from torch import Tensor

    from explorer.finetune.starting import Start

ROW = "{:<52}{:>12}{:>10}"
PICTURES, EPOCHS, BATCH = 120, 10, 24
CLASSES = 2


def collection(pictures: int, side: int = 256) -> str:
    """The key of so many pictures of smooth colours in two classes."""
    dice = np.random.default_rng(0)
    files = []
    for number in range(pictures):
        spots = Image.fromarray(dice.integers(0, 256, (16, 16, 3), np.uint8))
        path = Path(os.environ["CONVZOO_DATA"]) / "one.png"
        spots.resize((side, side), Image.Resampling.BICUBIC).save(path)
        files.append((f"class {number % CLASSES}", f"{number}.png", path.read_bytes()))
    return intake.accept_files(files, "benchmark").key


def weights_of(network: str) -> None:
    """See to it that the network has a file of weights, random ones where none was downloaded."""
    card = build.card(network)
    choice = weights.find(card, "IMAGENET1K_V1")
    if choice.on_disk:
        return
    folder = Path(os.environ["CONVZOO_DATA"]) / "torch"
    os.environ["TORCH_HOME"] = str(folder)
    place = Path(weights.find(card, "IMAGENET1K_V1").folder)
    place.mkdir(parents=True, exist_ok=True)
    torch.save(models.get_model(network, weights=None).state_dict(), place / choice.file)


def recipe(network: str, data: str, **given: object) -> Recipe:
    """A fine-tuning without anything that loops by hand leave out."""
    usual = {"optimiser": "adamw", "learning_rate": 1e-3, "batch_size": BATCH, "length": EPOCHS}
    return checked(network=network, data=data, weights="IMAGENET1K_V1", **{**usual, **given})


def timed(work: Callable[[], object], device: torch.device) -> float:
    """Seconds on the wall."""
    devices.synchronise(device)
    started = time.perf_counter()
    work()
    devices.synchronise(device)
    return time.perf_counter() - started


def inputs(start: Start, tuning: Tuning) -> tuple[Tensor, Tensor]:
    """All pictures of a tuning that has run, normalised, with labels."""
    assert tuning._sets is not None
    sets = tuning._sets
    held = sets.validation
    assert held is not None
    values = torch.cat([sets.train.values, held.values])
    mean, std = (
        torch.tensor(each).view(-1, 1, 1)
        for each in (start.preprocessing.mean, start.preprocessing.std)
    )
    return (values / 255 - mean) / std, torch.cat([sets.train.labels, held.labels])


def one_pass(network: nn.Module, pictures: Tensor) -> None:
    """Scores of all pictures, in batches of 60."""
    network.eval()
    with torch.inference_mode():
        for some in pictures.split(60):
            network(some)


def frozen_loop(start: Start, pictures: Tensor, labels: Tensor, train: int) -> None:
    """Ten epochs as they are usually written: no gradients below, but every picture every time."""
    network = start.network.eval()
    network.requires_grad_(False)
    head = network.get_submodule(start.head).requires_grad_(True)
    moves = torch.optim.AdamW(head.parameters(), 1e-3)
    for _ in range(EPOCHS):
        for numbers in torch.randperm(train).split(BATCH):
            loss = F.cross_entropy(network(pictures[numbers]), labels[numbers])
            moves.zero_grad()
            loss.backward()
            moves.step()
        with torch.no_grad():
            network(pictures[train:])


def head(network: str, rounds: int) -> None:
    """A new head on features against one pass and against the usual loop."""
    data = collection(PICTURES)
    asked = recipe(network, data, regime="head")
    device = torch.device("cpu")
    ours, passes, loops = [], [], []
    for number in range(rounds):
        started = time.perf_counter()
        tuning = Tuning(asked, device="cpu")
        list(tuning.records())
        ours.append(time.perf_counter() - started)
        start = starting.start(asked, CLASSES)
        pictures, labels = inputs(start, tuning)
        passes.append(timed(partial(one_pass, start.network, pictures), device))
        if number == 0:  # minutes
            train = len(tuning._sets.train)  # type: ignore[union-attr]
            loops.append(timed(partial(frozen_loop, start, pictures, labels, train), device))
    best, once, loop = min(ours), min(passes), min(loops)
    print(ROW.format(f"{network}, head, {PICTURES} pictures, {EPOCHS} epochs", f"{best:.2f} s", ""))
    print(ROW.format("  one pass over the pictures", f"{once:.2f} s", ""))
    most = 1.3 * once + 2
    print(ROW.format("  share of 1.3 passes and 2 s (target: 1 or less)", "", f"{best / most:.2f}"))
    print(ROW.format("  frozen loop", f"{loop:.2f} s", f"{loop / best:.1f} x"))


def by_hand(start: Start, pictures: Tensor, labels: Tensor) -> Iterator[None]:
    """A bare loop of full fine-tuning; stops after every step."""
    network = start.network.train()
    below = [p for n, p in network.named_parameters() if not n.startswith(start.head)]
    groups = [
        {"params": below, "lr": 1e-4},
        {"params": list(network.get_submodule(start.head).parameters())},
    ]
    moves = torch.optim.AdamW(groups, 1e-3, fused=True)
    total = 0.0
    while True:
        for numbers in torch.randperm(len(labels)).split(BATCH):
            if len(numbers) < BATCH:
                continue
            scores = network(pictures[numbers])
            loss = F.cross_entropy(scores, labels[numbers])
            moves.zero_grad()
            loss.backward()
            moves.step()
            total += loss.item()
            yield


def everything(network: str, rounds: int) -> None:
    """Steps of a full fine-tuning and of a bare loop, in turns."""
    asked = recipe(
        network, collection(2 * BATCH * 5 // 4), backbone_rate=0.1, unit="steps", length=200
    )
    tuning = Tuning(asked, device="cpu")
    next(each for each in tuning.records() if isinstance(each, Began))
    start = starting.start(asked, CLASSES)
    pictures, labels = inputs(start, tuning)
    count = len(tuning._sets.train)  # type: ignore[union-attr]
    bare = by_hand(start, pictures[:count], labels[:count])
    tuning.learn(1e-3)
    next(bare)
    pairs = []
    for _ in range(3 * rounds):
        began = time.process_time()
        tuning.learn(1e-3)
        between = time.process_time()
        next(bare)
        pairs.append((between - began, time.process_time() - between))
    ours, hand = (statistics.median(each) for each in zip(*pairs, strict=True))
    print(ROW.format(f"{network}, everything, pictures per CPU s", f"{BATCH / ours:.1f} /s", ""))
    ratio = statistics.median(bare_one / our_one for our_one, bare_one in pairs)
    print(
        ROW.format(
            "  share of a bare loop's (target: 0.95)", f"{BATCH / hand:.1f} /s", f"{ratio:.2f}"
        )
    )


def whole(asked: Recipe) -> None:
    """All of a fine-tuning on a GPU, from reading its weights on."""
    for _ in Tuning(asked, device="cuda").records():
        pass


def on_gpu() -> None:
    """Seconds of five epochs of a thousand pictures, in each regime."""
    if not torch.cuda.is_available():
        print(ROW.format("resnet50 on a GPU", "no GPU", ""))
        return
    weights_of("resnet50")
    data = collection(1000)
    for regime in ("head", "last", "all"):
        asked = recipe("resnet50", data, regime=regime, length=5, batch_size=32)
        faster = dataclasses.replace(asked, precision="bf16")
        for each in (asked, faster):
            seconds = timed(partial(whole, each), torch.device("cuda"))
            name = f"resnet50, {regime}, 1,000 pictures, 5 epochs, {each.precision}"
            print(ROW.format(name, f"{seconds:.1f} s", ""))


def main() -> None:
    """Print what was asked for."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("what", nargs="*", choices=["head", "all", "gpu", []], default=[])
    parser.add_argument("--network", default="squeezenet1_0")
    parser.add_argument("--rounds", type=int, default=3)
    chosen = parser.parse_args()
    what = chosen.what or ["head", "all", "gpu"]
    with tempfile.TemporaryDirectory() as folder:
        os.environ["CONVZOO_DATA"] = folder
        weights_of(chosen.network)
        torch.set_num_threads(1)
        if "head" in what:
            head(chosen.network, chosen.rounds)
        if "all" in what:
            everything(chosen.network, chosen.rounds)
        if "gpu" in what:
            on_gpu()


if __name__ == "__main__":
    main()

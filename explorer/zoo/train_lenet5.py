"""Train the zoo's LeNet-5 on MNIST and write the weights the project ships. Loads torch.

Run as `python -m explorer.zoo.train_lenet5 --root FOLDER`, where FOLDER is one that
`torchvision.datasets.MNIST` looks in; without it the digits are downloaded into the data folder.
The same seed on the same machine gives the same numbers.

Digits are padded from 28 to 32 pixels as in LeCun, Bottou, Bengio, Haffner, "Gradient-Based
Learning Applied to Document Recognition", Proc. IEEE 1998, section II-B, and distorted a little
(section III-D) so that the network reads more hands than those of MNIST.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F
from torchvision.datasets import MNIST

from explorer import config
from explorer.training.data.torchvision_sets import unpacked
from explorer.zoo.classics.lenet import LeNet5

if TYPE_CHECKING:
    from torch import Tensor

SEED = 1998
EPOCHS = 20
BATCH = 128
LEARNING_RATE = 4e-3

PADDING = 2
MEAN, STD = 0.1000, 0.2752
"""Of the padded training pictures, in [0, 1]: the background becomes -0.36, ink up to 3.27."""

TURN = math.radians(15)
SHEAR = 0.15
SCALES = (0.75, 1.25)
SHIFT = 3 / 16
"""Up to three of 32 pixels to each side; `affine_grid` counts from -1 to 1."""

PENS = 0.15
"""Which share of the pictures is drawn with a thicker, and which with a thinner pen."""


def digits(root: Path, *, train: bool) -> tuple[Tensor, Tensor]:
    """Return pictures (N, 1, 32, 32), normalised, and the digits (N,) they show.

    `root` is the folder torchvision's MNIST looks in; gzipped files are unpacked elsewhere for
    as long as it takes, and missing ones are downloaded.
    """
    with unpacked(root, "MNIST") as folder:
        data = MNIST(folder, train=train, download=True)
    padded = F.pad(data.data.unsqueeze(1).float() / 255, (PADDING,) * 4)
    return (padded - MEAN) / STD, data.targets


def distorted(pictures: Tensor) -> Tensor:
    """Turn, slant, scale, shift and redraw each picture (N, 1, H, W) a little, at random."""
    count = len(pictures)

    def between(low: float, high: float) -> Tensor:
        return low + (high - low) * torch.rand(count)

    turn, slant = between(-TURN, TURN), between(-SHEAR, SHEAR)
    wide, high = 1 / between(*SCALES), 1 / between(*SCALES)
    across = torch.stack([turn.cos() * wide, slant - turn.sin(), between(-SHIFT, SHIFT)], dim=1)
    down = torch.stack([turn.sin(), turn.cos() * high, between(-SHIFT, SHIFT)], dim=1)
    grid = F.affine_grid(
        torch.stack([across, down], dim=1), list(pictures.shape), align_corners=False
    )
    background = -MEAN / STD
    # Zeros come in from outside: the background is black, not the mean's grey.
    ink = _redrawn(pictures - background)
    return F.grid_sample(ink, grid, align_corners=False) + background


def _redrawn(ink: Tensor) -> Tensor:
    """Some of the pictures (N, 1, H, W), black being zero, with another pen: broader or finer."""
    pen = torch.rand(len(ink), 1, 1, 1)
    broader = F.max_pool2d(ink, kernel_size=3, stride=1, padding=1)
    finer = -F.max_pool2d(F.pad(-ink, (1, 0, 1, 0)), kernel_size=2, stride=1)
    return torch.where(pen < PENS, broader, torch.where(pen > 1 - PENS, finer, ink))


def accuracy(network: torch.nn.Module, pictures: Tensor, labels: Tensor) -> float:
    """Percent of the pictures (N, 1, 32, 32) whose digit gets the highest score."""
    with torch.inference_mode():
        found = torch.cat([network(part).argmax(dim=1) for part in pictures.split(1000)])
    return 100 * (found == labels).double().mean().item()


def train(
    pictures: Tensor, labels: Tensor, epochs: int, tell: Callable[[int, float], None]
) -> LeNet5:
    """Train a new network and return it; `tell` hears of each epoch and its mean loss."""
    network = LeNet5()
    steps = epochs * math.ceil(len(pictures) / BATCH)
    optimiser = torch.optim.AdamW(network.parameters(), lr=LEARNING_RATE, weight_decay=1e-2)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, LEARNING_RATE, total_steps=steps)
    for epoch in range(epochs):
        total = 0.0
        for part in torch.randperm(len(pictures)).split(BATCH):
            loss = F.cross_entropy(network(distorted(pictures[part])), labels[part])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item() * len(part)
        tell(epoch + 1, total / len(pictures))
    return network.eval()


def facts(top1: float) -> dict[str, Any]:
    """What one has to know to use the weights, as `explorer.zoo.own_weights` reads it."""
    return {
        "model": "lenet5",
        "classes": [str(digit) for digit in range(10)],
        "mean": [MEAN],
        "std": [STD],
        "grey": True,
        "invert_light": True,
        "top1": round(top1, 2),
        "dataset": "MNIST",
        "licence": "Trained by this project on MNIST (LeCun, Cortes, Burges; CC BY-SA 3.0).",
        "note": "It knows the ten digits and nothing else: light on dark, one to a picture.",
    }


def main() -> None:
    """Train, measure the file that was written, and say how good it is."""
    parser = argparse.ArgumentParser(description="Train the LeNet-5 that ConvZoo ships.")
    parser.add_argument("--root", type=Path, default=config.data_folder())
    parser.add_argument("--output", type=Path, default=config.checkout() / "assets" / "weights")
    parser.add_argument("--epochs", type=int, default=EPOCHS)
    parser.add_argument("--seed", type=int, default=SEED)
    asked = parser.parse_args()
    os.nice(10)
    torch.manual_seed(asked.seed)
    torch.use_deterministic_algorithms(True)
    network = train(
        *digits(asked.root, train=True),
        asked.epochs,
        lambda epoch, loss: print(f"epoch {epoch:2}  loss {loss:.4f}", file=sys.stderr, flush=True),
    )
    path = asked.output / "lenet5_mnist.safetensors"
    save_file(network.state_dict(), path)
    network.load_state_dict(load_file(path))
    top1 = accuracy(network, *digits(asked.root, train=False))
    path.with_suffix(".json").write_text(
        json.dumps(facts(top1), indent=2, ensure_ascii=False) + "\n", "utf-8"
    )
    print(f"{path}: {top1:.2f} % of the test pictures")


if __name__ == "__main__":
    main()

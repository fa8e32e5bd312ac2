"""Recipes that are ready to be started, each with what it is good for. No torch here."""

from __future__ import annotations

from dataclasses import dataclass

from explorer.training.recipe import Recipe, checked


@dataclass(frozen=True, slots=True)
class Ready:
    """A recipe with a title, and a sentence on what to look at while it runs."""

    title: str
    sentence: str
    recipe: Recipe


READY: tuple[Ready, ...] = (
    Ready(
        "LeNet-5 on digits",
        "The classic on 8 × 8 digits: seconds to the end, with all there is to see on the way.",
        checked(network="lenet5", data="digits", length=15),
    ),
    Ready(
        "LeNet-5 on MNIST in 5 epochs",
        "The classic where it was made for: under 1.2 % of the test digits are read wrongly.",
        checked(
            network="lenet5", data="mnist", length=5, learning_rate=0.03, schedule="one-cycle",
            weight_decay=0.0005, validation=2, crop=1,
        ),
    ),
    Ready(
        "A small net on spirals",
        "Points in a plane: two arms that no straight line parts.",
        checked(
            network="mlp", data="spirals", length=100, batch_size=32, optimiser="adam",
            learning_rate=0.01,
        ),
    ),
    Ready(
        "Learning by heart",
        "All labels drawn at random: training accuracy climbs anyway, held-out accuracy cannot.",
        checked(
            network="small_cnn", data="digits", length=60, label_noise=100, samples=400,
            optimiser="adam", learning_rate=0.003, schedule="constant",
        ),
    ),
    Ready(
        "Too large a step",
        "The same LeNet-5 with a learning rate that throws it about: watch loss and gradient norm.",
        checked(network="lenet5", data="digits", length=15, learning_rate=1.0,
                schedule="constant"),
    ),
    Ready(
        "ResNet-20 on CIFAR-10, short",
        "Ten epochs instead of the paper's 164, with its augmentation and a one-cycle schedule.",
        checked(
            network="resnet20", data="cifar10", length=10, batch_size=128, optimiser="nesterov",
            learning_rate=0.2, weight_decay=0.0005, schedule="one-cycle", mirror=0.5, crop=4,
            validation=5,
        ),
    ),
    Ready(
        "ResNet-20 on CIFAR-10, as published",
        "He et al., 2016: 64,000 steps at batch 128, the rate divided by ten twice; for a GPU.",
        checked(
            network="resnet20", data="cifar10", length=64_000, unit="steps", batch_size=128,
            learning_rate=0.1, weight_decay=0.0001, schedule="step", mirror=0.5, crop=4,
            initialisation="he",
        ),
    ),
)  # fmt: skip
FIRST = READY[0]

"""Deeper than plain layers can be: degradation, vanishing gradients, and what mends them."""

from __future__ import annotations

from explorer.training.experiment import Check, Curves, Experiment, Guess, Variant
from explorer.training.judges import against, choices, worst
from explorer.training.quantities import (
    GRADIENT_RATIO,
    SECONDS,
    TEST_ACCURACY,
    TRAIN_ACCURACY,
    TRAIN_ERROR,
    TRAIN_LOSS,
)
from explorer.training.recipe import Recipe, checked


def _plain_or_residual(network: str) -> Recipe:
    return checked(
        network=network, size=8, length=10, batch_size=64, learning_rate=0.1, weight_decay=1e-4
    )


def _chain(network: str, **changed: object) -> Recipe:
    settings = {"depth": 20, "width": 16, "length": 8, "optimiser": "adam"}
    return checked(network=network, **{**settings, "learning_rate": 0.002, **changed})


_DEEPER = (
    Variant("plain20", "Plain-20", _plain_or_residual("plain20")),
    Variant("plain56", "Plain-56", _plain_or_residual("plain56")),
    Variant("resnet56", "ResNet-56", _plain_or_residual("resnet56")),
)
_VANISHING = (
    Variant(
        "sigmoid", "sigmoid",
        _chain("plain_chain", activation="sigmoid", initialisation="glorot"),
    ),
    Variant("relu", "ReLU", _chain("plain_chain", initialisation="he")),
    Variant(
        "batch", "ReLU and batch norm",
        _chain("plain_chain", initialisation="he", normalisation="batch"),
    ),
    Variant(
        "skips", "ReLU and skips",
        _chain("residual_chain"),
    ),
)  # fmt: skip

DEPTH = (
    Experiment(
        key="depth",
        title="Plain and residual nets, deeper and deeper",
        question="Do more layers always fit the training pictures better?",
        setting=(
            "The ResNet paper's nets for small pictures, with 20 and with 56 layers, learn the "
            "digits at 8 × 8 for ten epochs; one of them adds its input back after every two."
        ),
        lesson=(
            "Past some depth a plain net gets worse even on the pictures it learns from, so this "
            "is no overfitting; with shortcuts the same 56 layers learn."
        ),
        caveat=(
            "The paper trains on CIFAR-10 for 64,000 steps, where plain-56 ends a few points "
            "behind plain-20; after ten epochs of digits the gap is wider, for the deep plain net "
            "has barely begun to learn."
        ),
        paper="He, Zhang, Ren, Sun: Deep Residual Learning for Image Recognition (2015)",
        link="https://arxiv.org/abs/1512.03385",
        variants=_DEEPER,
        guess=Guess(
            "Which net makes the most mistakes on the pictures it learns from?",
            choices(_DEEPER),
            "plain56",
            worst(TRAIN_ERROR, 1.0),
        ),
        checks=(
            Check(
                "With shortcuts, 56 layers fit the training pictures better than 56 without.",
                "resnet56",
                against("resnet56", "plain56", TRAIN_ERROR, 1.0),
            ),
        ),
        curves=(Curves("error"),),
        quantities=(TRAIN_ERROR, TRAIN_LOSS, TEST_ACCURACY, SECONDS),
        minutes=0.4,
        study="gradients",
    ),
    Experiment(
        key="vanishing",
        title="The vanishing gradient",
        question="Why could deep networks not be trained for so long?",
        setting="Twenty layers of 3 × 3 with 16 channels, one behind the other, learn the digits.",
        lesson=(
            "Each sigmoid passes on at most a quarter of the gradient that reaches it, so the "
            "first layers of a deep stack hardly move; ReLU, batch norm and skips each carry it "
            "further."
        ),
        caveat=(
            "ReLU carries the gradient only if the weights begin at the right size; the page "
            "Gradient flow turns depth, activation and initialisation by themselves."
        ),
        paper="Glorot and Bengio: Understanding the Difficulty of Training Deep Networks (2010)",
        link="https://proceedings.mlr.press/v9/glorot10a.html",
        variants=_VANISHING,
        guess=Guess(
            "Which of the four will do no better than guessing?",
            choices(_VANISHING, "None, all of them learn"),
            "sigmoid",
            worst(TRAIN_ACCURACY, 5.0),
        ),
        curves=(Curves("accuracy"), Curves("gradient_norm")),
        quantities=(TRAIN_ACCURACY, TEST_ACCURACY, GRADIENT_RATIO, SECONDS),
        minutes=0.3,
        study="gradients",
    ),
)

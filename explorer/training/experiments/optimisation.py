"""Steps downhill: which optimiser, how long a step, how many pictures for one."""

from __future__ import annotations

from explorer.training.experiment import Check, Curves, Experiment, Guess, Variant
from explorer.training.judges import best, choices, worst
from explorer.training.quantities import (
    SECONDS,
    SHARPNESS,
    TEST_ACCURACY,
    TEST_LOSS,
    TRAIN_ACCURACY,
    TRAIN_LOSS,
)
from explorer.training.recipe import Recipe, checked

_USUAL = (
    ("sgd", "SGD", 0.01),
    ("momentum", "Momentum", 0.01),
    ("nesterov", "Nesterov", 0.01),
    ("adagrad", "Adagrad", 0.01),
    ("adadelta", "Adadelta", 1.0),
    ("rmsprop", "RMSprop", 0.001),
    ("adam", "Adam", 0.001),
    ("adamw", "AdamW", 0.001),
    ("radam", "RAdam", 0.001),
    ("adamp", "AdamP", 0.001),
)
"""Each at the learning rate that is usual for it: torch's default, 0.01 for the first three."""


def _raced(optimiser: str, rate: float) -> Recipe:
    # The decay of squared gradients is called rho or alpha there, and is not Adam's 0.999.
    second = {"adadelta": 0.9, "rmsprop": 0.99}.get(optimiser, 0.999)
    return checked(
        network="lenet5", length=8, batch_size=64, optimiser=optimiser, learning_rate=rate,
        second_moment=second, schedule="constant",
    )  # fmt: skip


def _stepped(rate: float) -> Recipe:
    return checked(network="lenet5", length=6, learning_rate=rate, schedule="constant")


def _batched(size: int) -> Recipe:
    return checked(
        network="mlp", depth=3, width=128, samples=300, length=800, unit="steps",
        batch_size=size, learning_rate=0.02,
    )  # fmt: skip


_RACE = tuple(Variant(key, title, _raced(key, rate)) for key, title, rate in _USUAL)
_RATES = (
    Variant("high", "2", _stepped(2.0)),
    Variant("right", "0.02", _stepped(0.02)),
    Variant("low", "0.00002", _stepped(0.00002)),
)
_BATCHES = (
    Variant("eight", "8 pictures", _batched(8)),
    Variant("many", "128 pictures", _batched(128)),
    Variant("full", "all 300", _batched(0)),
)

OPTIMISATION = (
    Experiment(
        key="optimisers",
        title="Optimisers race",
        question="Which optimiser gets down the fastest?",
        setting=(
            "LeNet-5 learns the digits for eight epochs from the same first weights and in the "
            "same order, with each optimiser at its usual learning rate, kept constant."
        ),
        lesson=(
            "Momentum and the steps that Adam and its like scale for each weight leave plain "
            "gradient descent far behind in the first epochs."
        ),
        caveat=(
            "A race at usual learning rates says little about tuned ones: plain SGD with a rate "
            "ten times as large is a different runner, and on the test set the order may turn."
        ),
        paper="Kingma and Ba: Adam (2015)",
        link="https://arxiv.org/abs/1412.6980",
        variants=_RACE,
        guess=Guess(
            "Which one is furthest behind, by its training loss?",
            choices(_RACE),
            "sgd",
            worst(TRAIN_LOSS, 0.05),
        ),
        curves=(Curves("loss"), Curves("accuracy")),
        quantities=(TRAIN_LOSS, TRAIN_ACCURACY, TEST_ACCURACY, SECONDS),
        minutes=0.4,
    ),
    Experiment(
        key="rates",
        title="The learning rate",
        question="How long should a step be?",
        setting="LeNet-5 learns the digits by momentum, three times the same but for the rate.",
        lesson=(
            "Too long a step jumps over the valley and further up on the other side; too short "
            "a one goes the right way and hardly moves; the useful range lies in between."
        ),
        caveat=(
            "Where that range lies depends on network, batch size, optimiser and normalisation; "
            "the learning-rate finder of the Training lab looks for it."
        ),
        paper="Smith: Cyclical Learning Rates for Training Neural Networks (2017)",
        link="https://arxiv.org/abs/1506.01186",
        variants=_RATES,
        guess=Guess(
            "Which rate ends with the best training accuracy?",
            choices(_RATES),
            "right",
            best(TRAIN_ACCURACY, 5.0),
        ),
        curves=(Curves("loss"), Curves("accuracy")),
        quantities=(TRAIN_LOSS, TRAIN_ACCURACY, TEST_ACCURACY, SECONDS),
        minutes=0.1,
    ),
    Experiment(
        key="batches",
        title="Small and large batches",
        question="Does a better gradient make a better network?",
        setting=(
            "A small net of three layers learns 300 digits in 800 steps of the same length, each "
            "from the gradient of 8 pictures, of 128, or of all."
        ),
        lesson=(
            "All three fit the training pictures, but the noisy steps of small batches end where "
            "the loss is flatter, and the flat minimum makes fewer mistakes on new pictures."
        ),
        caveat=(
            "With as many steps the large batches have seen far more pictures. Flatness depends on "
            "how it is measured (Dinh et al. 2017 rescale a net to any sharpness); scaling "
            "directions by filter norms is the answer to that of Li et al."
        ),
        paper="Keskar et al.: On Large-Batch Training for Deep Learning (2017)",
        link="https://arxiv.org/abs/1609.04836",
        variants=_BATCHES,
        guess=Guess(
            "Which one ends where the loss is flattest, so that moving the weights harms least?",
            choices(_BATCHES),
            "eight",
            best(SHARPNESS, 0.005),
        ),
        checks=(
            Check(
                "The flattest one also has the lowest loss on the test pictures.",
                "eight",
                best(TEST_LOSS, 0.005),
            ),
        ),
        curves=(Curves("loss", "step"), Curves("accuracy", "step")),
        quantities=(SHARPNESS, TRAIN_ACCURACY, TRAIN_LOSS, TEST_ACCURACY, TEST_LOSS),
        minutes=0.1,
        study="flatness",
    ),
)

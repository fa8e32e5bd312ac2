"""Before and between the layers: what weights begin as, and what normalises their outputs."""

from __future__ import annotations

from explorer.training.experiment import Curves, Experiment, Guess, Variant
from explorer.training.judges import best, choices
from explorer.training.quantities import (
    GRADIENT_RATIO,
    SECONDS,
    TEST_ACCURACY,
    TRAIN_ACCURACY,
    TRAIN_LOSS,
)
from explorer.training.recipe import Recipe, checked


def _begun(initialisation: str) -> Recipe:
    return checked(
        network="mlp", depth=8, width=64, length=10, initialisation=initialisation,
        activation="relu", learning_rate=0.01, schedule="constant",
    )  # fmt: skip


def _normalised(normalisation: str) -> Recipe:
    return checked(
        network="small_cnn", normalisation=normalisation, initialisation="he", length=8,
        learning_rate=0.05, schedule="constant",
    )  # fmt: skip


_WEIGHTS = (
    Variant("zero", "zero", _begun("zero")),
    Variant("small", "too small", _begun("too small")),
    Variant("he", "He", _begun("he")),
    Variant("large", "too large", _begun("too large")),
)
_NORMS = (
    Variant("without", "none", _normalised("none")),
    Variant("lrn", "local response norm", _normalised("local response")),
    Variant("batch", "batch norm", _normalised("batch")),
)

BEGINNINGS = (
    Experiment(
        key="initialisation",
        title="What weights begin as",
        question="Does it matter where the weights start?",
        setting="A net of eight layers with ReLU learns the digits from four kinds of weights.",
        lesson=(
            "From zero all units of a layer are the same for ever, and behind a ReLU none moves; "
            "too small, the signal fades; too large, it explodes; He's spread, the root of two "
            "over the inputs, keeps it as large as it came."
        ),
        caveat=(
            "Batch norm and skips forgive a poor start; this net has neither. With zero weights "
            "the last biases still learn how often each class occurs."
        ),
        paper="He et al.: Delving Deep into Rectifiers (2015)",
        link="https://arxiv.org/abs/1502.01852",
        variants=_WEIGHTS,
        guess=Guess(
            "From which weights does it learn best?",
            choices(_WEIGHTS),
            "he",
            best(TRAIN_ACCURACY, 2.0),
        ),
        curves=(Curves("accuracy"),),
        quantities=(TRAIN_ACCURACY, TRAIN_LOSS, TEST_ACCURACY, GRADIENT_RATIO, SECONDS),
        minutes=0.1,
        study="gradients",
    ),
    Experiment(
        key="normalisation",
        title="Local response norm against batch norm",
        question="What did batch norm do better than AlexNet's normalisation?",
        setting="The same small CNN learns the digits with either normalisation, or with none.",
        lesson=(
            "Batch norm gives every channel mean zero and spread one over the batch, so all "
            "layers are fed well and the net learns faster. Local response norm only lets "
            "neighbouring channels compete; with AlexNet's constants it also divides by 2 to the "
            "0.75, and the signal fades from layer to layer."
        ),
        caveat=(
            "With batches of two or four, batch norm's statistics become too noisy and group norm "
            "is better; it also makes pictures of a batch depend on one another."
        ),
        paper="Ioffe and Szegedy: Batch Normalization (2015)",
        link="https://arxiv.org/abs/1502.03167",
        variants=_NORMS,
        guess=Guess(
            "With which one is the training loss lowest at the end?",
            choices(_NORMS),
            "batch",
            best(TRAIN_LOSS, 0.02),
        ),
        curves=(Curves("loss"), Curves("accuracy")),
        quantities=(TRAIN_LOSS, TRAIN_ACCURACY, TEST_ACCURACY, SECONDS),
        minutes=0.1,
    ),
)

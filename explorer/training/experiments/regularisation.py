"""Learning by heart, and what is done about it."""

from __future__ import annotations

from explorer.training.experiment import (
    Check,
    Curves,
    Experiment,
    Guess,
    Option,
    Variant,
)
from explorer.training.judges import against, best, choices, reached
from explorer.training.quantities import (
    EPOCHS,
    GAP,
    SECONDS,
    TEST_ACCURACY,
    TEST_LOSS,
    TRAIN_ACCURACY,
    TRAIN_LOSS,
)
from explorer.training.recipe import Recipe, checked


def _little(**changed: object) -> Recipe:
    settings = {"network": "lenet5", "samples": 100, "length": 80, "batch_size": 25}
    return checked(**{**settings, "learning_rate": 0.03, **changed})


def _noisy(**changed: object) -> Recipe:
    settings = {"network": "mlp", "depth": 3, "width": 256, "samples": 400, "label_noise": 40.0}
    return checked(
        **{**settings, "length": 80, "validation": 25.0, "schedule": "constant", **changed},
        learning_rate=0.02,
    )


def _lots(noise: float) -> Recipe:
    return checked(
        network="mlp", depth=3, width=256, samples=400, label_noise=noise, length=120,
        learning_rate=0.02,
    )  # fmt: skip


_CURES = (
    Variant("nothing", "nothing", _little()),
    Variant("decay", "weight decay", _little(weight_decay=0.01)),
    Variant("dropout", "dropout", _little(dropout=0.5)),
    Variant("augmented", "augmentation", _little(crop=2, rotation=15.0, shear=10.0)),
    Variant("smoothing", "label smoothing", _little(label_smoothing=0.1)),
    Variant("mixup", "mixup", _little(mixup=0.2)),
    Variant("cutmix", "CutMix", _little(cutmix=1.0)),
)
_EARLY = (
    Variant("early", "stopped early", _noisy(patience=8)),
    Variant("end", "to the end", _noisy()),
)
_LABELS = (
    Variant("true", "true labels", _lots(0.0)),
    Variant("lot", "labels drawn by lot", _lots(100.0)),
)

REGULARISATION = (
    Experiment(
        key="cures",
        title="Overfitting and its cures",
        question="What helps when there are only a hundred pictures?",
        setting="LeNet-5 learns 100 digits, ten of a kind, with one cure at a time.",
        lesson=(
            "A network that knows its training pictures by heart still errs on new ones. "
            "Augmentation, which makes new pictures that are true, closes more of that gap than "
            "cures that only hold the weights back."
        ),
        caveat=(
            "Each cure has a strength of its own that was not tuned here, and what helps depends "
            "on the data: a mirrored digit is no digit, a mirrored cat is a cat. Training accuracy "
            "counts the pictures as they were shown, so mixed ones look hard."
        ),
        paper="Shorten and Khoshgoftaar: A Survey on Image Data Augmentation (2019)",
        link="https://doi.org/10.1186/s40537-019-0197-0",
        variants=_CURES,
        guess=Guess(
            "Which cure gives the best test accuracy?",
            choices(_CURES),
            "augmented",
            best(TEST_ACCURACY, 0.5),
        ),
        curves=(Curves("accuracy"), Curves("loss")),
        quantities=(TRAIN_ACCURACY, TEST_ACCURACY, GAP, TEST_LOSS, SECONDS),
        minutes=0.3,
    ),
    Experiment(
        key="early",
        title="Early stopping",
        question="Is more training always better training?",
        setting=(
            "A net of three layers learns 400 digits of which 40 % have a wrong label; a quarter "
            "of them, held out, says when to stop."
        ),
        lesson=(
            "What all pictures have in common is learned first and single wrong labels later, so "
            "the held-out loss falls, turns and rises; the weights at the turn are the better ones."
        ),
        caveat=(
            "The pictures held out are learned from no more, and stopping by them makes their own "
            "score a little too good; the test pictures have taken no part in it."
        ),
        paper="Prechelt: Early Stopping - But When? (1998)",
        link="https://doi.org/10.1007/3-540-49430-8_3",
        variants=_EARLY,
        guess=Guess(
            "Which weights make fewer mistakes on the test pictures?",
            (
                Option("early", "Those of the best epoch, stopped early"),
                Option("end", "Those of the last epoch"),
                Option("none", "No clear difference"),
            ),
            "early",
            against("early", "end", TEST_ACCURACY, 1.0),
        ),
        curves=(Curves("loss"), Curves("accuracy")),
        quantities=(TRAIN_LOSS, TRAIN_ACCURACY, TEST_ACCURACY, EPOCHS, SECONDS),
        minutes=0.1,
    ),
    Experiment(
        key="memory",
        title="Labels drawn by lot",
        question="Can a network learn what has no rule?",
        setting=(
            "A net of three layers learns 400 digits: once with their labels, once with labels "
            "drawn at random."
        ),
        lesson=(
            "The same network fits true labels and random ones, given time, but only the true ones "
            "carry over to new pictures; so fitting the training set proves nothing by itself."
        ),
        caveat=(
            "Random labels take longer to fit, and early stopping, decay or fewer weights make it "
            "harder; that a net can memorise does not mean that it does so with true labels."
        ),
        paper=(
            "Zhang et al.: Understanding Deep Learning Requires Rethinking Generalization (2017)"
        ),
        link="https://arxiv.org/abs/1611.03530",
        variants=_LABELS,
        guess=Guess(
            "How many of the labels drawn by lot will it get right on the training pictures?",
            (
                Option("chance", "About 10 %, as by guessing"),
                Option("some", "More, but not 95 %"),
                Option("all", "95 % and more"),
            ),
            "all",
            reached("lot", TRAIN_ACCURACY, ((20.0, "chance"), (94.999, "some"), (100.0, "all"))),
        ),
        checks=(
            Check(
                "On the test pictures, labels drawn by lot are worth nothing.",
                "true",
                against("true", "lot", TEST_ACCURACY, 50.0),
            ),
        ),
        curves=(Curves("accuracy"), Curves("loss")),
        quantities=(TRAIN_ACCURACY, TEST_ACCURACY, GAP, SECONDS),
        minutes=0.1,
    ),
)

"""How sure a score is, and what several networks know that one does not."""

from __future__ import annotations

from explorer.training.cross_validation import folded
from explorer.training.experiment import Curves, Experiment, Guess, Option, Variant
from explorer.training.judges import best, choices, spread, worst
from explorer.training.quantities import (
    GAP,
    HELD_OUT_ACCURACY,
    SECONDS,
    TEST_ACCURACY,
    TRAIN_ACCURACY,
    TRAIN_LOSS,
)
from explorer.training.recipe import Recipe, checked

FOLDS = 5
_ONE = checked(network="mlp", depth=2, width=32, samples=250, length=30, learning_rate=0.02)
_FOLDS = tuple(
    Variant(f"fold{recipe.fold}", f"fold {recipe.fold}", recipe) for recipe in folded(_ONE, FOLDS)
)


def _crowd(ensemble: str, members: int) -> Recipe:
    return checked(
        network="mlp", depth=2, width=8, samples=250, length=12, learning_rate=0.05,
        ensemble=ensemble, members=members,
    )  # fmt: skip


def _bordered(network: str, epochs: float, rate: float, **form: int) -> Recipe:
    return checked(
        network=network, data="moons", samples=80, label_noise=30.0, batch_size=20,
        optimiser="adam", length=epochs, learning_rate=rate, **form,
    )  # fmt: skip


_CROWDS = (
    Variant("one", "one net", _crowd("one", 1)),
    Variant("average", "average of 8", _crowd("average", 8)),
    Variant("bagging", "bagging of 8", _crowd("bagging", 8)),
    Variant("boosting", "boosting of 8", _crowd("boosting", 8)),
)
_BORDERS = (
    Variant("line", "no hidden layer", _bordered("linear", 100, 0.03)),
    Variant("right", "16 units, 60 epochs", _bordered("mlp", 60, 0.01, depth=3, width=16)),
    Variant("wild", "256 units, 300 epochs", _bordered("mlp", 300, 0.003, depth=3, width=256)),
)

JUDGING = (
    Experiment(
        key="folds",
        title="Cross-validation",
        question="How much does a score depend on which pictures were held out?",
        setting=(
            "The same small net learns 250 digits and is scored on a fifth of all training "
            "pictures, which it never sees; five times, until every fifth was held out once."
        ),
        lesson=(
            "The same recipe scores differently on every fold, so a difference between two recipes "
            "that is smaller than this spread says nothing; the mean of all folds says more."
        ),
        caveat=(
            "Counting 287 pictures of which 91 % are right varies by 1.7 points by chance alone. "
            "Different folds may share training pictures, so their scores are not independent and "
            "the spread misjudges how uncertain the mean is (Bengio and Grandvalet 2004)."
        ),
        paper="Stone: Cross-Validatory Choice and Assessment of Statistical Predictions (1974)",
        link="https://doi.org/10.1111/j.2517-6161.1974.tb00994.x",
        variants=_FOLDS,
        guess=Guess(
            "How far is the best fold from the worst one?",
            (
                Option("same", "At most 1 point"),
                Option("some", "More than 1, at most 8 points"),
                Option("far", "More than 8 points"),
            ),
            # Chance alone: five counts of 287 pictures of which 91 % are right lie 1 to 8 points
            # apart in 99 of 100 draws, by the binomial distribution.
            "some",
            spread(HELD_OUT_ACCURACY, ((1.0, "same"), (8.0, "some"), (100.0, "far"))),
        ),
        curves=(Curves("accuracy"),),
        quantities=(HELD_OUT_ACCURACY, TRAIN_ACCURACY, TEST_ACCURACY, SECONDS),
        minutes=0.1,
        study="folds",
    ),
    Experiment(
        key="crowds",
        title="One net against many small ones",
        question="Are eight weak networks better than one of them?",
        setting=(
            "Nets with eight hidden units learn 250 digits: one by itself, eight from different "
            "first weights, eight from different bootstrap samples, and eight of which each "
            "attends to what the ones before got wrong. In the curves each member begins anew "
            "(solid); dashed is what all of them say together so far."
        ),
        lesson=(
            "Networks that err on different pictures correct each other when their answers are "
            "averaged, so the ensemble makes fewer mistakes than its members do."
        ),
        caveat=(
            "Eight nets cost eight times as much, in training and in use. For networks, different "
            "first weights are often variety enough, and bagging pays for more variety with fewer "
            "different pictures for each."
        ),
        paper="Breiman: Bagging Predictors (1996); Zhu et al.: Multi-class AdaBoost (2009)",
        link="https://doi.org/10.1007/BF00058655",
        variants=_CROWDS,
        guess=Guess(
            "Which makes the most mistakes on the test pictures?",
            choices(_CROWDS),
            "one",
            worst(TEST_ACCURACY, 0.5),
        ),
        curves=(Curves("accuracy"),),
        quantities=(TEST_ACCURACY, TRAIN_ACCURACY, SECONDS),
        minutes=0.1,
        study="members",
    ),
    Experiment(
        key="capacity",
        title="Too simple, right, too wild",
        question="What do underfitting and overfitting look like?",
        setting=(
            "Three nets draw the border between 80 points of two classes; 30 % of the labels were "
            "drawn by lot, so that about every seventh is wrong."
        ),
        lesson=(
            "A straight line cannot follow the two moons (bias); a wide net without restraint "
            "draws bays around single wrong points (variance); in between lies the border that new "
            "points agree with."
        ),
        caveat=(
            "The number of weights is not the whole of capacity: how long and with what decay a "
            "net is trained decides as much, and very wide nets often generalise well again."
        ),
        paper="Geman, Bienenstock, Doursat: Neural Networks and the Bias/Variance Dilemma (1992)",
        link="https://doi.org/10.1162/neco.1992.4.1.1",
        variants=_BORDERS,
        guess=Guess(
            "Which net makes the fewest mistakes on new points?",
            choices(_BORDERS),
            "right",
            best(TEST_ACCURACY, 0.5),
        ),
        curves=(Curves("accuracy"), Curves("loss")),
        quantities=(TRAIN_ACCURACY, TEST_ACCURACY, GAP, TRAIN_LOSS, SECONDS),
        minutes=0.1,
        study="decision",
    ),
)

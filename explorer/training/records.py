"""What a run of training tells while it goes on. No torch here.

`fit` yields Began (after Doings where there is much to prepare), then Steps, Layers, Seen, Filters
and Epochs as they come, then Ended. Accuracies are percentages; losses are means over pictures, of
the recipe's own loss.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    import numpy as np

Reason: TypeAlias = Literal["length", "early stopping", "paused", "stopped"]


@dataclass(frozen=True, slots=True)
class Began:
    """What is about to be trained, on what.

    `layers` names the layers with weights in the order in which they run; `shape` is the input
    (C, H, W) the network is given; `steps` is None for a run limited by seconds. `train`,
    `validation` and `test` count pictures. `top5` says whether the five best classes are counted
    too, which means something from ten classes on. `step` is where it goes on, 0 for a new run.

    `mean` and `std` are what inputs in [0, 1] are normalised with, one for each channel of `shape`;
    empty for inputs that are taken as they are. `pictures` is the data's own (C, H, W), from which
    `shape` is made.
    """

    title: str
    params: int
    layers: tuple[str, ...]
    classes: tuple[str, ...]
    shape: tuple[int, int, int]
    train: int
    validation: int
    test: int
    steps_per_epoch: int
    steps: int | None
    top5: bool
    device: str
    threads: int
    step: int = 0
    mean: tuple[float, ...] = ()
    std: tuple[float, ...] = ()
    pictures: tuple[int, int, int] | None = None


@dataclass(frozen=True, slots=True)
class Doing:
    """What a run does before its first step, such as reading pictures, and how much of it is done.

    `sentence` is for the person at the screen, `fraction` is between 0 and 1, of this work alone.
    """

    sentence: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Step:
    """One step: `loss` and `accuracy` are those of its batch, before the weights moved.

    `step` counts from 1, `epoch` is where in the data it stands (1.5: half way through the second
    round), `seconds` is the time spent training so far, pauses and evaluation left out.
    `gradient_norm` is the Euclidean norm over all weights, before clipping.
    """

    step: int
    epoch: float
    seconds: float
    loss: float
    accuracy: float
    learning_rate: float
    samples_per_second: float
    gradient_norm: float


@dataclass(frozen=True, slots=True)
class Layers:
    """One step, layer by layer (in the order of `Began.layers`).

    Norms of the weights' gradients, and how far the weights moved as a share of their own norm.
    """

    step: int
    gradient_norms: tuple[float, ...]
    update_ratios: tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Score:
    """How good a network is on a set of pictures."""

    loss: float
    top1: float
    top5: float | None
    count: int


@dataclass(frozen=True, slots=True)
class Epoch:
    """The end of an epoch, or of the run.

    `train` is the mean over the epoch's own batches, each before its step, as they were shown
    (augmented, with dropout); `validation` is measured afterwards, in evaluation mode, on pictures
    that were held out. `best` says that no validation loss was lower so far.
    """

    epoch: float
    step: int
    seconds: float
    train: Score
    validation: Score | None
    best: bool


@dataclass(frozen=True, slots=True)
class Seen:
    """A fixed sample of held-out pictures and what the network says of them now.

    `pictures` are uint8 (n, H, W, 3) and come with the first such record alone; `labels` (n,) are
    the true classes, `probabilities` (n, classes).
    """

    step: int
    labels: np.ndarray
    probabilities: np.ndarray
    pictures: np.ndarray | None = None


@dataclass(frozen=True, slots=True)
class Filters:
    """The first layer's filters as they are now: float32 (filters, channels, h, w)."""

    step: int
    weights: np.ndarray


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts (bins,) between edges (bins + 1,); values that are no number are counted apart."""

    counts: np.ndarray
    edges: np.ndarray
    not_finite: int


@dataclass(frozen=True, slots=True)
class Histograms:
    """All layers' weights, their gradients, and what they gave for one batch; made on demand."""

    step: int
    layers: tuple[str, ...]
    weights: tuple[Histogram, ...]
    gradients: tuple[Histogram, ...]
    activations: tuple[Histogram, ...]


@dataclass(frozen=True, slots=True)
class Ended:
    """The end of a run. The test set is looked at here, once, and only when it ran its length.

    `weights` says which ones were tested: of the last step, or of the best epoch after stopping
    early.
    """

    reason: Reason
    epochs: float
    steps: int
    seconds: float
    train: Score | None
    validation: Score | None
    test: Score | None
    weights: Literal["last", "best"] = "last"


Record: TypeAlias = Began | Doing | Step | Layers | Epoch | Seen | Filters | Histograms | Ended

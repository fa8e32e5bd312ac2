"""The knobs of a recipe, in the groups in which a page shows them. No torch here."""

from __future__ import annotations

from collections.abc import Mapping

from explorer.knobs import Knob

_ARXIV = "https://arxiv.org/abs/"

OPTIMISERS: Mapping[str, tuple[str, str, str]] = {
    "sgd": (
        "Against the gradient, each step by the learning rate.",
        "Robbins and Monro, A Stochastic Approximation Method, 1951",
        "https://doi.org/10.1214/aoms/1177729586",
    ),
    "momentum": (
        "Steps add up to a velocity that friction slows: faster along a valley, calmer across it.",
        "Polyak, Some Methods of Speeding up the Convergence of Iteration Methods, 1964",
        "https://doi.org/10.1016/0041-5553(64)90137-5",
    ),
    "nesterov": (
        "Momentum that takes the gradient where the velocity is about to lead.",
        "Sutskever et al., On the Importance of Initialization and Momentum, 2013",
        "https://proceedings.mlr.press/v28/sutskever13.html",
    ),
    "adagrad": (
        "Divides by the root of all squared gradients so far: rare features keep large steps.",
        "Duchi, Hazan and Singer, Adaptive Subgradient Methods, 2011",
        "https://jmlr.org/papers/v12/duchi11a.html",
    ),
    "adadelta": (
        "Divides by the recent squared gradients and multiplies by the recent squared steps.",
        "Zeiler, ADADELTA, 2012",
        f"{_ARXIV}1212.5701",
    ),
    "rmsprop": (
        "Divides by the root of a running mean of squared gradients.",
        "Tieleman and Hinton, Lecture 6.5 of Neural Networks for Machine Learning, 2012",
        "https://www.cs.toronto.edu/~tijmen/csc321/slides/lecture_slides_lec6.pdf",
    ),
    "adam": (
        "Momentum and RMSprop together, both corrected for their start at zero.",
        "Kingma and Ba, Adam, 2015",
        f"{_ARXIV}1412.6980",
    ),
    "adamw": (
        "Adam whose weight decay shrinks the weights themselves, not through the gradient.",
        "Loshchilov and Hutter, Decoupled Weight Decay Regularization, 2019",
        f"{_ARXIV}1711.05101",
    ),
    "radam": (
        "Adam that waits for its variance to be known before it trusts it.",
        "Liu et al., On the Variance of the Adaptive Learning Rate and Beyond, 2020",
        f"{_ARXIV}1908.03265",
    ),
    "adamp": (
        "Adam without the part of a step that would only lengthen scale-invariant weights.",
        "Heo et al., AdamP, 2021",
        f"{_ARXIV}2006.08217",
    ),
}
"""Each optimiser's sentence, paper and link."""

NETWORK = (
    Knob("depth", "Depth", 0, 0, 400, 1, help="Layers of a network whose depth is free; 0: its own."),
    Knob("width", "Width", 0, 0, 2048, 1, help="Channels of a network whose width is free; 0: its own."),
    Knob(
        "normalisation", "Normalisation", "own",
        choices=("own", "none", "batch", "layer", "group", "instance", "local response"),
        help="What stands where the network has a normalisation.",
        paper="Ioffe and Szegedy, Batch Normalization, 2015", link=f"{_ARXIV}1502.03167",
    ),
    Knob(
        "activation", "Activation", "own",
        choices=("own", "relu", "leaky relu", "elu", "gelu", "silu", "tanh", "sigmoid", "identity"),
        help="What stands where the network has a non-linearity.",
        paper="Glorot, Bordes and Bengio, Deep Sparse Rectifier Neural Networks, 2011",
        link="https://proceedings.mlr.press/v15/glorot11a.html",
    ),
    Knob(
        "initialisation", "Initialisation", "own",
        choices=("own", "he", "glorot", "lecun", "orthogonal", "zero", "too small", "too large"),
        help="What the weights of convolutions and linear layers begin as.",
        paper="He et al., Delving Deep into Rectifiers, 2015", link=f"{_ARXIV}1502.01852",
    ),
    Knob(
        "dropout", "Dropout", 0.0, 0.0, 0.9, 0.05,
        help="Share of what reaches the last layer that is zeroed at random while training.",
        paper="Srivastava et al., Dropout, 2014", link="https://jmlr.org/papers/v15/srivastava14a.html",
    ),
)  # fmt: skip

DATA = (
    Knob("size", "Side of the input", 0, 0, 512, 1, "px", help="Pictures are resized to it; 0: as the network needs."),
    Knob("samples", "Training pictures", 0, 0, 10_000_000, 1, help="How many to learn from, of all classes alike; 0: all."),
    Knob(
        "validation", "Held out", 10.0, 0.0, 90.0, 5.0, "%",
        help="Part of the training pictures that is validated on and never learned from.",
    ),
    Knob(
        "label_noise", "Wrong labels", 0.0, 0.0, 100.0, 5.0, "%",
        help="Share of training labels drawn at random instead.",
        paper="Zhang et al., Understanding Deep Learning Requires Rethinking Generalization, 2017",
        link=f"{_ARXIV}1611.03530",
    ),
    Knob(
        "folds", "Folds", 0, 0, 20, 1,
        help="Split the training pictures into k parts and validate on one of them; 0: no folds.",
        paper="Stone, Cross-Validatory Choice and Assessment of Statistical Predictions, 1974",
        link="https://doi.org/10.1111/j.2517-6161.1974.tb00994.x",
    ),
    Knob("fold", "Fold", 1, 1, 20, 1, help="Which of the k parts is held out."),
)  # fmt: skip

LENGTH = (
    Knob("length", "Length", 10.0, 0.01, 1_000_000.0, 1.0, help="How long to train."),
    Knob("unit", "counted in", "epochs", choices=("epochs", "steps", "seconds"), help="An epoch shows every picture once, a step one batch."),
    Knob(
        "batch_size", "Batch size", 64, 0, 65_536, 1,
        help="Pictures whose gradients are averaged for one step; 0: all of them, 1: one.",
        paper="Keskar et al., On Large-Batch Training, 2017", link=f"{_ARXIV}1609.04836",
    ),
    Knob(
        "patience", "Stop early after", 0, 0, 1000, 1, "epochs",
        help="Epochs without a lower validation loss after which to stop and go back to the best; 0: never.",
        paper="Prechelt, Early Stopping - But When?, 1998",
        link="https://doi.org/10.1007/3-540-49430-8_3",
    ),
)  # fmt: skip

OPTIMISATION = (
    Knob("optimiser", "Optimiser", "momentum", choices=tuple(OPTIMISERS), help="How a gradient becomes a step."),
    Knob("learning_rate", "Learning rate", 0.05, 0.0, 100.0, 0.001, help="How long a step is."),
    Knob("momentum", "Momentum", 0.9, 0.0, 0.999, 0.01, help="Share of the velocity kept from step to step; Adam's first beta."),
    Knob("second_moment", "Second moment", 0.999, 0.0, 0.99999, 0.001, help="Share of the squared gradients kept; Adam's second beta, the rho of RMSprop and Adadelta."),
    Knob(
        "weight_decay", "Weight decay", 0.0, 0.0, 10.0, 0.0001,
        help="Pulls all weights towards zero, by this much of themselves.",
        paper="Krogh and Hertz, A Simple Weight Decay Can Improve Generalization, 1991",
        link="https://papers.nips.cc/paper/1991/hash/8eefcfdf5990e441f0fb6f3fad709e21-Abstract.html",
    ),
    Knob(
        "clip_norm", "Clip gradients at", 0.0, 0.0, 1000.0, 0.1,
        help="A longer gradient, over all weights, is shortened to this norm; 0: never.",
        paper="Pascanu, Mikolov and Bengio, On the Difficulty of Training RNNs, 2013",
        link=f"{_ARXIV}1211.5063",
    ),
    Knob(
        "schedule", "Schedule", "cosine", choices=("constant", "step", "cosine", "one-cycle"),
        help="How the learning rate changes: step divides it by ten at half and at three quarters.",
        paper="Loshchilov and Hutter, SGDR, 2017", link=f"{_ARXIV}1608.03983",
    ),
    Knob(
        "warm_up", "Warm-up", 0.0, 0.0, 50.0, 1.0, "%",
        help="Part of the length in which the learning rate rises from zero.",
        paper="Goyal et al., Accurate, Large Minibatch SGD, 2017", link=f"{_ARXIV}1706.02677",
    ),
)  # fmt: skip

LOSS = (
    Knob("loss", "Loss", "cross-entropy", choices=("cross-entropy", "squared error"), help="What is made small."),
    Knob(
        "label_smoothing", "Label smoothing", 0.0, 0.0, 0.9, 0.05,
        help="Share of the target that is spread over all classes.",
        paper="Szegedy et al., Rethinking the Inception Architecture, 2016", link=f"{_ARXIV}1512.00567",
    ),
    Knob(
        "input_noise", "Noise on inputs", 0.0, 0.0, 5.0, 0.05,
        help="Standard deviation of noise added to normalised inputs.",
        paper="Bishop, Training with Noise Is Equivalent to Tikhonov Regularization, 1995",
        link="https://doi.org/10.1162/neco.1995.7.1.108",
    ),
    Knob(
        "weight_noise", "Noise on weights", 0.0, 0.0, 1.0, 0.01,
        help="Standard deviation of noise on each weight during a step, as a share of its tensor's own.",
        paper="Murray and Edwards, Enhanced MLP Performance, 1994",
        link="https://doi.org/10.1109/72.317730",
    ),
)  # fmt: skip

AUGMENTATION = (
    Knob("mirror", "Mirror", 0.0, 0.0, 1.0, 0.05, help="Probability that a picture is mirrored left to right."),
    Knob("crop", "Shift", 0, 0, 64, 1, "px", help="Pad by this much on all sides and cut at random, as for CIFAR-10 in the ResNet paper.", paper="He et al., Deep Residual Learning, 2016", link=f"{_ARXIV}1512.03385"),
    Knob("rotation", "Rotation", 0.0, 0.0, 180.0, 1.0, "°", help="Turn by up to this angle, either way."),
    Knob("shear", "Shear", 0.0, 0.0, 45.0, 1.0, "°", help="Slant by up to this angle, either way."),
    Knob(
        "elastic", "Elastic warp", 0.0, 0.0, 16.0, 0.5, "px",
        help="Move every place by a smooth random field of this standard deviation.",
        paper="Simard, Steinkraus and Platt, Best Practices for CNNs, 2003",
        link="https://doi.org/10.1109/ICDAR.2003.1227801",
    ),
    Knob("colour", "Colour jitter", 0.0, 0.0, 1.0, 0.05, help="Change brightness, contrast and saturation by up to this share."),
    Knob(
        "pca", "PCA colour shift", 0.0, 0.0, 2.0, 0.05,
        help="Standard deviation of a shift along the data's principal colours.",
        paper="Krizhevsky, Sutskever and Hinton, ImageNet Classification, 2012",
        link="https://doi.org/10.1145/3065386",
    ),
    Knob("erasing", "Random erasing", 0.0, 0.0, 1.0, 0.05, help="Probability that a rectangle is erased.", paper="Zhong et al., Random Erasing, 2020", link=f"{_ARXIV}1708.04896"),
    Knob("mixup", "Mixup", 0.0, 0.0, 4.0, 0.1, help="Alpha of Beta(alpha, alpha), from which the share of a second picture is drawn; 0: off.", paper="Zhang et al., mixup, 2018", link=f"{_ARXIV}1710.09412"),
    Knob("cutmix", "CutMix", 0.0, 0.0, 4.0, 0.1, help="Alpha of Beta(alpha, alpha), from which the area pasted from a second picture is drawn; 0: off.", paper="Yun et al., CutMix, 2019", link=f"{_ARXIV}1905.04899"),
)  # fmt: skip

RUNNING = (
    Knob(
        "ensemble", "Ensemble", "one", choices=("one", "average", "bagging", "boosting"),
        help="Members differ by their seed; bagging also draws each one's pictures with replacement; boosting weights what the last one got wrong.",
        paper="Breiman, Bagging Predictors, 1996", link="https://doi.org/10.1007/BF00058655",
    ),
    Knob("members", "Members", 1, 1, 20, 1, help="Networks in an ensemble."),
    Knob("seed", "Seed", 0, 0, 2**31 - 1, 1, help="The same seed gives the same run on the same machine."),
    Knob("precision", "Precision", "fp32", choices=("fp32", "bf16", "fp16"), help="What multiplications are done in; fp16 on a GPU alone.", paper="Micikevicius et al., Mixed Precision Training, 2018", link=f"{_ARXIV}1710.03740"),
    Knob("layout", "Memory layout", "channels first", choices=("channels first", "channels last"), help="The order of a tensor in memory; some convolutions are faster with channels last."),
    Knob("compiled", "Compile", "no", choices=("no", "yes"), help="Let torch.compile fuse the network; it pays on long runs."),
)  # fmt: skip

GROUPS: Mapping[str, tuple[Knob, ...]] = {
    "Network": NETWORK,
    "Data": DATA,
    "Length": LENGTH,
    "Optimiser": OPTIMISATION,
    "Loss and noise": LOSS,
    "Augmentation": AUGMENTATION,
    "Running": RUNNING,
}
KNOBS = tuple(knob for group in GROUPS.values() for knob in group)

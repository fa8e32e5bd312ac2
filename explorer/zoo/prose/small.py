"""One small network per idea, for pictures of CIFAR-10: made to be trained here and compared."""

from __future__ import annotations

from explorer.zoo.prose import compact, early, residual
from explorer.zoo.prose.architecture import Architecture, Model

FAMILY = "Small nets (CIFAR-10)"

_NORMALISED = (
    "Batch normalisation after every convolution, which the paper does not have: with it one "
    "recipe trains all of the small nets."
)
_SIZED = "Widths and depth are chosen here, for pictures of 32×32 pixels and ten classes."


def _small(name: str, title: str, like: Architecture, *differs: str) -> Architecture:
    """A small net with the paper and the idea of the architecture it is like."""
    model = Model(name, f"{title} (CIFAR-10)", (*differs, _SIZED))
    return Architecture(FAMILY, like.paper, like.idea, (model,))


DENSENET_BC = Architecture(
    family="DenseNet",
    paper=residual.DENSENET.paper,
    idea=residual.DENSENET.idea,
    models=(
        Model(
            "densenet_bc40",
            "DenseNet-BC-40, k = 12 (CIFAR-10)",
            (
                "The paper's table 2 has no BC net of 40 layers; its smallest has 100, with 0.8 M "
                "parameters and 4.51 % test error on CIFAR-10.",
                "No dropout, as in the paper's nets that are trained on augmented pictures.",
            ),
        ),
    ),
)

_SCALES = (
    "The smallest of three scales.",
    "Scaled up once: 1.2 times the depth and 1.1 times the width.",
    "Scaled up twice: 1.44 times the depth and 1.21 times the width.",
)

SMALL_EFFICIENTNET = Architecture(
    family=FAMILY,
    paper=compact.EFFICIENTNET.paper,
    idea=compact.EFFICIENTNET.idea,
    models=tuple(
        Model(
            f"small_efficientnet_{scale}", f"EfficientNet, small, scale {scale} (CIFAR-10)", (said,)
        )
        for scale, said in enumerate(_SCALES)
    ),
    differs=(
        "Resolution, which the paper scales along, stays at 32×32 pixels: CIFAR-10 has no more.",
        "The smallest net was chosen here, not searched for; widths are rounded to multiples of "
        "four instead of eight, and no layers are dropped while training.",
    ),
)

ARCHITECTURES = (
    _small(
        "small_alexnet", "AlexNet, small", early.ALEXNET_2012, _NORMALISED,
        "It replaces the local response normalisation. One tower; dropout of 0.2 instead of 0.5.",
    ),
    _small(
        "small_vgg", "VGG, small", early.VGG, _NORMALISED,
        "Six convolutions and two fully connected layers; dropout of 0.2 instead of 0.5.",
    ),
    _small(
        "small_nin", "Network in Network, small", early.NIN, _NORMALISED, "No dropout.",
    ),
    _small(
        "small_inception", "Inception, small", early.GOOGLENET_2014, _NORMALISED,
        "Four modules instead of nine, and no auxiliary classifiers.",
    ),
    DENSENET_BC,
    _small(
        "small_mobilenet_v1", "MobileNet v1, small", compact.MOBILENET_V1,
        "Half the width, and the first and last strides are 1: the map is halved three times.",
    ),
    _small(
        "small_mobilenet_v2", "MobileNet v2, small", compact.MOBILENET_V2,
        "Half the width, and the first and last strides are 1: the map is halved three times; "
        "ReLU instead of ReLU6.",
    ),
    SMALL_EFFICIENTNET,
)  # fmt: skip

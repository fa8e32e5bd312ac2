"""Shortcuts and concatenations: ResNet and its descendants, DenseNet, RegNet, ConvNeXt."""

from __future__ import annotations

from explorer.zoo.cards import Paper
from explorer.zoo.prose.architecture import Architecture, Model

RESNET_PAPER = Paper(
    "Deep Residual Learning for Image Recognition",
    "He, Zhang, Ren, Sun",
    2015,
    "https://arxiv.org/abs/1512.03385",
)

_STRIDE_IN_3X3 = (
    "“ResNet v1.5”: where a bottleneck halves the map, the stride is in its 3×3 convolution; the "
    "paper puts it in the first 1×1, which skips three quarters of the positions.",
)

RESNET = Architecture(
    family="ResNet",
    paper=RESNET_PAPER,
    idea="Learn only what to add to the input: a shortcut around every block makes the identity "
    "the easy answer, so a hundred layers train better than twenty.",
    models=(
        Model("resnet18", "ResNet-18"),
        Model("resnet34", "ResNet-34"),
        Model("resnet50", "ResNet-50", _STRIDE_IN_3X3),
        Model("resnet101", "ResNet-101", _STRIDE_IN_3X3),
        Model("resnet152", "ResNet-152", _STRIDE_IN_3X3),
        Model("quantized_resnet18", "ResNet-18, quantised"),
        Model("quantized_resnet50", "ResNet-50, quantised", _STRIDE_IN_3X3),
    ),
    differs=("Shortcuts that change the shape are 1×1 projections (the paper's option B).",),
)

_CIFAR_ERRORS = {20: 8.75, 32: 7.51, 44: 7.17, 56: 6.97, 110: 6.43}
"""Test error on CIFAR-10 in percent, table 6; with identity shortcuts (option A)."""

CIFAR_RESNET = Architecture(
    family="CIFAR ResNet",
    paper=RESNET_PAPER,
    idea="Keep everything else equal and look: a shortcut around every two layers is all it "
    "takes to turn depth from a burden into a gain.",
    models=(
        *(
            Model(
                f"plain{depth}",
                f"Plain-{depth} (CIFAR-10)",
                (
                    "No shortcuts: the paper's control group, whose training error rises with "
                    "depth.",
                ),
            )
            for depth in _CIFAR_ERRORS
        ),
        *(
            Model(
                f"cifar_resnet{depth}_a",
                f"ResNet-{depth} (CIFAR-10, option A)",
                (
                    "Shortcuts have no parameters: where shapes differ they take every second "
                    "pixel and append zero channels.",
                    f"The paper reports {error} % test error on CIFAR-10.",
                ),
            )
            for depth, error in _CIFAR_ERRORS.items()
        ),
        *(
            Model(
                f"cifar_resnet{depth}_b",
                f"ResNet-{depth} (CIFAR-10, option B)",
                (
                    "Shortcuts are 1×1 projections where shapes differ; on CIFAR-10 the paper "
                    "uses option A only.",
                ),
            )
            for depth in _CIFAR_ERRORS
        ),
    ),
)

WIDE_RESNET = Architecture(
    family="Wide ResNet",
    paper=Paper(
        "Wide Residual Networks", "Zagoruyko, Komodakis", 2016, "https://arxiv.org/abs/1605.07146"
    ),
    idea="Make residual blocks wider instead of stacking more of them: the same accuracy in "
    "fewer, larger steps that a GPU runs faster.",
    models=(
        Model("wide_resnet50_2", "Wide ResNet-50-2"),
        Model(
            "wide_resnet101_2",
            "Wide ResNet-101-2",
            ("The paper's ImageNet nets end at 50 layers; this one widens ResNet-101 alike.",),
        ),
    ),
    differs=(
        "Only the inner channels of each bottleneck are twice as many as in ResNet; the block's "
        "output keeps its width.",
        "Where a bottleneck halves the map, the stride is in its 3×3 convolution.",
    ),
)

RESNEXT = Architecture(
    family="ResNeXt",
    paper=Paper(
        "Aggregated Residual Transformations for Deep Neural Networks",
        "Xie, Girshick, Dollár, Tu, He",
        2016,
        "https://arxiv.org/abs/1611.05431",
    ),
    idea="Split each bottleneck into many narrow paths of the same shape and add them up: at "
    "equal cost, more paths beat more depth or more width.",
    models=(
        Model("resnext50_32x4d", "ResNeXt-50 32×4d"),
        Model(
            "resnext101_32x8d",
            "ResNeXt-101 32×8d",
            ("The width 32×8d is from a later paper of the group (Mahajan et al., 2018).",),
        ),
        Model("resnext101_64x4d", "ResNeXt-101 64×4d"),
        Model("quantized_resnext101_32x8d", "ResNeXt-101 32×8d, quantised"),
        Model("quantized_resnext101_64x4d", "ResNeXt-101 64×4d, quantised"),
    ),
    differs=("The paths are written as one grouped 3×3 convolution, the paper's form (c).",),
)

DENSENET = Architecture(
    family="DenseNet",
    paper=Paper(
        "Densely Connected Convolutional Networks",
        "Huang, Liu, van der Maaten, Weinberger",
        2016,
        "https://arxiv.org/abs/1608.06993",
    ),
    idea="Hand every layer the outputs of all layers before it: concatenated features are "
    "reused, so each layer needs to add only a few maps of its own.",
    models=(
        Model("densenet121", "DenseNet-121"),
        Model("densenet161", "DenseNet-161"),
        Model("densenet169", "DenseNet-169"),
        Model("densenet201", "DenseNet-201"),
    ),
    differs=(
        "Every concatenation is a fresh copy in memory; torchvision can recompute them in "
        "training instead (memory_efficient=True), which is off by default.",
    ),
)

REGNET = Architecture(
    family="RegNet",
    paper=Paper(
        "Designing Network Design Spaces",
        "Radosavovic, Kosaraju, Girshick, He, Dollár",
        2020,
        "https://arxiv.org/abs/2003.13678",
    ),
    idea="Design a population of networks instead of one: the good ones turn out to widen "
    "linearly with depth, so a handful of numbers describes a whole network.",
    models=(
        *(
            Model(f"regnet_x_{size}", f"RegNetX-{title}")
            for size, title in (
                ("400mf", "400MF"), ("800mf", "800MF"), ("1_6gf", "1.6GF"), ("3_2gf", "3.2GF"),
                ("8gf", "8GF"), ("16gf", "16GF"), ("32gf", "32GF"),
            )
        ),
        *(
            Model(
                f"regnet_y_{size}",
                f"RegNetY-{title}",
                (
                    "The paper ends at 32GF; 128GF was built for pre-training on billions of "
                    "pictures and carries SWAG weights (Singh et al., 2022).",
                )
                if size == "128gf"
                else (),
            )
            for size, title in (
                ("400mf", "400MF"), ("800mf", "800MF"), ("1_6gf", "1.6GF"), ("3_2gf", "3.2GF"),
                ("8gf", "8GF"), ("16gf", "16GF"), ("32gf", "32GF"), ("128gf", "128GF"),
            )
        ),
    ),
)  # fmt: skip

CONVNEXT = Architecture(
    family="ConvNeXt",
    paper=Paper(
        "A ConvNet for the 2020s",
        "Liu, Mao, Wu, Feichtenhofer, Darrell, Xie",
        2022,
        "https://arxiv.org/abs/2201.03545",
    ),
    idea="Modernise a ResNet with everything transformers made fashionable except attention, "
    "large 7×7 depthwise kernels above all, and it keeps up with them.",
    models=(
        Model("convnext_tiny", "ConvNeXt-T"),
        Model("convnext_small", "ConvNeXt-S"),
        Model("convnext_base", "ConvNeXt-B"),
        Model("convnext_large", "ConvNeXt-L"),
    ),
)

ARCHITECTURES = (RESNET, CIFAR_RESNET, WIDE_RESNET, RESNEXT, DENSENET, REGNET, CONVNEXT)

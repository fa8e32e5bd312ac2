"""More with less: SqueezeNet, MobileNet, ShuffleNet, MNASNet, EfficientNet."""

from __future__ import annotations

from explorer.zoo.cards import Paper
from explorer.zoo.prose.architecture import Architecture, Model

SQUEEZENET = Architecture(
    family="SqueezeNet",
    paper=Paper(
        "SqueezeNet: AlexNet-level accuracy with 50x fewer parameters and <0.5MB model size",
        "Iandola, Han, Moskewicz, Ashraf, Dally, Keutzer",
        2016,
        "https://arxiv.org/abs/1602.07360",
    ),
    idea="Squeeze the channels with a 1×1 convolution before the costly 3×3, expand after it, "
    "and reach AlexNet's accuracy with a fiftieth of its parameters.",
    models=(
        Model("squeezenet1_0", "SqueezeNet 1.0"),
        Model(
            "squeezenet1_1",
            "SqueezeNet 1.1",
            (
                "Not in the paper: the authors' later release with a smaller first convolution "
                "and earlier pooling, 2.4 times cheaper at the same accuracy.",
            ),
        ),
    ),
)

MOBILENET_V1 = Architecture(
    family="MobileNet",
    paper=Paper(
        "MobileNets: Efficient Convolutional Neural Networks for Mobile Vision Applications",
        "Howard, Zhu, Chen, Kalenichenko, Wang, Weyand, Andreetto, Adam",
        2017,
        "https://arxiv.org/abs/1704.04861",
    ),
    idea="Split a convolution in two, one kernel per channel to look around and a 1×1 to mix "
    "channels, and do the work with about a ninth of the multiplications.",
    models=(
        Model(
            "mobilenet_v1",
            "MobileNet v1 ×1.0",
            ("The paper reports 70.6 % top-1 accuracy with 569 million multiply-adds.",),
        ),
        Model(
            "mobilenet_v1_075",
            "MobileNet v1 ×0.75",
            ("The paper reports 68.4 % top-1 accuracy with 325 million multiply-adds.",),
        ),
        Model(
            "mobilenet_v1_050",
            "MobileNet v1 ×0.5",
            ("The paper reports 63.7 % top-1 accuracy with 149 million multiply-adds.",),
        ),
        Model(
            "mobilenet_v1_025",
            "MobileNet v1 ×0.25",
            ("The paper reports 50.6 % top-1 accuracy with 41 million multiply-adds.",),
        ),
    ),
    differs=(
        "The last depthwise convolution has stride 1; table 1 prints 2, but its map stays 7×7.",
        "Padding is the same on all sides; Google's release pads strided layers right and below.",
    ),
)

MOBILENET_V2 = Architecture(
    family="MobileNet",
    paper=Paper(
        "MobileNetV2: Inverted Residuals and Linear Bottlenecks",
        "Sandler, Howard, Zhu, Zhmoginov, Chen",
        2018,
        "https://arxiv.org/abs/1801.04381",
    ),
    idea="Turn the bottleneck inside out: carry few channels from block to block, expand them "
    "only for the depthwise filter, and project back without a non-linearity.",
    models=(
        Model("mobilenet_v2", "MobileNetV2"),
        Model("quantized_mobilenet_v2", "MobileNetV2, quantised"),
    ),
)

SHUFFLENET_V2 = Architecture(
    family="ShuffleNet",
    paper=Paper(
        "ShuffleNet V2: Practical Guidelines for Efficient CNN Architecture Design",
        "Ma, Zhang, Zheng, Sun",
        2018,
        "https://arxiv.org/abs/1807.11164",
    ),
    idea="Design for the clock, not the operation count: work on half of the channels, pass the "
    "other half on untouched, and shuffle them so that both get their turn.",
    models=tuple(
        Model(f"{prefix}shufflenet_v2_x{size}", f"ShuffleNet V2 ×{size.replace('_', '.')}{suffix}")
        for prefix, suffix in (("", ""), ("quantized_", ", quantised"))
        for size in ("0_5", "1_0", "1_5", "2_0")
    ),
)

MNASNET = Architecture(
    family="MNASNet",
    paper=Paper(
        "MnasNet: Platform-Aware Neural Architecture Search for Mobile",
        "Tan, Chen, Pang, Vasudevan, Sandler, Howard, Le",
        2018,
        "https://arxiv.org/abs/1807.11626",
    ),
    idea="Let a search choose every block, rewarded for accuracy and for milliseconds measured "
    "on a real phone rather than for operations on paper.",
    models=(
        Model("mnasnet0_5", "MNASNet 0.5"),
        Model("mnasnet0_75", "MNASNet 0.75"),
        Model("mnasnet1_0", "MNASNet 1.0"),
        Model("mnasnet1_3", "MNASNet 1.3"),
    ),
    differs=("The variant B1, without squeeze-and-excitation; the paper's main model A1 has it.",),
)

MOBILENET_V3_PAPER = Paper(
    "Searching for MobileNetV3",
    "Howard, Sandler, Chu, Chen, Chen, Tan, Wang, Zhu, Pang, Vasudevan, Le, Adam",
    2019,
    "https://arxiv.org/abs/1905.02244",
)

MOBILENET_V3 = Architecture(
    family="MobileNet",
    paper=MOBILENET_V3_PAPER,
    idea="Combine search with handwork: searched inverted residuals, channel gates, a cheap "
    "hard-swish, and a last stage trimmed where the milliseconds went.",
    models=(
        Model("mobilenet_v3_small", "MobileNetV3-Small"),
        Model("mobilenet_v3_large", "MobileNetV3-Large"),
        Model("quantized_mobilenet_v3_large", "MobileNetV3-Large, quantised"),
    ),
)

EFFICIENTNET = Architecture(
    family="EfficientNet",
    paper=Paper(
        "EfficientNet: Rethinking Model Scaling for Convolutional Neural Networks",
        "Tan, Le",
        2019,
        "https://arxiv.org/abs/1905.11946",
    ),
    idea="Scale depth, width and resolution together by one fixed recipe instead of one at a "
    "time, starting from a small searched network.",
    models=tuple(
        Model(
            f"efficientnet_b{step}",
            f"EfficientNet-B{step}",
            ("Evaluated at 288×288; the paper's B2 works at 260×260.",) if step == 2 else (),
        )
        for step in range(8)
    ),
)

EFFICIENTNET_V2 = Architecture(
    family="EfficientNet",
    paper=Paper(
        "EfficientNetV2: Smaller Models and Faster Training",
        "Tan, Le",
        2021,
        "https://arxiv.org/abs/2104.00298",
    ),
    idea="Search for training speed: plain 3×3 convolutions replace depthwise ones in the early "
    "stages, and pictures and regularisation grow together while it trains.",
    models=(
        Model("efficientnet_v2_s", "EfficientNetV2-S"),
        Model("efficientnet_v2_m", "EfficientNetV2-M"),
        Model("efficientnet_v2_l", "EfficientNetV2-L"),
    ),
)

ARCHITECTURES = (
    SQUEEZENET, MOBILENET_V1, MOBILENET_V2, SHUFFLENET_V2, MNASNET, MOBILENET_V3, EFFICIENTNET,
    EFFICIENTNET_V2,
)  # fmt: skip

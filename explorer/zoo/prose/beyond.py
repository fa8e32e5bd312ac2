"""Beyond one label per picture: segmentation, detection, video, optical flow."""

from __future__ import annotations

from explorer.zoo.cards import Paper
from explorer.zoo.prose.architecture import Architecture, Model
from explorer.zoo.prose.compact import MOBILENET_V3_PAPER

FCN = Architecture(
    family="FCN",
    paper=Paper(
        "Fully Convolutional Networks for Semantic Segmentation",
        "Long, Shelhamer, Darrell",
        2014,
        "https://arxiv.org/abs/1411.4038",
    ),
    idea="A classifier's fully connected layers are convolutions in disguise: read them so, and "
    "the net labels every region of a picture of any size in one pass.",
    models=(
        Model("fcn_resnet50", "FCN · ResNet-50"),
        Model("fcn_resnet101", "FCN · ResNet-101"),
    ),
    differs=(
        "A ResNet with dilated last stages (stride 8) instead of VGG-16 (stride 32).",
        "Scores are enlarged bilinearly; the paper learns transposed convolutions and adds "
        "scores from earlier layers.",
        "An auxiliary head on the third stage is built, counted and run.",
    ),
)

DEEPLAB = Architecture(
    family="DeepLab",
    paper=Paper(
        "Rethinking Atrous Convolution for Semantic Image Segmentation",
        "Chen, Papandreou, Schroff, Adam",
        2017,
        "https://arxiv.org/abs/1706.05587",
    ),
    idea="Spread the taps of a kernel apart instead of shrinking the map, at several rates side "
    "by side, and see an object and its surroundings at full detail.",
    models=(
        Model(
            "deeplabv3_mobilenet_v3_large",
            "DeepLabv3 · MobileNetV3-Large",
            (
                "Rates 12, 24 and 36, which the paper uses on maps of stride 8; this backbone's "
                "stride is 16, for which the paper halves them.",
            ),
        ),
        Model("deeplabv3_resnet50", "DeepLabv3 · ResNet-50"),
        Model("deeplabv3_resnet101", "DeepLabv3 · ResNet-101"),
    ),
    differs=(
        "Without the paper's multi-grid, different rates for the three blocks of a stage.",
        "An auxiliary head is built, counted and run.",
    ),
)

LRASPP = Architecture(
    family="LR-ASPP",
    paper=MOBILENET_V3_PAPER,
    idea="Segment on a phone: one branch of features gated by pooled context, joined with one "
    "skip from an earlier, sharper map.",
    models=(Model("lraspp_mobilenet_v3_large", "LR-ASPP · MobileNetV3-Large"),),
    differs=("The gate pools the whole map; the paper uses a large strided average pooling.",),
)

_FPN = (
    "Features come from a feature pyramid (Lin et al., 2016); the paper used one map of VGG-16.",
    "Regions are sampled by RoIAlign, which does not round coordinates, instead of RoI pooling.",
)
_FROZEN = ("Batch norms of the backbone are frozen and have no parameters.",)

_RCNN_V2 = (
    "Version 2: batch norms that train, in the pyramid and the heads too, two convolutions in the "
    "proposal head and four before the box head's classifier, after “Benchmarking Detection "
    "Transfer Learning with Vision Transformers” (Li et al., 2021).",
)

FASTER_RCNN = Architecture(
    family="Faster R-CNN",
    paper=Paper(
        "Faster R-CNN: Towards Real-Time Object Detection with Region Proposal Networks",
        "Ren, He, Girshick, Sun",
        2015,
        "https://arxiv.org/abs/1506.01497",
    ),
    idea="Let the network propose its own regions: a small head slides over the shared features "
    "and says where to look before a second stage says what is there.",
    models=(
        Model("fasterrcnn_resnet50_fpn", "Faster R-CNN · ResNet-50 FPN", _FROZEN),
        Model(
            "fasterrcnn_resnet50_fpn_v2",
            "Faster R-CNN · ResNet-50 FPN v2",
            _RCNN_V2,
        ),
        Model(
            "fasterrcnn_mobilenet_v3_large_fpn", "Faster R-CNN · MobileNetV3-Large FPN", _FROZEN
        ),
        Model(
            "fasterrcnn_mobilenet_v3_large_320_fpn",
            "Faster R-CNN · MobileNetV3-Large FPN 320",
            (*_FROZEN, "Pictures are reduced to 320 pixels instead of 800."),
        ),
    ),
    differs=_FPN,
)  # fmt: skip

MASK_RCNN_PAPER = Paper(
    "Mask R-CNN", "He, Gkioxari, Dollár, Girshick", 2017, "https://arxiv.org/abs/1703.06870"
)

MASK_RCNN = Architecture(
    family="Mask R-CNN",
    paper=MASK_RCNN_PAPER,
    idea="Add a third branch to Faster R-CNN that draws each object's mask, and sample features "
    "without rounding so that its pixels line up with the picture's.",
    models=(
        Model("maskrcnn_resnet50_fpn", "Mask R-CNN · ResNet-50 FPN", _FROZEN),
        Model(
            "maskrcnn_resnet50_fpn_v2",
            "Mask R-CNN · ResNet-50 FPN v2",
            _RCNN_V2,
        ),
        Model(
            "keypointrcnn_resnet50_fpn",
            "Keypoint R-CNN · ResNet-50 FPN",
            _FROZEN,
            idea="Treat each joint of a body as a mask with a single lit pixel, and Mask R-CNN "
            "becomes a detector of poses.",
        ),
    ),
)  # fmt: skip

SSD = Architecture(
    family="SSD",
    paper=Paper(
        "SSD: Single Shot MultiBox Detector",
        "Liu, Anguelov, Erhan, Szegedy, Reed, Fu, Berg",
        2015,
        "https://arxiv.org/abs/1512.02325",
    ),
    idea="Skip the proposals: predict classes and box corrections for a fixed set of boxes on "
    "maps of several resolutions, all in one pass.",
    models=(
        Model("ssd300_vgg16", "SSD300 · VGG-16"),
        Model(
            "ssdlite320_mobilenet_v3_large",
            "SSDLite320 · MobileNetV3-Large",
            paper=MOBILENET_V3_PAPER,
            idea="Put SSD on a phone: depthwise separable convolutions in its heads and extra "
            "layers, on a MobileNet backbone.",
        ),
    ),
)

RETINANET = Architecture(
    family="RetinaNet",
    paper=Paper(
        "Focal Loss for Dense Object Detection",
        "Lin, Goyal, Girshick, He, Dollár",
        2017,
        "https://arxiv.org/abs/1708.02002",
    ),
    idea="A one-stage detector drowns in easy background: a loss that fades for easy examples "
    "lets it learn from the few hard ones and match two stages.",
    models=(
        Model(
            "retinanet_resnet50_fpn",
            "RetinaNet · ResNet-50 FPN",
            (
                *_FROZEN,
                "The pyramid's two coarsest maps are made from its own level 5; the paper makes "
                "them from the backbone's.",
            ),
        ),
        Model(
            "retinanet_resnet50_fpn_v2",
            "RetinaNet · ResNet-50 FPN v2",
            ("Version 2: group normalisation in the heads and a loss on overlap, after ATSS "
             "(Zhang et al., 2019).",),
        ),
    ),
)  # fmt: skip

FCOS = Architecture(
    family="FCOS",
    paper=Paper(
        "FCOS: Fully Convolutional One-Stage Object Detection",
        "Tian, Shen, Chen, He",
        2019,
        "https://arxiv.org/abs/1904.01355",
    ),
    idea="Drop the anchor boxes: every position of a map says how far it is to the four sides "
    "of its object, and how central it is.",
    models=(Model("fcos_resnet50_fpn", "FCOS · ResNet-50 FPN", _FROZEN),),
)

VIDEO_RESNET = Architecture(
    family="Video ResNet",
    paper=Paper(
        "A Closer Look at Spatiotemporal Convolutions for Action Recognition",
        "Tran, Wang, Torresani, Ray, LeCun, Paluri",
        2017,
        "https://arxiv.org/abs/1711.11248",
    ),
    idea="Ask where a video net should look through time: in all layers, in the first ones only, "
    "or in separate steps after each spatial convolution.",
    models=(
        Model("r3d_18", "R3D-18", idea="A ResNet whose every kernel has a third axis: time."),
        Model(
            "mc3_18",
            "MC3-18",
            idea="Look through time in the early stages only; later ones work frame by frame.",
        ),
        Model(
            "r2plus1d_18",
            "R(2+1)D-18",
            idea="Split a 3-D convolution into a spatial one and a temporal one: about as many "
            "weights, twice the non-linearities, and easier to train.",
        ),
    ),
)

S3D = Architecture(
    family="S3D",
    paper=Paper(
        "Rethinking Spatiotemporal Feature Learning: Speed-Accuracy Trade-offs in Video "
        "Classification",
        "Xie, Sun, Huang, Tu, Murphy",
        2017,
        "https://arxiv.org/abs/1712.04851",
    ),
    idea="Inflate Inception to video, but split every 3-D kernel into one over space and one "
    "over time: cheaper and more accurate.",
    models=(Model("s3d", "S3D"),),
    differs=(
        "The plain variant, without the feature gating of the paper's S3D-G.",
        "The weights are evaluated on clips of 128 frames; counts here are at 16, as torchvision "
        "publishes them.",
    ),
)

MVIT = Architecture(
    family="MViT",
    paper=Paper(
        "Multiscale Vision Transformers",
        "Fan, Xiong, Mangalam, Li, Yan, Malik, Feichtenhofer",
        2021,
        "https://arxiv.org/abs/2104.11227",
    ),
    idea="Give a transformer the pyramid of a CNN: pool inside attention, so that resolution "
    "falls while channels grow.",
    models=(
        Model("mvit_v1_b", "MViT-B 16×4"),
        Model(
            "mvit_v2_s",
            "MViTv2-S 16×4",
            paper=Paper(
                "MViTv2: Improved Multiscale Vision Transformers for Classification and Detection",
                "Li, Wu, Fan, Mangalam, Xiong, Malik, Feichtenhofer",
                2021,
                "https://arxiv.org/abs/2112.01526",
            ),
            idea="Improve the multiscale transformer by relative positions per axis and a "
            "residual around the pooled queries.",
        ),
    ),
)

VIDEO_SWIN = Architecture(
    family="Swin",
    paper=Paper(
        "Video Swin Transformer",
        "Liu, Ning, Cao, Wei, Zhang, Lin, Hu",
        2021,
        "https://arxiv.org/abs/2106.13230",
    ),
    idea="Shift windows of attention through space and time: a video is local in all three "
    "directions, so attention may be too.",
    models=(
        Model("swin3d_t", "Video Swin-T"),
        Model("swin3d_s", "Video Swin-S"),
        Model("swin3d_b", "Video Swin-B"),
    ),
    differs=(
        "The weights are evaluated on clips of 32 frames; counts here are at 16, as torchvision "
        "publishes them.",
    ),
)

RAFT = Architecture(
    family="RAFT",
    paper=Paper(
        "RAFT: Recurrent All-Pairs Field Transforms for Optical Flow",
        "Teed, Deng",
        2020,
        "https://arxiv.org/abs/2003.12039",
    ),
    idea="Compare all pairs of pixels of two frames once, then let a recurrent unit look the "
    "answers up and correct one flow field again and again.",
    models=(Model("raft_large", "RAFT (large)"), Model("raft_small", "RAFT (small)")),
    differs=(
        "Any size from 128 up that divides by 8 runs; counts here are at 512×512 with 12 updates.",
    ),
)

ARCHITECTURES = (
    FCN, FASTER_RCNN, SSD, DEEPLAB, MASK_RCNN, RETINANET, LRASPP, FCOS, VIDEO_RESNET, S3D, RAFT,
    MVIT, VIDEO_SWIN,
)  # fmt: skip

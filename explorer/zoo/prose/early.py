"""From digits to very deep: LeNet, AlexNet, Network in Network, VGG, Inception."""

from __future__ import annotations

from explorer.zoo.cards import Paper
from explorer.zoo.prose.architecture import Architecture, Model

LENET = Architecture(
    family="LeNet",
    paper=Paper(
        "Gradient-Based Learning Applied to Document Recognition",
        "LeCun, Bottou, Bengio, Haffner",
        1998,
        "https://doi.org/10.1109/5.726791",
    ),
    idea="Learn the feature detectors themselves: small kernels shared over the whole picture, "
    "alternating with subsampling, trained end to end by gradient descent.",
    models=(
        Model(
            "lenet5",
            "LeNet-5",
            (
                "Every C3 map reads all six maps of S2, as LeNet-5 is usually coded: 61,706 "
                "parameters; the paper's partial table has 60,000 (the model lenet5_partial).",
                "Subsampling is plain averaging, tanh is unscaled, and the output is a linear "
                "layer; the paper has trained coefficients, 1.7159 tanh(2x/3) and distances to "
                "drawn codes.",
                "The paper reports 0.95 % test error on MNIST, 0.8 % with distorted pictures.",
            ),
        ),
        Model(
            "lenet5_modern",
            "LeNet-5, modern twin",
            (
                "ReLU in place of tanh, max pooling in place of averaging, batch normalisation "
                "after every layer but the last; layers, kernels and widths are LeNet-5's.",
            ),
            idea="Keep LeNet-5's layers and widths, and put in what was found in the twenty "
            "years after it: so much of the progress is in the parts between the convolutions.",
        ),
        Model(
            "lenet5_partial",
            "LeNet-5 with the paper's C3",
            (
                "The codes of the digits are our own drawings in the paper's 7×12 pixels.",
                "The paper reports 0.95 % test error on MNIST, 0.8 % with distorted pictures.",
            ),
        ),
    ),
)

ALEXNET_2012 = Architecture(
    family="AlexNet",
    paper=Paper(
        "ImageNet Classification with Deep Convolutional Neural Networks",
        "Krizhevsky, Sutskever, Hinton",
        2012,
        "https://papers.nips.cc/paper/2012/hash/c399862d3b9d6b76c8436e924a68c45b-Abstract.html",
    ),
    idea="Scale a LeNet up to a million photographs: rectifiers that keep gradients alive, "
    "dropout against overfitting, and two GPUs that each hold half of the channels.",
    models=(
        Model(
            "alexnet_2012",
            "AlexNet",
            (
                "The two GPUs' towers are written as convolutions with two groups.",
                "The input is 227×227: the paper says 224×224, which does not give its 55×55 maps.",
                "The paper reports 40.7 % top-1 and 18.2 % top-5 validation error for one such "
                "net, averaged over ten crops.",
            ),
        ),
    ),
)

ALEXNET_2014 = Architecture(
    family="AlexNet",
    paper=Paper(
        "One weird trick for parallelizing convolutional neural networks",
        "Krizhevsky",
        2014,
        "https://arxiv.org/abs/1404.5997",
    ),
    idea="Fold AlexNet's two towers into one, split the pictures of a batch over the GPUs for "
    "the convolutions, and split the weights only for the big fully connected layers.",
    models=(
        Model(
            "alexnet",
            "AlexNet (one tower)",
            (
                "64, 192, 384, 256 and 256 kernels, as in the author's own single-GPU code; the "
                "paper has 384 in the fourth layer (pytorch/vision issue 463), the net that won "
                "in 2012 has 96, 256, 384, 384 and 256.",
                "No local response normalisation.",
                "Dropout acts before the two hidden fully connected layers; the net of 2012 has it "
                "after them (pytorch/vision issue 549).",
                "An adaptive 6×6 average pooling stands before the classifier, so other sizes "
                "than 224×224 run too.",
            ),
        ),
    ),
)

NIN = Architecture(
    family="Network in Network",
    paper=Paper("Network In Network", "Lin, Chen, Yan", 2013, "https://arxiv.org/abs/1312.4400"),
    idea="Let a tiny network, two 1×1 convolutions, mix the channels of every pixel after each "
    "convolution, and average one map per class instead of adding fully connected layers.",
    models=(
        Model(
            "nin_cifar10",
            "Network in Network (CIFAR-10)",
            ("The paper reports 10.41 % test error on CIFAR-10, 8.81 % with augmentation.",),
        ),
        Model(
            "nin_imagenet",
            "Network in Network (ImageNet)",
            ("Not in the paper: the authors released it later.",),
        ),
    ),
    differs=("Kernel sizes and widths are those of the configuration the authors released.",),
)

VGG_PAPER = Paper(
    "Very Deep Convolutional Networks for Large-Scale Image Recognition",
    "Simonyan, Zisserman",
    2014,
    "https://arxiv.org/abs/1409.1556",
)

VGG_COLUMNS = Architecture(
    family="VGG",
    paper=VGG_PAPER,
    idea="Change one thing at a time: the table of networks in this paper asks whether "
    "normalisation, more depth or wider kernels are what helps, and answers depth and 3×3.",
    models=(
        Model(
            "vgg11_lrn",
            "VGG-11 with LRN",
            (
                "Column A-LRN of table 1: one local response normalisation, which cost time and "
                "did not help (29.7 % top-1 error against 29.6 % without).",
            ),
        ),
        Model(
            "vgg16_c",
            "VGG-16 with 1×1",
            (
                "Column C of table 1: the third convolution of the last three stages is 1×1. "
                "Column D, known as VGG-16, has 3×3 there and does better: 27.0 % top-1 error "
                "instead of 28.1 %.",
            ),
        ),
    ),
)

VGG = Architecture(
    family="VGG",
    paper=VGG_PAPER,
    idea="Use nothing but 3×3 kernels and go deep: three of them see as far as one 7×7 with "
    "45 % fewer weights and two more non-linearities.",
    models=tuple(
        model
        for depth in (11, 13, 16, 19)
        for model in (
            Model(f"vgg{depth}", f"VGG-{depth}"),
            Model(
                f"vgg{depth}_bn",
                f"VGG-{depth} with batch norm",
                ("Batch normalisation after every convolution, which the paper did not have.",),
            ),
        )
    ),
    differs=(
        "An adaptive 7×7 average pooling stands before the classifier, so larger and smaller "
        "pictures than 224×224 run too; at 224×224 it changes nothing.",
        "Evaluated on one central crop; the paper applies the net densely over several scales.",
    ),
)

GOOGLENET_PAPER = Paper(
    "Going Deeper with Convolutions",
    "Szegedy, Liu, Jia, Sermanet, Reed, Anguelov, Erhan, Vanhoucke, Rabinovich",
    2014,
    "https://arxiv.org/abs/1409.4842",
)
_INCEPTION_IDEA = (
    "Do not choose a kernel size: run 1×1, 3×3, 5×5 and pooling side by side, concatenate them, "
    "and keep it affordable by squeezing channels with 1×1 convolutions first."
)

GOOGLENET_2014 = Architecture(
    family="Inception",
    paper=GOOGLENET_PAPER,
    idea=_INCEPTION_IDEA,
    models=(
        Model(
            "googlenet_2014",
            "GoogLeNet",
            (
                "As in table 1, with true 5×5 branches and both auxiliary heads, which run in "
                "training only: 13,378,280 parameters, 6,998,552 without the heads.",
                "The paper does not give the constants of its normalisation; AlexNet's are used.",
                "The paper reports 10.07 % top-5 error for one net and one crop.",
            ),
        ),
        Model(
            "googlenet_5x5",
            "GoogLeNet (torchvision's, with true 5×5)",
            (
                "torchvision's network with the 5×5 branches put right: batch normalisation, a "
                "last max pooling of 2×2, no auxiliary heads. 7,005,832 parameters.",
            ),
        ),
    ),
)

GOOGLENET = Architecture(
    family="Inception",
    paper=GOOGLENET_PAPER,
    idea=_INCEPTION_IDEA,
    models=(
        Model("googlenet", "GoogLeNet (torchvision)"),
        Model("quantized_googlenet", "GoogLeNet, quantised"),
    ),
    differs=(
        "All nine modules have a 3×3 convolution where the paper has 5×5 (pytorch/vision issue "
        "906): 6,624,904 parameters instead of 7,005,832. The models "
        "googlenet_2014 and googlenet_5x5 have true 5×5.",
        "Batch normalisation after every convolution; the paper has local response "
        "normalisation in the stem only.",
        "The last max pooling is 2×2 instead of 3×3, and dropout is 20 % instead of 40 %.",
        "Built without the auxiliary classifiers, as the published weights are used; with them "
        "it has 13,004,888 parameters.",
    ),
)

INCEPTION_V3 = Architecture(
    family="Inception",
    paper=Paper(
        "Rethinking the Inception Architecture for Computer Vision",
        "Szegedy, Vanhoucke, Ioffe, Shlens, Wojna",
        2015,
        "https://arxiv.org/abs/1512.00567",
    ),
    idea="Factorise large kernels: a 5×5 becomes two 3×3, a 7×7 becomes a 1×7 and a 7×1, and "
    "what is saved buys depth and width.",
    models=(
        Model("inception_v3", "Inception v3"),
        Model(
            "quantized_inception_v3",
            "Inception v3, quantised",
            (
                "torchvision's published count includes the auxiliary head, although its own "
                "builder drops it after loading the weights; here it stays, so that counts agree.",
            ),
        ),
    ),
    differs=(
        "Follows the network Google released in TensorFlow, whose weights it carries, rather "
        "than the paper's table.",
        "The auxiliary classifier is built and counted (27,161,264 parameters, 23,834,568 "
        "without) but does not run outside training.",
    ),
)

ARCHITECTURES = (
    LENET, ALEXNET_2012, NIN, ALEXNET_2014, VGG_COLUMNS, VGG, GOOGLENET_2014, GOOGLENET,
    INCEPTION_V3,
)  # fmt: skip

"""Folding keeps every layer in exactly one node, at every depth and whatever is open."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from graphlib import TopologicalSorter

import pytest

from explorer.anatomy import dissect
from explorer.anatomy.folding import DEPTHS, INPUT_ID, Depth, Folded, default_depth, fold
from explorer.anatomy.records import NETWORK_INPUT, Anatomy, Operation, Window
from tests.hand_built import anatomy, joined, layer, residual_network, weight


@cache
def real(name: str) -> Anatomy:
    """A model of the zoo, dissected once for all tests here."""
    return dissect(name)


def assert_complete(folded: Folded, whole: Anatomy) -> None:
    """Each layer shown once, sums equal to the totals, and an order in which nothing waits."""
    steps = [node for node in folded.nodes if not node.operation]
    shown = sorted(index for node in steps for index in node.layers)
    assert shown == [each.index for each in whole.layers]
    partly = {each.name for each in whole.layers if each.macs is None}
    for column in ("params", "trainable_params", "macs", "activation_bytes", "saved_bytes"):
        if column == "macs" and partly & {group.id for group in folded.groups}:
            continue  # operations with a formula show theirs, though their layer has no sum
        total = sum(getattr(node, column) for node in folded.nodes)
        assert total == getattr(whole, column), column
    order = TopologicalSorter({node.id: node.sources for node in folded.nodes})
    assert set(order.static_order()) - {INPUT_ID} == {node.id for node in folded.nodes}
    ids = [each.id for each in (*folded.nodes, *folded.groups)]
    assert len(ids) == len(set(ids))
    assert {each.parent for each in (*folded.nodes, *folded.groups)} <= {
        "",
        *(group.id for group in folded.groups),
    }


@pytest.mark.parametrize("depth", DEPTHS)
def test_every_depth_adds_up(depth: Depth) -> None:
    """Nodes add up to the anatomy at every depth."""
    whole = residual_network()
    assert_complete(fold(whole, depth), whole)


def test_stages_are_the_parts_of_the_network() -> None:
    """Stem and head are runs, a stage says how many blocks it repeats."""
    folded = fold(residual_network(), "stages")
    assert [node.label for node in folded.nodes] == [
        "conv1 … relu",
        "layer1",
        "layer2",
        "flatten … fc",
    ]
    assert [node.repeats for node in folded.nodes] == ["", "2 × BasicBlock", "2 × BasicBlock", ""]
    assert [node.sources for node in folded.nodes] == [
        (INPUT_ID,),
        ("conv1 … relu",),
        ("layer1",),
        ("layer2",),
    ]
    assert folded.groups == ()


def test_blocks_stand_in_the_frames_of_their_stages() -> None:
    """A residual block is one node that reads its predecessor; the skip is inside it."""
    folded = fold(residual_network(), "blocks")
    block = folded.node("layer2.0")
    assert (block.kind, block.parent, block.sources) == ("BasicBlock", "layer2", ("layer1.1",))
    assert [group.id for group in folded.groups] == ["layer1", "layer2"]


def test_an_opened_block_shows_its_skip() -> None:
    """One block opened among folded stages reads the node before it twice."""
    whole = residual_network()
    folded = fold(whole, "stages", opened={"layer2", "layer2.0"})
    assert folded.node("layer2.0.conv1").sources == ("layer1",)
    assert folded.node("layer2.0.add").sources == ("layer2.0.conv2", "layer1")
    assert folded.node("layer2.0").parent == "layer2"
    assert_complete(folded, whole)


def test_closing_wins_over_the_depth() -> None:
    """A stage closed by hand is one node even where all layers are shown."""
    whole = residual_network()
    folded = fold(whole, "layers", closed={"layer1"})
    assert folded.node("layer1").layers == tuple(range(2, 8))
    assert folded.node("layer2.0.conv1").sources == ("layer1",)
    assert_complete(folded, whole)


def test_ids_nobody_has_change_nothing() -> None:
    """An address kept from another model still draws."""
    whole = residual_network()
    assert fold(whole, "stages", opened={"features.9"}, closed={"x"}) == fold(whole, "stages")


def test_runs_end_after_pooling() -> None:
    """A chain of bare layers, as VGG's `features`, falls into stages at its poolings."""
    pooled = Window((2, 2), (2, 2), (0, 0), (1, 1))
    rows = [
        layer(
            place,
            f"features.{place}",
            [place - 1],
            **({"window": pooled, "op": "aten.max_pool2d.default"} if place in (2, 5) else {}),
        )
        for place in range(8)
    ]
    whole = anatomy(rows, {"": "VGG", "features": "Sequential"})
    folded = fold(whole, "stages")
    assert [node.layers for node in folded.nodes] == [(0, 1, 2), (3, 4, 5), (6, 7)]
    assert folded.nodes[0].label == "features.0 … 2"
    assert_complete(folded, whole)
    assert all(node.is_layer for node in fold(whole, "blocks", opened={"features.0 … 2"}).nodes[:3])


def test_a_module_called_again_stands_there_twice() -> None:
    """Drawn as one node, the cell and what stands between its calls would read each other."""
    rows = [
        layer(0, "cell.a", [NETWORK_INPUT]),
        layer(1, "cell.b", [0]),
        layer(2, "between", [1]),
        layer(3, "cell.a#2", [2]),
        layer(4, "cell.b#2", [3]),
        layer(5, "head", [4]),
    ]
    whole = anatomy(rows, {"": "Recurrent", "cell": "Cell"})
    folded = fold(whole, "stages")
    assert [node.id for node in folded.nodes] == ["cell", "between", "cell#2", "head"]
    assert folded.node("cell#2").sources == ("between",)
    assert_complete(folded, whole)


def test_a_module_called_again_without_a_circle_stays_one() -> None:
    """A head shared by two levels of a pyramid is one node that reads both."""
    rows = [
        layer(0, "fine", [NETWORK_INPUT]),
        layer(1, "coarse", [0]),
        layer(2, "head.a", [0]),
        layer(3, "head.b", [2]),
        layer(4, "head.a#2", [1]),
        layer(5, "head.b#2", [4]),
        *(layer(place, f"tail{place}", [3, 5]) for place in range(6, 9)),
    ]
    whole = anatomy(rows, {"": "Pyramid", "head": "Head"})
    assert fold(whole, "stages").node("head").sources == ("fine", "coarse")


def test_inception_modules_are_blocks() -> None:
    """Parallel branches make one block; a dense block, whose groups read each other, holds many."""
    rows = [layer(0, "stem", [NETWORK_INPUT], parameters=(weight(8, 3, 3, 3),))]
    kinds = {"": "Mixed", "mixed": "Inception", "dense": "DenseBlock"}
    for branch in ("mixed.a", "mixed.b"):
        kinds[branch] = "Branch"
        start = len(rows)
        rows.append(layer(start, f"{branch}.conv1", [0], parameters=(weight(8, 8, 1, 1),)))
        rows.append(layer(start + 1, f"{branch}.conv2", [start], parameters=(weight(8, 8, 3, 3),)))
    rows.append(joined(5, "mixed.cat", [2, 4], "cat"))
    for place, unit in enumerate(("dense.a", "dense.b")):
        kinds[unit] = "DenseLayer"
        start = len(rows)
        read = [5, *range(7, 7 + 2 * place, 2)]
        rows.append(layer(start, f"{unit}.conv1", read, parameters=(weight(8, 8, 1, 1),)))
        rows.append(layer(start + 1, f"{unit}.conv2", [start], parameters=(weight(8, 8, 3, 3),)))
    rows.append(joined(10, "dense.cat", [5, 7, 9], "cat"))
    whole = anatomy(rows, kinds)
    folded = fold(whole, "blocks")
    ids = ["stem", "mixed", "dense.a", "dense.b", "dense.cat"]
    assert [node.id for node in folded.nodes] == ids
    assert folded.node("dense.cat").sources == ("mixed", "dense.a", "dense.b")


def test_operations_of_a_layer_follow_one_another() -> None:
    """Its columns are spread over its operations and still add up; closing the layer folds it."""
    rows = list(residual_network().layers)
    steps = tuple(Operation(op, (1, 8, 16, 16), macs) for op, macs in (("pad", 0), ("conv", 1002)))
    rows[2] = replace(rows[2], operations=steps, op="conv")
    whole = anatomy(rows, {each.path: each.kind for each in residual_network().modules})
    folded = fold(whole, "operations")
    pad, conv = (node for node in folded.nodes if node.parent == "layer1.0.conv1")
    assert (pad.sources, conv.sources) == (("relu",), (pad.id,))
    assert (pad.params, conv.params, pad.macs, conv.macs) == (0, 12, 0, 1002)
    assert folded.node("layer1.0.conv2").sources == (conv.id,)
    assert folded.node("layer1.0.add").sources == ("layer1.0.conv2", "relu")
    assert_complete(folded, whole)
    assert fold(whole, "operations", closed={"layer1.0.conv1"}).node("layer1.0.conv1").is_layer


def test_what_never_ran_is_kept_and_says_so() -> None:
    """Auxiliary heads count into the totals and read nothing."""
    rows = [
        layer(0, "body.conv1", [NETWORK_INPUT]),
        layer(1, "body.conv2", [0]),
        layer(2, "aux.a", [], ran=False),
        layer(3, "aux.b", [], ran=False),
        layer(4, "aux.c", [], ran=False),
    ]
    whole = anatomy(rows, {"": "WithAux", "aux": "Sequential"})
    aux = fold(whole, "stages").node("aux")
    assert (aux.ran, aux.sources, aux.params) == (False, (), 39)
    assert_complete(fold(whole, "stages"), whole)


def test_one_uncounted_layer_is_told() -> None:
    """A sum that leaves a layer out says how many."""
    rows = [
        layer(0, "block.a", [NETWORK_INPUT], macs=None),
        layer(1, "block.b", [0]),
        layer(2, "head", [1]),
    ]
    whole = anatomy(rows, {"": "Net", "block": "Block", "head": "Head"})
    node = fold(whole, "stages", closed={"block"}).node("block")
    assert (node.macs, node.uncounted) == (1001, 1)


def test_small_networks_start_with_their_layers() -> None:
    """LeNet-5 is shown whole, DenseNet folded."""
    whole = residual_network()
    assert default_depth(whole) == "layers"
    assert default_depth(replace(whole, layers=whole.layers * 40)) == "stages"


def test_a_list_visited_piece_by_piece_shows_its_pieces() -> None:
    """The stages of a U-Net's encoder, kept in a list, are nodes by their own names."""
    rows = [
        layer(0, "down.0.a", [NETWORK_INPUT]),
        layer(1, "down.0.b", [0]),
        layer(2, "pool", [1]),
        layer(3, "down.1.a", [2]),
        layer(4, "down.1.b", [3]),
        layer(5, "head", [4]),
    ]
    kinds = {"down": "ModuleList", "down.0": "Block", "down.1": "Block"}
    folded = fold(anatomy(rows, kinds), "stages")
    assert [node.id for node in folded.nodes] == ["down.0", "pool", "down.1", "head"]
    assert folded.node("down.1").kind == "Block"


def test_a_class_of_its_own_is_named_not_counted() -> None:
    """An inception module is called so, though it holds convolutions of one class only."""
    rows = [layer(0, "stem", [NETWORK_INPUT])]
    for place, branch in enumerate(("mixed.a", "mixed.b")):
        rows.append(layer(2 * place + 1, f"{branch}.conv", [0]))
        rows.append(layer(2 * place + 2, f"{branch}.bn", [2 * place + 1]))
    rows += [joined(5, "mixed.cat", [2, 4], "cat")]
    rows += [layer(place, f"tail{place}", [place - 1]) for place in range(6, 12)]
    kinds = {"mixed": "Inception", "mixed.a": "BasicConv2d", "mixed.b": "BasicConv2d"}
    node = fold(anatomy(rows, kinds), "stages").node("mixed")
    assert (node.kind, node.repeats) == ("Inception", "")


@pytest.mark.parametrize("depth", DEPTHS)
@pytest.mark.parametrize(
    "name",
    ["lenet5", "resnet50", "densenet121", "googlenet", "efficientnet_b0", "swin_t", "raft_small"],
)
def test_real_networks_add_up(name: str, depth: Depth) -> None:
    """Nothing is lost or counted twice in real networks, recurrent ones included."""
    whole = real(name)
    assert_complete(fold(whole, depth), whole)


@pytest.mark.parametrize(
    ("name", "labels"),
    [
        ("vgg16", ["features.0 … 4", "features.5 … 9", "features.10 … 16", "features.17 … 23",
                   "features.24 … 30", "avgpool … flatten", "classifier"]),
        ("resnet50", ["conv1 … maxpool", "layer1", "layer2", "layer3", "layer4", "avgpool … fc"]),
        ("vit_b_16", ["conv_proj … cat", "encoder.add … dropout", "encoder.layers", "encoder.ln",
                      "heads.head"]),
    ],
)  # fmt: skip
def test_stages_of_well_known_networks(name: str, labels: list[str]) -> None:
    """VGG falls into the five stages of its paper, ResNet into its four and stem and head."""
    assert [node.label for node in fold(real(name), "stages").nodes] == labels


def test_blocks_of_well_known_networks() -> None:
    """As many blocks as the papers count."""
    counted = {
        name: sum(node.kind == kind for node in fold(real(name), "blocks").nodes)
        for name, kind in {
            "resnet50": "Bottleneck",
            "densenet121": "_DenseLayer",
            "googlenet": "Inception",
            "efficientnet_b0": "MBConv",
            "vit_b_16": "EncoderBlock",
            "swin_t": "SwinTransformerBlock",
        }.items()
    }
    assert counted == {
        "resnet50": 3 + 4 + 6 + 3,
        "densenet121": 6 + 12 + 24 + 16,
        "googlenet": 9,
        "efficientnet_b0": 16,
        "vit_b_16": 12,
        "swin_t": 2 + 2 + 6 + 2,
    }


def test_arithmetic_around_a_list_is_not_joined_across_it() -> None:
    """LeNet-5's partial table: each map reads its own concatenation, the last one reads them."""
    whole = real("lenet5_partial")
    for depth in DEPTHS:
        assert_complete(fold(whole, depth), whole)

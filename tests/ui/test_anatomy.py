"""The Anatomy page: totals, table, folding, and links that open the same view again."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from streamlit.testing.v1 import AppTest

Open = Callable[..., "AppTest"]

SECTIONS = ("layers", "diagram", "figures", "memory", "measure", "about", "export")


def metrics(app: AppTest) -> dict[str, str]:
    """The totals by their names."""
    return {each.label: each.value for each in app.metric}


def warnings(app: AppTest) -> str:
    """All warnings as one text."""
    return " ".join(each.value for each in app.warning)


def test_totals_of_resnet50(open_anatomy: Open) -> None:
    """torchvision's parameters and GFLOPS, the paper's depth, and the field of 427 pixels."""
    app = open_anatomy(model="resnet50")
    assert not app.exception
    shown = metrics(app)
    assert shown["Parameters"] == "25.6 M"
    assert shown["MACs"] == "4.09 G"
    assert shown["Depth"] == "50"
    assert shown["Sees"] == "427 px"


def test_attention_sees_the_whole_input(open_anatomy: Open) -> None:
    """A ViT's tokens look at one another, though its last map of positions sees 16 pixels."""
    app = open_anatomy(model="vit_b_16")
    assert metrics(app)["Sees"] == "all of it"
    assert any("16 × 16 by local operations alone" in each.value for each in app.caption)


def test_an_auxiliary_head_does_not_speak_for_the_network(open_anatomy: Open) -> None:
    """FCN's auxiliary head runs last and sees less than the classifier: 298 pixels, not 458."""
    assert metrics(open_anatomy(model="fcn_resnet50"))["Sees"] == "≤ 458 px"


def test_flops_are_twice_the_macs_and_say_so(open_anatomy: Open) -> None:
    """The switch changes the number, the table's column and the stated convention."""
    app = open_anatomy(model="vgg16", unit="FLOPs")
    assert metrics(app)["FLOPs"] == "30.9 G"
    assert any("2 FLOPs" in each.value for each in app.caption)
    table = app.dataframe[0].value
    assert table["macs"].sum() == pytest.approx(2 * 15.47, rel=1e-3)  # the column is in billions


def test_columns_add_up_at_every_depth(open_anatomy: Open) -> None:
    """Parameters of the rows are the network's, however far it is folded."""
    for depth in ("stages", "blocks", "layers", "operations"):
        table = open_anatomy(model="lenet5", depth=depth).dataframe[0].value
        assert table["params"].sum() == pytest.approx(61.706), depth


def test_stages_of_resnet50(open_anatomy: Open) -> None:
    """Stem, four stages, head; the last stage ends in 2048 maps of 7 by 7."""
    table = open_anatomy(model="resnet50").dataframe[0].value
    assert len(table) == 6
    assert table.iloc[4]["output"] == "1 × 2048 × 7 × 7"
    assert table.iloc[4]["kind"] == "3 × Bottleneck"
    assert table.iloc[4]["field"] == 427


def test_a_link_opens_a_group(open_anatomy: Open) -> None:
    """`open=` shows the parts of a group beneath its header, whose sums they are."""
    table = open_anatomy(model="resnet50", open="layer4").dataframe[0].value
    names = [name.strip() for name in table["layer"]]
    assert "▾ layer4" in names
    assert len(table) == 9
    header = table[[name == "▾ layer4" for name in names]].iloc[0]
    assert header.isna()["params"]


def test_a_link_chooses_a_layer(open_anatomy: Open) -> None:
    """`layer=` opens the detail with the formula and this layer's numbers in it."""
    app = open_anatomy(model="resnet50", depth="layers", layer="conv1")
    assert app.subheader[0].value == "conv1"
    text = " ".join(each.value for each in app.markdown)
    assert "224 + 2 \\cdot 3" in text
    assert "= 112" in text
    assert "9,408" in text


def test_sizes_need_not_be_square(open_anatomy: Open) -> None:
    """A wide input: the map of the last stage is 7 by 10."""
    app = open_anatomy(model="resnet50", w="320")
    assert app.dataframe[0].value.iloc[4]["output"] == "1 × 2048 × 7 × 10"
    assert app.query_params["w"] == "320"


def test_picking_another_model_forgets_its_size(open_anatomy: Open) -> None:
    """The next network starts at its own input size, and the address says nothing of it."""
    app = open_anatomy(model="resnet50", h="96", w="96", layer="layer1")
    app.selectbox(key="model").select("lenet5").run()
    assert app.title[0].value == "LeNet-5"
    assert app.number_input(key="h").value == 32
    assert app.query_params == {"model": "lenet5"}


@pytest.mark.parametrize("section", SECTIONS)
def test_every_section_is_drawn(open_anatomy: Open, section: str) -> None:
    """No section raises, and each stands in the address."""
    app = open_anatomy(model="lenet5", section=section)
    assert not app.exception
    assert not app.error
    assert app.query_params.get("section", "layers") == section


@pytest.mark.parametrize(
    "name", ["fasterrcnn_resnet50_fpn", "r3d_18", "raft_small", "quantized_resnet18", "vit_b_16"]
)
def test_other_tasks_have_their_anatomy_too(open_anatomy: Open, name: str) -> None:
    """Detection, video, optical flow, quantised networks and transformers, with their figures."""
    for section in ("layers", "figures"):
        app = open_anatomy(model=name, section=section)
        assert not app.exception
        assert not app.error


def test_unknown_model(open_anatomy: Open) -> None:
    """One sentence with the nearest name, and a model is shown all the same."""
    app = open_anatomy(model="resnet51")
    assert not app.exception
    assert "'resnet51'" in warnings(app)
    assert "resnet50" in warnings(app)
    assert metrics(app)["Parameters"] == "25.6 M"
    assert app.query_params["model"] == "resnet50"


@pytest.mark.parametrize(
    "asked",
    [
        {"h": "abc"},
        {"h": "0"},
        {"h": "-3"},
        {"w": "99999999999999999999"},
        {"batch": "1.5"},
        {"depth": "deep"},
        {"unit": "Joule"},
        {"section": "../etc"},
        {"h": "١٢"},
    ],
)
def test_nonsense_in_the_address(open_anatomy: Open, asked: dict[str, str]) -> None:
    """One sentence that says what is possible; the page is shown with the default."""
    app = open_anatomy(model="resnet18", **asked)
    assert not app.exception
    assert len(app.warning) == 1
    assert next(iter(asked.values()))[:40] in app.warning[0].value
    assert metrics(app)["Parameters"] == "11.7 M"
    assert app.query_params == {"model": "resnet18"}


def test_nonsense_among_ids_is_ignored(open_anatomy: Open) -> None:
    """Groups and layers that do not exist are simply not open and not chosen."""
    app = open_anatomy(model="resnet18", open="nothing~", closed="~", layer="<script>")
    assert not app.exception
    assert not app.error
    assert len(app.dataframe[0].value) == 6


def test_too_small_an_input(open_anatomy: Open) -> None:
    """It says where the map vanishes and what suffices, and shows the rows that did work."""
    app = open_anatomy(model="lenet5", h="20", w="20", depth="layers")
    assert not app.exception
    # 20 - 4 = 16, 8, 8 - 4 = 4, 2: the 5 x 5 kernels of C5 find a map of 2 x 2.
    assert "`c5`" in warnings(app)
    assert "32 × 32 suffices" in warnings(app)
    table = app.dataframe[0].value
    outputs = dict(zip(table["layer"].str.strip(), table["output"], strict=True))
    assert outputs["s4"] == "1 × 16 × 2 × 2"
    assert outputs["f6"] == "did not run"


def test_a_colon_does_not_import_a_module(open_anatomy: Open) -> None:
    """`module:callable` is local trust: from the address it is an unknown model."""
    app = open_anatomy(model="os:getcwd")
    assert "'os:getcwd'" in warnings(app)
    assert metrics(app)["Parameters"] == "25.6 M"

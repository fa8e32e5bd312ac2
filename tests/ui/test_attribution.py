"""The Saliency page: maps at once, classes by name, styles, links, and cells that fail."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.pictures import samples
from explorer.ui import attribution_cells, attribution_files
from explorer.ui.attribution_cells import Asked, Kept
from explorer.vision import overlay
from explorer.vision.attribution_records import METHODS, Attribution, Failed
from explorer.vision.records import Box, NetworkUse
from tests.ui.visits import settled, use_real_weights, visit

PAGE = "pages/vision/attribution.py"

Open = Callable[..., AppTest]


@pytest.fixture(scope="module", autouse=True)
def real_weights() -> Iterator[None]:
    """Real weights for the engine of this module, where they are."""
    with pytest.MonkeyPatch.context() as patch:
        use_real_weights(patch)
        yield


@pytest.fixture
def opened() -> Open:
    """Open the page by a link with the given names and values, as a new visitor."""
    return partial(visit, PAGE)


def pictures(app: AppTest) -> list[str]:
    """What the pictures of the maps show, in words."""
    alts = [alt for each in app.get("image") for alt in _alts(each)]
    return [alt for alt in alts if " of " in alt and ", by " in alt]


def _alts(element: Any) -> list[str]:
    return [each.alt for each in element.proto.imgs]


def captions(app: AppTest) -> str:
    """All captions and small texts as one."""
    return " ".join([*(each.value for each in app.caption), *(each.value for each in app.markdown)])


def warnings(app: AppTest) -> str:
    """All warnings as one text."""
    return " ".join(each.value for each in app.warning)


def press(app: AppTest, label: str) -> AppTest:
    """Click the first button of this label."""
    next(each for each in app.button if each.label == label).click().run()
    return app


def test_maps_come_at_once(opened: Open, trained: str) -> None:
    """Chelsea is an Egyptian cat to SqueezeNet: Grad-CAM and gradient of the two likeliest."""
    app = opened(model=trained)
    assert pictures(app) == [
        f"{method} of {name} in Chelsea the cat, by SqueezeNet 1.0"
        for name in ("Egyptian cat", "tiger cat")
        for method in ("Grad-CAM", "Gradient")
    ]
    assert "each place sees" in captions(app)
    assert not app.error
    assert app.query_params == {"model": trained, "picture": "chelsea"}


def test_another_class_by_its_name(opened: Open, trained: str) -> None:
    """A class far down the list is chosen, stands in the address, and other methods join it."""
    app = opened(model=trained, methods="gradient", classes="tabby")
    assert pictures(app) == ["Gradient of tabby in Chelsea the cat, by SqueezeNet 1.0"]
    app.multiselect(key="saliency_classes").set_value([281, 292]).run()
    app.multiselect(key="saliency_methods").set_value(["gradient", "layercam"]).run()
    settled(app)
    assert [each.split(" in ")[0] for each in pictures(app)] == [
        "Gradient of tabby", "Layer-CAM of tabby", "Gradient of tiger", "Layer-CAM of tiger",
    ]  # fmt: skip
    assert app.query_params["classes"] == "281~292"
    assert app.query_params["methods"] == "gradient~layercam"


def test_a_style_redraws_and_computes_nothing(
    opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Signed, half covered, one scale for all: the same maps, another picture."""
    asked: list[dict[str, Any]] = []
    draw = overlay.overlay

    def noted(map_: Attribution, *rest: Any, **how: Any) -> bytes:
        asked.append({"values": map_.values, **how})
        return draw(map_, *rest, **how)

    monkeypatch.setattr(overlay, "overlay", noted)
    app = opened(model="lenet5", methods="gradient", classes="5")
    before = asked[-1]
    assert not before["signed"]
    asked.clear()
    monkeypatch.setattr(attribution_cells.work, "Work", None)  # any work would fail now
    app.segmented_control(key="saliency_values").set_value("signed").run()
    app.slider(key="saliency_strength").set_value(40).run()
    assert not app.exception
    assert asked[-1]["signed"]
    assert asked[-1]["strength"] == 0.4
    assert asked[-1]["values"] is before["values"]
    assert app.query_params["values"] == "signed"
    assert app.query_params["strength"] == "40"


def test_another_layer_and_back(opened: Open) -> None:
    """The CAM's layer moves along the network, with its field, and returns to the usual one."""
    app = opened(model="lenet5", methods="gradcam", classes="5", cam="c1")
    assert app.select_slider(key="saliency_layer").value == "c1"
    # The first layer of LeNet-5: 6 maps of 28 by 28, a 5 by 5 kernel.
    assert "6 maps of 28 × 28; each place sees 5 × 5 pixels" in captions(app)
    app.button(key="saliency_usual").click().run()
    settled(app)
    assert app.select_slider(key="saliency_layer").value != "c1"
    assert "cam" not in app.query_params


def test_slow_methods_say_their_cost_and_wait(opened: Open) -> None:
    """Occlusion starts by its button after a sentence on time and memory; knobs are obeyed."""
    app = opened(model="lenet5", methods="occlusion", classes="5", knobs="occlusion.stride:25")
    assert pictures(app) == []
    assert "passes through the network" in captions(app)
    assert app.number_input(key="saliency_knob_occlusion_stride").value == 25
    settled(press(app, "Compute"))
    assert pictures(app) == ["Occlusion of 5 in A five, by LeNet-5"]
    assert app.query_params["knobs"] == "occlusion.stride:25"


def test_completeness_stands_below_its_map(opened: Open) -> None:
    """DeepLIFT's values add up to the difference of scores, and both are said."""
    app = opened(model="lenet5", methods="deeplift", classes="5")
    assert "The values add up to" in captions(app)


def test_a_cell_that_fails_is_a_sentence(opened: Open, trained: str) -> None:
    """LeNet-5 knows no cats: its cell says so, the other network's map is there."""
    app = opened(model=trained, methods="gradient", classes="tabby", networks="lenet5")
    assert pictures(app) == ["Gradient of tabby in Chelsea the cat, by SqueezeNet 1.0"]
    assert "LeNet\\-5 has no class called 'tabby'" in captions(app)
    assert not app.error


def test_a_name_that_is_a_digit_is_no_number_elsewhere(opened: Open, trained: str) -> None:
    """The digit 5 is no class of ImageNet, though it has a class number 5."""
    app = opened(model="lenet5", methods="gradient", classes="5", networks=trained)
    assert pictures(app) == ["Gradient of 5 in A five, by LeNet-5"]
    assert "has no class called" in captions(app)


def test_too_many_maps_are_one_sentence(opened: Open) -> None:
    """Six methods, four classes and three networks are more than a grid holds."""
    app = opened(
        model="lenet5",
        methods="~".join(list(METHODS)[:6]),
        classes="0~1~2~3",
        networks="resnet18~resnet34~resnet50",
    )
    assert "96 maps are more than the 48" in app.error[0].value


@pytest.mark.parametrize(
    "asked",
    [
        {"methods": "gradcam~magic"},
        {"classes": "unicorn"},
        {"classes": "99999999999"},
        {"cam": "conv99"},
        {"networks": "resnet51"},
        {"strength": "-1"},
        {"clip": "20"},
        {"values": "loud"},
        {"scale": "<b>"},
        {"section": "none"},
        {"methods": "gradcam~smoothgrad", "knobs": "smoothgrad.samples:many"},
    ],
)
def test_nonsense_in_the_address(opened: Open, asked: dict[str, str]) -> None:
    """One sentence that names what was asked for; the page is shown all the same."""
    app = opened(model="lenet5", **asked)
    assert len(app.warning) == 1
    assert list(asked.values())[-1].split("~")[-1].split(":")[-1][:40] in app.warning[0].value
    assert pictures(app)


def test_no_method_is_asked_for_one(opened: Open) -> None:
    """With everything taken out the page says what to do."""
    app = opened(model="lenet5")
    app.multiselect(key="saliency_methods").set_value([]).run()
    assert "Choose a method" in app.info[0].value


def test_every_method_has_its_sentence_and_paper(opened: Open) -> None:
    """The section of methods links each one's paper."""
    text = captions(opened(model="lenet5", section="methods"))
    for method in METHODS.values():
        assert method.sentence in text
        assert method.link in text


def test_a_map_is_held_against_another_class(opened: Open) -> None:
    """The map of the likeliest other class stands beside it, with their rank correlation."""
    app = opened(model="lenet5", section="trust", method="gradient", classes="5")
    assert re.search(r"rank correlation -?[01]\.\d\d", captions(app))
    assert "All its values are numbers" in captions(app)
    assert {each.split(" of ")[1].split(",")[0] for each in maps_for_trust(app)} > {"5"}


def test_completeness_is_shown_with_its_numbers(opened: Open) -> None:
    """Sum of the map and difference of the scores, whose difference is the gap."""
    app = opened(model="lenet5", section="trust", method="deeplift", classes="5")
    shown = {each.label: float(each.value) for each in app.metric}
    gap = shown["Sum of the map"] - shown["Difference of scores"]
    assert shown["Gap"] == pytest.approx(gap, abs=2e-3)
    assert shown["Gap"] == pytest.approx(0, abs=1e-2)


def test_a_network_forgets_and_pixels_are_shown(opened: Open) -> None:
    """Both checks start by a button, end in a sentence with numbers, a figure and maps."""
    app = opened(model="lenet5", section="trust", method="gradcam", classes="5")
    before = len(maps_for_trust(app))
    settled(press(app, "Make it forget"))
    assert len(maps_for_trust(app)) > before
    settled(press(app, "Insert and delete"))
    assert not app.error
    assert "Inserted in the map's order the area is" in captions(app)
    assert len(app.get("plotly_chart")) == 2


def test_random_weights_have_nothing_to_forget(opened: Open) -> None:
    """The check says so instead of offering itself."""
    app = opened(model="lenet5", weights="random", section="trust", method="gradient")
    assert "random already" in captions(app)
    assert not any(each.label == "Make it forget" for each in app.button)


def maps_for_trust(app: AppTest) -> list[str]:
    """What the pictures of the checks show, in words."""
    return [alt for each in app.get("image") for alt in _alts(each) if " of " in alt]


def test_a_detector_is_sent_elsewhere(opened: Open) -> None:
    """A model that is no classifier gets one sentence."""
    app = opened(model="fasterrcnn_resnet50_fpn")
    assert "classifiers only" in app.info[0].value
    assert not app.error


def asked(method: str = "gradient", **changes: Any) -> Asked:
    """A question about a sample picture."""
    given = {
        "model": "m", "title": "M", "weights": "w", "picture": samples.accepted("digit_5"),
        "method": method, "target": 1, "target_name": "one", "layer": None, "knobs": (),
    }  # fmt: skip
    return Asked(**{**given, **changes})


def test_the_key_tells_maps_apart_and_costs_do_not_ask_for_the_class() -> None:
    """Whatever changes a map changes its key; the estimate is the same for every class."""
    other = samples.accepted("digit_3")
    keys = {
        asked().key,
        asked("gradcam").key,
        *(asked(**{name: value}).key for name, value in (
            ("model", "n"), ("weights", "v"), ("picture", other), ("target", 2), ("target", "1"),
            ("layer", "c1"), ("knobs", (("steps", 3),)),
        )),
    }  # fmt: skip
    assert len(keys) == 9
    assert asked().cost_key == asked(target=2).cost_key != asked("gradcam").cost_key


def test_kept_maps_are_bounded() -> None:
    """The one not looked at for longest goes."""
    kept = Kept()
    failed = Failed("m", "gradient", "one", "why")
    for number in range(attribution_cells.MOST_KEPT):
        kept.put(str(number), failed)
    assert kept.get("0") is failed
    kept.put("one more", failed)
    assert kept.get("0") is failed
    assert kept.get("1") is None


def test_files_hold_the_values() -> None:
    """The .npy is read back equal, the CSV to six digits."""
    values = np.random.default_rng(0).normal(size=(4, 5)).astype(np.float32)
    use = NetworkUse("m", "M", "w", "W", False, "cpu")
    map_ = Attribution(
        use, "gradient", 1, "one", 0.5, "", "", values, Box(0, 0, 1, 1), 0.1, 1, None, ()
    )
    folder = Path(os.environ["CONVZOO_RUNTIME_DIR"])
    file = folder / "map.npy"
    file.write_bytes(attribution_files.npy(map_))
    assert np.array_equal(np.load(file), values)
    file.unlink()
    lines = attribution_files.csv(map_).decode().splitlines()
    read = np.array([[float(each) for each in line.split(",")] for line in lines])
    assert read == pytest.approx(values, rel=1e-5)

"""The page Design your own: presets, typing, errors at their row, undo, links, files."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from streamlit.testing.v1 import AppTest

from explorer.blocks import sketch
from explorer.blocks.presets import PRESETS

Open = Callable[..., AppTest]

APP = Path(__file__).resolve().parents[2] / "app.py"


@pytest.fixture
def open_page() -> Open:
    """Open the page by a link with the given names and values, as a new visitor."""

    def opened(**asked: str) -> AppTest:
        app = AppTest.from_file(str(APP), default_timeout=90).run()
        app.switch_page("pages/architecture/design.py")
        for name, value in asked.items():
            app.query_params[name] = value
        return app.run()

    return opened


def editor(app: AppTest) -> Any:
    """The table to type in."""
    assert not app.exception
    (found,) = app.data_editor
    return found


def results(app: AppTest) -> list[tuple[str, ...]]:
    """Output, parameters and MACs by row."""
    (frame,) = [each.value for each in app.dataframe if "Output" in each.value]
    return [tuple(row) for row in frame[["Output", "Params", "MACs"]].to_numpy()]


def address(app: AppTest) -> dict[str, str]:
    """What of the page stands in the address."""
    named = {name: values for name, values in app.query_params.items() if name != "model"}
    return {n: each if isinstance(each, str) else each[0] for n, each in named.items()}


def write(
    app: AppTest,
    edited: dict[int, dict[str, Any]] | None = None,
    added: list[dict[str, Any]] | None = None,
    deleted: list[int] | None = None,
) -> AppTest:
    """Type into the grid that stands there."""
    app.session_state[editor(app).key] = {
        "edited_rows": edited or {}, "added_rows": added or [], "deleted_rows": deleted or [],
    }  # fmt: skip
    return app.run()


def test_it_starts_with_lenet_5(open_page: Open) -> None:
    """61,706 parameters, and an address without a design."""
    app = open_page()
    assert results(app)[0] == ("6 × 28 × 28", "156", "118 k")
    assert any("61,706 in all" in each.value for each in app.caption)
    assert address(app) == {}
    assert not app.error


@pytest.mark.parametrize("name", PRESETS)
def test_presets(open_page: Open, name: str) -> None:
    """Each is drawn whole, stands in the address and can be taken back."""
    app = open_page()
    app.button_group(key="design_preset").set_value(name).run()
    assert not app.exception
    assert not app.error
    assert len(results(app)) == len(PRESETS[name].rows)
    assert results(app)[-1][0] == "10"
    if name != "LeNet-5":
        assert address(app)["net"].startswith("conv")
        app.button(key="design_undo").click().run()
    assert address(app) == {}


def test_typing_changes_the_numbers(open_page: Open) -> None:
    """12 kernels of 5 x 5: 12 * 26 parameters; the next row reads 12 channels: 16 * 301."""
    app = write(open_page(), {0: {"channels": 12}})
    assert [row[1] for row in results(app)[:3]] == ["312", "0", "4.82 k"]
    assert address(app)["net"].startswith("conv 12 kernel=5 padding=0 activation=tanh; average")
    assert address(app)["name"] == "My LeNet-5"
    # Typed on in the same grid, which keeps what was typed before.
    key = editor(app).key
    write(app, {0: {"channels": 12, "kernel": "3"}})
    assert editor(app).key == key
    assert results(app)[0] == ("12 × 30 × 30", "120", "97.2 k")


def test_an_error_stands_at_its_row(open_page: Open) -> None:
    """The sentence names the row; rows before it keep their numbers, those behind wait."""
    app = write(open_page(), {2: {"channels": 32}})
    (error,) = app.error
    assert "Row 6, Fully connected." in error.value
    assert "Linear expects 400 numbers, receives 800: 32 × 5 × 5." in error.value
    assert [row[0] for row in results(app)[3:]] == [
        "32 × 5 × 5", "800", "does not fit", "not reached", "not reached",
    ]  # fmt: skip
    app.button(key="design_undo").click().run()
    assert not app.error
    app.button(key="design_redo").click().run()
    assert len(app.error) == 1


def test_a_kind_is_picked(open_page: Open) -> None:
    """Cells that do not concern it are emptied: the next grid begins with the row as it is."""
    app = open_page()
    key = editor(app).key
    write(app, {0: {"layer": "Depthwise convolution"}})
    assert editor(app).key != key
    assert editor(app).value["channels"].isna()[0]
    assert results(app)[0][:2] == ("1 × 28 × 28", "26")


def test_what_is_typed_while_the_next_grid_comes_counts_once(open_page: Open) -> None:
    """The browser still holds the former grid and tells of one more cell; undo is not undone."""
    app = open_page()
    former = editor(app).key
    picked = {"edited_rows": {1: {"layer": "Max pooling"}}, "added_rows": [], "deleted_rows": []}
    write(app, picked["edited_rows"])  # type: ignore[arg-type]
    late = {1: {"layer": "Max pooling"}, 0: {"channels": 9}}
    app.session_state[former] = {**picked, "edited_rows": late}
    app.run()
    assert address(app)["net"].startswith("conv 9 kernel=5 padding=0 activation=tanh; max pool;")
    app.button(key="design_undo").click().run()
    assert address(app)["net"].startswith("conv 6 kernel=5 padding=0 activation=tanh; max pool;")
    app.run()
    assert address(app)["net"].startswith("conv 6 ")


def test_rows_come_and_go_in_the_grid(open_page: Open) -> None:
    """Two deleted, an empty one that counts for nothing, and a new last layer."""
    app = write(open_page(net="conv 8; activation; global pool; linear 10", input="3x16x16"),
                None, [{}, {"layer": "Activation", "activation": "GELU"}], [1])  # fmt: skip
    assert address(app)["net"] == "conv 8; global pool; linear 10; activation GELU"
    assert list(editor(app).value["number"]) == ["1", "2", "3", "4"]


def test_rows_are_moved_doubled_inserted_and_deleted(open_page: Open) -> None:
    """By the buttons, each of which can be taken back; the chosen row follows."""
    app = open_page(net="conv 8; max pool; flatten", input="3x16x16")
    app.button(key="design_down").click().run()
    assert address(app)["net"] == "max pool; conv 8; flatten"
    app.button(key="design_duplicate").click().run()
    assert address(app)["net"] == "max pool; conv 8; conv 8; flatten"
    app.button(key="design_delete").click().run()
    app.button(key="design_up").click().run()
    assert address(app)["net"] == "max pool; flatten; conv 8"
    app.button(key="design_insert_below").click().run()
    assert address(app)["net"] == "max pool; flatten; conv; conv 8"
    for _ in range(5):
        app.button(key="design_undo").click().run()
    assert address(app)["net"] == "conv 8; max pool; flatten"
    assert app.button(key="design_undo").disabled


def test_a_click_takes_in_what_was_just_typed(open_page: Open) -> None:
    """The edit and the click come in one run; both count, and undo brings the edit back first."""
    app = open_page(net="conv 8; max pool", input="3x16x16")
    app.session_state[editor(app).key] = {
        "edited_rows": {0: {"channels": 24}}, "added_rows": [], "deleted_rows": [],
    }  # fmt: skip
    app.button(key="design_down").click().run()
    assert address(app)["net"] == "max pool; conv 24"
    app.button(key="design_undo").click().run()
    assert address(app)["net"] == "conv 24; max pool"
    app.button(key="design_undo").click().run()
    assert address(app)["net"] == "conv 8; max pool"


def test_the_input_is_a_step_too(open_page: Open) -> None:
    """A larger picture, another output, and back."""
    app = open_page(net="conv 8; max pool", input="3x16x16")
    app.number_input(key="design_side_2").set_value(20).run()
    assert (results(app)[-1][0], address(app)["input"]) == ("8 × 8 × 10", "3x16x20")
    app.button(key="design_undo").click().run()
    assert app.number_input(key="design_side_2").value == 16


def test_all_rows_deleted(open_page: Open) -> None:
    """A sentence says how to go on, and undo brings them back."""
    app = write(open_page(net="conv 8"), None, None, [0])
    assert any("Add a row" in each.value for each in app.info)
    assert not app.error
    app.button(key="design_undo").click().run()
    assert address(app)["net"] == "conv 8"


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"net": "conv 6; foo 3; linear"}, "Row 2, “foo 3”.** There is no layer"),
        ({"net": "conv channels=abc"}, "Row 1, Convolution.** Channels is a whole number"),
        ({"net": "dense 32 growth=256; residual 8192; bottleneck 8192; linear"}, "Row 4"),
        ({"net": "conv 6 kernel=99 padding=0"}, "larger than the padded input"),
    ],
)
def test_wrong_rows_in_a_link_are_kept_and_told(
    open_page: Open, link: dict[str, str], words: str
) -> None:
    """The row stands in the table to be mended."""
    app = open_page(**link)
    (error,) = app.error
    assert words in error.value
    assert address(app)["net"] == link["net"]


@pytest.mark.parametrize(
    ("link", "words"),
    [
        ({"net": "flatten;" * 70}, "at most 64 rows"),
        ({"net": "x" * 9000}, "at most 8000 characters"),
        ({"input": "3x32"}, "channels x height x width"),
        ({"input": "3x0x32"}, "1 to 4096 channels"),
        ({"section": "nowhere"}, "there is diagram, figures, files"),
    ],
)
def test_links_that_make_no_sense(open_page: Open, link: dict[str, str], words: str) -> None:
    """One warning, and LeNet-5."""
    app = open_page(**link)
    assert not app.exception
    assert [words in each.value for each in app.warning] == [True]
    assert len(results(app)) == 8


def test_a_link_opens_the_design(open_page: Open) -> None:
    """Rows, input, name and section, in another session."""
    link = {
        "net": "conv 16 norm=batch; residual 32 stride=2; global pool; linear 5",
        "input": "1x28x28", "name": "Digits", "section": "files",
    }  # fmt: skip
    app = open_page(**link)
    assert address(app) == link
    assert results(app)[1][0] == "32 × 14 × 14"
    assert app.text_input(key="design_called").value == "Digits"


def test_the_chosen_row_is_explained(open_page: Open) -> None:
    """What it is, and the settings that stand under "More"."""
    app = open_page(net="conv 6; dense", input="3x16x16")
    app.selectbox(key="design_row").set_value(1).run()
    assert any(
        "Row 2, **Dense block**" in each.value
        and "`growth` (maps that each layer adds)" in each.value
        for each in app.caption
    )


def test_a_preset_written_otherwise_is_still_the_preset(open_page: Open) -> None:
    """Its name is shown and the address stays as it was pasted."""
    link = "; ".join(f"{line} " for line in sketch.of(PRESETS["Mini-ResNet"]).lines)
    app = open_page(net=f"{link}10", input="3x32x32", section="files")
    assert app.text_input(key="design_called").value == "Mini-ResNet"


def test_code_and_files(open_page: Open) -> None:
    """The code builds it; while a row does not fit, a sentence says what is waited for."""
    app = open_page(net="conv 4; global pool; linear 5", input="3x16x16", section="files")
    assert any("nn.Conv2d(3, 4, 3, padding=1)" in each.value for each in app.code)
    assert any(each.value == "conv 4; global pool; linear 5" for each in app.code)
    write(app, {1: {"layer": "Dropout"}})
    assert any("once row 3 fits" in each.value for each in app.info)


def test_the_name_and_a_line_from_elsewhere(open_page: Open) -> None:
    """Both are steps; a line too long is refused in a sentence."""
    app = open_page(net="conv 4", section="files")
    app.text_input(key="design_called").set_value("Tiny; <b>net</b>").run()
    assert address(app)["name"] == "Tiny; <b>net</b>"
    app.text_input(key="design_line").set_value("conv 6; flatten; linear").run()
    assert address(app)["net"] == "conv 6; flatten; linear"
    app.text_input(key="design_line").set_value("flatten;" * 70).run()
    assert [each.value for each in app.error] == [
        "A network has at most 64 rows; this one has 70."
    ]  # fmt: skip
    app.button(key="design_undo").click().run()
    assert address(app)["net"] == "conv 4"


def test_a_file_from_elsewhere(open_page: Open) -> None:
    """Opened as a step; what is no design is refused in a sentence."""
    app = open_page(section="files")
    data = {
        "convzoo": "design", "version": 1, "name": "Mine", "input": [3, 8, 8],
        "layers": [{"layer": "conv", "channels": 4}],
    }  # fmt: skip
    upload = app.file_uploader(key="design_file")
    upload.upload("mine.json", json.dumps(data).encode(), "application/json").run()
    assert address(app) == {
        "net": "conv 4", "input": "3x8x8", "name": "Mine", "section": "files",
    }  # fmt: skip
    app.file_uploader(key="design_file").upload("x.json", b"{}", "application/json").run()
    assert any("no design of ConvZoo" in each.value for each in app.error)
    assert address(app)["net"] == "conv 4"


def test_it_is_kept_while_the_person_is_elsewhere(open_page: Open) -> None:
    """Another page and back: the design, and a grid that shows it."""
    app = write(open_page(), {0: {"channels": 12}})
    app.switch_page("pages/architecture/cost_lab.py").run()
    app.query_params.clear()
    app.switch_page("pages/architecture/design.py").run()
    assert address(app)["net"].startswith("conv 12 ")
    assert editor(app).value["channels"][0] == 12
    write(app, {2: {"channels": 20}})
    assert [row[0] for row in results(app)[:3]] == ["12 × 28 × 28", "12 × 14 × 14", "20 × 10 × 10"]

"""An anatomy leaves the program as JSON, CSV, Markdown and text without losing or inventing."""

from __future__ import annotations

import csv
import io
import json
import re
from dataclasses import replace

import pytest

from explorer.anatomy import export
from explorer.anatomy.records import (
    NETWORK_INPUT,
    Anatomy,
    Failure,
    Layer,
    NotCounted,
    ReceptiveField,
    Run,
    Status,
)

# One 3x3 convolution 3 -> 8, stride 2, padding 1, on 32x32; by hand: 3*3*3*8 + 8 parameters,
# 27 multiply-adds for each of 8*16*16 outputs, 4 bytes each.
CONV = Layer(
    index=0,
    name="conv",
    path="conv",
    kind="Conv2d",
    op="conv2d",
    settings=(("kernel", "3 × 3"), ("stride", "2 × 2")),
    window=None,
    inputs=((1, 3, 32, 32),),
    output=(1, 8, 16, 16),
    sources=(NETWORK_INPUT,),
    parameters=(),
    params=224,
    trainable_params=224,
    macs=55_296,
    activation_bytes=8192,
    saved_bytes=8192,
    receptive_field=ReceptiveField((3, 3), (2.0, 2.0), (1.0, 1.0), Status.EXACT),
    operations=(),
)
ODD = replace(
    CONV,
    index=1,
    name='odd|name_"x",\n`y`',
    kind="Gate<T>",
    op="mystery",
    inputs=((1, 8, 16, 16), (8,)),
    output=(),
    params=0,
    trainable_params=0,
    macs=None,
    receptive_field=ReceptiveField(
        (32, 32),
        (None, None),
        (float("nan"), float("inf")),
        Status.WHOLE_INPUT,
        convolutional=ReceptiveField((9, 9), (2.0, 2.5), (4.0, 4.0), Status.UPPER_BOUND),
    ),
    note="=1+1, é",
)
UNUSED = replace(CONV, index=2, name="aux", params=10, macs=0, activation_bytes=0, ran=False)
ANATOMY = Anatomy(
    model="tiny",
    title="Tiny *net* | one",
    source="user",
    task="classification",
    input_shapes=((1, 3, 32, 32),),
    layers=(CONV, ODD, UNUSED),
    modules=(),
    params=234,
    trainable_params=224,
    buffer_bytes=0,
    param_bytes=936,
    macs=55_296,
    not_counted=(NotCounted("aten.mystery", 2, ("odd",)),),
    activation_bytes=16_384,
    saved_bytes=16_384,
    peak_activation_bytes=20_480,
    peak_layer=0,
    depth=1,
    run=Run("meta", "shapes suffice", ("0 proposals",)),
)


def parsed(anatomy: Anatomy = ANATOMY) -> dict:
    """Read our own JSON strictly: NaN and Infinity, which Python would accept, are errors."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(export.to_json(anatomy), parse_constant=refuse)


def test_json_has_the_promised_keys() -> None:
    """The keys other programs rely on, with the values of the record."""
    data = parsed()
    assert data["model"] == "tiny"
    assert data["source"] == "user"
    assert data["input_shapes"] == [[1, 3, 32, 32]]
    assert (data["params"], data["trainable_params"]) == (234, 224)
    assert (data["macs"], data["activation_bytes"]) == (55_296, 16_384)
    assert data["not_counted"] == [{"op": "aten.mystery", "times": 2, "layers": ["odd"]}]
    layer = data["layers"][0]
    assert layer["name"] == "conv"
    assert layer["op"] == "conv2d"
    assert layer["inputs"] == [[1, 3, 32, 32]]
    assert layer["output"] == [1, 8, 16, 16]
    assert (layer["params"], layer["macs"], layer["activation_bytes"]) == (224, 55_296, 8192)
    assert layer["receptive_field"] == {
        "size": [3, 3],
        "stride": [2, 2],
        "padding": [1, 1],
        "status": "exact",
    }


def test_json_keeps_the_unknown_unknown() -> None:
    """What is not counted is null, and no number JSON has no word for gets through."""
    layer = parsed()["layers"][1]
    assert layer["macs"] is None
    assert layer["receptive_field"]["stride"] == [None, None]
    assert layer["receptive_field"]["padding"] == [None, None]
    assert layer["receptive_field"]["status"] == "whole input"
    assert layer["receptive_field"]["convolutional"]["stride"] == [2, 2.5]
    assert parsed()["layers"][2]["ran"] is False


def test_json_is_ascii_and_whole_numbers_are_integers() -> None:
    """Any terminal can carry it, and 2.0 pixels are 2 pixels."""
    text = export.to_json(ANATOMY)
    assert text.isascii()
    assert type(parsed()["layers"][0]["receptive_field"]["stride"][0]) is int


def test_json_tells_where_a_network_stopped() -> None:
    """A partial anatomy carries its reason."""
    failed = replace(ANATOMY, failure=Failure("conv", "The map is empty.", (33, 33)))
    assert parsed(failed)["failure"] == {
        "layer": "conv",
        "message": "The map is empty.",
        "sufficient_size": [33, 33],
    }
    assert parsed()["failure"] is None


@pytest.mark.parametrize(
    ("failure", "text"),
    [
        (
            Failure("conv", "The map is\nempty.", (33, 65)),
            "at conv: The map is empty. An input of ",
        ),
        (Failure("conv", "The map is empty"), "at conv: The map is empty."),
        (Failure("", "It raised ValueError: no."), "between its layers: It raised ValueError: no."),
    ],
)
def test_where_a_network_stopped_is_one_line(failure: Failure, text: str) -> None:
    """Layer, reason, and a size that suffices where one is known."""
    said = export.stopped(failure)
    assert said == (f"{text}33 × 65 pixels suffices." if failure.sufficient_size else text)
    assert dict(export.totals(replace(ANATOMY, failure=failure)))["Stopped"] == said


def test_csv_reads_back() -> None:
    """Quotes, commas and line breaks in names survive; the columns are the announced ones."""
    rows = list(csv.DictReader(io.StringIO(export.to_csv(ANATOMY))))
    assert len(rows) == 3
    assert tuple(rows[0]) == export.CSV_COLUMNS
    assert rows[0]["output"] == "1x8x16x16"
    assert rows[0]["receptive_field"] == "3x3"
    assert rows[0]["stride"] == "2x2"
    assert rows[0]["macs"] == "55296"
    assert rows[1]["name"] == ODD.name
    assert rows[1]["macs"] == ""
    assert rows[1]["inputs"] == "1x8x16x16;8"
    assert rows[1]["stride"] == ""
    assert rows[1]["convolutional_receptive_field"] == "9x9"
    assert sum(int(row["params"]) for row in rows) == ANATOMY.params


def test_csv_of_several_models_has_one_header() -> None:
    """The second part continues the first."""
    text = export.to_csv(ANATOMY) + export.to_csv(ANATOMY, header=False)
    assert len(list(csv.DictReader(io.StringIO(text)))) == 6


def test_markdown_renders_as_a_table() -> None:
    """Each row has as many unescaped bars as the heading, and special characters are escaped."""
    lines = export.to_markdown(ANATOMY).splitlines()
    assert lines[0] == r"# Tiny \*net\* \| one"
    table = [line for line in lines if line.startswith("|")]
    assert len(table) == 2 + 3
    assert {len(re.findall(r"(?<!\\)\|", line)) for line in table} == {9}
    assert r"Gate\<T\>" in table[3]
    assert "not counted" in table[3]
    assert "55,296" in table[2]
    assert lines.index(table[0]) == 1 + lines.index("", 1 + lines.index("")), "a blank line before"


def test_text_is_aligned() -> None:
    """The columns of the terminal's table line up, and unused modules are said to be so."""
    lines = export.to_text(replace(ANATOMY, layers=(CONV, UNUSED))).splitlines()
    heading, rule, first, second = lines[-4:]
    assert set(rule) == {"-"}
    assert heading.index("kind") == first.index("Conv2d") == second.index("Conv2d")
    assert first.index("55,296") + len("55,296") == heading.index("MACs") + len("MACs")
    assert "did not run" in second


def test_text_of_no_layers_is_still_a_table() -> None:
    """A network that stops in its first layer has totals and headings."""
    lines = export.to_text(replace(ANATOMY, layers=())).splitlines()
    assert lines[-2].startswith("layer")
    assert set(lines[-1]) == {"-"}


def test_totals_say_what_was_not_counted_and_assumed() -> None:
    """A total with a gap says so."""
    found = dict(export.totals(ANATOMY))
    assert found["Not counted"] == "aten.mystery (x2)"
    assert found["Assumed"] == "0 proposals"
    assert "224 of them trainable" in found["Parameters"]


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (CONV.receptive_field, "3 × 3"),
        (ODD.receptive_field, "whole input (convolutions ≤ 9 × 9)"),
        (ReceptiveField((None,), (None,), (None,), Status.UNKNOWN), "unknown"),
        (ReceptiveField((5, 5), (1, 1), (0, 0), Status.DATA_DEPENDENT), "data-dependent"),
    ],
)
def test_receptive_fields_say_how_far_they_may_be_believed(
    field: ReceptiveField, text: str
) -> None:
    """Only an exact field is written as a bare size."""
    assert export.receptive_field(field) == text

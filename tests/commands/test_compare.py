"""`python -m explorer compare`: forms, and errors of one sentence."""

from __future__ import annotations

import json

import pytest

from explorer.cli import main


def test_text_by_default(capsys: pytest.CaptureFixture[str]) -> None:
    """Totals, stages and the difference for a terminal."""
    assert main(["compare", "vgg16", "vgg19"]) == 0
    said = capsys.readouterr().out
    assert "138,357,544" in said
    assert "Four 3×3 convolutions instead of three." in said


def test_json_and_one_size_for_all(capsys: pytest.CaptureFixture[str]) -> None:
    """`--size` is every model's input."""
    assert main(["compare", "resnet18", "resnet34", "--size", "96x64", "--json"]) == 0
    data = json.loads(capsys.readouterr().out)
    assert {tuple(column["input_shape"]) for column in data["columns"]} == {(1, 3, 96, 64)}
    assert data["profiles"] == []


def test_markdown_with_measurements(capsys: pytest.CaptureFixture[str]) -> None:
    """`--measure` runs the networks here."""
    assert main(["compare", "lenet5", "lenet5_partial", "--measure", "--markdown"]) == 0
    output = capsys.readouterr()
    assert "## Measured here" in output.out
    assert "measuring lenet5_partial" in output.err


def test_html_is_a_page(capsys: pytest.CaptureFixture[str]) -> None:
    """One that stands alone."""
    assert main(["compare", "lenet5", "lenet5_partial", "--html"]) == 0
    assert capsys.readouterr().out.startswith("<!DOCTYPE html>")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["resnet18"], "2 to 6 models, not 1"),
        (["resnet18", "resnet18"], "named twice"),
        (["resnet18", "resnet19"], "resnet18"),
        (["lenet5", "alexnet", "vgg11", "vgg13", "vgg16", "vgg19", "nin_cifar10"], "At most 6"),
        (["resnet18", "vit_b_16", "--size", "64"], "ViT-B/16 cannot take 64 × 64"),
        (["resnet18", "vgg16", "--size", "0"], "from 1 to 4096"),
        (["resnet18", "vgg16", "--json", "--markdown"], "not allowed"),
    ],
)
def test_mistakes_are_one_sentence(
    arguments: list[str], said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Exit code 2, nothing on stdout, no traceback."""
    assert main(["compare", *arguments]) == 2
    output = capsys.readouterr()
    assert output.out == ""
    assert said in output.err
    assert output.err.count("\n") == 1

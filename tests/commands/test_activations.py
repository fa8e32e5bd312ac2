"""`python -m explorer activations`: a PNG and a sentence, or one sentence and exit code 2."""

from __future__ import annotations

from pathlib import Path

import pytest
from PIL import Image

from explorer.cli import main
from explorer.pictures import samples

CAT = str(samples.path(samples.find("chelsea")))


def test_all_channels_of_a_layer(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The sheet is written, and what it shows is said."""
    file = tmp_path / "maps.png"
    asked = ["activations", CAT, "--model", "lenet5", "--layer", "c3", "--output", str(file)]
    assert main(asked) == 0
    with Image.open(file) as image:
        assert image.format == "PNG"
        assert min(image.size) > 200
    said = capsys.readouterr().out
    assert "c3 (Conv2d) of LeNet-5" in said
    assert "16 channels of 10 × 10" in said


def test_one_channel_over_the_picture(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the picture's own proportions."""
    file = tmp_path / "one.png"
    asked = ["activations", CAT, "--model", "lenet5", "--channel", "2", "--output", str(file)]
    assert main(asked) == 0
    with Image.open(file) as image:
        assert image.width / image.height == pytest.approx(451 / 300, rel=0.01)
    assert "Channel 2 of c1" in capsys.readouterr().out


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((CAT, "--model", "lenet5", "--layer", "c99"), "no layer 'c99'"),
        ((CAT, "--model", "lenet6"), "lenet5"),
        ((CAT, "--model", "fcn_resnet50"), "classifiers only"),
        ((CAT, "--model", "lenet5", "--page", "4"), "there is no page 4"),
        ((CAT, "--model", "lenet5", "--page", "0"), "there is no page 0"),
        ((CAT, "--model", "lenet5", "--channel", "6"), "channels 0 to 5, not 6"),
        ((CAT, "--model", "lenet5", "--layer", "f6", "--channel", "6"), "leave --channel out"),
        ((CAT, "--model", "lenet5", "--weights", "V9"), "V9"),
        ((__file__, "--model", "lenet5"), "test_activations.py"),
        (("/no/such.jpg", "--model", "lenet5"), "/no/such.jpg"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: tuple[str, ...], words: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """On stderr, with exit code 2, and no file is left."""
    file = tmp_path / "maps.png"
    assert main(["activations", *arguments, "--output", str(file)]) == 2
    said = capsys.readouterr()
    assert said.out == ""
    assert words in said.err
    assert said.err.count("\n") == 1
    assert not file.exists()


@pytest.mark.parametrize("name", ["maps.jpg", "nowhere/maps.png"])
def test_the_output_is_checked_first(
    name: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Another ending or a folder that is not there is refused before any work."""
    asked = ["activations", CAT, "--model", "lenet5", "--output", str(tmp_path / name)]
    assert main(asked) == 2
    assert name in capsys.readouterr().err

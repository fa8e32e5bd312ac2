"""`python -m explorer attribute`: the map it writes, what it prints, what it refuses."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image

from explorer import cli


@pytest.fixture
def digit(tmp_path: Path) -> Path:
    """A bright bar on black, as digits are."""
    pixels = np.zeros((28, 28), np.uint8)
    pixels[5:23, 13:16] = 255
    Image.fromarray(pixels).save(tmp_path / "one.png")
    return tmp_path / "one.png"


def run(capsys: Any, *arguments: str | Path) -> tuple[int, str, str]:
    """Exit code, stdout, stderr."""
    code = cli.main([str(each) for each in arguments])
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_a_map_is_written_and_told(digit: Path, tmp_path: Path, capsys: Any) -> None:
    """A PNG in colour, and one line with method, network, class, cost and what adds up."""
    file = tmp_path / "map.png"
    code, out, err = run(
        capsys, "attribute", digit, "--model", "lenet5", "--method", "integrated_gradients",
        "--knob", "steps=8", "--knob", "baseline=black", "--target", "1", "--output", file,
    )  # fmt: skip
    assert (code, err) == (0, "")
    assert out.startswith("Integrated gradients of LeNet-5")
    assert "for 1 (" in out
    assert "10 passes" in out
    assert "The values add up to" in out
    pixels = np.asarray(Image.open(file).convert("RGB")).astype(int)
    assert np.ptp(pixels, axis=2).max() > 50


def test_random_weights_stand_on_the_map(digit: Path, tmp_path: Path, capsys: Any) -> None:
    """The picture is higher by the band."""
    file = tmp_path / "map.png"
    arguments = ("--model", "lenet5", "--method", "gradcam", "--layer", "c3", "--output", file)
    code, out, _ = run(capsys, "attribute", digit, *arguments, "--weights", "random")
    assert code == 0
    assert "at c3 (each place sees 14 × 14 pixels)" in out
    width, height = Image.open(file).size
    assert height > width


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"--method": "magic"}, "There is no method 'magic'"),
        ({"--model": "lenet6"}, "lenet6"),
        ({"--target": "eleven"}, "has no class called 'eleven'"),
        ({"--layer": "c3"}, "Gradient looks into no layer; leave --layer out."),
        ({"--knob": "steps"}, "A knob is given as NAME=VALUE"),
        ({"--knob": "steps=3"}, "Gradient has no knob called 'steps'"),
        ({"--output": "map.jpg"}, "must end in .png"),
        ({"--output": "nowhere/map.png"}, "its folder must exist"),
    ],
)
def test_what_makes_no_sense_is_one_sentence(
    changed: dict[str, str], words: str, digit: Path, tmp_path: Path, capsys: Any
) -> None:
    """On stderr, with exit code 2, and no file."""
    file = tmp_path / "map.png"
    plain = {"--model": "lenet5", "--method": "gradient", "--output": str(file)}
    options = [part for pair in (plain | changed).items() for part in pair]
    code, out, err = run(capsys, "attribute", digit, *options)
    assert (code, out) == (2, "")
    assert words in err
    assert err.count("\n") == 1
    assert not file.exists()

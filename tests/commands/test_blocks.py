"""`python -m explorer blocks`: what it prints, where, and with which exit code."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import cli
from explorer.blocks.comparisons import COMPARISONS

ROOT = Path(__file__).resolve().parents[2]


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run the command in this process: exit code, stdout, stderr."""
    code = cli.main(("blocks", *arguments))
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def test_without_a_name_it_lists_them(capsys: pytest.CaptureFixture[str]) -> None:
    """Every comparison with its question, as text and as JSON."""
    code, out, err = run(capsys)
    assert (code, err) == (0, "")
    listed = [line.split()[0] for line in out.splitlines() if not line.startswith(" ")]
    assert listed == list(COMPARISONS)
    code, out, _ = run(capsys, "--json")
    assert code == 0
    assert [each["comparison"] for each in json.loads(out)] == list(COMPARISONS)


def test_the_list_loads_no_torch() -> None:
    """Torch takes seconds to load, and a list needs none."""
    code = (
        "import sys; from explorer import cli; cli.main(('blocks',)); assert 'torch' not in "
        "sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, check=False)
    assert (done.returncode, done.stderr) == (0, b"")


def test_json_of_the_courses_example(capsys: pytest.CaptureFixture[str]) -> None:
    """2,160 against 672 multiplications, both see 3 x 3."""
    code, out, err = run(capsys, "separable", "--json")
    data = json.loads(out)
    assert (code, err) == (0, "")
    assert data["comparison"] == "separable"
    assert data["values"]["outputs"] == 5
    assert [(each["params"], each["macs"]) for each in data["designs"]] == [(135, 2160), (42, 672)]
    assert [each["receptive_field"] for each in data["designs"]] == [[3, 3], [3, 3]]


def test_set_turns_knobs(capsys: pytest.CaptureFixture[str]) -> None:
    """Three kernels at 10 channels: 27 * 100 weights, 7 x 7 seen; the last of one key counts."""
    code, out, _ = run(
        capsys, "stack", "--set", "n=2", "--set", "n=3", "--set", "channels=10", "--json"
    )
    stack = next(each for each in json.loads(out)["designs"] if each["key"] == "stack")
    assert (code, stack["params"], stack["receptive_field"]) == (0, 2_700, [7, 7])


def test_the_whole_input_is_null(capsys: pytest.CaptureFixture[str]) -> None:
    """Squeeze-and-excitation sees everything; the text says so in words."""
    _, out, _ = run(capsys, "squeeze", "--json")
    assert [each["receptive_field"] for each in json.loads(out)["designs"]] == [[3, 3], None]
    assert "whole input" in run(capsys, "squeeze")[1]


def test_text_has_numbers_and_the_paper(capsys: pytest.CaptureFixture[str]) -> None:
    """The multiplications of Inception's 5x5, and who wrote it."""
    code, out, err = run(capsys, "reduction")
    assert (code, err) == (0, "")
    for said in ("120,422,400", "12,443,648", "Going Deeper", "arxiv.org/abs/1409.4842"):
        assert said in out


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("seperable",), "separable"),
        (("stack", "--set", "n"), "KEY=VALUE"),
        (("stack", "--set", "n=99"), "from 1 to 8"),
        (("stack", "--set", "n=two"), "whole number"),
        (("stack", "--set", "n=nan"), "whole number"),
        (("stack", "--set", "depth=2"), "no setting 'depth'"),
        (("separable", "--set", "padding=odd"), "none, same"),
        (("separable", "--set", "height=2"), "larger than the padded input"),
        (("grouped", "--set", "groups=3"), "must divide"),
        (("stack", "--set", "channels=0"), "from 1 to 4096"),
        (("--set", "n=2"), "Name the comparison"),
        (("stack", "reduction"), "reduction"),
    ],
)
def test_errors_are_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], hint: str
) -> None:
    """Exit code 2, nothing on stdout, and the sentence says what to do."""
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.rstrip().endswith(".")
    assert hint in err

"""The command line: what it prints, where, and with which exit code."""

from __future__ import annotations

import csv
import io
import json
import re
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest

from explorer import cli
from explorer.anatomy.export import CSV_COLUMNS
from explorer.zoo import catalogue

ROOT = Path(__file__).resolve().parents[1]
STATUSES = {"exact", "whole input", "upper bound", "data-dependent", "unknown"}
LAYER_KEYS = {
    "name",
    "op",
    "inputs",
    "output",
    "params",
    "macs",
    "activation_bytes",
    "receptive_field",
}
ANATOMY_KEYS = {
    "model",
    "source",
    "input_shapes",
    "params",
    "trainable_params",
    "macs",
    "not_counted",
    "activation_bytes",
    "layers",
}


def strict(text: str) -> Any:
    """Read JSON as the standard has it: no NaN, no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """Run a command in this process: exit code, stdout, stderr."""
    code = cli.main(arguments)
    captured = capsys.readouterr()
    return code, captured.out, captured.err


def one_sentence(text: str) -> bool:
    """Whether stderr holds exactly one line that ends like a sentence."""
    return text.count("\n") == 1 and text.rstrip().endswith((".", "?"))


def test_zoo_lists_every_model_of_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    """A line each, after the headings."""
    code, out, err = run(capsys, "zoo")
    lines = out.splitlines()
    assert (code, err) == (0, "")
    assert [line.split()[0] for line in lines[1:]] == [card.name for card in catalogue.cards()]
    vgg = next(line for line in lines if line.startswith("vgg16 "))
    assert "138,357,544" in vgg
    assert "71.59 %" in vgg, "torchvision's published top-1"


def test_zoo_as_json_has_the_cards(capsys: pytest.CaptureFixture[str]) -> None:
    """The list carries paper, weights and published counts."""
    code, out, _ = run(capsys, "zoo", "--json")
    cards = {card["name"]: card for card in strict(out)}
    assert code == 0
    assert len(cards) == len(catalogue.cards())
    assert cards["resnet50"]["params"] == 25_557_032
    assert cards["resnet50"]["paper"]["year"] == 2015


def test_zoo_loads_no_torch() -> None:
    """Listing takes no seconds of imports."""
    code = (
        "import sys; from explorer.cli import main; main(['zoo']); sys.exit('torch' in sys.modules)"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


def test_json_of_one_model_is_an_object(capsys: pytest.CaptureFixture[str]) -> None:
    """At the weights' own size, with the keys other programs rely on."""
    code, out, _ = run(capsys, "anatomy", "resnet50", "--json")
    data = strict(out)
    assert code == 0
    assert isinstance(data, dict)
    assert set(data) >= ANATOMY_KEYS
    assert data["input_shapes"] == [[1, 3, 224, 224]]
    assert data["params"] == data["trainable_params"] == 25_557_032
    assert round(data["macs"] / 1e9, 3) == 4.089, "torchvision's _ops"
    assert data["not_counted"] == []
    for layer in data["layers"]:
        assert set(layer) >= LAYER_KEYS
        assert set(layer["receptive_field"]) >= {"size", "stride", "padding", "status"}
        assert layer["receptive_field"]["status"] in STATUSES
    for column in ("params", "macs", "activation_bytes"):
        assert sum(layer[column] for layer in data["layers"]) == data[column]
    last = next(each for each in data["layers"] if each["name"] == "layer4.2.relu#3")
    assert last["output"] == [1, 2048, 7, 7]
    field = last["receptive_field"]
    assert (field["size"], field["stride"], field["padding"]) == ([427, 427], [32, 32], [213, 213])


def test_json_of_several_models_is_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    """In the order they were named, progress beside it on stderr."""
    code, out, err = run(capsys, "anatomy", "squeezenet1_1", "alexnet", "--json")
    assert code == 0
    assert [each["model"] for each in strict(out)] == ["squeezenet1_1", "alexnet"]
    assert err.splitlines() == ["1/2 squeezenet1_1", "2/2 alexnet"]


def test_all_means_the_catalogue(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`--all` gives a list even if the catalogue had one model."""
    monkeypatch.setattr(catalogue, "cards", lambda: (catalogue.find("alexnet"),))
    code, out, _ = run(capsys, "anatomy", "--all", "--json")
    assert code == 0
    assert [each["model"] for each in strict(out)] == ["alexnet"]


@pytest.mark.slow
def test_all_of_the_catalogue(capsys: pytest.CaptureFixture[str]) -> None:
    """Every model ends as valid JSON whose columns add up to its totals."""
    code, out, _ = run(capsys, "anatomy", "--all", "--json")
    assert code == 0
    data = strict(out)
    assert [each["model"] for each in data] == [card.name for card in catalogue.cards()]
    for each in data:
        for column in ("params", "trainable_params", "macs", "activation_bytes"):
            assert sum(layer[column] or 0 for layer in each["layers"]) == each[column]


@pytest.mark.parametrize(
    ("size", "shape"), [("160", [2, 3, 160, 160]), ("96x160", [2, 3, 96, 160])]
)
def test_size_and_batch(capsys: pytest.CaptureFixture[str], size: str, shape: list[int]) -> None:
    """Height comes first."""
    arguments = ("anatomy", "resnet18", "--size", size, "--batch", "2", "--json")
    code, out, _ = run(capsys, *arguments)
    assert code == 0
    assert strict(out)["input_shapes"] == [shape]


def test_csv_of_two_models_is_one_table(capsys: pytest.CaptureFixture[str]) -> None:
    """One header, the model in the first column."""
    code, out, _ = run(capsys, "anatomy", "alexnet", "vgg11", "--csv")
    rows = list(csv.DictReader(io.StringIO(out)))
    assert code == 0
    assert tuple(rows[0]) == CSV_COLUMNS
    params = dict.fromkeys(("alexnet", "vgg11"), 0)
    for row in rows:
        params[row["model"]] += int(row["params"])
    assert params == {"alexnet": 61_100_840, "vgg11": 132_863_336}


def test_markdown_and_text(capsys: pytest.CaptureFixture[str]) -> None:
    """Both name the totals and every layer with weights."""
    for form in ([], ["--markdown"]):
        code, out, _ = run(capsys, "anatomy", "alexnet", *form)
        assert code == 0
        assert "61,100,840" in out
        assert "714 MMACs" in out
        assert all(f"features.{index}" in out for index in (0, 3, 6, 8, 10))


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        ((), "COMMAND"),
        (("dissect",), "invalid choice"),
        (("zoo", "--csv"), "--csv"),
        (("anatomy",), "at least one model"),
        (("anatomy", "alexnet", "--all"), "at least one model"),
        (("anatomy", "resnet5"), "resnet50"),
        (("anatomy", "alexnet", "resnet5", "--json"), "resnet50"),
        (("anatomy", "timm:no_such_net"), "timm"),
        (("anatomy", "no_such_module:net"), "no_such_module"),
        (("anatomy", "json:nothing_like_it"), "nothing_like_it"),
        (("anatomy", "alexnet", "--size"), "--size"),
        (("anatomy", "alexnet", "--size", "0"), "4096"),
        (("anatomy", "alexnet", "--size", "-3"), "HxW"),
        (("anatomy", "alexnet", "--size", "big"), "HxW"),
        (("anatomy", "alexnet", "--size", "224x"), "HxW"),
        (("anatomy", "alexnet", "--size", "100000"), "4096"),
        (("anatomy", "alexnet", "--size", "224x99999999999999999999"), "HxW"),
        (("anatomy", "alexnet", "--batch", "0"), "4096"),
        (("anatomy", "alexnet", "--batch", "two"), "--batch"),
        (("anatomy", "alexnet", "--json", "--csv"), "--json"),
    ],
)
def test_errors_are_one_sentence(
    capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], hint: str
) -> None:
    """Exit code 2, nothing on stdout, and the sentence says what to do."""
    code, out, err = run(capsys, *arguments)
    assert (code, out) == (2, "")
    assert one_sentence("\n".join(line for line in err.splitlines() if "1/" not in line) + "\n")
    assert hint in err


def test_a_picture_too_small_for_the_network(capsys: pytest.CaptureFixture[str]) -> None:
    """The layers that ran are printed; the sentence names the layer and a size that suffices."""
    code, out, err = run(capsys, "anatomy", "alexnet", "--size", "31", "--json")
    data = strict(out)
    assert code == 2
    assert one_sentence(err)
    assert data["layers"]
    failure = data["failure"]
    assert failure["layer"] == "features.12", "the third max pooling gets a 1x1 map"
    assert failure["layer"] in err
    assert re.search(r"\b63\b", err), "torchvision's min_size of AlexNet"


@pytest.fixture
def own_models(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> str:
    """A module of the user's in the working directory; its name."""
    source = """
        import torch
        from torch import nn

        def talkative():
            print("building")
            return nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU())

        class Breaks(nn.Module):
            def __init__(self):
                super().__init__()
                self.conv = nn.Conv2d(3, 4, 3)

            def forward(self, x):
                self.conv(x)
                raise ValueError("the\\nsecond half is missing")
    """
    (tmp_path / "own_nets_of_a_test.py").write_text(textwrap.dedent(source))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return "own_nets_of_a_test"


def test_a_model_of_the_users_own(capsys: pytest.CaptureFixture[str], own_models: str) -> None:
    """Found in the working directory; what it prints does not disturb the JSON."""
    code, out, err = run(capsys, "anatomy", f"{own_models}:talkative", "--size", "10x12", "--json")
    data = strict(out)
    assert code == 0
    assert "building" in err
    assert data["source"] == "user"
    assert data["params"] == 3 * 3 * 3 * 4 + 4
    assert data["layers"][0]["output"] == [1, 4, 8, 10]


def test_a_model_of_the_users_own_that_raises(
    capsys: pytest.CaptureFixture[str], own_models: str
) -> None:
    """A partial anatomy on stdout, its message in one line on stderr."""
    code, out, err = run(capsys, "anatomy", f"{own_models}:Breaks", "--json")
    data = strict(out)
    assert code == 2
    assert [layer["name"] for layer in data["layers"]] == ["conv"]
    assert err.count("\n") == 1
    assert "the second half is missing" in err


def shell(command: str) -> subprocess.CompletedProcess[str]:
    """Run a pipeline as a user would; its exit code is the first failure's."""
    return subprocess.run(
        ["bash", "-c", f"set -o pipefail; {command}"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )


def test_a_lack_of_memory_is_one_sentence(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """What torch raises in the middle of a pass is no traceback; any other error still is one."""

    def stops(error: Exception) -> None:
        def raises(_: object) -> int:
            raise error

        monkeypatch.setattr(cli, "_zoo", raises)

    stops(RuntimeError("DefaultCPUAllocator: can't allocate memory: you tried to allocate 8 PiB"))
    assert cli.main(["zoo"]) == 2
    assert capsys.readouterr().err.startswith("There is not enough memory;")
    stops(RuntimeError("mat1 and mat2 shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="multiplied"):
        cli.main(["zoo"])


def test_a_broken_pipe_is_no_error_message() -> None:
    """`| head` gets its lines and nobody complains."""
    done = shell(f"{sys.executable} -m explorer zoo --json | head -n 1")
    assert (done.stdout, done.stderr) == ("[\n", "")


def test_an_ascii_terminal_gets_an_answer() -> None:
    """The multiplication sign shows as its code there instead of stopping the program."""
    done = shell(f"PYTHONIOENCODING=ascii {sys.executable} -m explorer zoo")
    assert (done.returncode, done.stderr) == (0, "")
    assert r"3 \xd7 224 \xd7 224" in done.stdout


def test_the_command_is_installed() -> None:
    """pyproject.toml names a function that is there."""
    text = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert 'convzoo = "explorer.cli:main"' in text
    assert callable(cli.main)

"""`python -m explorer predict`: what it prints, what it refuses, and with which exit code."""

from __future__ import annotations

import json
import os
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pytest
from PIL import Image

from explorer import cli
from explorer.vision import loading

if TYPE_CHECKING:
    from collections.abc import Callable


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Run a command on a computer without weights: exit code, stdout, stderr."""
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no_weights"))
    loading.let_go()

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        code = cli.main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Two pictures, a text that claims to be one, and a hidden file."""
    place = tmp_path / "pictures"
    (place / "more").mkdir(parents=True)
    colours = np.random.default_rng(0).integers(0, 256, (2, 40, 50, 3), dtype=np.uint8)
    Image.fromarray(colours[0]).save(place / "a.png")
    Image.fromarray(colours[1]).save(place / "more" / "c.png")
    (place / "b.jpg").write_text("not a picture")
    (place / ".hidden.png").write_text("nothing to see")
    return place


def strict(text: str) -> Any:
    """Read JSON as the standard has it: no NaN, no Infinity."""

    def refuse(constant: str) -> None:
        raise AssertionError(f"{constant} is not JSON")

    return json.loads(text, parse_constant=refuse)


def test_json_has_one_object_per_picture(run: Any, folder: Path) -> None:
    """Keys and order that other programs rely on; random weights are said on stderr."""
    code, out, err = run(
        "predict", folder / "a.png", folder / "more" / "c.png", "--model", "lenet5",
        "--weights", "random", "--top", "3", "--json",
    )  # fmt: skip
    data = strict(out)
    assert code == 0
    assert [each["picture"] for each in data] == [
        str(folder / "a.png"), str(folder / "more" / "c.png"),
    ]  # fmt: skip
    for each in data:
        assert set(each) == {"picture", "model", "weights", "top"}
        assert (each["model"], each["weights"]) == ("lenet5", "random")
        assert [set(guess) for guess in each["top"]] == [{"class", "index", "probability"}] * 3
        shares = [guess["probability"] for guess in each["top"]]
        assert shares == sorted(shares, reverse=True)
        assert 0 < sum(shares) <= 1
    assert err == "LeNet-5 has random weights: it learned nothing.\n"


def test_one_bad_file_never_stops_the_rest(run: Any, folder: Path) -> None:
    """A text and a file that is not there say why; the exit code is 1."""
    nothing = folder / "nothing.png"
    code, out, _ = run(
        "predict", folder / "b.jpg", nothing, folder / "a.png", "--model", "lenet5", "--json"
    )
    data = strict(out)
    assert code == 1
    assert [set(each) for each in data[:2]] == [{"picture", "error"}] * 2
    assert "top" in data[2]
    assert data[0]["picture"] == str(folder / "b.jpg")
    assert all(each["error"].endswith(".") for each in data[:2])
    assert "cannot be read (no such file or directory)" in data[1]["error"]


def test_a_folder_is_all_of_its_files(run: Any, folder: Path) -> None:
    """In order of their names, those of inner folders too, hidden ones not."""
    code, out, _ = run("predict", folder, "--model", "lenet5", "--json")
    assert code == 1
    assert [(each["picture"], "error" in each) for each in strict(out)] == [
        (str(folder / "a.png"), False),
        (str(folder / "b.jpg"), True),
        (str(folder / "more" / "c.png"), False),
    ]


def test_an_empty_folder_is_refused(run: Any, tmp_path: Path) -> None:
    """Rather than answered with an empty list."""
    (tmp_path / "empty").mkdir()
    code, out, _ = run("predict", tmp_path / "empty", "--model", "lenet5", "--json")
    assert code == 1
    assert strict(out) == [
        {"picture": str(tmp_path / "empty"), "error": "This folder has no files; name another one."}
    ]


def test_an_archive_is_all_of_its_files(run: Any, folder: Path, tmp_path: Path) -> None:
    """Called by the archive's path and their own name."""
    archive = tmp_path / "photos.zip"
    with zipfile.ZipFile(archive, "w") as file:
        file.write(folder / "a.png", "a.png")
        file.write(folder / "b.jpg", "b.jpg")
    code, out, _ = run("predict", archive, "--model", "lenet5", "--json")
    assert code == 1
    assert [(each["picture"], "error" in each) for each in strict(out)] == [
        (f"{archive}/a.png", False), (f"{archive}/b.jpg", True),
    ]  # fmt: skip


def test_a_broken_archive_is_one_refusal(run: Any, tmp_path: Path) -> None:
    """It says so itself."""
    (tmp_path / "broken.zip").write_bytes(b"PK\x03\x04 and then nothing")
    code, out, _ = run("predict", tmp_path / "broken.zip", "--model", "lenet5", "--json")
    assert code == 1
    assert [each["picture"] for each in strict(out)] == [str(tmp_path / "broken.zip")]


def test_text_is_a_table(run: Any, folder: Path) -> None:
    """The picture with its network, then rank, class and share; the refused on stderr."""
    code, out, err = run(
        "predict", folder / "a.png", folder / "b.jpg", "--model", "lenet5", "--top", "2"
    )
    lines = out.splitlines()
    assert code == 1
    assert len(lines) == 3
    assert lines[0].startswith(f"{folder / 'a.png'}  (LeNet-5, MNIST")
    assert lines[1].split()[0] == "1"
    assert "%" in lines[2]
    assert err.startswith(f"{folder / 'b.jpg'}: ")
    assert err.count("\n") == 1


def test_real_weights_name_themselves(
    capsys: pytest.CaptureFixture[str], shared_data: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A tench is a tench, by the weights of torchvision's name."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    photo = shared_data / "photos" / "n01440764_tench.JPEG"
    code = cli.main(["predict", str(photo), "--model", "squeezenet1_0", "--json"])
    captured = capsys.readouterr()
    answer = strict(captured.out)[0]
    assert (code, captured.err) == (0, "")
    assert answer["weights"] == "IMAGENET1K_V1"
    assert answer["top"][0]["class"] == "tench"
    assert answer["top"][0]["index"] == 0
    assert len(answer["top"]) == 5


@pytest.mark.parametrize(
    ("arguments", "hint"),
    [
        (("--model", "lenet5"), "PICTURE"),
        (("a.png",), "--model"),
        (("a.png", "--model", "resnet5"), "resnet50"),
        (("a.png", "--model", "fcn_resnet50"), "classifiers only"),
        (("a.png", "--model", "resnet18", "--weights", "IMAGENET1K_V1"), "resnet18-f37072fd.pth"),
        (("a.png", "--model", "resnet18", "--weights", "V9"), "IMAGENET1K_V1"),
        (("a.png", "--model", "lenet5", "--top", "0"), "--top"),
        (("a.png", "--model", "lenet5", "--top", "five"), "--top"),
        (("a.png", "--model", "no_such_module:net"), "no_such_module"),
    ],
)
def test_errors_are_one_sentence(run: Any, arguments: tuple[str, ...], hint: str) -> None:
    """Exit code 2, nothing on stdout, and the sentence says what to do."""
    code, out, err = run("predict", *arguments)
    assert (code, out) == (2, "")
    assert err.count("\n") == 1
    assert err.rstrip().endswith((".", "?"))
    assert hint in err


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_a_file_that_may_not_be_read(run: Any, folder: Path) -> None:
    """The system's reason in our sentence."""
    (folder / "a.png").chmod(0)
    _, out, _ = run("predict", folder / "a.png", "--model", "lenet5", "--json")
    assert "permission denied" in strict(out)[0]["error"]

"""A trained network at home: in an interpreter with torch and torchvision alone, and as ONNX."""

from __future__ import annotations

import importlib.metadata
import json
import re
import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import onnxruntime
import pytest
import torch
from safetensors.torch import load_file

from explorer.errors import BadRequest, DiskFull, UnknownModel
from explorer.finetune import checked, export
from explorer.finetune.takehome_records import CLOSE, TakeHome
from explorer.pictures import intake, samples
from explorer.runs.recording import record
from explorer.runs.records import NewRun, Run
from explorer.runs.store import RunStore
from explorer.training.recipe import checked as recipe
from explorer.vision import loading, preprocess

PHOTOGRAPHS = [samples.path(samples.find(name)) for name in ("digit_3", "digit_8", "coffee")]
ALONE = """
import runpy, sys

known = set(sys.argv.pop(1).split(",")) | sys.stdlib_module_names

class Gate:
    # Lets one finder find what is known; all else is not installed, as far as anyone can tell.
    def __init__(self, finder):
        self.finder = finder

    def find_spec(self, name, path=None, target=None):
        first = name.partition(".")[0]
        if first in known or first.startswith("_sysconfigdata"):
            return self.finder.find_spec(name, path, target)

sys.meta_path[:] = map(Gate, sys.meta_path)
sys.argv.pop(0)
runpy.run_path(sys.argv[0], run_name="__main__")
"""


def torch_and_torchvision() -> set[str]:
    """Top-level modules of both and of what pip installs along with them."""
    wanted, closed = ["torch", "torchvision"], set()
    while wanted:
        name = re.split(r"[^\w.-]", wanted.pop(), maxsplit=1)[0].lower().replace("_", "-")
        if name in closed:
            continue
        closed.add(name)
        try:
            required = importlib.metadata.requires(name) or []
        except importlib.metadata.PackageNotFoundError:
            continue
        wanted += [each for each in required if "extra ==" not in each]
    modules = importlib.metadata.packages_distributions()
    return {
        module
        for module, distributions in modules.items()
        if any(each.lower().replace("_", "-") in closed for each in distributions)
    }


def alone(folder: Path, *arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run the script of a folder where nothing but torch and torchvision can be imported."""
    known = ",".join(torch_and_torchvision())
    command = [sys.executable, "-I", "-W", "error", "-c", ALONE, known, str(folder / "predict.py")]
    return subprocess.run(
        [*command, *map(str, arguments)],
        cwd=folder.parent,
        capture_output=True,
        text=True,
        encoding="utf-8",
        check=False,
    )


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunStore]:
    """A store of this module's own."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVZOO_RUNS", str(tmp_path_factory.mktemp("runs")))
        yield RunStore()


def trained(store: RunStore, **given: Any) -> Run:
    """A run that is done."""
    new = NewRun(recipe(**{"length": 1, **given}), "Digits | <b>고양이</b>")
    return record(store.create(new, queue=False), store)


@pytest.fixture(scope="module")
def run(store: RunStore) -> Run:
    """LeNet-5 after an epoch of digits."""
    return trained(store, network="lenet5", data="digits")


@pytest.fixture(scope="module")
def taken(run: Run) -> TakeHome:
    """What is taken home of it."""
    return export.export(run.id)


@pytest.fixture(scope="module")
def home(taken: TakeHome, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The zip, unpacked somewhere else."""
    place = tmp_path_factory.mktemp("home")
    with zipfile.ZipFile(taken.path) as packed:
        assert packed.testzip() is None
        packed.extractall(place)
    (folder,) = place.iterdir()
    return folder


def expected(run: Run, paths: list[Path]) -> np.ndarray:
    """What the pages say of pictures: probabilities (n, classes)."""
    loaded = loading.load(f"run:{run.id}")
    pictures = [intake.accept(path.read_bytes(), path.name) for path in paths]
    inputs = [preprocess.input_tensor(each, loaded.preprocessing) for each in pictures]
    with loaded.borrowed() as network, torch.inference_mode():
        answers: np.ndarray = network(torch.cat(inputs).to(loaded.device)).softmax(1).cpu().numpy()
    return answers


def test_the_zip_holds_everything(run: Run, taken: TakeHome, home: Path) -> None:
    """Weights, classes, preparation, card, both networks, script and run, under one folder."""
    found = sorted(each.relative_to(home).as_posix() for each in home.rglob("*") if each.is_file())
    assert found == sorted(taken.files)
    assert set(found) == {
        "MODEL_CARD.md", "README.md", "classes.json", "model.onnx", "model.pt2",
        "model.safetensors", "predict.py", "preprocessing.json", "run/epochs.csv",
        "run/recipe.json", "run/run.json", "run/steps.csv",
    }  # fmt: skip
    assert home.name == f"convzoo-{run.id}"
    assert taken.name == f"convzoo-{run.id}.zip"
    assert taken.bytes == Path(taken.path).stat().st_size
    assert json.loads((home / "classes.json").read_text()) == [str(each) for each in range(10)]
    weights = load_file(home / "model.safetensors")
    assert sum(each.numel() for each in weights.values()) == 61_706  # LeCun et al. by hand
    assert (home / "run/recipe.json").read_text() == (run.folder / "recipe.json").read_text()
    rows = (home / "run/steps.csv").read_text().splitlines()
    assert len(rows) == 1 + len(json.loads((home / "run/run.json").read_text())["per_step"]["step"])
    for each in found:
        if not each.startswith("model."):
            assert str(run.folder.parent) not in (home / each).read_text("utf-8"), each
    assert [each.name for each in run.folder.glob(".taking-home-*")] == []


def test_the_script_runs_with_torch_and_torchvision_alone(run: Run, home: Path) -> None:
    """The same probabilities to 1e-4, of drawings and a photograph, without a warning."""
    done = alone(home, "--json", *PHOTOGRAPHS)
    assert (done.returncode, done.stderr) == (0, "")
    answers = json.loads(done.stdout)
    assert [each["picture"] for each in answers] == [str(path) for path in PHOTOGRAPHS]
    found = np.array([each["probabilities"] for each in answers])
    assert np.abs(found - expected(run, PHOTOGRAPHS)).max() < CLOSE
    assert [int(each["class"]) for each in answers] == found.argmax(1).tolist()


def test_one_bad_picture_does_not_stop_the_others(home: Path, tmp_path: Path) -> None:
    """It is named in one line, and the exit code says so."""
    bad = tmp_path / "no picture.png"
    bad.write_bytes(b"words")
    done = alone(home, "--top", "2", bad, tmp_path / "nowhere.png", PHOTOGRAPHS[0])
    assert done.returncode == 1
    assert [line.startswith(str(tmp_path)) for line in done.stderr.splitlines()] == [True, True]
    lines = done.stdout.splitlines()
    assert lines[0] == str(PHOTOGRAPHS[0])
    assert len(lines) == 3


def test_the_gate_of_these_tests_is_shut(home: Path, tmp_path: Path) -> None:
    """ConvZoo and safetensors really cannot be imported there."""
    for module in ("explorer", "safetensors", "onnx"):
        (tmp_path / "predict.py").write_text(f"import {module}")
        assert f"No module named '{module}'" in alone(tmp_path).stderr


def test_onnx_says_the_same(run: Run, taken: TakeHome, home: Path) -> None:
    """To 1e-4 of probability, on real pictures, several at once."""
    loaded = loading.load(f"run:{run.id}")
    pictures = [intake.accept(path.read_bytes(), path.name) for path in PHOTOGRAPHS]
    inputs = torch.cat([preprocess.input_tensor(each, loaded.preprocessing) for each in pictures])
    session = onnxruntime.InferenceSession(home / "model.onnx", providers=["CPUExecutionProvider"])
    (found,) = session.run(["probabilities"], {"pictures": inputs.numpy()})
    assert np.abs(found - expected(run, PHOTOGRAPHS)).max() < CLOSE
    assert taken.onnx is not None
    assert 0 <= taken.onnx.difference < CLOSE
    assert (taken.onnx.pictures, taken.onnx.of) == (16, "held-out pictures")
    assert "16 held-out pictures" in (home / "MODEL_CARD.md").read_text("utf-8")


def test_the_card_says_what_the_run_found(run: Run, home: Path) -> None:
    """Counts of pictures and of right answers; names are letters, not marks."""
    assert run.result is not None
    assert run.result.test is not None
    text = (home / "MODEL_CARD.md").read_text("utf-8")
    right = round(run.result.test.top1 * 3.6)  # of 360 in percent
    assert f"| test pictures | {right} of 360 |" in text
    assert "1,293 pictures to learn from, 144 held out to validate on, 360 to test on" in text
    assert text.startswith("# Digits \\| \\<b\\>고양이\\</b\\>\n")
    assert "LeNet-5, 61,706 parameters" in text
    assert "nothing else: of any picture it names one of them" in text


def test_progress_goes_up(run: Run) -> None:
    """From 0 to 1, a sentence each."""
    told: list[tuple[float, str]] = []
    export.export(run.id, "best", lambda done, said: told.append((done, said)))
    shares = [done for done, _ in told]
    assert shares == sorted(shares)
    assert (shares[0], shares[-1]) == (0.0, 1.0)
    assert all(said for _, said in told)
    with zipfile.ZipFile(run.folder / export.FILE) as packed:
        weights = packed.read(f"convzoo-{run.id}/model.safetensors")
    assert weights == (run.folder / "best.safetensors").read_bytes()


def test_what_cannot_be_taken_home(store: RunStore, run: Run) -> None:
    """Points, a run nobody knows, weights it has not, a run without any: a sentence each."""
    points = trained(store, network="mlp", data="moons")
    with pytest.raises(BadRequest, match="learned from points"):
        export.export(points.id)
    with pytest.raises(UnknownModel, match="There is no run"):
        export.export("nowhere")
    with pytest.raises(BadRequest, match="no weights called 'finest'"):
        export.export(run.id, "finest")
    (points.folder / "last.safetensors").unlink()
    (points.folder / "best.safetensors").unlink(missing_ok=True)
    with pytest.raises(BadRequest, match="has kept no weights"):
        export.export(points.id)


def test_a_full_disk_is_a_sentence(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    """Before anything is begun, and in the middle; nothing is left behind."""
    before = sorted(run.folder.iterdir())

    def full(*given: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(checked, "network", full)
        with pytest.raises(DiskFull, match="no room for what is taken home"):
            export.export(run.id)
    usage = type("Usage", (), {"free": 10})()
    monkeypatch.setattr(export.shutil, "disk_usage", lambda path: usage)
    with pytest.raises(DiskFull, match="delete files or runs"):
        export.export(run.id)
    assert sorted(run.folder.iterdir()) == before

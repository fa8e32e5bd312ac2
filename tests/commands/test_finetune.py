"""`python -m explorer finetune`: from a folder of pictures to a classifier that goes home."""

from __future__ import annotations

import json
import subprocess
import sys
import tarfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnxruntime
import pytest
import torch
from PIL import Image

from explorer import cli
from explorer.collections.store import CollectionStore
from explorer.finetune.keeping import kept
from explorer.finetune.takehome_records import CLOSE
from explorer.pictures import intake
from explorer.runs.store import RunStore
from explorer.vision import loading, preprocess

KEYS = {
    "classes", "train", "validation", "regime", "accuracy", "baseline_majority",
    "baseline_neighbour", "seconds", "output",
}  # fmt: skip


@pytest.fixture
def run(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., tuple[int, str, str]]:
    """Run a command on a computer where nothing is kept yet: exit code, stdout, stderr."""
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("TORCH_HOME", str(tmp_path / "no_weights"))
    loading.let_go()

    def command(*arguments: str | Path) -> tuple[int, str, str]:
        code = cli.main([str(each) for each in arguments])
        captured = capsys.readouterr()
        return code, captured.out, captured.err

    return command


@pytest.fixture
def pictures(tmp_path: Path) -> Path:
    """Twelve dark pictures and twelve bright ones, and a file that is none."""
    rng = np.random.default_rng(0)
    for name, low in (("고양이", 0), ("🐈 | <b>", 128)):
        folder = tmp_path / "mine" / name
        folder.mkdir(parents=True)
        for number in range(12):
            spots = rng.integers(low, low + 128, (5, 5, 3), dtype=np.uint8)
            image = Image.fromarray(spots).resize((40, 40), Image.Resampling.BICUBIC)
            image.save(folder / f"{number}.png")
    (tmp_path / "mine/고양이/words.jpg").write_text("no picture")
    return tmp_path / "mine"


def test_from_a_folder_to_what_is_taken_home(
    run: Callable[..., tuple[int, str, str]], pictures: Path, tmp_path: Path
) -> None:
    """Starting from a network that was trained here; the JSON has what was promised."""
    assert run("train", "--network", "lenet5", "--data", "digits", "--epochs", "1")[0] == 0
    (first,) = RunStore().runs()
    home = tmp_path / "home"
    code, out, err = run(
        "finetune", pictures, "--model", f"run:{first.id}", "--epochs", "20", "--output", home,
        "--json",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)
    assert set(found) == KEYS
    assert found["classes"] == ["고양이", "🐈 | <b>"]
    assert found["train"] + found["validation"] == 24
    assert found["regime"] == "head", "24 pictures are few"
    assert found["output"] == str(home)
    assert found["seconds"] > 0
    assert 0 <= found["accuracy"] <= 100
    assert "words.jpg" in err, "what was left out is listed"
    tuned = next(each for each in RunStore().runs() if each.id != first.id)
    report = kept(tuned.folder)
    assert report is not None
    held = report.held_out
    assert found["validation"] == held.sum()
    right = (report.probabilities.argmax(1) == report.labels)[held]
    assert found["accuracy"] == pytest.approx(100 * right.mean())
    largest = np.bincount(report.labels[~held]).argmax()
    assert found["baseline_majority"] == pytest.approx(
        100 * (report.labels[held] == largest).mean()
    )
    card = (home / "MODEL_CARD.md").read_text("utf-8")
    assert "| 🐈 \\| \\<b\\> |" in card
    assert f"| held-out pictures | {right.sum()} of {len(right)} |" in card
    assert json.loads((home / "classes.json").read_text("utf-8")) == found["classes"]


def test_the_same_pictures_are_kept_once(
    run: Callable[..., tuple[int, str, str]], pictures: Path
) -> None:
    """A second run learns from what the first one left; in words where no JSON is wanted."""
    assert run("train", "--network", "lenet5", "--data", "digits", "--epochs", "1")[0] == 0
    (first,) = RunStore().runs()
    for regime in ("last", "all"):
        code, out, err = run(
            "finetune", pictures, "--model", f"run:{first.id}", "--epochs", "1", "--regime", regime
        )
        assert code == 0, err
        assert out.startswith(f"lenet5 on digits on mine, {regime}, ")
        assert "uses them" in out
    assert len(CollectionStore().of_owner("")) == 1
    assert {each.recipe.regime for each in RunStore().runs()[:2]} == {"last", "all"}


def test_what_cannot_be_done_is_one_sentence(
    run: Callable[..., tuple[int, str, str]], pictures: Path, tmp_path: Path
) -> None:
    """Nothing is taken in, trained or overwritten before that is known."""
    (tmp_path / "one/cat").mkdir(parents=True)
    (tmp_path / "one/cat/a.png").write_bytes((pictures / "고양이/0.png").read_bytes())
    for arguments, sentence in (
        ((pictures, "--model", "resnet18"), "add --download to fetch the 45 MB"),
        ((pictures, "--model", "resnet81"), "resnet"),
        ((pictures, "--model", "plain110"), "has no weights to start from"),
        ((pictures, "--model", "lenet5", "--output", pictures), "is not empty"),
        ((pictures, "--model", "lenet5", "--regime", "some"), "invalid choice"),
        ((pictures, "--model", "lenet5", "--epochs", "many"), "many"),
        ((tmp_path / "one", "--model", "lenet5"), "All pictures are of one class"),
        ((tmp_path / "nowhere", "--model", "lenet5"), "nowhere"),
    ):
        code, out, err = run("finetune", *arguments)
        assert (code, out) == (2, ""), arguments
        assert sentence in err
        assert len(err.strip().splitlines()) == 1, err
    assert RunStore().runs() == ()
    assert CollectionStore().of_owner("") == ()


@pytest.mark.slow
@pytest.mark.parametrize(("classes", "each"), [(2, 60), (10, 30)])
def test_photographs_with_real_weights(
    run: Callable[..., tuple[int, str, str]],
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    classes: int,
    each: int,
) -> None:
    """SqueezeNet's new head beats the majority, and is the same network wherever it runs."""
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    folder = tmp_path / "photographs"
    held = _cifar(shared_data / "cifar10/cifar10-jpeg.tar.xz", folder, classes, each)
    home = tmp_path / "home"
    code, out, err = run(
        "finetune", folder, "--model", "squeezenet1_0", "--regime", "head", "--output", home,
        "--json",
    )  # fmt: skip
    assert code == 0, err
    found = json.loads(out)
    assert found["train"] + found["validation"] == classes * each
    assert found["accuracy"] > found["baseline_majority"]
    photographs = [*held, *sorted((shared_data / "photos").glob("*.jp*g"))[:4]]
    done = subprocess.run(
        [sys.executable, "-I", home / "predict.py", "--json", *photographs],
        cwd=tmp_path, capture_output=True, text=True, check=True,
    )  # fmt: skip
    answers = np.array([each["probabilities"] for each in json.loads(done.stdout)])
    loaded = loading.load(f"run:{RunStore().runs()[0].id}")
    accepted = [intake.accept(path.read_bytes(), path.name) for path in photographs]
    inputs = torch.cat([preprocess.input_tensor(one, loaded.preprocessing) for one in accepted])
    with loaded.borrowed() as network, torch.inference_mode():
        expected = network(inputs.to(loaded.device)).softmax(1).cpu().numpy()
    session = onnxruntime.InferenceSession(home / "model.onnx", providers=["CPUExecutionProvider"])
    (by_onnx,) = session.run(None, {"pictures": inputs.numpy()})
    assert np.abs(answers - expected).max() < CLOSE
    assert np.abs(by_onnx - expected).max() < CLOSE


def _cifar(archive: Path, folder: Path, classes: int, each: int) -> list[Path]:
    """Unpack so many pictures of so many classes, and six more beside them to be predicted."""
    found: Counter[str] = Counter()
    beside = []
    with tarfile.open(archive) as packed:
        for member in packed:
            path = Path(member.name)
            if not member.isfile() or path.suffix != ".jpg":
                continue
            name = path.parent.name
            if len(found) == classes and name not in found:
                continue
            data = packed.extractfile(member)
            assert data is not None
            if found[name] < each:
                found[name] += 1
                target = folder / name / path.name
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes(data.read())
            elif len(beside) < 6:
                beside.append(folder.parent / f"held_{len(beside)}.jpg")
                beside[-1].write_bytes(data.read())
            if len(found) == classes and min(found.values()) == each and len(beside) == 6:
                break
    return beside

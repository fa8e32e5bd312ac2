"""What the project ships is found without torch."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import config
from explorer.zoo.own_weights import own


def test_lenet5_has_weights_of_our_own() -> None:
    """Ten digits, one grey channel, light on dark."""
    weights = own("lenet5")
    assert weights is not None
    assert Path(weights.path).stat().st_size == pytest.approx(61_706 * 2, rel=0.02)
    assert weights.classes == tuple("0123456789")
    assert (len(weights.mean), len(weights.std)) == (1, 1)
    assert weights.grey
    assert weights.invert_light
    assert "CC BY-SA 3.0" in weights.licence


def test_other_models_have_none() -> None:
    """Not even the other LeNet-5."""
    assert own("lenet5_partial") is None
    assert own("resnet50") is None


def test_a_description_without_its_file_is_passed_over(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An installation that left the weights out has none, and says nothing."""
    known = config.checkout() / "assets" / "weights" / "lenet5.json"
    folder = tmp_path / "assets" / "weights"
    folder.mkdir(parents=True)
    (folder / known.name).write_text(known.read_text("utf-8"), "utf-8")
    monkeypatch.setattr(config, "checkout", lambda: tmp_path)
    assert own("lenet5") is None
    monkeypatch.setattr(config, "checkout", lambda: tmp_path / "elsewhere")
    assert own("lenet5") is None


def test_no_torch_is_loaded() -> None:
    """Nor numpy: the page server asks this on every page."""
    code = (
        "import sys; from explorer.zoo import catalogue, weights; "
        "print([each.key for each in weights.available(catalogue.find('lenet5'))], "
        "sorted({'torch', 'safetensors.torch'} & set(sys.modules)))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=config.checkout(),
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout == "['convzoo', 'random'] []\n"


def test_every_description_is_complete() -> None:
    """Each JSON beside the weights names a model and has every field."""
    for path in (config.checkout() / "assets" / "weights").glob("*.json"):
        model = json.loads(path.read_text("utf-8"))["model"]
        weights = own(model)
        assert weights is not None
        assert Path(weights.path).stem == path.stem
        assert weights.note.endswith(".")

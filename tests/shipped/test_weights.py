"""A file has half the bytes where that costs nothing, and an interruption leaves what was there."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch

from explorer.runs.recording import record
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.shipped import recorded, weights
from explorer.training.recipe import checked

RECIPE = checked(network="lenet5", data="digits", length=1, samples=100, validation=0)


def test_statistics_and_counters_keep_their_bits() -> None:
    """Weights are rounded to 11 bits, what batch normalisation counts is not."""
    state = {
        "conv.weight": torch.tensor([1 / 3]),
        "norm.running_mean": torch.tensor([1 / 3]),
        "norm.running_var": torch.tensor([70_000.0]),
        "norm.num_batches_tracked": torch.tensor(1564),
    }
    kept = weights.halved(state)
    # The nearest of 2^-12 apart.
    assert kept["conv.weight"].item() == 1365 / 4096
    assert torch.equal(kept["norm.running_mean"], state["norm.running_mean"])
    assert kept["norm.running_var"].item() == 70_000
    assert kept["norm.num_batches_tracked"].dtype == torch.int64


@pytest.mark.parametrize(("half", "expected"), [(77.9, "fp16"), (77.8, "fp16"), (77.7, "fp32")])
def test_half_the_bytes_may_cost_one_picture_of_a_thousand(half: float, expected: str) -> None:
    """Of 779 that are right, 778 will do and 777 will not."""
    assert weights._better({"fp32": 77.9, "fp16": half}) == expected


def test_an_interruption_leaves_no_half_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What was in the folder is there, as it was, and nothing else."""
    store = RunStore(tmp_path / "runs")
    run = record(store.create(NewRun(RECIPE, "mine"), queue=False), store)
    folder = tmp_path / "weights"
    folder.mkdir()
    (folder / "lenet5.safetensors").write_bytes(b"old")

    def interrupt(*given: object) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr(recorded, "write", interrupt)
    with pytest.raises(KeyboardInterrupt):
        weights.write(run, store, folder)
    assert [path.name for path in folder.iterdir()] == ["lenet5.safetensors"]
    assert (folder / "lenet5.safetensors").read_bytes() == b"old"

"""Event files, read back by TensorBoard's own reader."""

from __future__ import annotations

import io
import json
import warnings
import zipfile
from pathlib import Path

import pytest

with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # its own use of what its dependencies give up
    from tensorboard.backend.event_processing.event_accumulator import EventAccumulator

from explorer.errors import UnknownRun
from explorer.runs import tensorboard
from explorer.runs.store import RunStore
from tests.runs import made


@pytest.fixture
def read(tmp_path: Path) -> EventAccumulator:
    """The hand-made run as TensorBoard reads it."""
    folder = tensorboard.write(made.told(note="A note.", name="A/../b c"), tmp_path)
    assert folder == tmp_path / "A-..-b-c-r1"
    return EventAccumulator(str(folder)).Reload()


def test_scalars_have_their_steps_and_times(read: EventAccumulator) -> None:
    """Losses of steps and epochs, at the time they were measured."""
    losses = read.Scalars("batch/loss")
    assert [event.step for event in losses] == [1, 2, 3, 4]
    assert [event.value for event in losses] == pytest.approx([2.0, 1.5, 1.0, 0.3])
    assert losses[1].wall_time == pytest.approx(1_000_010.4)
    validation = read.Scalars("validation/top1_percent")
    assert [(event.step, event.value) for event in validation] == [(2, 55.0), (4, 75.0)]
    assert read.Scalars("gradient_norm/fc")[1].value == 4.0
    assert read.Scalars("update_ratio/conv1")[1].value == pytest.approx(0.3)
    assert read.Scalars("update_ratio/conv1")[1].wall_time == pytest.approx(1_000_010.8)


def test_recipe_and_note_are_texts(read: EventAccumulator) -> None:
    """The recipe can be taken from there and read again."""
    text = read.Tensors("recipe/text_summary")[0].tensor_proto.string_val[0].decode()
    assert json.loads(text.strip("`\n"))["network"] == "lenet5"
    assert read.Tensors("note/text_summary")[0].tensor_proto.string_val[0] == b"A note."


def test_what_came_of_it_stands_beside_the_settings(read: EventAccumulator) -> None:
    """TensorBoard's own table of hyperparameters finds both."""
    assert read.Scalars("final/test_accuracy")[0].value == 72.5
    assert "_hparams_/session_start_info" in read.summary_metadata


def test_runs_are_packed_with_a_folder_each(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What the page hands out, from the store; progress is told."""
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    store = RunStore()
    one, two = made.kept(store, name="One"), made.kept(store, name="ß")
    said: list[tuple[float, str]] = []
    data = tensorboard.event_files((one, two), lambda *told: said.append(told))
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        archive.extractall(tmp_path / "events")
    assert {each.name for each in (tmp_path / "events").iterdir()} == {f"One-{one}", two}
    assert said == [(0.0, "Writing run 1 of 2"), (0.5, "Writing run 2 of 2")]
    found = EventAccumulator(str(tmp_path / "events" / two)).Reload()
    assert [event.step for event in found.Scalars("batch/loss")] == [1, 2, 3, 4]
    with pytest.raises(UnknownRun):
        tensorboard.event_files(("nothing",))

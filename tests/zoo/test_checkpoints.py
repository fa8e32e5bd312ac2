"""Files from strangers: nothing of them runs, nothing they claim is believed."""

from __future__ import annotations

import argparse
import io
import json
import os
import pickle
import resource
import struct
import time
import tracemalloc
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import safetensors.torch
import torch
from torch import Tensor, nn

from explorer.errors import BadCheckpoint, BadRequest, UnknownModel
from explorer.zoo import build, checkpoints, handed_in, weights
from explorer.zoo.catalogue import find

if TYPE_CHECKING:
    from explorer.zoo.weight_records import WeightsChoice

MODEL = "lenet5"
State = dict[str, Tensor]


@pytest.fixture(autouse=True)
def data(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """A folder of its own for what is handed in."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    return tmp_path / "data" / "checkpoints"


@pytest.fixture
def state() -> State:
    """LeNet-5's own numbers."""
    torch.manual_seed(0)
    return build.real_network(MODEL).state_dict()


class Calling:
    """An object whose unpickling calls something with an argument."""

    def __init__(self, called: Callable[..., Any], argument: int) -> None:
        self.content = (called, (argument,))

    def __reduce__(self) -> tuple[Any, ...]:
        return self.content


class Commanding:
    """An object whose unpickling runs a command, as any attacker would write it."""

    def __init__(self, command: str) -> None:
        self.command = command

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, (self.command,)


def saved(content: Any, **settings: Any) -> bytes:
    """What torch.save makes of it."""
    buffer = io.BytesIO()
    torch.save(content, buffer, **settings)
    return buffer.getvalue()


def kept(choice: WeightsChoice) -> State:
    """The tensors that were stored."""
    return safetensors.torch.load_file(choice.path)


def refused(content: bytes, match: str, file: str = "net.pth", model: str = MODEL) -> None:
    """It raises one sentence that begins with the file's name, and nothing stays behind."""
    with pytest.raises(BadCheckpoint, match=match) as caught:
        checkpoints.accept(model, content, file)
    assert str(caught.value).startswith(f"{file}: ")
    assert str(caught.value).endswith(".")
    assert "\n" not in str(caught.value)
    assert not list(handed_in.folder().glob("*"))


def legacy(content: Any) -> bytes:
    """The format from before PyTorch 1.6, which many of torchvision's files still have."""
    return saved(content, _use_new_zipfile_serialization=False)


WRITERS: dict[str, tuple[str, Callable[[State], bytes]]] = {
    "safetensors": ("net.safetensors", safetensors.torch.save),
    "zip": ("net.pth", saved),
    "legacy": ("net.PT", legacy),
    "bin": ("net.bin", saved),
    "parameters": ("net.pth", lambda state: saved({k: nn.Parameter(v) for k, v in state.items()})),
    "training": (
        "net.pth",
        lambda state: saved({"epoch": 3, "model": state, "optimizer": {"state": {}, "lr": 0.1}}),
    ),
    "lightning": ("net.pth", lambda state: saved({"state_dict": state, "epoch": 3})),
    "parallel": ("net.pth", lambda state: saved({f"module.{k}": v for k, v in state.items()})),
    "compiled and parallel": (
        "net.pth",
        lambda state: saved({"model": {f"module._orig_mod.{k}": v for k, v in state.items()}}),
    ),
}


@pytest.mark.parametrize("writer", WRITERS)
def test_every_usual_way_of_saving_is_read(state: State, writer: str) -> None:
    """The numbers arrive bit for bit, under the network's own names."""
    file, write = WRITERS[writer]
    choice = checkpoints.accept(MODEL, write(state), file)
    assert choice.kind == "yours"
    assert file in choice.title
    found = kept(choice)
    assert found.keys() == state.keys()
    assert all(torch.equal(found[key], state[key]) for key in state)


def test_what_was_handed_in_can_be_chosen(state: State) -> None:
    """It stands among its own model's weights, not among another's, and never by default."""
    choice = checkpoints.accept(MODEL, saved(state), "mine.pth")
    assert choice in weights.available(find(MODEL))
    assert choice.key.startswith("file:")
    assert weights.choose(find(MODEL), choice.key) == choice
    assert weights.choose(find(MODEL)).kind != "yours"
    assert choice not in weights.available(find("lenet5_partial"))


def test_a_stripped_prefix_is_said(state: State) -> None:
    """Nothing is changed in silence."""
    content = saved({f"module.{key}": each for key, each in state.items()})
    assert "“module.” before every name" in checkpoints.accept(MODEL, content, "net.pth").note


@pytest.mark.parametrize("kind", [torch.float16, torch.bfloat16, torch.float64])
def test_other_precision_becomes_float32_and_is_said(state: State, kind: torch.dtype) -> None:
    """The value is the rounded one, exactly."""
    content = saved({key: each.to(kind) for key, each in state.items()})
    choice = checkpoints.accept(MODEL, content, "net.pth")
    found = kept(choice)
    assert all(torch.equal(found[key], state[key].to(kind).float()) for key in state)
    assert f"were {str(kind).removeprefix('torch.')} and became float32" in choice.note


def test_nan_is_said(state: State) -> None:
    """Such a file is taken, with a warning that names the tensor."""
    state["c3.bias"][2] = torch.nan
    choice = checkpoints.accept(MODEL, saved(state), "net.pth")
    assert "1 of its tensors hold NaN or infinity (c3.bias)" in choice.note
    assert kept(choice)["c3.bias"].isnan().sum() == 1


@pytest.mark.parametrize("write", [saved, legacy])
def test_a_pickle_that_runs_code_is_refused(
    write: Callable[[Any], bytes], state: State, tmp_path: Path
) -> None:
    """The command is named and does not run."""
    trace = tmp_path / "ran"
    content = write({**state, "extra": Commanding(f"touch {trace}")})
    refused(content, r"posix\.system would have to be run, so it is refused")
    assert not trace.exists()


@pytest.mark.parametrize("protocol", [0, 2, 5])
def test_a_bare_pickle_that_runs_code_is_refused(protocol: int, tmp_path: Path) -> None:
    """Without anything of PyTorch's around it."""
    trace = tmp_path / "ran"
    refused(
        pickle.dumps(Commanding(f"touch {trace}"), protocol), "running its code|to be run|damaged"
    )
    assert not trace.exists()


def test_a_whole_pickled_network_is_refused() -> None:
    """It says what to save instead."""
    content = saved(build.real_network("squeezenet1_1"))
    refused(
        content,
        r"whole pickled network \(torchvision\.models\.squeezenet\.SqueezeNet\).*"
        r"torch\.save\(model\.state_dict\(\)",
        model="squeezenet1_1",
    )


def test_arguments_beside_the_weights_are_refused_by_name(state: State) -> None:
    """A harmless class is still code."""
    content = saved({"model": state, "args": argparse.Namespace(lr=0.1)})
    refused(content, r"argparse\.Namespace would have to be run")


@pytest.mark.filterwarnings("ignore:.*torch.jit:FutureWarning")
def test_a_torchscript_archive_is_refused() -> None:
    """It is a program."""
    buffer = io.BytesIO()
    torch.jit.save(torch.jit.script(nn.Linear(2, 2)), buffer)
    refused(buffer.getvalue(), "TorchScript archive")


def test_a_tensor_that_claims_37_gigabytes_is_refused() -> None:
    """A file of under 2 KB; no memory is taken for what it claims."""
    content = saved({"c1.weight": torch.zeros(()).expand(9_250_000_000)})
    assert len(content) < 2_000
    tracemalloc.start()
    refused(content, r"c1\.weight claims 9,250,000,000 numbers and holds 1;")
    assert tracemalloc.get_traced_memory()[1] < 10_000_000
    tracemalloc.stop()


@pytest.mark.parametrize("write", [saved, legacy])
@pytest.mark.parametrize("called", [bytearray, torch.Tensor, torch.FloatStorage])
@pytest.mark.filterwarnings("ignore:TypedStorage is deprecated")
def test_memory_is_not_taken_for_a_number_in_a_file(
    write: Callable[[Any], bytes], called: Callable[..., Any]
) -> None:
    """A call that PyTorch lets a file make, with three thousand million as its argument."""
    content = write({"c1.weight": Calling(called, 3_000_000_000)})
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused(content, r"\(model\.state_dict|does not fit")
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 1_000_000  # kB


def test_a_state_of_the_right_shapes_without_numbers_is_refused(state: State) -> None:
    """Every tensor has the architecture's shape, by strides of zero."""
    content = saved({key: torch.zeros(()).expand(each.shape) for key, each in state.items()})
    refused(content, r"c1\.weight claims 150 numbers and holds 1;")


ODD: dict[str, Callable[[], Tensor]] = {
    "meta": lambda: torch.zeros(6, device="meta"),
    "sparse": lambda: torch.zeros(6).to_sparse(),
    "complex": lambda: torch.zeros(6, dtype=torch.complex64),
    "quantised": lambda: torch.quantize_per_tensor(torch.zeros(6), 0.1, 0, torch.qint8),
}


@pytest.mark.parametrize("kind", ODD)
@pytest.mark.filterwarnings("ignore")  # torch announces the end of its quantised tensors
def test_tensors_that_are_no_plain_numbers_are_refused(state: State, kind: str) -> None:
    """Also where the rest is right."""
    refused(
        saved({**state, "c1.bias": ODD[kind]()}),
        r"c1\.bias is sparse, quantised, complex or without",
    )


def test_an_archive_that_unpacks_to_more_is_refused(state: State) -> None:
    """PyTorch never compresses: a zip bomb does not reach its reader."""
    bomb = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(saved(state))) as source,
        zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for entry in source.infolist():
            target.writestr(entry.filename, source.read(entry))
    refused(bomb.getvalue(), "no archive that PyTorch wrote")


@pytest.mark.parametrize("file", ["net.pth", "net.safetensors"])
@pytest.mark.parametrize("write", [saved, legacy, safetensors.torch.save])
def test_cut_and_mutated_files_are_refused_or_read(
    state: State, write: Callable[[State], bytes], file: str
) -> None:
    """Whatever was cut off or changed: no exception other than ours."""
    content = write(state)
    generator = torch.Generator().manual_seed(0)
    outcomes = set()
    for cut in (1, 7, 8, 100, 1000, len(content) // 2, len(content) - 1):
        refused(content[:cut], "save", file)
    for _ in range(40):
        mutated = bytearray(content)
        places = torch.randint(min(len(content), 4000), (3,), generator=generator)
        for place in places.tolist():
            mutated[place] = int(torch.randint(256, (), generator=generator))
        try:
            checkpoints.accept(MODEL, bytes(mutated), file)
            outcomes.add("read")
        except BadCheckpoint:
            outcomes.add("refused")
    assert "refused" in outcomes


def test_a_safetensors_header_that_claims_too_much_is_refused() -> None:
    """Offsets past the end of the file."""
    header = json.dumps(
        {"c1.weight": {"dtype": "F32", "shape": [10**10], "data_offsets": [0, 4 * 10**10]}}
    )
    content = struct.pack("<Q", len(header)) + header.encode() + b"\0" * 64
    refused(content, "damaged or no safetensors file", "net.safetensors")


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (b"", "empty"),
        (b"hello", "damaged"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 100, "damaged"),
        (saved(torch.zeros(3)), "a single tensor and no tensors by name"),
        (saved([1, 2]), "a list and no tensors"),
        (saved({}), "an empty dictionary"),
        (saved({"epoch": 4}), "a dictionary and no tensors"),
        (saved({1: torch.zeros(2)}), "a dictionary and no tensors"),
    ],
)
def test_what_is_no_state_dict_is_a_sentence(content: bytes, match: str) -> None:
    """It says what it is instead."""
    refused(content, match)


@pytest.mark.parametrize("file", ["net.jpg", "net", ".pth/", "", "net.pth.exe", "net.ckpt"])
def test_other_files_are_refused_by_their_name(file: str, state: State) -> None:
    """Before anything of them is read."""
    with pytest.raises(BadCheckpoint, match=r"no file of weights; they are in \.safetensors, "):
        checkpoints.accept(MODEL, saved(state), file)


@pytest.mark.parametrize("file", ["../../evil.pth", "C:\\x\\evil.pth", "evil\0\n.pth", "/evil.pth"])
def test_names_are_never_paths(file: str, state: State, data: Path, tmp_path: Path) -> None:
    """Only the last part of a name is shown, and nothing but the digest names the file."""
    choice = checkpoints.accept(MODEL, saved(state), file)
    assert choice.title.endswith("evil.pth")
    assert Path(choice.path).parent == data
    assert [path.name for path in tmp_path.rglob("*") if path.is_file()] == [choice.file]


def test_a_file_too_large_is_refused(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """By its size, before it is written or read."""
    monkeypatch.setattr(checkpoints, "MOST_BYTES", 1000)
    with pytest.raises(BadCheckpoint, match=r"net\.pth has 2\d\d kB, more than the 1.00 kB"):
        checkpoints.accept(MODEL, saved(state), "net.pth")


def test_models_that_cannot_use_them_say_so(state: State) -> None:
    """A detector is shown with random weights; a name nobody registered has none."""
    with pytest.raises(BadRequest, match="random weights only"):
        checkpoints.accept("ssd300_vgg16", saved(state), "net.pth")
    with pytest.raises(UnknownModel):
        checkpoints.accept("lenet6", saved(state), "net.pth")


def test_only_the_newest_are_kept(state: State, monkeypatch: pytest.MonkeyPatch) -> None:
    """Three of five, by number; one of them, by size."""
    monkeypatch.setattr(handed_in, "MOST_FILES", 3)
    for value in range(5):
        state["c1.bias"][0] = value
        checkpoints.accept(MODEL, saved(state), f"{value}.pth")
    titles = [each.title for each in handed_in.of_model(MODEL)]
    assert titles == [f"Your checkpoint · {value}.pth" for value in (4, 3, 2)]
    monkeypatch.setattr(handed_in, "MOST_BYTES", 300_000)  # LeNet-5 takes 247 kB
    checkpoints.accept(MODEL, saved(state), "again.pth")
    assert len(handed_in.of_model(MODEL)) == 1


def test_the_same_file_is_kept_once(state: State) -> None:
    """Its key is a digest of what was handed in."""
    first = checkpoints.accept(MODEL, saved(state), "net.pth")
    assert checkpoints.accept(MODEL, saved(state), "net.pth").key == first.key
    assert len(handed_in.of_model(MODEL)) == 1


def test_a_file_that_goes_meanwhile_is_passed_over(
    state: State, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Another process keeps a newer one in its place."""
    told = handed_in._told
    choice = checkpoints.accept(MODEL, saved(state), "net.pth")

    def told_and_gone(path: Path) -> handed_in.Told | None:
        found = told(path)
        path.unlink()
        return found

    monkeypatch.setattr(handed_in, "_told", told_and_gone)
    assert choice.on_disk
    assert handed_in.of_model(MODEL) == ()


def test_strange_files_in_the_folder_are_passed_over(state: State, data: Path) -> None:
    """Somebody else's, or one that is damaged."""
    choice = checkpoints.accept(MODEL, saved(state), "net.pth")
    (data / "other.safetensors").write_bytes(safetensors.torch.save(state))
    (data / "broken.safetensors").write_bytes(b"broken")
    (data / "note.txt").write_text("hello")
    assert handed_in.of_model(MODEL) == (choice,)


def test_a_folder_that_cannot_be_written_is_a_sentence(state: State, tmp_path: Path) -> None:
    """A file stands where the folder should be."""
    (tmp_path / "data").write_text("not a folder")
    with pytest.raises(BadCheckpoint, match=r"could not be kept in .* let CONVZOO_DATA name"):
        checkpoints.accept(MODEL, saved(state), "net.pth")


@pytest.mark.parametrize("room", [100_000, 200_000])
def test_a_full_disk_is_a_sentence(state: State, data: Path, room: int) -> None:
    """While it is written down for checking, or as what is kept; nothing stays behind."""
    content = saved({key: each.half() for key, each in state.items()})  # 124 kB, kept as 248
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (room, hard))
    try:
        with pytest.raises(BadCheckpoint, match="could not be kept in"):
            checkpoints.accept(MODEL, content, "net.pth")
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert list(data.iterdir()) == []


def test_what_a_killed_process_left_is_cleared_away(state: State, data: Path) -> None:
    """An hour later; what may still be in use stays."""
    for name, age in (("old", 2 * handed_in.ABANDONED), ("new", 0.0)):
        left = data / f".checking-{name}"
        left.mkdir(parents=True)
        (left / "file.pth").write_bytes(b"half")
        os.utime(left, (time.time() - age,) * 2)
    checkpoints.accept(MODEL, saved(state), "net.pth")
    assert sorted(path.name for path in data.iterdir() if path.is_dir()) == [".checking-new"]


def test_real_weights_of_torchvision_are_read(shared_data: Path) -> None:
    """SqueezeNet 1.0's file as torchvision stores it: 1,248,424 numbers."""
    path = next((shared_data / "torch_home/hub/checkpoints").glob("squeezenet1_0-*.pth"))
    assert sum(each.numel() for each in checkpoints.read(path).values()) == 1_248_424
    choice = checkpoints.accept("squeezenet1_0", path.read_bytes(), path.name)
    assert choice.megabytes == pytest.approx(1_248_424 * 4 / 2**20, rel=0.01)

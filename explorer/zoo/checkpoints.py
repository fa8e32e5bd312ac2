"""Files of weights from people we know nothing of: read without running any of their code.

Loads torch. What may go wrong is decided here: the rest of the program meets only state dicts
whose tensors really hold their numbers.
"""

from __future__ import annotations

import hashlib
import mmap
import pickle
import re
import warnings
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path, PurePath
from typing import Any, NoReturn

import safetensors.torch
import torch
from safetensors import SafetensorError
from torch import Tensor

from explorer import units
from explorer.errors import BadCheckpoint, BadRequest
from explorer.zoo import build, catalogue, handed_in, state_dicts, weights
from explorer.zoo.weight_records import FILE, WeightsChoice

MOST_BYTES = 3 << 30
"""The largest file that is read; the largest one torchvision publishes has 2.5 GB."""

SUFFIXES = (".safetensors", ".pth", ".pt", ".bin")

_HOLDERS = ("state_dict", "model_state_dict", "model", "model_state", "net", "network", "params")
"""Where training scripts put the state dict beside the optimiser's and the epoch."""

_OTHER = f"This is no file of weights; they are in {', '.join(SUFFIXES)} files."
_SAVE = "torch.save(model.state_dict(), …)"


def read(path: Path | str) -> dict[str, Tensor]:
    """Read the tensors of a `.safetensors`, `.pt`, `.pth` or `.bin` file, by name, on the CPU.

    A training checkpoint is unwrapped, and names of old DenseNets become today's; precision,
    other names and shapes are the file's own. No code of the file is run. Raises BadCheckpoint
    with the reason; its sentence begins with the file's name.
    """
    path = Path(path)
    try:
        _gate(path)
        safe = path.suffix.lower() == ".safetensors"
        state = _safetensors(path) if safe else _tensors(_unpickled(path))
        for name, tensor in state.items():
            _hold(name, tensor)
    except BadCheckpoint as error:
        raise BadCheckpoint(f"{path.name}: {error}") from None
    return state_dicts.modern(state)


def accept(name: str, data: bytes, file: str) -> WeightsChoice:
    """Check a checkpoint that somebody hands in for a model of the zoo, and keep it.

    `file` is what it was called. It is kept as safetensors with the network's own names and
    precision. Raises BadCheckpoint with the reason in one sentence, UnknownModel.
    """
    title = _title(name)
    called = "".join(each for each in file if each.isprintable())
    called = PurePath(called.replace("\\", "/")).name[-80:]
    if (suffix := PurePath(called).suffix.lower()) not in SUFFIXES:
        raise BadCheckpoint(f"{called}: {_OTHER}")
    if len(data) > MOST_BYTES:
        raise BadCheckpoint(_too_large(called, len(data)))
    network = build.network(name)
    digest = hashlib.sha256(name.encode() + b"\0" + data).hexdigest()[:16]
    try:
        with handed_in.workplace() as place:
            given = place / f"file{suffix}"
            given.write_bytes(data)
            fitted = _fitted(given, called, network, title)
            told = handed_in.Told(name, called, " ".join(fitted.notes))
            safetensors.torch.save_file(fitted.state, place / "whole", told.metadata())
            handed_in.put(place / "whole", digest)
    except (OSError, SafetensorError) as error:
        raise BadCheckpoint(
            f"{called} could not be kept in {handed_in.folder()} ({_first_line(error)}); let "
            "CONVZOO_DATA name a folder with room and start again."
        ) from None
    return next(each for each in handed_in.of_model(name) if each.key == f"{FILE}{digest}")


def _title(name: str) -> str:
    """What a person calls the model. Raises BadRequest for one whose weights are of no use here."""
    if ":" in name:
        return name
    card = catalogue.find(name)
    if card.task not in weights.TASKS:
        raise BadRequest(f"{card.title} is shown with random weights only; choose a classifier.")
    return card.title


def _fitted(given: Path, called: str, network: torch.nn.Module, title: str) -> state_dicts.Fitted:
    try:
        return state_dicts.fit(read(given), network, title)
    except BadCheckpoint as error:
        raise BadCheckpoint(f"{called}: {str(error).removeprefix(f'{given.name}: ')}") from None


def _gate(path: Path) -> None:
    """Refuse by name and size before anything is opened."""
    if path.suffix.lower() not in SUFFIXES:
        raise BadCheckpoint(_OTHER)
    try:
        size = path.stat().st_size
    except OSError as error:
        raise BadCheckpoint(f"It cannot be read ({error.strerror}).") from None
    if size == 0:
        raise BadCheckpoint("The file is empty; save it again.")
    if size > MOST_BYTES:
        raise BadCheckpoint(_too_large("It", size))


def _too_large(what: str, size: int) -> str:
    return (
        f"{what} has {units.memory(size)}, more than the {units.memory(MOST_BYTES)} that are "
        "read; save the weights alone, without the optimiser's state."
    )


def _safetensors(path: Path) -> dict[str, Tensor]:
    try:
        return safetensors.torch.load_file(path)
    except (SafetensorError, OSError, ValueError, KeyError, TypeError) as error:
        raise BadCheckpoint(
            f"It is damaged or no safetensors file ({_first_line(error)}); save it again."
        ) from None


def _unpickled(path: Path) -> Any:
    """What `torch.save` wrote, as far as that is numbers, text and containers."""
    _check_archive(path)
    _refuse_arrays_from_nothing(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of storages as PyTorch 1 wrote them
            return torch.load(path, map_location="cpu", weights_only=True)
    except pickle.UnpicklingError as error:
        _refuse_code(error)
    except Exception:  # a decoder fed with anything at all raises anything at all
        raise BadCheckpoint(
            f"It is cut off, damaged or not what torch.save writes; save it again with {_SAVE}."
        ) from None


def _check_archive(path: Path) -> None:
    """Refuse archives that would unpack to more than they are, and whole programs."""
    if not zipfile.is_zipfile(path):
        return
    try:
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
    except (zipfile.BadZipFile, OSError, ValueError):
        raise BadCheckpoint("It is cut off or damaged; save it again.") from None
    names = [each.filename for each in entries]
    if any(name.endswith("constants.pkl") or "/code/" in name for name in names):
        raise BadCheckpoint(
            f"It is a TorchScript archive, a program with weights; save them alone with {_SAVE}."
        )
    # PyTorch stores its entries as they are; only somebody else compresses them.
    if any(each.compress_type != zipfile.ZIP_STORED for each in entries) or (
        sum(each.file_size for each in entries) > path.stat().st_size
    ):
        raise BadCheckpoint(f"It is no archive that PyTorch wrote; save it again with {_SAVE}.")


def _refuse_arrays_from_nothing(path: Path) -> None:
    """Refuse the one thing `weights_only` lets a file call that fills memory of any size."""
    # Entries are stored as they are, so that an instruction to call it stands here as it is.
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
        if content.find(b"\nbytearray\n") >= 0:
            raise BadCheckpoint(f"It holds raw bytes beside tensors; save it again with {_SAVE}.")


def _refuse_code(error: pickle.UnpicklingError) -> NoReturn:
    """Say which code the file wants to run."""
    found = re.search(r"(?:GLOBAL|global|class) ([\w.]+\.[\w.]+)", str(error))
    if found is None:
        raise BadCheckpoint(
            "It is damaged, or a pickle that could only be opened by running its code; save the "
            f"weights alone with {_SAVE}."
        ) from None
    what = found[1][:80]
    if (
        re.match(r"(torch|torchvision|timm|__main__)\.", what)
        and what[what.rfind(".") + 1].isupper()
    ):
        raise BadCheckpoint(
            f"It holds a whole pickled network ({what}), which could only be opened by running "
            f"code; save its weights alone with {_SAVE}."
        ) from None
    raise BadCheckpoint(
        f"To open it, {what} would have to be run, so it is refused; save the weights alone with "
        f"{_SAVE} or as safetensors."
    ) from None


def _tensors(content: Any) -> dict[str, Tensor]:
    """The state dict in what a file holds."""
    for candidate in _candidates(content):
        found = {key: each for key, each in candidate.items() if isinstance(each, Tensor)}
        if found and all(isinstance(key, str) for key in found):
            return found
    raise BadCheckpoint(
        f"It holds {_kind(content)} and no tensors by name; save it again with {_SAVE}."
    )


def _candidates(content: Any) -> Iterator[Mapping[Any, Any]]:
    if isinstance(content, Mapping):
        yield from (content[key] for key in _HOLDERS if isinstance(content.get(key), Mapping))
        yield content


def _kind(content: Any) -> str:
    if isinstance(content, Mapping):
        return "a dictionary" if content else "an empty dictionary"
    return "a single tensor" if isinstance(content, Tensor) else f"a {type(content).__name__}"


def _hold(name: str, tensor: Tensor) -> None:
    """Refuse a tensor that is not a plain one with a number in memory for each of its elements."""
    plain = (
        type(tensor) in (Tensor, torch.nn.Parameter)
        and tensor.layout is torch.strided
        and tensor.device.type == "cpu"
        and not tensor.is_quantized
        and not tensor.is_complex()
    )
    if not plain:
        raise BadCheckpoint(
            f"Its tensor {name[:60]} is sparse, quantised, complex or without numbers; save it as "
            "an ordinary one."
        )
    has = tensor.untyped_storage().nbytes() // tensor.element_size() - tensor.storage_offset()
    if tensor.numel() > has:
        raise BadCheckpoint(
            f"Its tensor {name[:60]} claims {units.count(int(tensor.numel()))} numbers and holds "
            f"{units.count(max(int(has), 0))}; save it again after tensor.contiguous()."
        )


def _first_line(error: BaseException) -> str:
    lines = str(error).strip().splitlines()
    return lines[0][:160].rstrip(".") if lines else type(error).__name__

"""Which device networks run on, and how much of it is free."""

from __future__ import annotations

import ctypes
import os
import platform
from pathlib import Path

import psutil
import torch

from explorer.anatomy.merit_records import DeviceDescription, DeviceKind
from explorer.errors import BadRequest

VARIABLE = "CONVZOO_DEVICE"
"""Environment variable that overrides the choice: "cpu", "cuda", "cuda:1", "mps"."""


def choose(wanted: str | None = None) -> torch.device:
    """Choose the device to run on: as asked, else CONVZOO_DEVICE, else CUDA, MPS, CPU.

    Raises `BadRequest` for a name that is no device, or a device that is not there.
    """
    asked = wanted or os.environ.get(VARIABLE, "").strip()
    if not asked:
        return torch.device(_best())
    try:
        device = torch.device(asked)
    except RuntimeError:
        raise BadRequest(f'There is no device "{asked}"; use cpu, cuda, cuda:1 or mps.') from None
    if not _present(device):
        raise BadRequest(f'The device "{asked}" is not on this machine; use {_best()} instead.')
    return device


def _best() -> DeviceKind:
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def _present(device: torch.device) -> bool:
    if device.type == "cuda":
        return torch.cuda.is_available() and (device.index or 0) < torch.cuda.device_count()
    if device.type == "mps":
        return torch.backends.mps.is_available()
    return device.type == "cpu"


def describe(wanted: str | None = None) -> DeviceDescription:
    """Describe the device that `choose` gives: name, memory in bytes, torch version, threads."""
    device = choose(wanted)
    total, free = _memory(device)
    return DeviceDescription(
        kind=_kind(device),
        name=_name(device),
        memory_bytes=total,
        free_bytes=free,
        torch=torch.__version__,
        threads=torch.get_num_threads(),
        reason=_reason(wanted, device),
    )


def _kind(device: torch.device) -> DeviceKind:
    kinds: dict[str, DeviceKind] = {"cuda": "cuda", "mps": "mps", "cpu": "cpu"}
    return kinds[device.type]


def _reason(wanted: str | None, device: torch.device) -> str:
    if wanted:
        return "asked for"
    if os.environ.get(VARIABLE, "").strip():
        return f"{VARIABLE} says so"
    return "there is no GPU that torch can use" if device.type == "cpu" else "the GPU torch found"


def _name(device: torch.device) -> str:
    if device.type == "cuda":
        return str(torch.cuda.get_device_name(device))
    return _processor()


def _processor() -> str:
    cpuinfo = Path("/proc/cpuinfo")
    if cpuinfo.exists():
        for line in cpuinfo.read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name":
                return value.strip()
    return platform.processor() or platform.machine()


def free_bytes(device: torch.device) -> int:
    """Memory that can still be taken on this device, in bytes."""
    return _memory(device)[1]


def _memory(device: torch.device) -> tuple[int, int]:
    """Total and free bytes; on the CPU no more than the control group of this process allows."""
    if device.type == "cuda":
        free, total = torch.cuda.mem_get_info(device)
        # What torch holds in its cache but has not handed out is free to us.
        cached = torch.cuda.memory_reserved(device) - torch.cuda.memory_allocated(device)
        return total, free + cached
    memory = psutil.virtual_memory()
    limit, used = _control_group()
    if limit is None:
        return memory.total, memory.available
    return min(memory.total, limit), min(memory.available, max(limit - used, 0))


def _control_group(root: Path = Path("/sys/fs/cgroup")) -> tuple[int | None, int]:
    """Memory limit and use of the control group in bytes (version 2, then 1); None if no limit."""
    for limit, used, stat, line in (
        ("memory.max", "memory.current", "memory.stat", "inactive_file"),
        (
            "memory/memory.limit_in_bytes",
            "memory/memory.usage_in_bytes",
            "memory/memory.stat",
            "total_inactive_file",
        ),
    ):
        if (root / limit).is_file() and (root / used).is_file():
            text = (root / limit).read_text().strip()
            taken = int((root / used).read_text()) - _line(root / stat, line)
            return (int(text) if text.isdigit() else None), max(taken, 0)
    return None, 0


def _line(stat: Path, name: str) -> int:
    """A number of the control group's statistics, 0 where it is not told.

    Cached files count as used, though the system gives them up as soon as memory is asked for.
    """
    lines = stat.read_text().splitlines() if stat.is_file() else []
    told = dict(line.split(maxsplit=1) for line in lines if " " in line)
    return int(told.get(name, 0))


def synchronise(device: torch.device) -> None:
    """Wait until everything queued on the device has run (at once on the CPU)."""
    if device.type == "cuda":
        torch.cuda.synchronize(device)
    elif device.type == "mps":
        torch.mps.synchronize()


def release(device: torch.device) -> None:
    """Give memory that is no longer used back to the device or the operating system."""
    if device.type == "cuda":
        torch.cuda.empty_cache()
    elif device.type == "mps":
        torch.mps.empty_cache()
    elif platform.system() == "Linux" and (trim := getattr(ctypes.CDLL(None), "malloc_trim", None)):
        trim(0)

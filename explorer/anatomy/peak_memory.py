"""How much memory a piece of work takes at most, as the device or the kernel counts it."""

from __future__ import annotations

import gc
import threading
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

import psutil
import torch

from explorer.device import release

if TYPE_CHECKING:
    from collections.abc import Callable

_CLEAR = Path("/proc/self/clear_refs")
_STATUS = Path("/proc/self/status")
_RESET_PEAK = "5"  # proc(5): resets the high-water mark of the resident set


class PeakMeter(Protocol):
    """Says how many bytes were in use at most since `restart`, above the level at its birth."""

    convention: str

    def restart(self) -> None:
        """Forget the peak so far; the level compared with stays."""

    def read(self) -> int:
        """Bytes in use at most since the restart, above the level at birth."""

    def stop(self) -> None:
        """Stop measuring."""


def meter(device: torch.device) -> PeakMeter:
    """Start the best meter there is for this device."""
    gc.collect()  # garbage of earlier work, freed meanwhile, would hide as much of this
    release(device)
    if device.type == "cuda":
        return CudaMeter(device)
    if device.type == "mps":
        return SampledMeter(
            lambda: int(torch.mps.driver_allocated_memory()), "memory held by the Metal driver"
        )
    try:
        return ResidentMeter()
    except OSError:
        process = psutil.Process()
        return SampledMeter(
            lambda: int(process.memory_info().rss), "resident memory of the process"
        )


class CudaMeter:
    """Reads CUDA's own high-water mark."""

    convention = (
        "memory torch allocated on the GPU (max_memory_allocated), the weights included; "
        "the CUDA context and the allocator's reserve are not in it"
    )

    def __init__(self, device: torch.device) -> None:
        self._device = device
        self._level = torch.cuda.memory_allocated(device)

    def restart(self) -> None:
        """Forget the peak so far."""
        torch.cuda.reset_peak_memory_stats(self._device)

    def read(self) -> int:
        """Bytes allocated at most, above the level at birth."""
        return max(0, torch.cuda.max_memory_allocated(self._device) - self._level)

    def stop(self) -> None:
        """Nothing runs."""


class ResidentMeter:
    """Reads the high-water mark of the process's resident memory from the Linux kernel.

    Raises `OSError` where the kernel does not let the process reset it.
    """

    convention = (
        "growth of the process's resident memory over its level before the network was built "
        "(VmHWM), so the weights and the libraries' workspace are included"
    )

    def __init__(self) -> None:
        self._level = _field("VmRSS")
        self.restart()

    def restart(self) -> None:
        """Forget the peak so far."""
        _CLEAR.write_text(_RESET_PEAK)

    def read(self) -> int:
        """Resident bytes at most, above the level at birth."""
        return max(0, _field("VmHWM") - self._level)

    def stop(self) -> None:
        """Nothing runs."""


def _field(name: str) -> int:
    for line in _STATUS.read_text().splitlines():
        key, _, value = line.partition(":")
        if key == name:
            return int(value.split()[0]) * 1024
    raise OSError(f"{_STATUS} has no {name}")


class SampledMeter:
    """Looks every few milliseconds, where nobody keeps a high-water mark."""

    INTERVAL = 0.005

    def __init__(self, look: Callable[[], int], what: str) -> None:
        self.convention = (
            f"growth of the {what} over its level before the network was built, looked at every "
            f"{1000 * self.INTERVAL:.0f} ms, the weights included"
        )
        self._look = look
        self._level = self._peak = look()
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def _watch(self) -> None:
        while not self._done.wait(self.INTERVAL):
            self._peak = max(self._peak, self._look())

    def restart(self) -> None:
        """Forget the peak so far."""
        self._peak = self._look()

    def read(self) -> int:
        """Bytes seen at most, above the level at birth."""
        return max(0, max(self._peak, self._look()) - self._level)

    def stop(self) -> None:
        """End the thread."""
        self._done.set()
        self._thread.join()

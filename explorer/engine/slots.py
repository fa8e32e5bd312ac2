"""How many networks are trained at the same time, with how many threads each. No torch here."""

from __future__ import annotations

import ctypes
import os

from explorer import config

ON_GPU = 2
MOST_ON_CPU = 4
_NO_DEVICES = ("-1", "none", "NoDevFiles", "void")


def cores() -> int:
    """Return how many cores this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def slots() -> int:
    """Return how many networks are trained at once: CONVZOO_JOBS, or by GPU and cores.

    Two on a GPU; on a CPU one for every four cores, but at least two, so that one person's long
    run does not stop another's short one, and at most four. Raises `BadRequest`.
    """
    chosen = config.jobs()
    if chosen is not None:
        return chosen
    return ON_GPU if gpu() else min(MOST_ON_CPU, max(2, cores() // 4))


def threads() -> int:
    """Return the threads of each job: all cores but one, shared; OMP_NUM_THREADS if it is set."""
    given = os.environ.get("OMP_NUM_THREADS", "")
    if given.isdecimal() and int(given) > 0:
        return int(given)
    return max(1, (cores() - 1) // slots())


def gpu() -> bool:
    """Whether networks run on a GPU of NVIDIA's, asked of its driver: CUDA is not started."""
    if not os.environ.get("CONVZOO_DEVICE", "cuda").strip().startswith("cuda"):
        return False
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is not None and (not visible.strip() or visible.strip() in _NO_DEVICES):
        return False
    try:
        driver = ctypes.CDLL("libnvidia-ml.so.1")
    except OSError:
        return False
    if driver.nvmlInit_v2() != 0:
        return False
    count = ctypes.c_uint()
    known = driver.nvmlDeviceGetCount_v2(ctypes.byref(count)) == 0
    driver.nvmlShutdown()
    return known and count.value > 0

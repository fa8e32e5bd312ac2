"""Whether an error says that memory ran out. No torch here."""

from __future__ import annotations


def out_of_memory(error: BaseException) -> bool:
    """Whether Python, torch's CPU allocator or a GPU had no memory left."""
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        return True
    told = str(error)
    return isinstance(error, RuntimeError) and (
        "DefaultCPUAllocator" in told or "out of memory" in told
    )

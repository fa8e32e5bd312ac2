"""Random numbers by name: what is drawn depends on the seed, the purpose and the place alone.

Each step draws from generators that begin anew, so a run that is continued draws the same numbers
without anybody having kept the state of a generator.
"""

from __future__ import annotations

import hashlib

import torch


def number(seed: int, *names: str | int) -> int:
    """Return the whole number, below 2**63, that belongs to a seed and the names of a purpose."""
    text = "/".join(map(str, (seed, *names)))
    digest = hashlib.blake2b(text.encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") >> 1


def generator(seed: int, *names: str | int, device: torch.device | str = "cpu") -> torch.Generator:
    """Make the generator that belongs to a seed and the names of a purpose."""
    made = torch.Generator(device)
    made.manual_seed(number(seed, *names))
    return made


def reseed(device: torch.device, seed: int, *names: str | int) -> None:
    """Let torch's own generators, which dropout draws from, begin anew.

    Much cheaper than `torch.manual_seed`, which visits every kind of device there could be.
    """
    chosen = number(seed, *names)
    torch.default_generator.manual_seed(chosen)
    if device.type == "cuda":
        index = torch.cuda.current_device() if device.index is None else device.index
        torch.cuda.default_generators[index].manual_seed(chosen)
    elif device.type == "mps":
        torch.mps.manual_seed(chosen)


def order(seed: int, epoch: int, count: int) -> torch.Tensor:
    """In which order epoch number `epoch` shows its pictures: a permutation of 0..count-1."""
    return torch.randperm(count, generator=generator(seed, "order", epoch))

"""What changed between two networks, said in words. No torch here."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from explorer import units
from explorer.compare.units import SQUEEZE

if TYPE_CHECKING:
    from explorer.compare.records import StageDifference, Step, Unit

NAMES = {
    "BasicBlock": "basic block",
    "Bottleneck": "bottleneck block",
    "InvertedResidual": "inverted residual block",
    "Inception": "inception module",
    "_DenseLayer": "dense layer",
    "_Transition": "transition",
    "Fire": "fire module",
    "EncoderBlock": "encoder block",
}
PLAIN = {
    "cat": "concatenation",
    "mul": "multiplication",
    "add": "addition",
    "linear": "linear layer",
}
IDENTITY = "identity"
SPELLED = ("no", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten")
"""Beside "3×3" a digit would be misread."""


@lru_cache(maxsize=4096)
def changes(left: Unit, right: Unit) -> tuple[str, ...]:
    """What makes the right unit another one than the left, in short phrases; none if they match."""
    found = [*_kernels(left, right), *_widths(left, right), *_extras(left, right)]
    if not found and left.params != right.params:
        found = [f"{units.short(right.params)} parameters instead of {units.short(left.params)}"]
    return tuple(found)


def chain(path: Sequence[str]) -> str:
    """A branch as it is read: "1×1 → 3×3 → 1×1"."""
    return " → ".join(path) or IDENTITY


def form(unit: Unit) -> str:
    """All branches of a unit: "1×1 | 1×1 → 3×3"."""
    if not any(unit.paths):
        return unit.kind
    return " | ".join(chain(path) for path in unit.paths)


def role(unit: Unit) -> str:
    """What kind of thing a unit is, whatever its class: conv, pool, linear, block, other."""
    if len(unit.paths) > 1 or len(unit.paths[0]) > 1:
        return "block"
    if not unit.paths[0]:
        return f"other {unit.kind}"
    said = unit.paths[0][0]
    if "pool" in said:
        return "pool"
    return "conv" if "×" in said else said


def name(unit: Unit) -> str:
    """What a person calls a unit: "bottleneck block", "3×3 convolution", "max pool 2×2"."""
    if unit.kind in NAMES:
        return NAMES[unit.kind]
    what = role(unit)
    if what == "block":
        words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", " ", unit.kind.strip("_")).lower()
        return words if words.endswith(("block", "layer", "module")) else f"{words} block"
    said = unit.paths[0][0] if unit.paths[0] else unit.kind
    still = said.partition(" /")[0]
    return f"{still} convolution" if what == "conv" else PLAIN.get(still, still)


def spelled(number: int) -> str:
    """A small number as a word."""
    return SPELLED[number] if number < len(SPELLED) else str(number)


def several(number: int, what: str) -> str:
    """A number of things: "two basic blocks", "one max pool 2×2"."""
    if number == 1:
        return f"one {what}"
    first, pool, rest = what.partition(" pool")
    if pool:
        return f"{spelled(number)} {first}{pool}s{rest}"
    return f"{spelled(number)} {what}" if what.endswith("s") else f"{spelled(number)} {what}s"


def stage_sentence(steps: Sequence[Step]) -> str:
    """One sentence on a stage: other numbers of blocks first, then what changed in them."""
    if all(step.verdict == "matched" for step in steps):
        return f"The same: {_listed(step.left for step in steps if step.left)}."
    ours = Counter(name(step.left) for step in steps if step.left and not _told_alone(step))
    theirs = Counter(name(step.right) for step in steps if step.right and not _told_alone(step))
    parts = _counts(ours, theirs)
    changed = [step.words for step in steps if step.verdict == "changed"]
    parts += _shared_changes(changed)
    text = "; ".join(parts) or "the same units in another order"
    return f"{text[0].upper()}{text[1:]}."


def _told_alone(step: Step) -> bool:
    """Whether a pair's change says it all: of single layers, or of blocks of one name."""
    pair = step.verdict == "changed" and step.left is not None and step.right is not None
    return bool(pair and step.left and role(step.left) != "block")


def overall(left: str, right: str, stages: Sequence[StageDifference]) -> str:
    """One sentence on the whole difference."""
    steps = [step for stage in stages for step in stage.steps]
    counts = Counter(step.verdict for step in steps)
    if len(steps) == counts["matched"]:
        return f"{left} and {right} have the same structure: all {len(steps)} units match."
    said = [f"{counts[each]} {each}" for each in ("matched", "changed", "added", "removed")]
    added = [step.right for step in steps if step.verdict == "added" and step.right]
    removed = [step.left for step in steps if step.verdict == "removed" and step.left]
    more = [f"added: {_listed(added)}"] if added else []
    more += [f"removed: {_listed(removed)}"] if removed else []
    tail = f" ({'; '.join(more)})" if more else ""
    return f"From {left} to {right}: of {len(steps)} units {', '.join(said)}{tail}."


def _listed(found: Iterable[Unit], most: int = 4) -> str:
    counted = Counter(name(unit) for unit in found).most_common()
    said = [several(number, what) for what, number in counted[:most]]
    rest = sum(number for _, number in counted[most:])
    return ", ".join([*said, *([f"{rest} more"] if rest else [])])


def _counts(ours: Counter[str], theirs: Counter[str]) -> list[str]:
    """Which kinds of unit there are more or fewer of."""
    parts = [
        f"{several(theirs[what], what)} instead of {spelled(ours[what])}"
        for what in ours
        if what in theirs and ours[what] != theirs[what]
    ]
    gone = [several(number, what) for what, number in ours.items() if what not in theirs]
    came = [several(number, what) for what, number in theirs.items() if what not in ours]
    if gone and came:
        return [f"{' and '.join(came)} instead of {' and '.join(gone)}", *parts]
    return [*parts, *(f"{each} more" for each in came), *(f"without {each}" for each in gone)]


def _shared_changes(changed: Sequence[tuple[str, ...]], most: int = 3) -> list[str]:
    """The changes that most pairs share, with the number of pairs where they are not alone."""
    counted = Counter(words for each in changed for words in each).most_common(most)
    return [words if number == 1 else f"{words} ({number} times)" for words, number in counted]


def _kernels(left: Unit, right: Unit) -> list[str]:
    gone = Counter(left.paths) - Counter(right.paths)
    came = Counter(right.paths) - Counter(left.paths)
    before, after = list(gone.elements()), list(came.elements())
    if not before and not after:
        return [] if left.joins == right.joins else [_joined(left, right)]
    said = []
    for old, new in zip(before, after, strict=False):
        said.append(_became(old, new))
    said += [f"{_branch(each)} added" for each in after[len(before) :]]
    said += [f"{_branch(each)} removed" for each in before[len(after) :]]
    return said


def _became(old: Sequence[str], new: Sequence[str]) -> str:
    without = tuple(each for each in new if each != SQUEEZE)
    if without == tuple(old):
        return "squeeze-excitation added"
    if tuple(each for each in old if each != SQUEEZE) == tuple(new):
        return "squeeze-excitation removed"
    if not old:
        return f"the identity shortcut became {chain(new)}"
    return f"{chain(old)} became {chain(new)}"


def _branch(path: Sequence[str]) -> str:
    return f"branch {chain(path)}" if path else "identity shortcut"


def _joined(left: Unit, right: Unit) -> str:
    theirs, ours = ", ".join(right.joins) or "nothing", ", ".join(left.joins) or "nothing"
    return f"joined by {theirs} instead of {ours}"


def _widths(left: Unit, right: Unit) -> list[str]:
    said = []
    if left.channels != right.channels:
        said.append(f"{right.channels:,} channels instead of {left.channels:,}")
    inside = _inner(right), _inner(left)
    if left.paths == right.paths and inside[0] != inside[1]:
        said.append(f"inside {_numbers(inside[0])} instead of {_numbers(inside[1])}")
    return said


def _inner(unit: Unit) -> tuple[int, ...]:
    """Channels between the layers of each branch, and of branches that are concatenated."""
    kept = unit.widths if len(unit.widths) > 1 and "cat" in unit.joins else ()
    found = kept or tuple(widths[:-1] for widths in unit.widths)
    return tuple(width for widths in found for width in widths if width)


def _numbers(found: Sequence[int]) -> str:
    return ", ".join(str(each) for each in dict.fromkeys(found)) or "none"


def _extras(left: Unit, right: Unit) -> list[str]:
    gone = [each for each in left.extras if each not in right.extras]
    came = [each for each in right.extras if each not in left.extras]
    if gone and came:
        return [f"{' and '.join(came)} instead of {' and '.join(gone)}"]
    if came:
        return [f"with {' and '.join(came)}"]
    return [f"without {' and '.join(gone)}"] if gone else []

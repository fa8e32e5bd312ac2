"""Ask every network shipped for CIFAR-10 about the pictures of its classes, and write the answers.

Run as `python assets/samples/ask_networks.py` once weights or pictures have changed. RESULTS.md is
what comes of it: measured, for no picture was drawn and no network trained with an eye on it.
"""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.pictures import samples
from explorer.vision.loading import CIFAR10
from explorer.vision.predict import predict
from explorer.zoo import build
from explorer.zoo.own_weights import all_own

if TYPE_CHECKING:
    from explorer.pictures.samples import Sample
    from explorer.zoo.own_weights import OwnWeights

RESULTS = Path(__file__).parent / "RESULTS.md"
ASKED = samples.of("class")

HEAD = """\
# What the shipped networks make of the ten classes

Written by `ask_networks.py` in this folder. Each network that is shipped with weights for CIFAR-10
is asked about each picture of the gallery that shows one of its classes; right means that its
likeliest class is the one that is shown. All pictures but Chelsea are drawings, so this says how
far a network goes beyond the photographs it learned from, not how good it is: its accuracy on
CIFAR-10's own 10,000 test pictures stands beside it.
"""


def networks() -> tuple[OwnWeights, ...]:
    """The weights that know the ten classes."""
    return tuple(each for each in all_own() if each.classes == CIFAR10)


def answers(weights: OwnWeights) -> tuple[str, ...]:
    """The likeliest class of each picture, in the order of `ASKED`."""
    pictures = tuple(samples.accepted(each.name) for each in ASKED)
    said = predict(weights.model, pictures, weights="convzoo", top=1)
    return tuple(each.top[0].name for each in said)


def network_row(weights: OwnWeights, said: tuple[str, ...]) -> str:
    """One network: its accuracy, how many it has right, and what it says of the others."""
    wrong = [
        f"{sample.title}: {name}"
        for sample, name in zip(ASKED, said, strict=True)
        if name != sample.shows
    ]
    title, right = build.card(weights.model).title, len(ASKED) - len(wrong)
    told = "; ".join(wrong) or "-"
    return f"| {title} | {weights.top1:.1f} % | {right} of {len(ASKED)} | {told} |"


def picture_row(sample: Sample, said: list[str]) -> str:
    """One picture: how many networks have it right, and what the others take it for."""
    others = Counter(name for name in said if name != sample.shows)
    told = ", ".join(f"{name} ({count})" for name, count in others.most_common()) or "-"
    right = said.count(sample.shows)
    return f"| {sample.title} | {sample.shows} | {right} of {len(said)} | {told} |"


def text() -> str:
    """RESULTS.md, as it should be."""
    found = {each: answers(each) for each in networks()}
    lines = [HEAD, "| Network | CIFAR-10 top-1 | Right | Of the others it says |"]
    lines += ["| --- | --- | --- | --- |"]
    lines += [network_row(weights, said) for weights, said in found.items()]
    lines += ["", "| Picture | It shows | Right | Taken for (by how many) |"]
    lines += ["| --- | --- | --- | --- |"]
    for number, sample in enumerate(ASKED):
        lines.append(picture_row(sample, [said[number] for said in found.values()]))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    RESULTS.write_text(text(), "utf-8")

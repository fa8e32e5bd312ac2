"""MODEL_CARD.md: what a network is, learned from, is worth and cannot do. No torch here.

After Mitchell et al., "Model Cards for Model Reporting" (2019).
"""

from __future__ import annotations

import datetime
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer import units
from explorer.finetune import card_scores, intervals, script
from explorer.runs import compare
from explorer.runs.told import machine
from explorer.zoo import trained_runs

if TYPE_CHECKING:
    from explorer.collections.records import Collection
    from explorer.finetune.report_records import Report, Share
    from explorer.finetune.takehome_records import Check
    from explorer.runs.records import Run
    from explorer.training.records import Began, Score
    from explorer.vision.records import Preprocessing
    from explorer.zoo.weight_records import WeightsChoice

FEW_TO_LEARN, FEW_TO_JUDGE = 20, 100
"""Pictures of a class, and held out altogether, below which the card says that they are few."""

_PARTS = ("test", "validation", "train")
_NAMES = {"test": "test pictures", "validation": "held-out pictures", "train": "training pictures"}
_OTHERS = "They are of the run's other weights, not of those in here, which nobody measured."


@dataclass(frozen=True, slots=True)
class Subject:
    """All that a card is written from.

    `weights` are those taken home, `origin` those the run started from, if any. `collection` is
    None for other data and for one that was deleted, `report` where nobody made one.
    """

    run: Run
    began: Began
    weights: WeightsChoice
    preprocessing: Preprocessing
    origin: WeightsChoice | None
    collection: Collection | None
    report: Report | None
    portable: Check
    onnx: Check | None
    without_onnx: str


def card(subject: Subject) -> str:
    """Write the card as Markdown."""
    sections = (
        ("", _opening(subject)),
        ("What it learned from", _data(subject)),
        ("How it was trained", _recipe(subject)),
        ("How good it is", _scores(subject)),
        ("What it expects", _input(subject)),
        ("Limits", [f"- {each}" for each in _limits(subject)]),
        ("How the files were checked", _checks(subject)),
    )
    lines: list[str] = []
    for title, body in sections:
        lines += [f"## {title}", ""] if title else [f"# {plain(subject.run.name)}", ""]
        lines += [*body, ""]
    return "\n".join(lines)


def plain(text: str) -> str:
    """A text that Markdown and HTML take for letters alone, in one line."""
    return re.sub(r"([\\`*_\[\]<>|#&~])", r"\\\1", " ".join(text.split()))


def table(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """A table of Markdown; cells are written as they are."""
    return [
        f"| {' | '.join(headings)} |",
        f"|{' --- |' * len(headings)}",
        *(f"| {' | '.join(row)} |" for row in rows),
    ]


def data_title(subject: Subject) -> str:
    """What the data are called, as the card has it."""
    collection = subject.collection
    return plain(
        collection.title if collection is not None else trained_runs.data_title(subject.run)
    )


def _opening(subject: Subject) -> list[str]:
    run, began = subject.run, subject.began
    made = datetime.datetime.fromtimestamp(run.ended or run.created, tz=datetime.UTC)
    which = "best epoch" if subject.weights.key.startswith("best") else "last step"
    on = ", ".join(f"{name} {value}" for name, value in machine(run) if value)
    rows = [
        ("Network", f"{plain(began.title)}, {began.params:,} parameters"),
        ("Classes", f"{len(began.classes)}: {', '.join(map(plain, began.classes))}"),
        ("Weights", f"of the {which}; {plain(subject.weights.file)} of the run {run.id}"),
        ("Trained", f"{made:%Y-%m-%d}, {units.duration(run.seconds)} of training"),
        ("On", plain(on) or "a computer nobody wrote down"),
    ]
    if subject.origin is not None:
        rows.insert(2, ("Started from", plain(subject.origin.title)))
    return [
        f"{plain(began.title)}, trained on {data_title(subject)} with ConvZoo: it says which of "
        f"{len(began.classes)} classes a picture shows.",
        "",
        *table(("", ""), rows),
        *(["", plain(run.note)] if run.note else []),
    ]


def _data(subject: Subject) -> list[str]:
    began, collection = subject.began, subject.collection
    counts = (
        f"{began.train:,} pictures to learn from, {began.validation:,} held out to validate on, "
        f"{began.test:,} to test on, each brought to {_sides(began.shape[1:])} pixels."
    )
    if collection is None:
        return [f"{data_title(subject)}: {counts}"]
    parts = collection.counts("train"), collection.counts("validation")
    rows = [
        (plain(name), *(f"{count:,}" for count in each))
        for name, *each in zip(collection.classes, *parts, strict=True)
    ]
    rows.append(("all", *(f"{sum(each):,}" for each in parts)))
    split = (
        "The split came with the pictures."
        if collection.own_split
        else f"{collection.share:g} % of each class were held out by chance (seed "
        f"{collection.seed}); near-duplicates stay on one side."
    )
    refused = len(collection.refused)
    return [
        f"{plain(collection.title)}, revision {collection.revision}. {split}"
        + (f" {refused:,} files were left out." if refused else ""),
        "",
        *table(("class", "learned from", "held out"), rows),
        *([""] if collection.warnings else []),
        *(f"- {plain(each)}" for each in collection.warnings),
    ]


def _recipe(subject: Subject) -> list[str]:
    settings = compare.settings(subject.run.recipe)
    rows = [(plain(row["setting"]), plain(row["value"])) for row in settings]
    return [
        "Settings that are not listed are the defaults; `run/recipe.json` repeats the run.",
        "",
        *table(("setting", "value"), rows),
    ]


def shares(run: Run) -> dict[str, Share]:
    """How many pictures of each part the run itself found right, with Wilson's interval."""
    result = run.result
    if result is None:
        return {}
    scores: dict[str, Score | None] = {part: getattr(result, part) for part in _PARTS}
    return {
        part: intervals.share(round(score.top1 / 100 * score.count), score.count)
        for part, score in scores.items()
        if score is not None and score.count
    }


def _scores(subject: Subject) -> list[str]:
    found = shares(subject.run)
    if subject.report is not None:
        return card_scores.lines(subject.report, plain, table)
    if not found:
        return ["Nobody knows: no picture was held out, and none was tested on."]
    rows = [
        (_NAMES[part], f"{each.hits:,} of {each.of:,}", card_scores.written(each))
        for part, each in found.items()
    ]
    return [
        *table(("", "right", "accuracy, 95 % interval (Wilson)"), rows),
        "",
        "Measured by the run when it ended"
        + (", training pictures as they were shown, augmented." if "train" in found else "."),
        *([_OTHERS] if _of_others(subject) else []),
    ]


def _of_others(subject: Subject) -> bool:
    """Whether the run tested other weights than these."""
    result = subject.run.result
    return result is not None and not subject.weights.key.startswith(result.weights)


def _input(subject: Subject) -> list[str]:
    channels = "grey" if len(subject.preprocessing.mean) == 1 else "red, green, blue"
    steps = script.steps(subject.preprocessing)
    return [
        f"One picture, upright, as {channels}, {_sides(subject.preprocessing.crop)} pixels:",
        "",
        *(f"{number}. {each}" for number, each in enumerate(steps, 1)),
        "",
        "`preprocessing.json` has the numbers, and `predict.py` does it.",
    ]


def _limits(subject: Subject) -> Iterator[str]:
    began = subject.began
    yield (
        f"It knows these {len(began.classes)} classes and nothing else: of any picture it names "
        "one of them, and its probabilities add up to 1 whatever the picture shows."
    )
    yield (
        "Its accuracy is that on pictures like those it learned from; with another camera, light, "
        "background or cut expect less, and test it."
    )
    yield from _limits_of_judging(subject)
    collection = subject.collection
    if collection is not None:
        few = [
            plain(name)
            for name, count in zip(collection.classes, collection.counts("train"), strict=True)
            if count < FEW_TO_LEARN
        ]
        if few:
            yield f"Fewer than {FEW_TO_LEARN} pictures were there to learn from of {_listed(few)}."
    if subject.origin is not None and subject.origin.licence:
        yield f"It started from {plain(subject.origin.title)}. {subject.origin.licence}"
    yield "It was made to learn with; nobody tested it for decisions about people or their safety."


def _limits_of_judging(subject: Subject) -> Iterator[str]:
    found = shares(subject.run)
    judged = found.get("test") or found.get("validation")
    if judged is None:
        yield "It was never judged on pictures it had not learned from."
        return
    if judged.of < FEW_TO_JUDGE and judged.low is not None and judged.high is not None:
        yield (
            f"It was judged on {judged.of} pictures alone: its accuracy may be anything from "
            f"{judged.low:.0%} to {judged.high:.0%}."
        )
    chosen = "test" not in found and subject.weights.key.startswith("best")
    if chosen and subject.report is None:
        yield (
            "Its weights were chosen by the held-out pictures it is judged on, so it looks a "
            "little better than it is."
        )
    if subject.report is not None:
        yield from map(plain, subject.report.caveats)


def _checks(subject: Subject) -> list[str]:
    onnx = subject.without_onnx if subject.onnx is None else subject.onnx.sentence
    return [
        f"- `model.pt2`, which `predict.py` opens: {subject.portable.sentence}",
        f"- `model.onnx`: {onnx}",
    ]


def _listed(names: Sequence[str], most: int = 10) -> str:
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return f"{', '.join(names[:most])}{more}"


def _sides(size: Sequence[int]) -> str:
    return " x ".join(map(str, size))

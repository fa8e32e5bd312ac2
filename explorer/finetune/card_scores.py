"""How good a fine-tuned network is, as its card says it: scores with intervals. No torch here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.finetune.report_records import Estimate, Report, Share

UNKNOWN = "unknown"


def lines(
    report: Report,
    plain: Callable[[str], str],
    table: Callable[[Sequence[str], Sequence[Sequence[str]]], list[str]],
) -> list[str]:
    """Write a report as lines of Markdown; `plain` and `table` are those of the model card."""
    scores = report.scores
    rows = [
        ("held-out pictures", _counted(scores.accuracy), written(scores.accuracy)),
        ("training pictures", _counted(report.learned), written(report.learned)),
        *(
            (f"baseline: {each.title.lower()}", _counted(each.accuracy), written(each.accuracy))
            for each in report.baselines
        ),
    ]
    classes = [
        (
            plain(each.name),
            str(each.held_out),
            written(each.precision),
            written(each.recall),
            written(each.f1),
        )
        for each in scores.classes
    ]
    return [
        *table(("", "right", "accuracy, 95 % interval (Wilson)"), rows),
        "",
        f"{plain(report.verdict)} {plain(scores.sentence)}",
        "",
        "By class, on held-out pictures, with intervals of 95 %:",
        "",
        *table(("class", "held out", "precision", "recall", "F1"), classes),
        "",
        *_more(report, plain),
    ]


def written(value: Share | Estimate) -> str:
    """A share in % with its interval, or that nobody knows."""
    if value.value is None:
        return UNKNOWN
    if value.low is None or value.high is None:
        return f"{value.value:.1%}"
    return f"{value.value:.1%} ({100 * value.low:.1f} to {100 * value.high:.1f})"


def _counted(share: Share) -> str:
    return f"{share.hits:,} of {share.of:,}"


def _more(report: Report, plain: Callable[[str], str]) -> Iterator[str]:
    yield f"Mean F1 over the classes: {written(report.scores.macro_f1)}."
    calibration = report.calibration
    if calibration is not None:
        yield f"{plain(calibration.sentence)} Over {len(calibration.bins)} bins of equal width."

"""What a go at an experiment came to, read off its runs. No torch here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from explorer.training.outcomes import of_run

if TYPE_CHECKING:
    from explorer.runs.store import RunStore
    from explorer.training.attempts import Attempt
    from explorer.training.experiment import Check, Experiment, Verdict
    from explorer.training.outcomes import Outcome


@dataclass(frozen=True, slots=True)
class Judged:
    """An attempt, what came of each variant, and the verdicts on it.

    `missing` names the variants without an outcome; while there are some, nothing is decided and
    `verdict` is None. `checks` are what else was expected, each with its verdict.
    """

    attempt: Attempt
    outcomes: tuple[Outcome, ...]
    missing: tuple[str, ...]
    verdict: Verdict | None
    checks: tuple[tuple[Check, Verdict], ...]

    def shown(self, experiment: Experiment) -> bool:
        """Whether the textbook's answer came out."""
        return self.verdict is not None and self.verdict.answer == experiment.guess.expected

    def guessed_right(self) -> bool | None:
        """Whether the guess was right; None where nobody guessed or nothing is decided."""
        if self.attempt.guess is None or self.verdict is None:
            return None
        return self.attempt.guess == self.verdict.answer


def judge(
    experiment: Experiment, attempt: Attempt, store: RunStore, sharpness: Mapping[str, float]
) -> Judged:
    """Judge an attempt by its runs' own records; `sharpness` is by run, where a study found it."""
    runs = {run.variant: run for run in attempt.runs}
    outcomes = tuple(
        of_run(store, runs[each.title], each.key, sharpness.get(runs[each.title].id))
        for each in experiment.variants
        if each.title in runs
    )
    return decide(experiment, attempt, outcomes)


def decide(experiment: Experiment, attempt: Attempt, outcomes: Sequence[Outcome]) -> Judged:
    """Ask the judges, if every variant has an outcome that counts."""
    there = {each.key for each in outcomes if each.counts}
    missing = tuple(each.title for each in experiment.variants if each.key not in there)
    if missing:
        return Judged(attempt, tuple(outcomes), missing, None, ())
    checks = tuple((check, check.judge(outcomes)) for check in experiment.checks)
    return Judged(attempt, tuple(outcomes), (), experiment.guess.judge(outcomes), checks)

"""Do the ready experiments show what the textbook says, and how long do they take?

    python -m benchmarks.experiments [KEY ...] [--seeds 3]

Each experiment's runs one after the other on one thread, without engine and store; a row a seed,
with the judges' answers. Minutes are CPU time divided by two, as two cores would take that have
nothing else to do.
"""

from __future__ import annotations

import argparse
import dataclasses
import time
from typing import TYPE_CHECKING

import torch

from explorer.training import tryout
from explorer.training.ensembles import training
from explorer.training.experiments import EXPERIMENTS, find
from explorer.training.finished import opened
from explorer.training.flatness import sharpness_of
from explorer.training.outcomes import gathered

if TYPE_CHECKING:
    from explorer.training.experiment import Experiment
    from explorer.training.outcomes import Outcome

CORES = 2
ROW = "{:<16}{:>5}  {:<12}{:<12}{:<9}{:>8}  {}"


def outcomes(experiment: Experiment, seed: int) -> tuple[Outcome, ...]:
    """What came of each variant; with its sharpness, where the experiment asks for it."""
    if experiment.study != "flatness":
        return tuple(tryout.tried(experiment, seed))
    found = []
    recipes = experiment.recipes(seed)
    for variant, recipe in zip(experiment.variants, recipes, strict=True):
        run = training(recipe)
        outcome = gathered(variant.key, variant.title, run.records())
        flat = sharpness_of(opened(variant.key, variant.title, recipe, run.weights()))
        found.append(dataclasses.replace(outcome, sharpness=flat))
    return tuple(found)


def print_row(experiment: Experiment, seed: int) -> None:
    """One seed of one experiment, and every number its table has."""
    start = time.process_time()
    found = outcomes(experiment, seed)
    minutes = (time.process_time() - start) / 60 / CORES
    answer = experiment.guess.judge(found).answer
    shown = "yes" if answer == experiment.guess.expected else "NO"
    checks = ["yes" if each.judge(found).answer == each.expected else "NO"
              for each in experiment.checks]  # fmt: skip
    print(ROW.format(experiment.key, seed, answer, experiment.guess.expected, shown,
                     f"{minutes:.2f}", " ".join(checks)))  # fmt: skip
    for outcome in found:
        numbers = ", ".join(f"{q.title} {q.written(outcome)}" for q in experiment.quantities)
        print(f"    {outcome.title}: {numbers}", flush=True)


def main() -> None:
    """Run all experiments, or those asked for, with so many seeds each."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("keys", nargs="*", default=list(EXPERIMENTS))
    parser.add_argument("--seeds", type=int, default=3)
    given = parser.parse_args()
    torch.set_num_threads(1)
    print(ROW.format("experiment", "seed", "answer", "textbook", "shown", "minutes", "checks"))
    for key in given.keys:
        experiment = find(key)
        for seed in range(given.seeds):
            print_row(experiment, seed)


if __name__ == "__main__":
    main()

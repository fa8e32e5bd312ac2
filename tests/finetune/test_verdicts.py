"""SqueezeNet's real weights on small uploads of real pictures: claims follow from counts."""

from __future__ import annotations

import tarfile
from collections import Counter
from pathlib import Path

import pytest

from explorer.collections import intake
from explorer.finetune.advice import choose
from explorer.finetune.report import report
from explorer.runs.recording import record
from explorer.runs.records import NewRun
from explorer.runs.store import RunStore
from explorer.training.recipe import checked

AHEAD = ("beats every baseline", "has more pictures right than")
BEHIND = ("does not beat", "is no better than")


def uploads(archive: Path, classes: tuple[str, ...], each: int) -> list[tuple[str, str, bytes]]:
    """The first so many training pictures of these classes of CIFAR-10, as files."""
    found: list[tuple[str, str, bytes]] = []
    counts: Counter[str] = Counter()
    with tarfile.open(archive) as opened:
        for member in opened:
            part, name, file = (["", "", *Path(member.name).parts])[-3:]
            wanted = member.isfile() and part == "train" and name in classes
            if wanted and counts[name] < each:
                counts[name] += 1
                found.append((name, file, opened.extractfile(member).read()))  # type: ignore[union-attr]
            if len(found) == each * len(classes):
                break
    return found


@pytest.mark.slow
@pytest.mark.parametrize(
    ("classes", "each"),
    [
        (("cat", "ship"), 60),
        (
            (
                "airplane", "automobile", "bird", "cat", "deer",
                "dog", "frog", "horse", "ship", "truck",
            ),
            30,
        ),
    ],
)  # fmt: skip
def test_a_new_head_beats_both_or_is_said_not_to(
    classes: tuple[str, ...],
    each: int,
    shared_data: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The verdict follows from the counts, and the network is better than chance for certain."""
    monkeypatch.setenv("CONVZOO_DATA", str(tmp_path / "data"))
    monkeypatch.setenv("CONVZOO_RUNS", str(tmp_path / "runs"))
    monkeypatch.setenv("TORCH_HOME", str(shared_data / "torch_home"))
    files = uploads(shared_data / "cifar10" / "cifar10-jpeg.tar.xz", classes, each)
    collection = intake.accept_files(files, "CIFAR-10", "somebody")
    recipe = checked(
        network="squeezenet1_0",
        weights="IMAGENET1K_V1",
        data=collection.key,
        **choose(collection.counts("train"), "head").settings,
        regime="head",
    )
    store = RunStore()
    run = store.create(NewRun(recipe, "proof"), queue=False)
    record(run, store)
    found = report(run)
    network = found.scores.accuracy
    best = max(baseline.accuracy.hits for baseline in found.baselines)
    assert any(words in found.verdict for words in (AHEAD if network.hits > best else BEHIND))
    assert network.low is not None
    assert network.low > 1 / len(classes)
    assert network.hits == found.confusion().trace()
    assert any("chose which epoch" in sentence for sentence in found.caveats)

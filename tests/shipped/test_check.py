"""Every file that is shipped is the one its card tells of, and as good as it says."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from explorer.shipped import check, page
from explorer.shipped.table import SHIPPED
from explorer.training.data.loading import Pictures
from explorer.zoo import own_weights

SETS = page.in_order(own_weights.all_own())
MOST_BYTES = 25_000_000


@pytest.fixture(scope="module")
def fixed_pictures(
    shared_data: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Pictures]:
    """The 1,000 fixed test pictures of each data set, read where they are."""
    root = tmp_path_factory.mktemp("data")
    (root / "cifar10").symlink_to(shared_data / "cifar10")
    (root / "MNIST").symlink_to(shared_data / "mnist" / "MNIST")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("CONVZOO_DATA", str(root))
        return {key: check.fixed_pictures(key) for key in ("mnist", "cifar10-jpeg")}


def test_the_table_and_the_cards_are_about_the_same_networks() -> None:
    """Each with the recipe, or the full one, that the table has."""
    assert [each.model for each in SETS] == [each.model for each in SHIPPED]
    for made, asked in zip(SETS, SHIPPED, strict=True):
        assert made.recipe in (asked.recipe, asked.full)
        assert made.seed == made.recipe.seed


@pytest.mark.parametrize("weights", SETS, ids=lambda each: each.model)
def test_a_file_is_the_one_its_card_tells_of(weights: own_weights.OwnWeights) -> None:
    """By its SHA-256."""
    assert check.check(weights, None).problems == ()


@pytest.mark.parametrize("weights", SETS, ids=lambda each: each.model)
def test_a_file_is_as_good_as_its_card_says(
    weights: own_weights.OwnWeights, fixed_pictures: dict[str, Pictures]
) -> None:
    """Within one percent of the 1,000 fixed pictures; and those are like all the others."""
    found = check.check(weights, fixed_pictures[weights.recipe.data])
    assert found.problems == ()
    assert found.measured == pytest.approx(weights.top1_of_1000, abs=1.0)
    # Five standard deviations of a share of 1,000.
    spread = 100 * np.sqrt(weights.top1 / 100 * (1 - weights.top1 / 100) / 1000)
    assert weights.top1_of_1000 == pytest.approx(weights.top1, abs=5 * spread)


def test_another_file_or_accuracy_is_found_out(tmp_path: Path) -> None:
    """A byte more, and weights that do not do what is stated, each told in a sentence."""
    (known,) = [each for each in SETS if each.model == "lenet5"]
    file = tmp_path / "lenet5.safetensors"
    file.write_bytes(Path(known.path).read_bytes() + b" ")
    (said,) = check.check(replace(known, path=str(file)), None).problems
    assert said.startswith("lenet5.safetensors is not the file its card tells of; python -m")
    noise = torch.randint(0, 255, (1000, 1, 28, 28), generator=torch.Generator().manual_seed(0))
    pictures = Pictures(noise.to(torch.uint8), torch.arange(1000) % 10)
    found = check.check(known, pictures)
    assert found.measured is not None
    assert found.measured < 20
    assert "not the" in found.problems[0]


def test_the_fixed_pictures_are_as_many_of_each_class() -> None:
    """A hundred of each of ten, no picture twice, the same every time."""
    labels = np.repeat(np.arange(10), 1000)
    places = check.fixed(labels)
    assert len(set(places.tolist())) == 1000
    assert np.bincount(labels[places]).tolist() == [100] * 10
    assert np.array_equal(places, check.fixed(labels))


def test_all_of_it_is_small_and_nothing_else_is_there() -> None:
    """Three files for each network and a page, 25 MB at most."""
    files = sorted(path.name for path in own_weights.folder().iterdir())
    endings = (".json", ".run.gz", ".safetensors")
    expected = [f"{each.model}{ending}" for each in SHIPPED for ending in endings]
    assert files == sorted([*expected, page.PAGE])
    assert sum(path.stat().st_size for path in own_weights.folder().iterdir()) < MOST_BYTES


def test_the_page_is_what_the_cards_say() -> None:
    """Written by the command, not by hand."""
    written = (own_weights.folder() / page.PAGE).read_text("utf-8")
    assert written == page.text(SETS)

"""What a report knows of its pictures, counted by hand."""

from __future__ import annotations

from sklearn.metrics import confusion_matrix

from tests.finetune.judged import HELD_OUT, LABELS, SAID, judged


def test_the_matrix_counts_what_is_held_out() -> None:
    """True classes down: two cats, one of them wrong, a dog, and a fox taken for a dog."""
    report = judged()
    assert report.confusion().tolist() == [[1, 1, 0], [0, 1, 0], [0, 1, 0]]
    learned = confusion_matrix(LABELS[~HELD_OUT], SAID[~HELD_OUT], labels=range(3))
    assert report.confusion("train").tolist() == learned.tolist()


def test_every_cell_knows_its_pictures() -> None:
    """All cells together have each picture once; the surest comes first."""
    report = judged()
    assert report.cell(0, 1) == (107,)
    assert report.cell(1, 0) == ()
    assert report.cell(1, 1, "train") == (103, 104)
    cells = [
        report.cell(true, said, part)
        for true in range(3)
        for said in range(3)
        for part in ("validation", "train")
    ]
    assert sorted(item for cell in cells for item in cell) == list(range(100, 110))


def test_the_most_confident_mistake_comes_first() -> None:
    """0.82 before 0.62, with what is left for the true class."""
    first, second = judged().mistakes()
    assert (first.item, first.label, first.predicted) == (109, 2, 1)
    assert round(first.confidence, 4) == 0.82
    assert round(first.label_probability, 4) == 0.09
    assert second.item == 107
    assert [each.item for each in judged().mistakes("train")] == [102]


def test_a_picture_is_found_by_its_number() -> None:
    """Or it is not in the report."""
    assert judged().row(107) == 7
    assert judged().row(7) is None

"""Every number of a report is in the figure, and in the table below it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from explorer.figures import confusion, finetune, finetune_map, style
from explorer.finetune.scoring import scores
from tests.finetune.judged import ITEMS, judged

JPEG, PNG = b"\xff\xd8\xff rest", b"\x89PNG rest"


def test_cells_can_be_clicked_and_lead_to_their_pictures() -> None:
    """A point for each, with the pair of classes the report takes."""
    report = judged()
    figure = confusion.confusion(report)
    heat, cells = figure.data
    assert heat.z.tolist() == [[0.5, -0.5, 0], [0, 1, 0], [0, -1, 0]]
    assert [(x, y) for y, x, *_ in cells.customdata] == list(zip(cells.x, cells.y, strict=True))
    assert len(cells.x) == 9
    written = {(each.y, each.x): each.text for each in figure.layout.annotations}
    assert written == {(0, 0): "1", (0, 1): "1", (1, 1): "1", (2, 1): "1"}
    assert all(str(len(report.cell(*cell))) == text for cell, text in written.items())
    assert cells.customdata[1][2:] == ["cat", "&lt;b&gt;개", "1 of 2"]


def test_the_chosen_cell_is_outlined_where_it_is() -> None:
    """True class 2 is the third row, predicted class 1 the second column."""
    shape = confusion.confusion(judged(), chosen=(2, 1)).layout.shapes[0]
    assert (shape.x0, shape.x1, shape.y0, shape.y1) == (0.5, 1.5, 1.5, 2.5)


def test_of_many_classes_those_with_mistakes_are_drawn() -> None:
    """Fifty classes, of which the last two are taken for each other."""
    count = 50
    labels = np.arange(count)
    said = labels.copy()
    said[[48, 49]] = 49, 48
    names = tuple(f"class {n}" for n in range(count))
    report = replace(
        judged(),
        classes=names,
        items=labels,
        labels=labels,
        held_out=np.ones(count, bool),
        probabilities=np.eye(count)[said],
    )
    figure = confusion.confusion(report)
    heat, cells = figure.data
    assert heat.z.shape == (40, 40)
    assert not figure.layout.annotations
    assert {48, 49} <= {each[0] for each in cells.customdata}
    assert confusion.left_out(report) == 10
    assert confusion.left_out(judged()) == 0
    assert len(confusion.confusion_rows(report)) == 50


def test_rows_of_the_matrix_add_up() -> None:
    """To the pictures that are held out."""
    assert sum(row["pictures"] for row in confusion.confusion_rows(judged())) == 4


def test_intervals_are_drawn_from_end_to_end() -> None:
    """Wilson's interval of one of two: 9.5 to 90.5 %."""
    figure = finetune.classes(judged().scores)
    recall = figure.data[1]
    assert recall.name == "Recall"
    assert recall.x[0] == 0.5
    assert recall.x[0] - recall.error_x.arrayminus[0] == pytest.approx(0.0945, abs=1e-3)
    assert recall.x[0] + recall.error_x.array[0] == pytest.approx(0.9055, abs=1e-3)
    assert recall.customdata[0][1:] == ["50.0 % (9.5 to 90.5)", ", 1 of 2"]


def test_what_is_unknown_is_not_drawn() -> None:
    """A class nobody held out has no recall, in the figure nor in the table."""
    found = scores(np.array([0, 0]), np.array([0, 0]), ("a", "b"), (3, 3))
    assert [list(each.x) for each in finetune.classes(found).data] == [[1.0], [1.0], [1.0]]
    row = finetune.class_rows(found)[1]
    assert row["recall"] is None
    assert row["recall from"] is None
    assert finetune.interval(found.classes[1].recall) == "unknown"


def test_the_network_stands_above_what_it_has_to_beat() -> None:
    """In a colour of its own, the majority last."""
    (points,) = finetune.beaten(judged()).data
    assert points.y[0] == "This network"
    assert points.y[-1] == "Always the largest class"
    assert points.marker.color == (finetune.RIGHT, *[style.OTHER] * 3)
    rows = finetune.beaten_rows(judged())
    assert (rows[0]["right"], rows[0]["of"]) == (2, 4)
    assert [row["accuracy"] for row in rows] == list(points.x)


def test_reliability_draws_the_bins_that_hold_answers() -> None:
    """0.62, 0.72, 0.82 and 0.95: four points, and ten bars that add up to four answers."""
    calibration = judged().calibration
    assert calibration is not None
    _, curve, bars = finetune.reliability(calibration).data
    assert list(curve.x) == pytest.approx([0.62, 0.72, 0.82, 0.95])
    assert list(curve.y) == [0, 1, 0, 1]
    assert len(bars.y) == 10
    assert sum(bars.y) == 4
    assert sum(row["answers"] for row in finetune.reliability_rows(calibration)) == 4


def test_points_show_their_thumbnails() -> None:
    """Under the pointer: in the tooltip's template, escaped values put in; no code of names."""
    report = judged()
    option = finetune_map.embedding(report, report.projections[0], {100: PNG, 101: JPEG})
    cats = option["series"][0]
    assert [each["value"][2][:22] for each in cats["data"][:3]] == [
        "data:image/png;base64,",
        "data:image/jpeg;base64"[:22],
        "",
    ]
    assert '<img src="{@[2]}"' in cats["tooltip"]["formatter"]
    assert "개" not in option["series"][1]["tooltip"]["formatter"]
    assert "<img" not in option["series"][2]["tooltip"]["formatter"], "no thumbnail, no hole"
    assert cats["data"][2]["value"][3:] == ["taken for <b>개, 70 %", "learned from"]


def test_a_chosen_point_leads_to_its_picture() -> None:
    """Series and places are those of `series_items`, and wrong ones are ringed."""
    report = judged()
    option = finetune_map.embedding(report, report.projections[0])
    items = finetune_map.series_items(report)
    assert [len(each["data"]) for each in option["series"]] == [len(each) for each in items]
    points = {
        item: point
        for series, numbers in zip(option["series"], items, strict=True)
        for point, item in zip(series["data"], numbers, strict=True)
    }
    wrong = {each.item for part in ("train", "validation") for each in report.mistakes(part)}
    assert {item for item, each in points.items() if "borderColor" in each["itemStyle"]} == wrong
    for item, each in points.items():
        place = report.projections[0].points[report.row(item)]
        assert each["value"][:2] == pytest.approx(place.tolist(), rel=1e-4)


def test_the_map_to_keep_has_the_same_points() -> None:
    """Each picture's number, class, and where it lies; the table too."""
    report = judged()
    figure = finetune_map.embedding_figure(report, report.projections[0])
    numbers = sorted(each[0] for trace in figure.data for each in trace.customdata)
    assert numbers == ITEMS.tolist()
    assert figure.data[1].name == "&lt;b&gt;개"
    rows = finetune_map.embedding_rows(report, report.projections[0])
    assert len(rows) == 10
    assert rows[7]["predicted"] == "<b>개"

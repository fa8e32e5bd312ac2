"""A report comes back from its file as it was, and a damaged file is no report."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np

from explorer.finetune import keeping
from tests.finetune.judged import judged


def same(one: object, other: object) -> bool:
    """Equal in every field, arrays in type and bits too."""
    if isinstance(one, np.ndarray):
        return isinstance(other, np.ndarray) and one.dtype == other.dtype and (one == other).all()
    if dataclasses.is_dataclass(one):
        return type(one) is type(other) and all(
            same(getattr(one, each.name), getattr(other, each.name))
            for each in dataclasses.fields(one)
        )
    if isinstance(one, tuple):
        assert isinstance(other, tuple)
        return len(one) == len(other) and all(map(same, one, other))
    return type(one) is type(other) and one == other


def test_it_comes_back_as_it_was(tmp_path: Path) -> None:
    """Records, None, arrays, and names in any script."""
    for report in (judged(), dataclasses.replace(judged(), calibration=None, projections=())):
        keeping.keep(tmp_path, report)
        assert same(keeping.kept(tmp_path), report)
    assert [each.name for each in tmp_path.iterdir()] == [keeping.FILE]


def test_what_cannot_be_read_is_no_report(tmp_path: Path) -> None:
    """No file, half a file, and one of another version: it is made again."""
    assert keeping.kept(tmp_path) is None
    keeping.keep(tmp_path, judged())
    path = tmp_path / keeping.FILE
    whole = path.read_bytes()
    path.write_bytes(whole[: len(whole) // 2])
    assert keeping.kept(tmp_path) is None
    np.savez(path, words=np.array('{"run": "run1"}'))
    assert keeping.kept(tmp_path) is None
    path.write_bytes(b"")
    assert keeping.kept(tmp_path) is None

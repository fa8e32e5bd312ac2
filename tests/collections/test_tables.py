"""Labels in a table, as people write them."""

from __future__ import annotations

import contextlib

import pytest

from explorer.collections.tables import sort
from explorer.errors import BadData

NAMES = ["all/1.jpg", "all/2.jpg", "more/2.jpg", "고양이.png"]


def told(table: str | bytes, encoding: str = "utf-8") -> dict[str, tuple[str, str | None]]:
    """Class and part of each file that a table names."""
    data = table if isinstance(table, bytes) else table.encode(encoding)
    return {each.name: (each.class_name, each.part) for each in sort(data, NAMES).files}


@pytest.mark.parametrize(
    "table",
    [
        "file,label\n1.jpg,cat\nall/2.jpg,dog\n",
        "label\tfilename\r\ncat\t1.jpg\r\ndog\t./all/2.jpg\r\n",
        "\ufeffid;class\n1;cat\nall/2.jpg;dog",
        "1.jpg, cat\n\nall/2.jpg, dog",
        'image,target\n"1.jpg","cat"\n"C:\\all\\2.jpg","x"\nall/2.jpg,dog\n',
    ],
)
def test_all_say_the_same(table: str) -> None:
    """With and without a heading, whatever parts the columns, by name, last part or stem."""
    found = told(table)
    assert (found["all/1.jpg"], found["all/2.jpg"]) == (("cat", None), ("dog", None))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp949"])
def test_korean_tables(encoding: str) -> None:
    """As Excel in Korea saves them, too."""
    assert told("file,label\n고양이.png,고양이", encoding) == {"고양이.png": ("고양이", None)}


def test_a_third_column_is_the_part() -> None:
    """With a heading or without."""
    expected = {"all/1.jpg": ("cat", "train"), "고양이.png": ("cat", "validation")}
    assert told("file,label,split\n1.jpg,cat,train\n고양이.png,cat,val") == expected
    assert told("1.jpg,cat,training\n고양이.png,cat,test") == expected


def test_what_does_not_match_is_told() -> None:
    """A name twice in the archive, none in it, two labels, a short row, files without a row."""
    table = b"file,label\n2.jpg,a\n3.jpg,a\n1.jpg,a\n1.jpg,b\n1.jpg\n"
    found = sort(table, NAMES)
    assert [each.name for each in found.files] == ["all/1.jpg"]
    reasons = [(each.name, each.reason.partition(";")[0]) for each in found.refused]
    assert reasons == [
        ("2.jpg", "Several files have this name"),
        ("3.jpg", "The table names it, but there is no such file"),
        ("1.jpg", "The table names it again, as b"),
        ("1.jpg", "Its row is too short"),
        ("all/2.jpg", "No row of the table names it"),
        ("more/2.jpg", "No row of the table names it"),
        ("고양이.png", "No row of the table names it"),
    ]


@pytest.mark.parametrize(
    ("table", "said"),
    [
        (b"", "cannot be read as CSV"),
        (b"\n\n ,\n", "cannot be read as CSV"),
        (b"1.jpg\n2.jpg\n", "a single column"),
        (b"label\ncat\n", "a single column"),
    ],
)
def test_what_is_no_table_is_said(table: bytes, said: str) -> None:
    """With what a row looks like."""
    with pytest.raises(BadData, match=f"{said}.*1.jpg,cat"):
        told(table)


@pytest.mark.parametrize(
    "data", [bytes(range(256)) * 4, b"\x00,\x00\n", b"\xff\xfe1\x00,\x002\x00"]
)
def test_any_bytes_are_answered(data: bytes) -> None:
    """A picture handed in as a table is no traceback: it names no file, or is refused."""
    with contextlib.suppress(BadData):
        assert sort(data, NAMES).files == ()

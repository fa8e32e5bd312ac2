"""Many pictures at once, and zip files that say untrue things about themselves."""

from __future__ import annotations

import io
import struct
import time
import tracemalloc
import zipfile
from typing import TYPE_CHECKING

import numpy as np
import pytest

from explorer.errors import Cancelled
from explorer.pictures import archives
from explorer.pictures.archives import accept_all
from explorer.pictures.records import Picture, Refused
from tests.pictures.picture_files import saved, scene

if TYPE_CHECKING:
    from explorer.progress import Progress

PNG = saved(scene(), "PNG")


def zipped(files: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED, **_: object) -> bytes:
    """A zip file of these."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return file.getvalue()


def reasons(*files: tuple[str, bytes]) -> dict[str, str]:
    """Name and reason of everything refused."""
    return {each.name: each.reason for each in accept_all(files) if isinstance(each, Refused)}


def names(*files: tuple[str, bytes]) -> list[str]:
    """Names of everything accepted."""
    return [each.name for each in accept_all(files) if isinstance(each, Picture)]


def test_loose_files_and_zips_keep_their_order() -> None:
    """A zip's files stand where the zip stood; a bad one among them stops nothing."""
    inside = zipped({"b/two.png": PNG, "b/three.png": b"no picture", "b/four.png": PNG})
    found = accept_all([("one.png", PNG), ("some.zip", inside), ("five.txt", b"words")])
    assert [each.name for each in found] == [
        "one.png", "two.png", "three.png", "four.png", "five.txt",
    ]  # fmt: skip
    assert [type(each) for each in found] == [Picture, Picture, Refused, Picture, Refused]
    assert "no picture" in found[2].reason  # type: ignore[union-attr]


def test_nothing_gives_nothing() -> None:
    """No files, and an archive of none."""
    assert accept_all([]) == ()
    assert accept_all([("empty.zip", zipped({}))]) == ()


def test_a_zip_is_known_by_its_content() -> None:
    """Whatever it is called."""
    assert names(("holiday.jpg", zipped({"a.png": PNG}))) == ["a.png"]


@pytest.mark.parametrize(
    "name", ["../../../etc/cron.d/a.png", "/etc/a.png", "C:\\Windows\\a.png", "..\\..\\a.png"]
)
def test_names_are_never_paths(name: str, tmp_path: object) -> None:
    """Only the last part is shown, and nothing is written anywhere."""
    assert names(("z.zip", zipped({name: PNG}))) == ["a.png"]


def test_files_of_one_name_are_told_apart() -> None:
    """Two folders of a camera both begin at IMG_1."""
    data = zipped({"100/IMG_1.png": PNG, "101/IMG_1.png": PNG})
    assert names(("z.zip", data)) == ["IMG_1.png", "IMG_1.png (2)"]


def test_what_macos_and_windows_add_is_skipped_silently() -> None:
    """And folders are no files."""
    data = zipped({
        "photos/": b"", "photos/a.png": PNG, "__MACOSX/photos/._a.png": b"x", "._b.png": b"x",
        "photos/.DS_Store": b"x", "Thumbs.db": b"x", "photos/desktop.ini": b"x",
    })  # fmt: skip
    assert [each.name for each in accept_all([("z.zip", data)])] == ["a.png"]


def test_archives_inside_archives_are_refused() -> None:
    """By name and by content; what stands beside them is read."""
    inner = zipped({"a.png": PNG})
    data = zipped({"inner.zip": inner, "inner.png": inner, "b.png": PNG, "more.ZIP": b"anything"})
    said = reasons(("z.zip", data))
    assert set(said) == {"inner.zip", "inner.png", "more.ZIP"}
    assert set(said.values()) == {"An archive inside an archive is not opened; unpack it first."}


def test_too_many_files() -> None:
    """The first three hundred are read, and it is said that the rest are not."""
    tiny = saved(np.zeros((1, 1), np.uint8), "PNG")
    data = zipped({f"{number}.png": tiny for number in range(305)}, zipfile.ZIP_STORED)
    found = accept_all([("z.zip", data)])
    assert len(found) == 301
    assert found[-1] == Refused("the rest", "At most 300 files are read at once; choose fewer.")
    assert len(accept_all([(f"{number}.png", tiny) for number in range(301)])) == 301


def test_a_file_that_inflates_beyond_a_photograph() -> None:
    """10 MB of zeros are compressed a thousand times; a blank megabyte is let through."""
    data = zipped({"bomb.png": b"\0" * 10_000_000, "blank.bmp": blank_bmp()})
    found = accept_all([("z.zip", data)])
    assert found[0] == Refused(
        "bomb.png", "This file is compressed more than 100 times, as no photograph can be."
    )
    assert isinstance(found[1], Picture)


def blank_bmp() -> bytes:
    """A white drawing of nearly a megabyte, which deflate makes a thousandth of."""
    data = saved(np.full((550, 600, 3), 255, np.uint8), "BMP")
    assert 900_000 < len(data) < archives.FREE_BYTES
    return data


def test_what_an_archive_says_of_its_sizes_is_not_believed() -> None:
    """A header that declares 10 bytes, or a large compressed size, changes nothing."""
    data = bytearray(zipped({"bomb.png": b"\0" * 10_000_000}))
    entry = data.index(b"PK\x01\x02")
    struct.pack_into("<I", data, entry + 24, 10)
    assert "damaged" in reasons(("z.zip", bytes(data)))["bomb.png"]
    data = bytearray(zipped({"bomb.png": b"\0" * 10_000_000}))
    struct.pack_into("<I", data, data.index(b"PK\x01\x02") + 20, 2**31)
    assert "100 times" in reasons(("z.zip", bytes(data)))["bomb.png"]


def test_inflating_stops_at_the_limit() -> None:
    """250 MB in a quarter of one: neither its time nor its memory is spent."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as archive,
        archive.open("bomb.png", "w") as stream,
    ):
        for _ in range(250):
            stream.write(b"\0" * 1_000_000)
    tracemalloc.start()
    start = time.process_time()
    assert "100 times" in reasons(("z.zip", file.getvalue()))["bomb.png"]
    assert time.process_time() - start < 2
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 60_000_000


def test_overlapping_files_count_each_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many directory entries for the same bytes inflate no further than the total allows."""
    monkeypatch.setattr(archives, "MOST_ARCHIVE_BYTES", 2_500_000)
    blob = np.random.default_rng(0).bytes(900_000)
    data = zipped({"0.png": blob})
    entry = data[data.index(b"PK\x01\x02") : data.rindex(b"PK\x05\x06")]
    start = data.index(b"PK\x01\x02")
    body = data[:start] + entry * 50
    end = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 50, 50, len(entry) * 50, start, 0)
    found = accept_all([("z.zip", body + end)])
    assert len(found) == 4  # two whole, the third beyond the limit, and the rest unread
    assert "together" in found[2].reason  # type: ignore[union-attr]
    assert "What follows" in found[3].reason  # type: ignore[union-attr]


def test_too_many_bytes_together(monkeypatch: pytest.MonkeyPatch) -> None:
    """What was read before the limit stays."""
    noise = saved(np.random.default_rng(0).integers(0, 255, (40, 40, 3), np.uint8), "PNG")
    monkeypatch.setattr(archives, "MOST_ARCHIVE_BYTES", 3 * len(noise) + 600)
    data = zipped({f"{number}.png": noise for number in range(3)}, zipfile.ZIP_STORED)
    two = zipped({"x.png": noise, "y.png": noise}, zipfile.ZIP_STORED)
    found = accept_all([("one.zip", data), ("two.zip", two), ("loose.png", PNG)])
    assert [type(each) for each in found] == [*[Picture] * 3, Refused, Refused, Picture]
    assert [each.name for each in found[3:5]] == ["x.png", "two.zip"]
    assert all("together" in each.reason for each in found[3:5])  # type: ignore[union-attr]


def test_an_archive_that_is_too_large_is_not_opened(monkeypatch: pytest.MonkeyPatch) -> None:
    """Its own size is looked at first."""
    monkeypatch.setattr(archives, "MOST_ARCHIVE_BYTES", 100)
    assert "at most" in reasons(("z.zip", zipped({"a.png": PNG})))["z.zip"]


def test_a_file_in_an_archive_has_the_gates_own_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    """More than 25 MB of one file are not inflated."""
    monkeypatch.setattr(archives, "MOST_BYTES", 50_000)
    blob = np.random.default_rng(0).bytes(60_000)
    assert "more than" in reasons(("z.zip", zipped({"a.png": blob})))["a.png"]


def test_encrypted_files_are_refused() -> None:
    """Bit 0 of the flags, as every zip program sets it."""
    data = bytearray(zipped({"a.png": PNG, "b.png": PNG}))
    data[data.index(b"PK\x03\x04") + 6] |= 1
    data[data.index(b"PK\x01\x02") + 8] |= 1
    found = accept_all([("z.zip", bytes(data))])
    assert "encrypted" in found[0].reason  # type: ignore[union-attr]
    assert isinstance(found[1], Picture)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_unusual_compression_is_refused(method: int) -> None:
    """Their decoders may take gigabytes."""
    assert "unusual" in reasons(("z.zip", zipped({"a.png": PNG}, method)))["a.png"]


def test_links_are_refused() -> None:
    """A symbolic link is a file's name, not a picture."""
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        link = zipfile.ZipInfo("a.png")
        link.external_attr = 0o120777 << 16
        archive.writestr(link, "/etc/passwd")
    assert "link" in reasons(("z.zip", file.getvalue()))["a.png"]


def test_damaged_files_and_archives() -> None:
    """A wrong checksum costs one file, a broken directory the archive; nothing is raised."""
    data = bytearray(zipped({"a.png": PNG, "b.png": PNG}, zipfile.ZIP_STORED))
    data[data.index(PNG) + 40] ^= 0xFF
    found = accept_all([("z.zip", bytes(data))])
    assert "damaged inside its archive" in found[0].reason  # type: ignore[union-attr]
    assert isinstance(found[1], Picture)
    whole = zipped({"a.png": PNG})
    for end in range(4, len(whole), 7):
        assert all(isinstance(each, Refused) for each in accept_all([("z.zip", whole[:end])]))


def test_a_directory_that_is_too_long_is_not_read() -> None:
    """Hundreds of thousands of entries would become as many objects."""
    data = zipped({"a.png": PNG})
    end = data.rindex(b"PK\x05\x06")
    start = data.index(b"PK\x01\x02")
    entry = data[start:end]
    many = 200_000
    record = struct.pack("<4s4H2LH", b"PK\x05\x06", 0, 0, 65535, 65535, len(entry) * many, start, 0)
    begun = time.process_time()
    said = reasons(("z.zip", data[:start] + entry * many + record))
    assert "more files than are read" in said["z.zip"]
    assert time.process_time() - begun < 1
    locator = b"PK\x06\x07" + b"\0" * 16
    assert "ZIP64" in reasons(("z.zip", data[:end] + locator + data[end:]))["z.zip"]


def test_mutated_archives_raise_nothing() -> None:
    """Whatever is broken in them; the same thousand every time."""
    rng = np.random.default_rng(3)
    seed = zipped({"a.png": PNG, "b/c.png": saved(scene(), "JPEG")})
    for _ in range(1000):
        data = bytearray(seed)
        for _ in range(rng.integers(1, 6)):
            at = int(rng.integers(4, len(data)))
            data[at : at + 2] = rng.bytes(2)
        for each in accept_all([("z.zip", bytes(data))]):
            assert isinstance(each, Picture) or each.reason.endswith(".")


def test_each_picture_is_kept_small() -> None:
    """Half a megapixel, so that three hundred fit; said in the note."""
    (found,) = accept_all([("a.png", saved(np.zeros((1000, 2000), np.uint8), "PNG"))])
    assert isinstance(found, Picture)
    assert (found.width, found.height) == (1000, 500)
    assert "shrunk" in found.notes[0]


def test_progress_is_told_and_may_stop_it() -> None:
    """The share of files before this one, with its name; what it raises ends the work."""
    told: list[tuple[float, str]] = []
    accept_all([("a.png", PNG), ("z.zip", zipped({"b.png": PNG, "c.png": PNG}))], told_to(told))
    assert [sentence for _, sentence in told] == [f"Reading {each}.png" for each in "abc"]
    assert [fraction for fraction, _ in told] == pytest.approx([0, 1 / 3, 2 / 3])

    def stop(fraction: float, sentence: str) -> None:
        raise Cancelled("Cancelled.")

    with pytest.raises(Cancelled):
        accept_all([("a.png", PNG)], stop)


def told_to(told: list[tuple[float, str]]) -> Progress:
    """A progress that writes down what it is told."""
    return lambda fraction, sentence: told.append((fraction, sentence))

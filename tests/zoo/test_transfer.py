"""Fetching over a bad network, against a server on the loopback."""

from __future__ import annotations

import hashlib
import random
import resource
import socket
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from explorer.errors import Cancelled, DownloadFailed
from explorer.zoo import transfer
from explorer.zoo.transfer import Wanted, fetch
from tests.zoo.file_server import Served, serving

BODY = random.Random(0).randbytes(1_500_000)
DIGEST = hashlib.sha256(BODY).hexdigest()[:8]


@pytest.fixture(autouse=True)
def _no_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """Try again at once, and straight to the server whatever proxy is configured."""
    monkeypatch.setattr(transfer, "PAUSES", (0.0, 0.0, 0.0))
    monkeypatch.setenv("no_proxy", "127.0.0.1")


@pytest.fixture
def server() -> Iterator[Served]:
    """A server that does everything right until it is told otherwise."""
    with serving(Served(BODY)) as served:
        yield served


@pytest.fixture
def wanted(server: Served, tmp_path: Path) -> Wanted:
    """The server's file, to be put into a folder that does not exist yet."""
    return Wanted(server.url, tmp_path / "hub" / "net.pth", DIGEST)


def cancel_after(size: int, wanted: Wanted) -> Callable[[float, str], None]:
    """A progress that cancels once so many bytes are on disk."""

    def progress(fraction: float, sentence: str) -> None:
        if wanted.part.stat().st_size >= size:
            raise Cancelled("Cancelled.")

    return progress


def left(wanted: Wanted) -> list[str]:
    """The names of all files in the folder."""
    return sorted(path.name for path in wanted.target.parent.iterdir())


def test_a_file_comes_whole_and_alone(wanted: Wanted, server: Served) -> None:
    """Its bytes are the server's, nothing is left beside it, and progress speaks of bytes."""
    told: list[tuple[float, str]] = []
    fetch(wanted, lambda fraction, sentence: told.append((fraction, sentence)))
    assert wanted.target.read_bytes() == BODY
    assert left(wanted) == ["net.pth"]
    assert server.asked == [""]
    assert told[0][1].startswith("262 kB of 1.50 MB, ")
    assert "B/s, " in told[0][1]
    assert [fraction for fraction, _ in told] == sorted(fraction for fraction, _ in told)
    assert told[-1][0] == 1.0


def test_a_cancelled_download_goes_on_where_it_stopped(wanted: Wanted, server: Served) -> None:
    """The part is kept under another name, and only the rest is asked for."""
    with pytest.raises(Cancelled):
        fetch(wanted, cancel_after(500_000, wanted))
    assert left(wanted) == ["net.pth.part", "net.pth.part.json"]
    size = wanted.part.stat().st_size
    assert 500_000 <= size < len(BODY)
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked == ["", f"bytes={size}-"]
    assert left(wanted) == ["net.pth"]


def test_a_cut_connection_is_taken_up_again(wanted: Wanted, server: Served) -> None:
    """Three cuts, each resumed where it happened."""
    server.cuts = [300_000, 300_000, 300_000]
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked == ["", "bytes=300000-", "bytes=600000-", "bytes=900000-"]


def test_a_connection_cut_again_and_again_is_a_sentence(wanted: Wanted, server: Served) -> None:
    """After three more tries it says how much is kept, and a later download goes on from there."""
    server.cuts = [100_000] * 4
    with pytest.raises(DownloadFailed, match=r"net\.pth was cut off .* 400 kB are kept") as caught:
        fetch(wanted)
    assert str(wanted.target.parent) in str(caught.value)
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked[-1] == "bytes=400000-"


def test_tries_that_bring_much_do_not_count(
    wanted: Wanted, server: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that cuts every answer short still serves a large file."""
    monkeypatch.setattr(transfer, "WORTH_A_TRY", 100_000)
    server.cuts = [100_000] * 14
    fetch(wanted)
    assert len(server.asked) == 15
    assert wanted.target.read_bytes() == BODY


def test_without_ranges_it_starts_again(wanted: Wanted, server: Served) -> None:
    """A server that always sends everything gets its file stored once, not twice."""
    server.ranges = False
    server.cuts = [300_000]
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY


def test_another_file_behind_the_address_starts_again(wanted: Wanted, server: Served) -> None:
    """If-Range: the beginning of the old file is never continued by the end of the new one."""
    with pytest.raises(Cancelled):
        fetch(wanted, cancel_after(500_000, wanted))
    server.body, server.etag = BODY[::-1], '"two"'
    new = Wanted(wanted.url, wanted.target, hashlib.sha256(BODY[::-1]).hexdigest()[:8])
    fetch(new)
    assert wanted.target.read_bytes() == BODY[::-1]


def test_another_length_under_the_same_tag_starts_again(wanted: Wanted, server: Served) -> None:
    """The server says 206 for a longer file: what had come is thrown away."""
    with pytest.raises(Cancelled):
        fetch(wanted, cancel_after(500_000, wanted))
    longer = BODY[::-1] + b"more"
    server.body = longer
    fetch(Wanted(wanted.url, wanted.target, hashlib.sha256(longer).hexdigest()[:8]))
    assert wanted.target.read_bytes() == longer


def test_a_part_from_elsewhere_in_the_file_is_not_appended(wanted: Wanted, server: Served) -> None:
    """A server that answers with another range than it was asked for is not believed."""
    server.cuts = [300_000]
    server.claimed_start = 5
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY


@pytest.mark.parametrize("size", [0, 10, len(BODY), len(BODY) + 10])
def test_a_part_of_unknown_origin_is_not_continued(
    wanted: Wanted, server: Served, size: int
) -> None:
    """Whatever its length, a part nobody wrote a note about begins again."""
    wanted.part.parent.mkdir()
    wanted.part.write_bytes(b"x" * size)
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked == [""]


def test_a_part_longer_than_the_file_is_not_continued(wanted: Wanted, server: Served) -> None:
    """With a note, too."""
    with pytest.raises(Cancelled):
        fetch(wanted, cancel_after(500_000, wanted))
    wanted.part.write_bytes(BODY + b"more")
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked == ["", ""]


def test_a_whole_part_is_only_checked(wanted: Wanted, server: Served) -> None:
    """A process that died between the last byte and the name left nothing to ask for."""
    with pytest.raises(Cancelled):
        fetch(wanted, cancel_after(500_000, wanted))
    wanted.part.write_bytes(BODY)
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked == [""]


@pytest.mark.parametrize("etag", ["", 'W/"weak"'])
def test_what_cannot_be_recognised_starts_again(wanted: Wanted, server: Served, etag: str) -> None:
    """Without a strong tag or a date nobody knows whether it is the same file still."""
    server.etag = etag
    server.cuts = [300_000]
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked == ["", ""]


def test_a_server_that_does_not_say_how_long(wanted: Wanted, server: Served) -> None:
    """The end of the connection is the end of the file; the checksum decides."""
    server.says_length = False
    told: list[str] = []
    fetch(wanted, lambda _, sentence: told.append(sentence))
    assert wanted.target.read_bytes() == BODY
    assert told[0].startswith("262 kB, ")


def test_a_wrong_checksum_removes_the_file(wanted: Wanted, server: Served) -> None:
    """One sentence with both beginnings; the next download starts afresh."""
    server.body = BODY[:-1] + b"!"
    with pytest.raises(DownloadFailed, match=f"not {DIGEST}\\) and was removed; try again"):
        fetch(wanted)
    assert left(wanted) == []
    server.body = BODY
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY


def test_a_file_without_end_is_refused(wanted: Wanted, server: Served) -> None:
    """Whether the server says how long it is or not."""
    small = Wanted(wanted.url, wanted.target, DIGEST, most=1_000_000)
    with pytest.raises(DownloadFailed, match="larger than that file"):
        fetch(small)
    server.says_length = False
    with pytest.raises(DownloadFailed, match="larger than that file"):
        fetch(small)
    assert not wanted.target.exists()


def test_offline_is_a_sentence_with_file_and_folder(tmp_path: Path) -> None:
    """Nobody listens: where to get the file and where to put it."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{probe.getsockname()[1]}/models/net.pth"
    with pytest.raises(DownloadFailed) as caught:
        fetch(Wanted(url, tmp_path / "net.pth", DIGEST))
    assert str(caught.value) == (
        "127.0.0.1 cannot be reached (Connection refused): check the network, or download "
        f"{url} elsewhere and put it as net.pth into the folder {tmp_path}."
    )


@pytest.mark.parametrize("status", [403, 404, 410])
def test_a_refusal_is_a_sentence(wanted: Wanted, server: Served, status: int) -> None:
    """It is not asked again."""
    server.statuses = [status]
    with pytest.raises(DownloadFailed, match=f"answers {status} .* for net.pth; try again later"):
        fetch(wanted)
    assert len(server.asked) == 1


def test_a_server_that_is_not_well_is_asked_again(wanted: Wanted, server: Served) -> None:
    """500 and 503 pass; four of them in a row are a sentence."""
    server.statuses = [500, 503]
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    wanted.target.unlink()
    server.statuses = [500] * 4
    with pytest.raises(DownloadFailed, match="answers 500"):
        fetch(wanted)


def test_a_range_that_cannot_be_had_starts_again(wanted: Wanted, server: Served) -> None:
    """416 to the rest of a file: it is asked for as a whole."""
    with pytest.raises(Cancelled):
        fetch(wanted, cancel_after(500_000, wanted))
    server.statuses = [416]
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked[-1] == ""


def test_redirects_are_followed(wanted: Wanted, server: Served) -> None:
    """For the beginning and for the rest."""
    server.redirect = True
    server.cuts = [300_000]
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked == ["", "", "bytes=300000-", "bytes=300000-"]


def test_a_folder_that_is_none_is_a_sentence(wanted: Wanted) -> None:
    """A file stands where the folder should be."""
    wanted.target.parent.write_text("not a folder")
    with pytest.raises(DownloadFailed, match=r"cannot be written to .* let TORCH_HOME name"):
        fetch(wanted)


def test_a_full_disk_is_a_sentence(wanted: Wanted, server: Served) -> None:
    """The system takes no more bytes: what has come is kept, and is gone on from with room."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (400_000, hard))
    try:
        with pytest.raises(DownloadFailed, match=r"is full; make room for net\.pth"):
            fetch(wanted)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert wanted.part.stat().st_size == 400_000
    fetch(wanted)
    assert wanted.target.read_bytes() == BODY
    assert server.asked[-1] == "bytes=400000-"


def test_two_downloads_of_one_file_are_one(wanted: Wanted, server: Served) -> None:
    """Eight at once: one asks the server, the others wait and find the file."""
    server.pause = 0.01
    failed: list[BaseException] = []

    def run() -> None:
        try:
            fetch(wanted)
        except DownloadFailed as error:
            failed.append(error)

    threads = [threading.Thread(target=run) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not failed
    assert wanted.target.read_bytes() == BODY
    assert server.asked == [""]
    assert left(wanted) == ["net.pth"]


def test_who_waits_takes_over_from_who_gave_up(wanted: Wanted, server: Served) -> None:
    """The second download goes on with the part of the first one, which was cancelled."""
    server.pause = 0.02
    going, stop = threading.Event(), threading.Event()

    def first(fraction: float, sentence: str) -> None:
        going.set()
        if stop.is_set():
            raise Cancelled("Cancelled.")

    def run() -> None:
        with pytest.raises(Cancelled):
            fetch(wanted, first)

    def second(fraction: float, sentence: str) -> None:
        if "Another download" in sentence:
            stop.set()

    thread = threading.Thread(target=run)
    thread.start()
    assert going.wait(10)
    fetch(wanted, second)
    thread.join(10)
    assert stop.is_set()
    assert wanted.target.read_bytes() == BODY
    assert server.asked[1].startswith("bytes=")


def test_a_file_that_is_there_is_not_fetched(wanted: Wanted, server: Served) -> None:
    """Not even asked for."""
    wanted.target.parent.mkdir()
    wanted.target.write_bytes(b"mine")
    fetch(wanted)
    assert wanted.target.read_bytes() == b"mine"
    assert server.asked == []

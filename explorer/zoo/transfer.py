"""Fetch one file over HTTP so that nothing half done is ever taken for whole. No torch here.

What has come stands in `FILE.part`, beside it in `FILE.part.json` what it is a part of, so that a
later try goes on from there (RFC 9110, section 14: Range, If-Range). Only a file that came whole,
with the right checksum, gets its name.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import http.client
import json
import os
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import BinaryIO, Literal, NoReturn
from urllib.parse import urlsplit

from explorer import units
from explorer.errors import DownloadFailed
from explorer.progress import Progress, silent

PART = ".part"
"""What the name of a file ends with while it is being downloaded."""

CHUNK = 1 << 18
PATIENCE = 20.0
"""Seconds without a byte after which a connection counts as cut."""
PAUSES = (0.5, 2.0, 4.0)
"""Seconds before each further try after a cut; they start again when a try has brought bytes."""
WORTH_A_TRY = 1 << 20
"""Bytes that a try has to bring for that."""

_PASSING = (408, 429, 500, 502, 503, 504)
_UNWRITABLE = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOTDIR, errno.EEXIST, errno.ENOENT)
_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


@dataclass(frozen=True, slots=True)
class Wanted:
    """A file to fetch: what its checksum begins with and how many bytes it may have at most."""

    url: str
    target: Path
    digest: str = ""
    most: int = 4 << 30
    checksum: Literal["SHA-256", "MD5"] = "SHA-256"
    setting: str = "TORCH_HOME"  # the variable of the environment that decides on the folder

    @property
    def part(self) -> Path:
        """What has come so far."""
        return self.target.with_name(self.target.name + PART)

    @property
    def by_hand(self) -> str:
        """How to do without this download."""
        return (
            f"download {self.url} elsewhere and put it as {self.target.name} into the folder "
            f"{self.target.parent}"
        )


@dataclass(frozen=True, slots=True)
class _Origin:
    """What a part is a part of, as the server said: its strong ETag or date, and its length."""

    validator: str = ""
    length: int = -1


class _Cut(Exception):
    """The connection ended, or the server was not well; another try may help."""


def fetch(wanted: Wanted, progress: Progress = silent) -> None:
    """Fetch a file, going on from what an earlier try brought; returns when it is there, whole.

    Raises DownloadFailed with the reason in one sentence, and lets Cancelled through; what has
    come is kept then, unless its checksum is wrong. Who asks for a file that is being fetched
    already waits for it.
    """
    try:
        wanted.target.parent.mkdir(parents=True, exist_ok=True)
        with _alone(wanted, progress) as part:
            if part is not None:
                _complete(wanted, part, progress)
                _check(wanted, part, progress)
                wanted.part.replace(wanted.target)
                _note(wanted).unlink(missing_ok=True)
    except OSError as error:
        _explain(wanted, error)


@contextlib.contextmanager
def _alone(wanted: Wanted, progress: Progress) -> Iterator[BinaryIO | None]:
    """The part, opened and locked; None once somebody else has fetched the file."""
    while not wanted.target.exists():
        with os.fdopen(os.open(wanted.part, os.O_RDWR | os.O_CREAT, 0o666), "r+b", 0) as part:
            if _locked(wanted.part, part):
                yield part
                return
        progress(0.0, "Another download of this file is under way")
        time.sleep(0.2)
    yield None


def _locked(path: Path, part: BinaryIO) -> bool:
    """Whether this process may write the part; the lock goes when the file is closed."""
    try:
        fcntl.flock(part, fcntl.LOCK_EX | fcntl.LOCK_NB)
        # Somebody may have finished or removed it between opening and locking.
        return os.fstat(part.fileno()).st_ino == path.stat().st_ino
    except (BlockingIOError, FileNotFoundError):
        return False


def _complete(wanted: Wanted, part: BinaryIO, progress: Progress) -> None:
    """Ask the server again and again until all has come."""
    cuts = 0
    while not _is_whole(wanted, part):
        before = part.seek(0, os.SEEK_END)
        try:
            _ask(wanted, part, progress)
        except _Cut as cut:
            cuts = 0 if part.tell() - before >= WORTH_A_TRY else cuts + 1
            if cuts > len(PAUSES):
                raise DownloadFailed(
                    f"The download of {wanted.target.name} was cut off ({cut}); "
                    f"{units.memory(part.tell())} are kept, so try again later, or "
                    f"{wanted.by_hand}."
                ) from None
            done = part.tell() / max(_origin(wanted).length, 1)
            _pause(PAUSES[max(0, cuts - 1)], min(done, 1.0), progress)


def _is_whole(wanted: Wanted, part: BinaryIO) -> bool:
    return part.seek(0, os.SEEK_END) == _origin(wanted).length


def _pause(seconds: float, done: float, progress: Progress) -> None:
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        progress(done, "The connection was cut; trying again")
        time.sleep(0.1)


def _ask(wanted: Wanted, part: BinaryIO, progress: Progress) -> None:
    """One request, for what is missing if the server can say that it is still the same file."""
    origin, begun = _origin(wanted), part.seek(0, os.SEEK_END)
    headers = {"User-Agent": "ConvZoo", "Accept-Encoding": "identity"}
    if origin.validator and 0 < begun < origin.length:
        headers |= {"Range": f"bytes={begun}-", "If-Range": origin.validator}
    request = urllib.request.Request(wanted.url, headers=headers)
    with _answer(wanted, request) as response:
        if not _goes_on(response, begun, origin):
            part.truncate(0)
            if response.status == http.client.PARTIAL_CONTENT:
                raise _Cut("the server sent another part than it was asked for")
            origin = _Origin(_validator(response), _length(response))
            _note(wanted).write_text(json.dumps(asdict(origin)), "utf-8")
        if max(origin.length, 0) > wanted.most:
            _too_large(wanted)
        _copy(response, wanted, part, origin, progress)


def _answer(wanted: Wanted, request: urllib.request.Request) -> http.client.HTTPResponse:
    host = urlsplit(wanted.url).hostname
    try:
        answer: http.client.HTTPResponse = urllib.request.urlopen(request, timeout=PATIENCE)
    except urllib.error.HTTPError as error:
        with error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                _note(wanted).unlink(missing_ok=True)  # so that the next try starts afresh
            elif error.code not in _PASSING:
                raise DownloadFailed(
                    f"{host} answers {error.code} ({error.reason}) for {wanted.target.name}; try "
                    f"again later, or {wanted.by_hand}."
                ) from None
        raise _Cut(f"{host} answers {error.code} {error.reason}") from None
    except urllib.error.URLError as error:
        if request.has_header("Range"):
            raise _Cut(_reason(error)) from None
        raise DownloadFailed(
            f"{host} cannot be reached ({_reason(error)}): check the network, or {wanted.by_hand}."
        ) from None
    except (OSError, http.client.HTTPException) as error:
        raise _Cut(_reason(error)) from None
    return answer


def _goes_on(response: http.client.HTTPResponse, begun: int, origin: _Origin) -> bool:
    """Whether the answer continues the part just where it ends, of a file as long as before."""
    expected = f"bytes {begun}-{origin.length - 1}/{origin.length}"
    return (
        response.status == http.client.PARTIAL_CONTENT
        and response.headers.get("Content-Range", "") == expected
    )


def _validator(response: http.client.HTTPResponse) -> str:
    tag = response.headers.get("ETag", "")
    # A weak tag promises the same meaning, not the same bytes.
    return tag if tag and not tag.startswith("W/") else response.headers.get("Last-Modified", "")


def _length(response: http.client.HTTPResponse) -> int:
    """Bytes of the whole file; -1 where the server does not say."""
    text = response.headers.get("Content-Length", "")
    return int(text) if text.isascii() and text.isdigit() else -1


def _copy(
    response: http.client.HTTPResponse,
    wanted: Wanted,
    part: BinaryIO,
    origin: _Origin,
    progress: Progress,
) -> None:
    started, begun = time.monotonic(), part.seek(0, os.SEEK_END)
    done = begun
    while chunk := _read(response):
        done += part.write(chunk)
        if done > wanted.most:
            part.truncate(0)
            _too_large(wanted)
        rate = (done - begun) / max(time.monotonic() - started, 1e-3)
        progress(*_told(done, origin.length, rate))
    if done < origin.length:
        raise _Cut(f"{units.memory(done)} of {units.memory(origin.length)} had come")
    if origin.length < 0:
        _note(wanted).write_text(json.dumps(asdict(_Origin("", done))), "utf-8")


def _read(response: http.client.HTTPResponse) -> bytes:
    try:
        return response.read(CHUNK)
    except (OSError, http.client.HTTPException) as error:
        raise _Cut(_reason(error)) from None


def _told(done: int, length: int, rate: float) -> tuple[float, str]:
    speed = f"{units.memory(rate)}/s"
    if length <= 0:
        return 0.0, f"{units.memory(done)}, {speed}"
    seconds = (length - done) / max(rate, 1.0)
    left = f"{seconds:.0f} s" if seconds < 60 else units.duration(seconds)
    return (
        done / length,
        f"{units.memory(done)} of {units.memory(length)}, {speed}, {left} left",
    )


def _check(wanted: Wanted, part: BinaryIO, progress: Progress) -> None:
    """Compare the checksum; a file with a wrong one is removed."""
    digest = hashlib.new(wanted.checksum.replace("-", ""), usedforsecurity=False)
    part.seek(0)
    while chunk := part.read(CHUNK):
        digest.update(chunk)
        progress(1.0, "Checking that it came unchanged")
    if not digest.hexdigest().startswith(wanted.digest):
        wanted.part.unlink()
        _note(wanted).unlink(missing_ok=True)
        raise DownloadFailed(
            f"What came as {wanted.target.name} is not that file (its {wanted.checksum} begins "
            f"with {digest.hexdigest()[:8]}, not {wanted.digest[:8]}) and was removed; try again, "
            f"or {wanted.by_hand}."
        )


def _note(wanted: Wanted) -> Path:
    return wanted.part.with_name(f"{wanted.part.name}.json")


def _origin(wanted: Wanted) -> _Origin:
    """What the part is a part of; a part of nothing known is never continued."""
    try:
        told = json.loads(_note(wanted).read_text("utf-8"))
        return _Origin(str(told["validator"]), int(told["length"]))
    except (OSError, ValueError, TypeError, KeyError):
        return _Origin()


def _too_large(wanted: Wanted) -> NoReturn:
    raise DownloadFailed(
        f"What {urlsplit(wanted.url).hostname} sends as {wanted.target.name} is larger than that "
        f"file; {wanted.by_hand}."
    )


def _reason(error: BaseException) -> str:
    """The system's own words for it, without numbers and brackets."""
    inner = getattr(error, "reason", error)
    return getattr(inner, "strerror", None) or str(inner) or type(inner).__name__


def _explain(wanted: Wanted, error: OSError) -> NoReturn:
    folder = wanted.target.parent
    if error.errno in _FULL:
        raise DownloadFailed(
            f"The disk with {folder} is full; make room for {wanted.target.name} and download it "
            "again, what has come is kept."
        ) from None
    if error.errno in _UNWRITABLE:
        raise DownloadFailed(
            f"The folder {folder} cannot be written to ({_reason(error)}); let {wanted.setting} "
            f"name another folder and start again, or {wanted.by_hand}."
        ) from None
    raise DownloadFailed(
        f"{wanted.target.name} could not be written to {folder} ({_reason(error)}); try again."
    ) from error

"""The engine's private runtime folder: socket, key, lock and log. No torch here.

Its name is a digest of everything that changes what an engine answers (sources, interpreter,
configuration), so different checkouts or configurations never talk to each other.
"""

from __future__ import annotations

import contextlib
import fcntl
import functools
import hashlib
import os
import secrets
import shutil
import socket
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from explorer import config
from explorer.errors import EngineUnavailable

SOCKET_PATH_LIMIT = 100
"""AF_UNIX addresses hold 108 bytes on Linux and 104 on macOS."""


@dataclass(frozen=True, slots=True)
class RuntimeFolder:
    """Where one engine lives. Nothing is created before `lock` is taken."""

    path: Path

    @property
    def address(self) -> str:
        """Address the engine listens at."""
        return str(self.path / "socket")

    @property
    def log(self) -> Path:
        """What the engine and its workers wrote, tracebacks included."""
        return self.path / "log"

    def key(self) -> bytes:
        """Return the secret both ends must know. Raises `FileNotFoundError` without an engine."""
        return (self.path / "key").read_bytes()

    @contextlib.contextmanager
    def lock(self, timeout: float) -> Iterator[None]:
        """Be the only process that starts or removes this engine.

        Raises `EngineUnavailable` when the lock is not had within `timeout` seconds.
        """
        deadline = time.monotonic() + timeout
        while (descriptor := self._try_lock()) is None:
            if time.monotonic() > deadline:
                raise EngineUnavailable(
                    f"Another process is still starting the engine in {self.path}; "
                    "try again in a moment."
                )
            time.sleep(0.02)
        try:
            yield
        finally:
            os.close(descriptor)

    def _try_lock(self) -> int | None:
        self._make_private()
        name = self.path / "lock"
        try:
            descriptor = os.open(name, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW, 0o600)
        except FileNotFoundError:  # an engine that stops has just removed the folder
            return None
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            # The lock of a file that was removed meanwhile keeps nobody out.
            if os.fstat(descriptor).st_ino == name.stat().st_ino:
                return descriptor
        except (BlockingIOError, FileNotFoundError):
            pass
        os.close(descriptor)
        return None

    def _make_private(self) -> None:
        with contextlib.suppress(FileExistsError):
            self.path.mkdir(mode=0o700)
        try:
            found = self.path.lstat()
        except FileNotFoundError:
            return
        private = stat.S_ISDIR(found.st_mode) and not found.st_mode & 0o077
        if not private or found.st_uid != os.getuid():
            raise EngineUnavailable(
                f"{self.path} is not a private folder of yours; remove it, "
                "or set CONVZOO_RUNTIME_DIR to another place."
            )

    def listen(self) -> tuple[socket.socket, bytes]:
        """Write a fresh key and listen; call it with the lock held. Returns socket and key."""
        for stale in ("socket", "key"):
            (self.path / stale).unlink(missing_ok=True)
        key = secrets.token_bytes(32)
        descriptor = os.open(self.path / "key", os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(descriptor, "wb") as file:
            file.write(key)
        listener = socket.socket(socket.AF_UNIX)
        listener.bind(self.address)
        listener.listen(128)
        return listener, key

    def remove(self, own_socket: int) -> None:
        """Delete the folder, unless a newer engine than the one of this inode lives in it."""
        with self.lock(timeout=10.0):
            found = Path(self.address)
            if not found.exists() or found.stat().st_ino == own_socket:
                self.delete()

    def delete(self) -> None:
        """Delete the folder; call it with the lock held."""
        shutil.rmtree(self.path, ignore_errors=True)


def this_configuration() -> RuntimeFolder:
    """Return the folder of the engine that runs this code under this configuration.

    Raises `EngineUnavailable` when its path is too long for a socket.
    """
    folder = RuntimeFolder(config.runtime_root() / f"{_prefix()}{_digest(_identity())}")
    if len(os.fsencode(folder.address)) > SOCKET_PATH_LIMIT:
        raise EngineUnavailable(
            f"The path {folder.path} is too long for a socket; "
            "set CONVZOO_RUNTIME_DIR to a shorter one."
        )
    return folder


def folders_of_checkout() -> tuple[RuntimeFolder, ...]:
    """Return the folders of all engines that run code of this checkout, older code included."""
    found = config.runtime_root().glob(f"{_prefix()}*")
    return tuple(RuntimeFolder(path) for path in sorted(found) if path.is_dir())


def _prefix() -> str:
    return f"convzoo-{os.getuid()}-{_digest(config.checkout())}-"


def _digest(value: object) -> str:
    return hashlib.sha256(repr(value).encode("utf-8", "surrogateescape")).hexdigest()[:10]


def _identity() -> tuple[object, ...]:
    variables = sorted(
        (name, value)
        for name, value in os.environ.items()
        if name.startswith("CONVZOO_") or name in config.ENGINE_VARIABLES
    )
    return (sys.prefix, sys.version, config.python_path(), variables, _sources())


@functools.cache
def _sources() -> tuple[object, ...]:
    """What this process took its code from: it keeps to it, and so must its engine."""
    found = sorted((config.checkout() / "explorer").rglob("*.py"))
    return tuple((str(path), (s := path.stat()).st_mtime_ns, s.st_size) for path in found)

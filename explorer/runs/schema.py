"""The database of all runs: its tables, and a connection that many threads share. No torch here.

SQLite in WAL mode: one process writes at a time, readers wait for nobody. What SQLite raises
becomes `DiskFull` or `StoreFailed` here and nowhere else.
"""

from __future__ import annotations

import contextlib
import errno
import functools
import sqlite3
import threading
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from explorer.errors import DiskFull, StoreFailed

VERSION = 1
_NO_ROOM = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
BUSY_SECONDS = 15.0
"""How long one process waits until another has written."""

_SCHEMA = f"""
PRAGMA auto_vacuum = INCREMENTAL;
PRAGMA journal_mode = WAL;
BEGIN IMMEDIATE;
CREATE TABLE runs (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    id TEXT UNIQUE NOT NULL,
    name TEXT NOT NULL,
    note TEXT NOT NULL DEFAULT '',
    owner TEXT NOT NULL,
    shared INTEGER NOT NULL,
    "group" TEXT NOT NULL,
    variant TEXT NOT NULL,
    recipe TEXT NOT NULL,
    state TEXT NOT NULL,
    wish TEXT NOT NULL DEFAULT '',
    look INTEGER NOT NULL DEFAULT 0,
    sentence TEXT NOT NULL DEFAULT '',
    created REAL NOT NULL,
    queued REAL,          -- since when it waits; NULL for a run the engine does not do
    started REAL,         -- for the first time
    resumed REAL,         -- for the last time
    resumed_from REAL NOT NULL DEFAULT 0,  -- the fraction it had then
    touched REAL,         -- the last time its process wrote
    ended REAL,
    step INTEGER NOT NULL DEFAULT 0,
    epoch REAL NOT NULL DEFAULT 0,
    fraction REAL NOT NULL DEFAULT 0,
    seconds REAL NOT NULL DEFAULT 0,
    began TEXT,
    result TEXT,
    continues INTEGER NOT NULL DEFAULT 0,
    weights TEXT NOT NULL DEFAULT '',
    pid INTEGER,          -- the process that does it, with its birth
    birth TEXT,
    claimed INTEGER NOT NULL DEFAULT 0     -- that process is a broker about to start the real one
);
CREATE INDEX runs_state ON runs (state);
CREATE INDEX runs_owner ON runs (owner);
CREATE INDEX runs_group ON runs ("group");
CREATE TABLE steps (
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    step INTEGER NOT NULL,
    epoch REAL, seconds REAL, loss REAL, accuracy REAL,
    learning_rate REAL, samples_per_second REAL, gradient_norm REAL
);
CREATE INDEX steps_run ON steps (run);
CREATE TABLE parts (      -- all other records: what kind, at which step, and the record as bytes
    number INTEGER PRIMARY KEY AUTOINCREMENT,
    run INTEGER NOT NULL REFERENCES runs ON DELETE CASCADE,
    kind TEXT NOT NULL,
    step INTEGER NOT NULL,
    data BLOB NOT NULL
);
CREATE INDEX parts_run ON parts (run, kind);
CREATE TABLE lead (       -- the one broker that starts queued runs
    only INTEGER PRIMARY KEY CHECK (only = 1),
    pid INTEGER NOT NULL, birth TEXT NOT NULL, slots INTEGER NOT NULL
);
PRAGMA user_version = {VERSION};
COMMIT;
"""


class Database:
    """One file of SQLite. Any number of threads and processes may use it at once."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.RLock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0

    def read(self, query: str, arguments: Sequence[Any] = ()) -> list[sqlite3.Row]:
        """Return the rows of a query; none when there is no database yet."""
        if not self.path.exists():
            return []
        with self._open() as connection:
            return connection.execute(query, arguments).fetchall()

    @contextlib.contextmanager
    def write(self) -> Iterator[sqlite3.Connection]:
        """Change it: all that is done inside, or nothing of it."""
        with self._open() as connection:
            connection.execute("BEGIN IMMEDIATE")
            try:
                yield connection
            except BaseException:
                with contextlib.suppress(sqlite3.Error):  # SQLite may have done so by itself
                    connection.execute("ROLLBACK")
                raise
            connection.execute("COMMIT")

    def close(self) -> None:
        """Let go of the file; the next use opens it again."""
        with self._lock:
            if self._connection is not None:
                self._connection.close()
                self._connection = None

    @contextlib.contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        with self._lock:
            try:
                # A file that somebody deleted would take rows that nobody ever reads.
                if self._connection is None or self._inode != self._inode_now():
                    self.close()
                    self._connection = self._connect()
                    self._inode = self._inode_now()
                yield self._connection
            except (sqlite3.Error, OSError) as error:
                raise self._explained(error) from error

    def _inode_now(self) -> int:
        return self.path.stat().st_ino if self.path.exists() else 0

    def _connect(self) -> sqlite3.Connection:
        self.path.parent.mkdir(parents=True, exist_ok=True)
        connection = sqlite3.connect(
            self.path, timeout=BUSY_SECONDS, isolation_level=None, check_same_thread=False
        )
        connection.row_factory = sqlite3.Row
        found = connection.execute("PRAGMA user_version").fetchone()[0]
        if found == 0:
            self._create(connection)
        elif found != VERSION:
            connection.close()
            raise StoreFailed(
                f"The runs in {self.path.parent} were written by another version of ConvZoo; "
                "set CONVZOO_RUNS to another folder, or use that version."
            )
        # Losing the last moments when the power fails is fine; waiting for the disk is not.
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    def _create(self, connection: sqlite3.Connection) -> None:
        """Make the tables, unless another process does so at this very moment."""
        deadline = time.monotonic() + BUSY_SECONDS
        while True:
            try:
                connection.executescript(_SCHEMA)
                return
            except sqlite3.OperationalError as error:
                with contextlib.suppress(sqlite3.Error):
                    connection.execute("ROLLBACK")
                if connection.execute("PRAGMA user_version").fetchone()[0] == VERSION:
                    return
                if "locked" not in str(error) or time.monotonic() > deadline:
                    raise
                time.sleep(0.02)

    def _explained(self, error: sqlite3.Error | OSError) -> DiskFull | StoreFailed:
        if is_disk_full(error):
            return DiskFull(f"The disk with {self.path.parent} is full; delete files or runs.")
        if isinstance(error, sqlite3.DatabaseError) and "malformed" in str(error):
            how = "is damaged; move it away and start anew"
        elif isinstance(error, sqlite3.OperationalError) and "locked" in str(error):
            how = "is kept busy by another process; try again in a moment"
        else:
            how = f"cannot be used ({error}); set CONVZOO_RUNS to a folder of yours"
        return StoreFailed(f"The store of runs {self.path} {how}.")


def is_disk_full(error: BaseException) -> bool:
    """Whether an error says that there was no room left on a disk."""
    if isinstance(error, DiskFull):
        return True
    if isinstance(error, OSError) and error.errno in _NO_ROOM:
        return True
    if getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL:
        return True
    return "No space left on device" in str(error) or "Disk quota exceeded" in str(error)


@functools.lru_cache(maxsize=64)
def database(path: Path) -> Database:
    """Return this process's one connection to a file."""
    return Database(path)

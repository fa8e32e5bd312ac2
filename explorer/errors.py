"""Everything ConvZoo raises on purpose.

ExplorerError
├── UnknownModel          a name nobody has registered (says the nearest ones)
├── BadRequest            an argument that makes no sense (size, batch, optimiser)
├── BadPicture            a file that is no picture the gate lets through
├── BadDesign             a layer that does not fit what reaches it (says which, and why)
├── BuildFailed           the network's own constructor raised
├── MissingWeights        weights that are not on this computer (says which file, and where)
├── DownloadFailed        a file could not be fetched or is not what it should be
├── BadCheckpoint         a file of weights that cannot be used (says why)
├── MissingData           a data set that is not on this computer (says how it gets there)
├── BadData               a folder or archive that is no data set (says what one looks like)
├── Diverged              the loss is no number any more (says at which step, and what to turn)
├── UnknownRun            a run nobody knows (any more)
├── DiskFull              there is no room for what a run has to keep
├── StoreFailed           the store of runs, or of collections, cannot be read or written
├── Cancelled             the user stopped it
├── TimeLimit             it ran longer than it was allowed to
├── OutOfMemory           the device has not enough memory for it
└── EngineError           the process that does the work is not well
    ├── EngineUnavailable it could not be started or reached
    └── WorkerDied        it was killed in the middle of a call

Each message is one sentence for the person at the screen and says what to do.
"""

from __future__ import annotations


class ExplorerError(Exception):
    """Base of all errors whose message may be shown to a user as it is."""


class UnknownModel(ExplorerError):
    """No model of this name is in the zoo."""


class BadRequest(ExplorerError):
    """An argument is outside what the function can work with."""


class BadPicture(ExplorerError):
    """A file is refused at the gate for pictures; the message names the reason."""


class BadDesign(ExplorerError):
    """A layer of a design cannot work on what reaches it.

    `place` is where it stands: its number, and within paths the path and the number there.
    """

    def __init__(self, message: str, place: tuple[int, ...] = ()) -> None:
        super().__init__(message)
        self.place = place


class BuildFailed(ExplorerError):
    """The constructor of a network raised."""


class MissingWeights(ExplorerError):
    """The weights asked for are not on this computer."""


class DownloadFailed(ExplorerError):
    """A file could not be fetched, or what came is not what it should be."""


class BadCheckpoint(ExplorerError):
    """A file of weights cannot be read, or does not fit the architecture."""


class MissingData(ExplorerError):
    """The data set asked for is not on this computer."""


class BadData(ExplorerError):
    """A folder or an archive cannot be read as a data set."""


class Diverged(ExplorerError):
    """The loss of a training run became infinite or no number at all."""


class UnknownRun(ExplorerError):
    """No run of this name is in the store."""


class DiskFull(ExplorerError):
    """There is no room on the disk for what has to be kept."""


class StoreFailed(ExplorerError):
    """The store of runs, or of collections of pictures, cannot be read or written."""


class Cancelled(ExplorerError):
    """The user cancelled the work."""


class TimeLimit(ExplorerError):
    """The work took longer than its time limit."""


class OutOfMemory(ExplorerError):
    """The device ran out of memory."""


class EngineError(ExplorerError):
    """The engine process failed, not the work it was given."""


class EngineUnavailable(EngineError):
    """The engine could not be started or reached."""


class WorkerDied(EngineError):
    """The worker process ended before it answered."""

"""How a command ends when it cannot do its work: one exit code and one sentence for each kind of error."""

import errno

from connector.errors import ConnectorError, OutOfQuota
from tasks.broker import BrokerFailed
from tasks.errors import TO_BE_MENDED, DamagedModel, NotEnoughHistory

DONE, REFUSED, UNWELL, STOPPED = 0, 7, 8, 130

EXIT_CODES = {
    DONE: "done",
    1: "a bug of ours: please report it",
    2: "the command was not understood",
    3: "something has to be set right first; the message says what",
    4: "too little history to learn from; the message says how much is needed",
    5: "the CRM cannot be reached or is busy; try again later",
    6: "the CRM's budget of API calls is spent; the work goes on when it returns",
    REFUSED: "done, but some rows were refused by the CRM; `truegrade status` shows them",
    UNWELL: "not healthy; the message says what is not, and what to do",
    STOPPED: "stopped by hand; run it again, and it goes on",
}


class MachineLacks(Exception):
    """The machine refused us a file; the message says which, why, and what to do."""


# The first that fits decides.
KINDS: tuple[tuple[type[Exception], int], ...] = (
    *((kind, 3) for kind in TO_BE_MENDED),
    (BrokerFailed, 3),
    (MachineLacks, 3),
    (NotEnoughHistory, 4),
    (OutOfQuota, 6),
    (ConnectorError, 5),
)
EXPECTED = tuple(kind for kind, _ in KINDS)


def exit_code(error: Exception) -> int:
    """Return the exit code for an error of EXPECTED."""
    return next(code for kind, code in KINDS if isinstance(error, kind))


def sentence(error: Exception) -> str:
    """Say what happened and what to do next."""
    match error:
        case NotEnoughHistory():
            return f"{error} {error.fix}"
        case DamagedModel():
            return f"{error} Run `truegrade train`."
        case _:
            return str(error)


# What a machine can lack: room (on the disk, in a quota, for a file), rights to a file or folder, open files; or what
# stands where a file or folder of ours should be.
OF_THE_MACHINE = frozenset(
    {errno.ENOSPC, errno.EDQUOT, errno.EFBIG, errno.EACCES, errno.EPERM, errno.EROFS, errno.EMFILE}
    | {errno.EEXIST, errno.ENOTDIR, errno.EISDIR, errno.ENAMETOOLONG}
)


def of_the_machine(error: OSError) -> MachineLacks | None:
    """Tell an error of the machine, which an admin mends, from one of ours."""
    if error.errno not in OF_THE_MACHINE:
        return None
    where = f"{error.filename}: " if error.filename else ""
    return MachineLacks(f"{where}{error.strerror}. Make room, or give this user access to it, and run it again.")

"""How a command ends when it cannot do its work: one exit code and one sentence for each kind of error."""

import errno
from collections.abc import Iterable, Iterator
from contextlib import contextmanager

from connector.errors import ConnectorError, OutOfQuota
from tasks.broker import BrokerFailed
from tasks.errors import TO_BE_MENDED, DamagedModel, NotEnoughHistory
from tasks.screens import named
from tasks.settings import SettingsInvalid

DONE, REFUSED, UNWELL, UNPROVED, STOPPED = 0, 7, 8, 9, 130

EXIT_CODES = {
    DONE: "done",
    1: "a bug of ours: please report it",
    2: "the command was not understood",
    3: "something has to be set right first; the message says what",
    4: "too little history to learn from; the message says how much is needed",
    5: "the CRM cannot be reached or is busy; try again later",
    6: "the CRM's budget of API calls is spent; the work goes on when it returns",
    REFUSED: "done, but some rows were refused by the CRM; `truegrade refusals NAME` shows them",
    UNWELL: "not healthy; the message says what is not, and what to do",
    UNPROVED: "erased, but too little was known any more to prove that nothing is left",
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


@contextmanager
def concerning(connection: str) -> Iterator[None]:
    """Let what goes wrong in here be told with the connection's name in the commands that mend it."""
    try:
        yield
    except EXPECTED as error:
        error.add_note(connection)
        raise


def sentence(error: Exception) -> str:
    """Say what happened and what to do next."""
    match error:
        case NotEnoughHistory():
            told = f"{error} {error.fix}"
        case DamagedModel():
            told = f"{error} Run `truegrade train`."
        case _:
            told = str(error)
    for connection in getattr(error, "__notes__", ()):
        told = named(told, connection)
    return told


def unreadable(words: Iterable[str]) -> SettingsInvalid | None:
    """Tell the first of the words typed that is no text: bytes that Python could not decode stand in it as surrogates.

    Source: Python documentation, sys.argv and PEP 383.
    """
    for word in words:
        if not word.isascii() and any("\ud800" <= sign <= "\udfff" for sign in word):
            return SettingsInvalid(f"{word!a} is no text in UTF-8. Type it again.")
    return None


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

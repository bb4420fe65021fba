"""The proof that a person was erased, as people read it; and the look for a word everywhere, which changes nothing."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from getpass import getuser
from typing import TYPE_CHECKING

import typer

from connector.errors import Misconfigured
from tasks.cli.endings import UNPROVED, UNWELL
from tasks.screens import as_json, counted, note, say, table, verbatim
from tasks.store import erasures
from tasks.verbs import proof as proving
from tasks.verbs.forget import Forgotten
from tasks.verbs.proof import Found, Proof
from tasks.wiring import Wiring

if TYPE_CHECKING:
    import redis

WORDS = {
    "cursors": "where the next pull begins; it moves on with the next sync",
    "histories": "where the next read of history begins; it moves on with the next one",
    "units": "work that is not done yet names it as where a part begins; forget it again when that is done",
    "erasures": "the line of an erasure; leave personal data out of --because",
    "dictionaries": "a mapping that was applied names it; promote one that does not",
}
DATABASE = "truegrade.db"  # and what SQLite puts beside it
GOES_BY_ITSELF = {"cursors", "histories", "units"}
IN_A_FILE = "a database's file goes with its rows; any other was put there by somebody: delete it"
IN_REDIS = "news that may be lost: it goes within minutes, or with FLUSHDB"
OPEN = "nothing is known of this person any more, or never was, by which files and Redis could be looked through"
NOT_PROVED = "Not proved: no proof was kept that nothing else of the person is left."
FORGET = "`truegrade forget` with its --lead erases what is left"


def prove(wiring: Wiring, done: Sequence[Forgotten]) -> Proof:
    """Look everywhere for those who were forgotten, and keep the numbers."""
    with _redis(wiring) as client:
        proof = proving.prove(wiring.store, wiring.settings.home, done, client=client)
    fine = passes(proof.left) and proof.words > 0
    proving.keep(wiring.store, done, proof, is_proved=fine, now=wiring.clock.now(), actor=getuser())
    return proof


@contextmanager
def _redis(wiring: Wiring) -> "Iterator[redis.Redis | None]":
    """Open Redis; None where there is none of one's own, or it does not answer, which is said."""
    if not wiring.settings.redis_url:
        yield None
        return
    from redis import RedisError  # noqa: PLC0415  slow to load, and only `forget` needs it

    from tasks.limiter import open_redis  # noqa: PLC0415  as above

    with open_redis(wiring.settings.redis_url) as client:
        try:
            client.ping()
        except RedisError as error:
            told = f"Redis does not answer ({type(error).__name__}), so nobody looked there"
            note(f"truegrade: {told}. Look again later.")
            yield None
        else:
            yield client


def passes(left: Found) -> bool:
    """Tell whether what is left goes by itself: work and cursors that name a lead as a place to go on from.

    The file of SQLite names what its rows do.
    """
    others = [name for name in left.files if not left.tables or not name.startswith(DATABASE)]
    return not others and not left.keys and set(left.tables) <= GOES_BY_ITSELF


def opened(wiring: Wiring, done: Sequence[Forgotten], proof: Proof) -> bool:
    """Tell whether it stays open that nothing is left: no word was known, or they went with an erasure before."""
    return any(proving.is_open(wiring.store, one) for one in done) or (
        proof.words == 0 and any(one.is_known for one in done)
    )


def show(proof: Proof, *, is_open: bool) -> None:
    """Say how much was looked at, and what was found. `is_open`: too little was known to prove anything."""
    keys = "" if proof.keys is None else f", {counted(proof.keys, 'key')} of Redis"
    looked = f"{counted(proof.tables, 'table')}, {counted(proof.files, 'file')}{keys}"
    what = f"{counted(proof.words, 'word')} that told who this was"
    if is_open:
        say(f"Not proved: {OPEN}. Looked for {what} in {looked}. `truegrade forget --verify ADDRESS` looks for more.")
        _show_left(proof.left)
        return
    if not proof.words:
        say(f"It was proved before that nothing is left ({looked}).")
    elif not proof.left:
        say(f"Proved: none of {what} stands anywhere any more ({looked}).")
    if proof.left:
        say(f"Looked for {what} in {looked}.")
        _show_left(proof.left)
    say("The numbers are kept with the erasure. `truegrade forget --verify ID` looks again.")


def verify(wiring: Wiring, connection: str | None, text: str, *, json: bool) -> None:
    """Look everywhere; ends with the exit code of what is not well when something was found."""
    if not text.strip():
        raise Misconfigured("Nothing to look for is named.", fix="Write `truegrade forget --verify ID` or an address.")
    names = [connection] if connection else list(wiring.connections)
    lines = [erasures.of_lead(wiring.store, name, wiring.record_id(name, text)) for name in names]
    known = [line for line in lines if line is not None]
    with _redis(wiring) as client:
        proof = proving.look(wiring.store, wiring.settings.home, [text.strip()], client=client)
    unproved = [one for one in known if not proving.is_proved(wiring.store, one.id)]
    if json:
        told = [
            {"erasure": one.id, "connection": one.connection, "at": one.erased_at.isoformat()}
            | {"proved": one not in unproved}
            for one in known
        ]
        left = proof.left
        as_json({"tables": left.tables, "files": list(left.files), "keys": left.keys, "erasures": told})
    else:
        _show_known(wiring, known)
        _show_left(proof.left)
        for one in unproved:
            say(verbatim(f"{NOT_PROVED} `truegrade forget {one.connection} --lead {text.strip()} --yes` makes it."))
    if proof.left:
        raise typer.Exit(UNWELL)
    if unproved:
        raise typer.Exit(UNPROVED)


def _show_known(wiring: Wiring, known: Sequence[erasures.Erasure]) -> None:
    for one in known:
        rows = counted(sum(one.counts.values()), "row")
        who = f"{one.erased_at:%Y-%m-%d %H:%M} UTC by {one.asked_by} ({one.why})"
        say(verbatim(f"Erased from {one.connection} on {who}: {rows}, erasure {one.id}."))
        if (line := proving.kept(wiring.store, one.id)) is not None:
            left = sum(line.detail["left"].values()) + line.detail["left_files"] + line.detail["left_keys"]
            places = f"{counted(left, 'place')} named the person then"
            say(f"Looked for everywhere on {line.at:%Y-%m-%d %H:%M} UTC: {places}.")
    if not known:
        say("There is no erasure of a lead with this id.")


def _show_left(found: Found) -> None:
    if not found:
        say("It stands in no table and in no file of the home folder.")
        return
    rows: list[tuple[str, int | None, str]] = [
        (name, number, WORDS.get(name, FORGET)) for name, number in found.tables.items()
    ]
    rows += [(verbatim(name), None, IN_A_FILE) for name in found.files]
    rows += [("Redis", found.keys, IN_REDIS)] if found.keys else []
    table("It still stands in", ("where", "rows", "what that is"), rows, right=(1,), whole=(0,))

"""Which mapping is in force for a connection, and how another one is put in force: promoted, or rolled back to.

A connection that never promoted goes by its file, read anew by each unit of work. Once promoted, the text in the store
is in force for all workers at once, and an edit of the file does nothing until it is promoted too: it is told, never
silently used.
"""

import getpass
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from connector.crm import CRM, Entity
from connector.enrichment.sources import TableSource
from connector.errors import Misconfigured
from mappings.file.load import PRESETS, Mapping, parse, preset_text
from mappings.file.writing_back import unwritable
from mappings.frames.enriched import table_of
from tasks.consequences import scoring_again, steps
from tasks.ready import Check, checked, of_companies
from tasks.settings import SettingsInvalid
from tasks.store import audit, dictionaries
from tasks.store.dictionaries import Promoted
from tasks.wiring import Wiring

NOT_PROMOTED = "Nothing was promoted: correct the mapping, or mend it in the CRM, and promote it again."
COMPANIES_WAIT = "Companies get nothing until this is mended, while leads are scored and written as before"
FEW = 3  # fields that are named where many lack the same


@dataclass(frozen=True, slots=True)
class Done:
    """A mapping that is in force now, the one before it, and what has to be done next, a sentence each.

    `was_already`: this very text was in force, and nothing was done.
    """

    promoted: Promoted
    before: str | None
    next_steps: tuple[str, ...] = ()
    was_already: bool = False


def candidate(wiring: Wiring, name: str, path: Path) -> tuple[Mapping, str]:
    """Read a mapping file that may become the connection's: as it would score, and its text.

    Raises MappingInvalid with all that is wrong, and SettingsInvalid for one of another CRM.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise SettingsInvalid(f"{path} cannot be read: {error.strerror}. Correct the path.") from error
    except UnicodeDecodeError as error:
        raise SettingsInvalid(f"{path} is not text in UTF-8. Save it as UTF-8.") from error
    return wiring.spoken(name, parse(text, str(path))), text


def promote(wiring: Wiring, name: str, path: Path, *, because: str) -> Done:
    """Check a mapping file, against the CRM too, and put it in force; it is on record who did it, when and why.

    Repeatable: the text that is in force already is not promoted again. The first promotion keeps what was in force
    before it as an entry too, so that there is something to go back to. Raises Misconfigured when the CRM lacks
    something that the mapping reads or cannot take what it writes back, and when a table of it cannot be read; fields
    of ours that the CRM lacks are a next step.
    """
    mapping, text = candidate(wiring, name, path)
    why = _reason(because)
    for source in mapping.enrich.sources:
        if isinstance(source, TableSource):
            table_of(mapping, source)  # raises Misconfigured naming the file, before anything is in force
    with wiring.crm(name) as crm:
        lacking = _lacking(crm, mapping, name)
    now_in_force = dictionaries.in_force(wiring.store, name)
    if now_in_force is not None and now_in_force.text == text:
        return Done(now_in_force, now_in_force.version, was_already=True)
    before = wiring.mapping_if_valid(name)
    if now_in_force is None and before is not None and (was := text_of_file(wiring, name)) != text:
        _put(wiring, name, "map.keep", before, text=was, why="In force before the first promotion.", before=before)
    done = _put(wiring, name, "map.promote", mapping, text=text, why=why, before=before)
    return Done(done, before.version if before else None, (*steps(wiring, name, before, mapping), *lacking))


def rollback(wiring: Wiring, name: str, *, to: int | None, because: str) -> Done:
    """Put an earlier mapping in force again, as a new entry: that of the number `to`, or the one before today's.

    Where the model that scores does not fit it, the newest kept one that does scores again. Asks no CRM, so that it
    works when nothing else does. Raises Misconfigured when there is no such entry.
    """
    why = _reason(because)
    today = dictionaries.in_force(wiring.store, name)
    wanted = _earlier(wiring, name, today, to)
    mapping = wiring.spoken(name, parse(wanted.text, f"promotion {wanted.number} of {name}"))
    before = wiring.mapping_if_valid(name)
    if today is not None and today.text == wanted.text:
        return Done(today, today.version, was_already=True)
    done = _put(wiring, name, "map.rollback", mapping, text=wanted.text, why=why, before=before, to=wanted.number)
    again = scoring_again(wiring, name, mapping)
    return Done(
        done,
        before.version if before else None,
        (*again, *steps(wiring, name, before, mapping, fits_again=bool(again))),
    )


def unpromoted(wiring: Wiring, name: str) -> str | None:
    """Say that the connection's file is not what is in force, and what to do; None where it is, or there is none."""
    path, today = _file(wiring, name), dictionaries.in_force(wiring.store, name)
    if path is None or today is None:
        return None
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return f"{path} cannot be read; it is not used, promotion {today.number} is in force."
    if text == today.text:
        return None
    same = [one.number for one in dictionaries.every(wiring.store, name) if one.text == text]
    restore = f"`truegrade map history {name} --show {today.number}` prints what is in force"
    if same:
        return (
            f"{path} is promotion {same[0]}; in force is promotion {today.number} of {today.applied_at:%Y-%m-%d}, and "
            f"the file is not used. {restore}, to be kept in it."
        )
    return (
        f"{path} was edited since it was promoted: promotion {today.number} of {today.applied_at:%Y-%m-%d} is in "
        f"force. Preview and promote it: "
        f"`truegrade preview {name} --file {path}`, `truegrade map promote {name} {path} --because WHY`; or restore "
        f"it: {restore}."
    )


def _file(wiring: Wiring, name: str) -> Path | None:
    named = wiring.connection(name).mapping
    return wiring.settings.home / named if named and named not in PRESETS else None


def text_of_file(wiring: Wiring, name: str) -> str:
    """Give the text of the connection's file, or of its preset: what is in force where nothing was promoted."""
    path, connection = _file(wiring, name), wiring.connection(name)
    return path.read_text(encoding="utf-8") if path else preset_text(connection.mapping or connection.preset)


def _reason(because: str) -> str:
    why = " ".join(because.split())
    if not why:
        raise SettingsInvalid('--because is empty. Say why in a sentence, as --because "Titles in German".')
    return why


def _lacking(crm: CRM, mapping: Mapping, name: str) -> tuple[str, ...]:
    """Tell what our fields lack in the CRM, a step each. Raises Misconfigured for what the mapping cannot read."""
    missing = [check for check in checked(crm, mapping) if not check.well]
    unread = [check for check in missing if check.what.startswith("read ")]
    if unread:
        raise Misconfigured(
            f"The CRM of {name} cannot give what the mapping reads: {'; '.join(in_brief(unread))}.", fix=NOT_PROMOTED
        )
    if unfit := [*unwritable(mapping, crm.describe(Entity.LEAD), 0)]:
        told = "; ".join(f"{one.message}: {one.fix}" for one in unfit)
        raise Misconfigured(f"What the mapping asks to be written cannot be: {told}.", fix=NOT_PROMOTED)
    if not missing:
        return ()
    companies = [check for check in missing if of_companies(check)]
    leads = [check for check in missing if not of_companies(check)]
    found = (("Pushes stop until this is mended", leads), (COMPANIES_WAIT, companies))
    return tuple(
        f"{what}: {'; '.join(in_brief(some))}. Run `truegrade provision {name}`." for what, some in found if some
    )


def in_brief(checks: Iterable[Check]) -> list[str]:
    """Say checks in few lines: those with the same words in one, the first few by name."""
    by_words: dict[str, list[str]] = {}
    for check in checks:
        by_words.setdefault(check.told, []).append(check.what)
    return [f"{_first_few(whats)}: {told}" for told, whats in by_words.items()]


def _first_few(whats: list[str]) -> str:
    more = f" and {len(whats) - FEW} more" if len(whats) > FEW else ""
    verb = whats[0].partition(" ")[0] + " "
    return ", ".join([whats[0], *(what.removeprefix(verb) for what in whats[1:FEW])]) + more


def _earlier(wiring: Wiring, name: str, today: Promoted | None, to: int | None) -> Promoted:
    if today is None:
        raise Misconfigured(
            f"Nothing was ever promoted for {name}: its file is in force.", fix="Restore the file from its backup."
        )
    wanted = dictionaries.numbered(wiring.store, name, today.number - 1 if to is None else to)
    if wanted is None:
        missing = f"promotion before {today.number}, which is in force" if to is None else f"promotion {to}"
        raise Misconfigured(f"{name} has no {missing}.", fix=f"`truegrade map history {name}` lists what there is.")
    return wanted


def _put(
    wiring: Wiring,
    name: str,
    action: str,
    mapping: Mapping,
    *,
    text: str,
    why: str,
    before: Mapping | None,
    **detail: Any,
) -> Promoted:
    now, who = wiring.clock.now(), getpass.getuser()
    kept = {"version": mapping.version, "text": text, "applied_by": who, "why": why}
    done = dictionaries.add(wiring.store, name, **kept, now=now)
    told = {"number": done.number, "version": mapping.version, "before": before.version if before else None}
    audit.add(wiring.store, audit.Line(now, who, action, name, told | detail))
    return done

"""The command forget: erase a person here, and prove it; and where the other command for people's rights comes in."""

import sys
from collections.abc import Iterable
from getpass import getuser
from typing import Annotated, Any

import typer

from connector.errors import Misconfigured
from mappings.file.load import Mapping, load_preset
from tasks.cli import in_crm, person, proof
from tasks.cli.endings import STOPPED, UNPROVED, UNWELL
from tasks.cli.options import Home, Json, wiring_of
from tasks.screens import as_json, counted, note, say, table, verbatim
from tasks.store import people, tables
from tasks.verbs import forget as forgetting
from tasks.verbs.forget import Forgotten
from tasks.wiring import Wiring

NO_REASON = "asked for"
ID_TOLD = 40  # characters of an id that is none
Lead = Annotated[list[str] | None, typer.Option("--lead", help="The lead's id in the CRM; may be given several times.")]
Email = Annotated[str | None, typer.Option("--email", help="All leads that hold this address in a mapped field.")]
Because = Annotated[str, typer.Option("--because", help="Why, for the record; without personal data.")]
Yes = Annotated[bool, typer.Option("--yes", help="Erase without asking.")]
Verify = Annotated[str | None, typer.Option("--verify", help="Only look everywhere for this id or address.")]
ClearCRM = Annotated[bool, typer.Option("--clear-crm", help="First empty our own fields on its record in the CRM.")]
Connection = Annotated[str | None, typer.Argument(help="Name of the connection; not needed with --verify.")]
Thorough = Annotated[
    bool, typer.Option("--thorough", help="PostgreSQL: write its tables anew, locked meanwhile, so that no byte stays.")
]


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(forget)
    person.add_to(app)


def forget(
    connection: Connection = None,
    lead: Lead = None,
    email: Email = None,
    because: Because = NO_REASON,
    yes: Yes = False,
    verify: Verify = None,
    thorough: Thorough = False,
    clear_crm: ClearCRM = False,
    home: Home = None,
    json: Json = False,
) -> None:
    """Erase a person here for good and prove it; with --verify only look everywhere, and say what was found."""
    wiring = wiring_of(home)
    if verify is not None:
        proof.verify(wiring, connection, verify, json=json)
        return
    if connection is None:
        raise Misconfigured("No connection is named.", fix="Write `truegrade forget NAME --lead ID`.")
    mapping = _mapping(wiring, connection)
    leads = _leads(wiring, mapping, connection, lead, email)
    if not yes:
        _require_yes(leads, connection, json=json)
    cleared = in_crm.clear(wiring, mapping, connection, leads) if clear_crm else in_crm.Cleared()
    others = people.same_as(wiring.store, connection, leads)
    done = {one: _forget(wiring, mapping, connection, one, because) for one in leads}
    scrubbed = forgetting.scrub(wiring.store, _touched(done.values()), thorough=thorough)
    shown = proof.prove(wiring, list(done.values()))
    is_open, is_clean = proof.opened(wiring, list(done.values()), shown), proof.passes(shown.left)
    if json:
        told = [_told(*one, cleared) for one in done.items()]
        same = [list(one) for one in others]
        left = {"scrubbed": scrubbed, "proof": shown.as_dict(), "is_proved": not is_open and is_clean, "same_as": same}
        as_json({"connection": connection, "leads": told} | left)
    else:
        for one, forgotten in done.items():
            _show(connection, one, forgotten)
            in_crm.show(connection, one, forgotten.in_crm, cleared.leads.get(one))
        naming = {company: one for one, forgotten in done.items() for company in forgotten.in_crm.companies}
        in_crm.show_companies(connection, naming, cleared, is_given=bool(mapping.companies))
        for name, one in others:
            to_do = f"`truegrade forget {name} --lead {one}` erases it."
            say(verbatim(f"{one} of {name} looks like the same person: {to_do}"))
        proof.show(shown, is_open=is_open)
        _say_what_is_left(wiring, scrubbed=scrubbed, thorough=thorough)
    if not is_clean or not cleared.is_all:
        raise typer.Exit(UNWELL)
    if is_open:
        raise typer.Exit(UNPROVED)


def _touched(done: Iterable[Forgotten]) -> set[str]:
    """Name the tables that rows went from, or were changed in."""
    return ({name for one in done for name in one.counts} & tables.metadata.tables.keys()) | {tables.records.name}


def _mapping(wiring: Wiring, connection: str) -> Mapping:
    """Give the mapping, or that of the CRM as it comes: a mistake in a file keeps nobody from being erased."""
    mapping = wiring.mapping_if_valid(connection)
    if mapping is not None:
        return mapping
    preset = wiring.connection(connection).preset
    note(f"truegrade: the mapping of {connection} has a mistake; to erase, the one that comes for {preset} does.")
    return load_preset(preset)


def _leads(wiring: Wiring, mapping: Mapping, connection: str, leads: list[str] | None, email: str | None) -> list[str]:
    """Give the leads that are meant. Complains when nobody is, nobody holds the address, or an id is no lead's."""
    if not leads and not email:
        raise Misconfigured("Nobody is named.", fix="Add --lead ID, or --email ADDRESS.")
    found = people.holding(wiring.store, connection, email) if email else []
    if email and not found:
        raise Misconfigured(
            f"No lead of {connection} holds that address in a mapped field here.",
            fix="Look the person up in the CRM, and give --lead ID, as the CRM has it.",
        )
    named = [wiring.record_id(connection, one.strip()) for one in leads or ()]
    for one in named:
        _require_lead(wiring, mapping, connection, one)
    return list(dict.fromkeys([*named, *found]))


def _require_lead(wiring: Wiring, mapping: Mapping, connection: str, lead: str) -> None:
    folder = wiring.settings.models_folder
    if not lead or not forgetting.was_here(wiring.store, mapping, connection, lead, models_folder=folder):
        raise Misconfigured(
            f"No lead of {connection} has or had the id {lead[:ID_TOLD]!r} here, so nothing was erased.",
            fix=f"Give the id as the CRM has it; `truegrade pull {connection}` reads a lead that is new.",
        )


def _require_yes(leads: list[str], connection: str, *, json: bool) -> None:
    if json or not sys.stdin.isatty():
        raise Misconfigured("Nobody is there to be asked whether to erase.", fix="Add --yes to erase.")
    try:
        agreed = typer.confirm(
            f"Erase {counted(len(leads), 'lead')} of {connection} here for good: {', '.join(leads)}?"
        )
    except typer.Abort:
        agreed = False
    if not agreed:
        note("truegrade: stopped. Nothing was erased.")
        raise typer.Exit(STOPPED)


def _forget(wiring: Wiring, mapping: Mapping, connection: str, lead: str, because: str) -> Forgotten:
    return forgetting.forget(
        wiring.store,
        mapping,
        lead,
        connection=connection,
        models_folder=wiring.settings.models_folder,
        now=wiring.clock.now(),
        asked_by=getuser(),
        why=because,
    )


def _told(lead: str, forgotten: Forgotten, cleared: in_crm.Cleared) -> dict[str, Any]:
    of_lead, of_companies = cleared.leads.get(lead), cleared.companies
    holds = [] if of_lead and in_crm.is_clear({lead: of_lead}) else list(forgotten.in_crm.own)
    named = [one for one in forgotten.in_crm.companies if one not in of_companies]
    named += [one for one, done in of_companies.items() if not in_crm.is_clear({one: done})]
    return {
        "lead": lead, "erasure": forgotten.erasure.id, "rows": forgotten.counts, "models": forgotten.models,
        "is_new": forgotten.is_new, "crm_holds": [*holds, *forgotten.in_crm.others],
        "cleared": of_lead.outcome.value if of_lead else None, "companies_naming": named,
    }  # fmt: skip


def _show(connection: str, lead: str, forgotten: Forgotten) -> None:
    if not forgotten.is_new:
        say(f"{verbatim(lead)} ({connection}): nothing was here any more. It is never read again.")
        return
    rows = [*forgotten.counts.items(), *([("models (back-tests)", forgotten.models)] if forgotten.models else [])]
    say(verbatim(f"{lead} ({connection}) is erased here; erasure {forgotten.erasure.id}."))
    table("", ("where", "rows"), rows, right=(1,), whole=(0,))


def _say_what_is_left(wiring: Wiring, *, scrubbed: bool, thorough: bool) -> None:
    """Say what this command cannot reach, and who can."""
    if not scrubbed:
        say("Somebody reads the database just now, so its log was not emptied: run the command again to do that.")
    if not wiring.store.is_sqlite:
        bytes_go = "" if thorough else "keeps the bytes until it needs their room (--thorough writes its tables anew); "
        say(f"PostgreSQL {bytes_go}{'lets ' if thorough else ''}its log and backups go as they are set to.")
    say("Still to do where Truegrade has no hand: the CRM's own record, backups, and files that people exported.")

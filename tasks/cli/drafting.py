"""Drafting a mapping from what a CRM holds: what is read for it, and what is told of it."""

from collections import Counter
from pathlib import Path

from connector.crm import Entity
from mappings.drafts import draft
from mappings.drafts.suggest import LEAST_ENDED, Judged, Suggestion, suggest
from mappings.file.load import load_preset, parse, preset_text
from tasks.cli.endings import concerning
from tasks.screens import as_json, counted, note, out, progress, say, table, verbatim
from tasks.settings import SettingsInvalid
from tasks.verbs.survey import Reach, reach, survey
from tasks.wiring import Wiring

SHOWN = ("leak", "identifier", "free text", "constant", "nearly empty", "too many values")


def drafted(wiring: Wiring, name: str, to: Path | None, *, leads: int, json: bool) -> None:
    """Draft a mapping for the connection, write it to a file or print it, and tell what was left out and why."""
    crm = wiring.connection(name).crm
    with concerning(name):
        found, within, made = looked_at(wiring, name, leads=leads)
    text = draft.written(found, preset_text(crm), name=name)
    parse(text, str(to or "draft"))  # what is wrong with it is told here, not in the next command
    if to is not None:
        _write(to, text)
    if json:
        as_json(_told(name, found, within, to) | {"calls_made": made})
    elif to is None:
        out.print(text, markup=False, highlight=False, soft_wrap=True)
    else:
        _show(name, found, to, calls=made)


def looked_at(wiring: Wiring, name: str, *, leads: int) -> tuple[Suggestion, Reach, int]:
    """Survey the connection's CRM and judge its fields; says beforehand what it will read, and gives the calls made."""
    connection = wiring.connection(name)
    if connection.scored != "lead":
        raise SettingsInvalid(
            f"Connection {name} scores {connection.scored}s, and drafts are made of leads alone. Begin with the preset "
            f"{connection.preset} and add your own fields to it."
        )
    preset = load_preset(connection.crm)
    with wiring.crm(name) as crm:
        preset = draft.of_this_org(preset, crm.describe(Entity.LEAD))
        within = reach(crm, preset, leads=leads)
        note(
            f"Reads up to {within.leads:,} leads with all their fields, in up to {within.calls:,} calls; keeps nothing."
        )
        with progress("suggest") as report:
            seen = survey(crm, preset, within=within, now=wiring.clock.now(), on_progress=report)
        made = crm.calls
    return suggest(seen, preset), within, made


def _write(to: Path, text: str) -> None:
    try:
        to.parent.mkdir(parents=True, exist_ok=True)
        to.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SettingsInvalid(f"{to} cannot be written: {error.strerror}. Choose another file.") from error


def _told(name: str, found: Suggestion, within: Reach, to: Path | None) -> dict[str, object]:
    return {
        "connection": name,
        "file": str(to) if to else None,
        "calls": within.calls,
        "ended_leads": found.ended,
        "preset_leaks": found.preset_leaks,
        "fields": [_field(one) for one in found.judged],
    }


def _field(one: Judged) -> dict[str, object]:
    return {
        "field": one.column.path,
        "label": one.label,
        "role": one.role.name,
        "kind": one.role.kind if one.role.kept else None,
        "feature": one.name if one.role.kept else None,
        "transforms": list(one.role.steps),
        "why": one.role.why,
        "filled": round(one.profile.filled, 4),
        "values": one.profile.distinct,
    }


def _show(name: str, found: Suggestion, to: Path, *, calls: int) -> None:
    left = [one for role in SHOWN for one in found.left if one.role.name == role and one.profile.filled > 0]
    if left:
        rows = [(one.role.name, one.column.path, verbatim(one.label), verbatim(one.role.why)) for one in left]
        table(f"Left out of {name}, if it is ever filled", ("as", "field", "called", "why"), rows, whole=(1,))
    leaks = Counter(one.role.name for one in found.left)["leak"]
    kept, others = counted(len(found.kept), "field"), len(found.left) - leaks
    say(f"{to}: {kept} suggested beside the preset's own; left out are {counted(leaks, 'leak')} and {others} others.")
    say(f"It took {counted(calls, 'call')}.")
    if found.ended < LEAST_ENDED:
        say(f"Only {found.ended} leads had ended: too few to find leaks by. Draft it anew when more have.")
    say(f"\nNext: read {to}, then `truegrade map check {name} --file {to}`.")

"""Previews for people: what a mapping or a model would do to the leads, and what the push would cost; all read-only.

Nothing is written but the file that is asked for. Of the CRM its describe is read, and for a sample those fields that
no pull has read yet; both are counted as calls are.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import Any

from connector import causes
from connector.crm import CRM, Entity, Kind
from connector.errors import Misconfigured
from mappings.file.load import Mapping as FieldMapping
from mappings.file.writing_back import unwritable
from tasks import companies, consequences, promotion
from tasks.backfills import reckoned, writes
from tasks.previewrows import Export, Sums, columns_of, drain, shown
from tasks.ready import checked
from tasks.screens import OnProgress, ignore, named
from tasks.store import company_sending, company_stale, dictionaries, models, records, stale
from tasks.verbs.closed import ASKED_ROWS
from tasks.verbs.predicted import MISSING, READ_ONLY, UNFORESEEN, Judge, judge
from tasks.verbs.previewed import End, Lead, Preview
from tasks.verbs.score import made_with
from tasks.verbs.selection import selection, told
from tasks.wiring import Wiring

# Codes that stop a whole push, so that no refusal ever has them.
NOT_OURS = causes.Cause(
    "The integration user may not write a field of ours, or it is not there.",
    "Run `truegrade provision`, or give that user edit access.",
)
OUT_OF_REACH = dict.fromkeys([*MISSING.values(), *READ_ONLY.values()], NOT_OURS)
ALL = None


def quiet(sentence: str) -> None:
    """Tell nobody."""
    del sentence


def preview(
    wiring: Wiring,
    name: str,
    *,
    file: Path | None = None,
    model: str | None = None,
    where: Iterable[str] = (),
    sample: int | None = ALL,
    export: Export = drain,
    say: Callable[[str], None] = quiet,
    on_progress: OnProgress = ignore,
) -> dict[str, Any]:
    """Score leads with a candidate mapping (else the one in force) and say what would become of each.

    `sample`: about so many of the leads that `where` selects; None: all. Of a sample, fields that no pull has read are
    fetched for this alone; `say` is told beforehand in how many calls. `export` gets columns and a row for each lead.
    `promote_refuses` of the answer tells what would keep the mapping from being put in force.
    """
    from tasks.verbs import fetched as fetching  # noqa: PLC0415  a help text need not load the learner
    from tasks.verbs import preview as previewing  # noqa: PLC0415  as above

    today = wiring.mapping_if_valid(name)
    mapping = promotion.candidate(wiring, name, file)[0] if file else wiring.mapping(name)
    about = selection(mapping, created_from=None, created_to=None, where=where)
    _require_read(about, fetching.unread(wiring.store, mapping, name, Entity.LEAD))
    how: dict[str, Any] = {"connection": name}
    folder = wiring.settings.models_folder
    scoring = previewing.scorer(wiring.store, mapping, **how, clock=wiring.clock, models_folder=folder, model=model)
    picked = previewing.Sample(sample)
    ids, leads = previewing.chosen(wiring.store, mapping, **how, selection=about, sample=picked)
    with wiring.crm(name) as crm:
        judged, not_ready = _asked(wiring, name, mapping, crm)
        unfit = [f"{one.message}: {one.fix}" for one in unwritable(mapping, crm.describe(Entity.LEAD), 0)]
        own = records.get(wiring.store, name, Entity.LEAD, ids) if sample is not None and ids else []
        asked = fetching.wanted(crm, wiring.store, mapping, name, own)
        found = fetching.looked_up(crm, asked, mapping.crm, say=say, on_progress=on_progress)
    how |= {"now": wiring.clock.now(), "ids": ids, "judge": judged, "chunk_leads": wiring.settings.chunk_leads}
    how["fetched"] = found
    known = {*asked.names, *asked.absent}  # what is absent, `not_ready` tells
    chunks = previewing.previewed(wiring.store, scoring, mapping, **how, was=today)
    fields = {one.name: one.kind for of in (mapping, today or mapping) for one in of.output_fields()}
    fields |= {one.field: Kind.TEXT for one in mapping.enrich.write_back}
    sums = Sums(Preview(leads))
    behind: set[str] = set()
    if mapping.companies:
        chunks = _behind(wiring, name, chunks, behind)
    export(columns_of(fields), sums.rows(chunks, list(fields), on_progress, leads if ids is None else len(ids)))
    return {
        "connection": name,
        "mapping": str(file) if file else in_force(wiring, name),
        "version": mapping.version,
        "model": model or _current(wiring, name),
        "selection": told(about),
        "steps": [] if model else list(consequences.of_model(wiring, name, today, mapping)),
        "fetched": {"fields": asked.names, "leads": len(own), "calls": asked.calls},
        "unpulled": [one for one in consequences.unpulled(wiring, name, mapping) if one not in known],
        **_told(wiring, name, sums, not_ready),
        "promote_refuses": [*(one for one in not_ready if one.startswith("read ")), *unfit],
        **({"companies": len(behind)} if mapping.companies else {}),
    }


def _require_read(chosen: Mapping[str, Any], unread: Sequence[str]) -> None:
    """Go on only if leads can be chosen by these fields: of one that no pull has read, the store knows no value."""
    for field in chosen.get("where", {}):
        if field in unread:
            raise Misconfigured(
                f"--where {field}: no pull has read it yet, so no lead can be chosen by it.",
                fix="Choose by another field, or promote the mapping and pull first.",
            )


def waiting(
    wiring: Wiring, name: str, *, retry_refused: bool = False, on_progress: OnProgress = ignore
) -> dict[str, Any]:
    """Say what a push would do now with the scores that wait, as `preview` says it; `unscored` leads await a score."""
    from tasks.verbs import preview as previewing  # noqa: PLC0415  a help text need not load the learner
    from tasks.verbs import previewed_backs  # noqa: PLC0415  loads Polars

    mapping, now = wiring.mapping(name), wiring.clock.now()
    with wiring.crm(name) as crm:
        judged, not_ready = _asked(wiring, name, mapping, crm)
    how: dict[str, Any] = {"connection": name, "now": now, "judge": judged, "retry_refused": retry_refused}
    sums = Sums(Preview())
    back = previewed_backs.waiting(wiring.store, mapping, connection=name, judge=judged)
    chunks = chain(previewing.waiting(wiring.store, mapping, **how), back)
    drain({}, sums.rows(chunks, (), on_progress, None))
    sums.preview.leads = sums.preview.looked_at
    unscored = stale.due(wiring.store, name, model=made_with(wiring.store, mapping, name))
    return {
        "connection": name,
        "unscored": unscored,
        "unpulled": consequences.unpulled(wiring, name, mapping),
        **_told(wiring, name, sums, not_ready, asks=mapping.scored == "deal"),
        **_companies(wiring, name),
    }


def _companies(wiring: Wiring, name: str) -> dict[str, int]:
    """Count the companies whose values a push would write or, as their leads moved, reckon first."""
    if not wiring.mapping(name).companies:
        return {}
    return {
        "companies": company_sending.waiting(wiring.store, name),
        "companies_to_reckon": companies.to_reckon(wiring.store, name),
    }


def _behind(wiring: Wiring, name: str, chunks: Iterable[list[Lead]], keys: set[str]) -> Iterator[list[Lead]]:
    """Pass leads on, and note the companies of those that would be written."""
    for leads in chunks:
        with wiring.store.read() as tx:
            keys |= company_stale.keys_of(tx, name, [lead.id for lead in leads if lead.end is End.WRITE])
        yield leads


def in_force(wiring: Wiring, name: str) -> str:
    """Name the mapping in force: a promotion, a file, or a preset."""
    promoted = dictionaries.in_force(wiring.store, name)
    if promoted is not None:
        return f"promotion {promoted.number}"
    connection = wiring.connection(name)
    return connection.mapping or f"preset {connection.preset}"


def _current(wiring: Wiring, name: str) -> str:
    current = models.current(wiring.store, name)
    return current.version if current else "points"


def _asked(wiring: Wiring, name: str, mapping: FieldMapping, crm: CRM) -> tuple[Judge, list[str]]:
    """Ask the CRM for its describe: what judges rows by it, and what keeps a sync from working at all."""
    fields = crm.describe(Entity.LEAD)
    missing = [check for check in checked(crm, mapping) if not check.well]
    return judge(wiring.connection(name).crm, fields), [named(told, name) for told in promotion.in_brief(missing)]


def _told(wiring: Wiring, name: str, sums: Sums, not_ready: list[str], *, asks: bool = False) -> dict[str, Any]:
    found = sums.preview.as_dict()
    return {
        **found,
        "refusals": [refusal | _cause(wiring, name, refusal["code"]) for refusal in found["refusals"]],
        "cost": cost(wiring, name, sums.preview.rows_of_all, asks=asks),
        "not_ready": not_ready,
        "unforeseen": UNFORESEEN,
        "moved_most": [shown(lead) for lead in sums.most()],
    }


def _cause(wiring: Wiring, name: str, code: str) -> dict[str, str]:
    crm = wiring.connection(name).crm
    cause = OUT_OF_REACH.get(code) or causes.cause(crm, code, passing=False)
    return {"cause": cause.what, "fix": named(cause.fix, name)}


def cost(wiring: Wiring, name: str, rows: int, *, asks: bool = False) -> dict[str, Any]:
    """Reckon what a push of so many rows takes, as for a backfill: calls at most, and their share of the day's.

    `asks`: the push asks first which of the rows are still open, as the verb does of deals (`tasks.verbs.closed`).
    """
    crm = wiring.connection(name).crm
    calls = writes(crm, rows) + (-(-rows // ASKED_ROWS[crm]) if asks else 0)
    return {"rows": rows, "calls": calls, **reckoned(wiring, name, rows, calls)}

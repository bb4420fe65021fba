"""Writing values back: batches of up to 100 records, with one outcome for each.

Source: HubSpot developer docs, "CRM objects" and "Error handling": each row carries a trace id, which makes HubSpot
judge rows one by one and name the refused ones. A merged-away id is in neither list, so sent and returned ids are
compared. A batch that is refused as a whole is halved until the refused row stands alone. Updates set absolute values:
sending one twice changes nothing.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from connector.crm import Outcome, Update, Written
from connector.errors import OutOfQuota
from connector.hubspot import paths
from connector.hubspot.batches import chunked, standing_for
from connector.hubspot.gateway import Gateway
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.values import written
from connector.hubspot.verdicts import row as judged
from connector.lanes import in_lanes

WHOLE = frozenset({400, 409, 413})  # refusals of a whole batch for what one row of it holds


def write(gateway: Gateway, kind: str, updates: Iterable[Update], options: HubSpotOptions) -> Iterator[Written]:
    """Yield one outcome per update, batches side by side; once the calls are spent, the rest is parked untried."""
    batches = chunked(updates, options.batch_rows)
    return until_spent(batches, lambda batch: sent(gateway, kind, batch), lanes=options.lanes)


def until_spent(
    batches: Iterable[Sequence[Update]], send: Callable[[Sequence[Update]], Iterator[Written]], *, lanes: int
) -> Iterator[Written]:
    """Yield what sending gives, until HubSpot takes no more calls; from there on all is parked."""
    spent = ""

    def ended(batch: Sequence[Update]) -> list[Written]:
        nonlocal spent
        told: list[Written] = []
        try:
            told.extend(() if spent else send(batch))  # what came before an error stays
        except OutOfQuota as error:
            spent = str(error)
        if spent:
            known = {one.id for one in told}
            told += [Written(one.id, Outcome.PARKED, message=spent) for one in batch if one.id not in known]
        return told

    for told in in_lanes(ended, batches, lanes=lanes, errors_last=True):
        yield from told


def body(updates: Sequence[Update]) -> dict[str, Any]:
    """Write one batch."""
    return {
        "inputs": [
            {
                "id": update.id,
                "properties": {
                    name: value if type(value) is str else str(value) if type(value) is int else written(value)
                    for name, value in update.values.items()
                },
                "objectWriteTraceId": update.id,
            }
            for update in updates
        ]
    }


def sent(gateway: Gateway, kind: str, updates: Sequence[Update]) -> Iterator[Written]:
    """Send one batch, and whatever it takes to tell the outcome of each row. Raises OutOfQuota."""
    rows = [update for update in updates if update.values]
    yield from (Written(update.id, Outcome.WRITTEN) for update in updates if not update.values)
    if not rows:
        return
    reply = gateway.send("POST", paths.batch(kind, "update"), body(rows), expects="results", allowed=WHOLE)
    if reply.status in WHOLE:
        yield from _apart(gateway, kind, rows, reply.data)
        return
    named, unnamed = _refusals(reply.data, {update.id for update in rows})
    yield from (_refused(record_id, entry) for record_id, entry in named.items())
    kept = {str(result["id"]) for result in reply.data["results"]}
    missing = []
    for update in rows:
        if update.id in named:
            continue
        if update.id in kept:
            yield Written(update.id, Outcome.WRITTEN)
        else:
            missing.append(update)
    if missing and unnamed:
        yield from _apart(gateway, kind, missing, unnamed[0], alone=len(rows) == 1)
    else:
        yield from (_sought(gateway, kind, update.id) for update in missing)


def _apart(
    gateway: Gateway, kind: str, rows: Sequence[Update], refusal: Mapping[str, Any], *, alone: bool = True
) -> Iterator[Written]:
    """Send the halves of a batch by themselves. A row that was sent `alone` is what the refusal is about."""
    if len(rows) == 1 and alone:
        yield _refused(rows[0].id, refusal)
        return
    middle = (len(rows) + 1) // 2
    for half in (rows[:middle], rows[middle:]):
        yield from sent(gateway, kind, half)


def _refusals(data: Mapping[str, Any], ours: set[str]) -> tuple[dict[str, Mapping[str, Any]], list[Mapping[str, Any]]]:
    """Sort the error entries: by the rows that they name, and those that name none of ours."""
    named: dict[str, Mapping[str, Any]] = {}
    unnamed: list[Mapping[str, Any]] = []
    for entry in data.get("errors") or ():
        context = entry.get("context") or {}
        ids = {str(one) for key in ("objectWriteTraceId", "ids") for one in context.get(key) or ()} & ours
        named.update(dict.fromkeys(sorted(ids), entry))
        if not ids:
            unnamed.append(entry)
    return named, unnamed


def _refused(record_id: str, entry: Mapping[str, Any]) -> Written:
    outcome, code, message, passing = judged(entry)
    return Written(record_id, outcome, code=code, message=message, passing=passing)


def _sought(gateway: Gateway, kind: str, record_id: str) -> Written:
    """Tell what became of a record that HubSpot neither wrote nor refused."""
    found = standing_for(gateway, kind, record_id)
    if found is None:
        return Written(record_id, Outcome.DELETED)
    if found != record_id:
        return Written(record_id, Outcome.MERGED, message=f"merged into {found}")
    message = "HubSpot did not say what became of this record."
    return Written(record_id, Outcome.REFUSED, code="NO_ANSWER", message=message, passing=True)

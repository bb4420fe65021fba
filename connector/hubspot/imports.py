"""Writing values back by imports: one call for tens of thousands of rows. Off unless the options say from where.

An import runs for minutes, shows in the customer's import history, and names its errors but no successes (HubSpot
developer docs, "Imports"). So whatever it leaves in doubt goes by batches, which tell each row's outcome: rows with an
error, all rows when the import fails or tarries, and rows that clear a value, for an empty cell leaves it as it is.
Both roads set absolute values, so that a row which went by both is the same in the end.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from connector.crm import Outcome, Update, Written
from connector.errors import Retryable
from connector.hubspot import paths
from connector.hubspot.batches import chunked
from connector.hubspot.gateway import Gateway
from connector.hubspot.objects import ID, ObjectType
from connector.hubspot.options import HubSpotOptions
from connector.hubspot.values import written
from connector.hubspot.writes import sent, until_spent

RUNNING = frozenset({"STARTED", "PROCESSING", "DEFERRED"})
FILE = "truegrade.csv"
ERRORS_PAGE = 100


def write(gateway: Gateway, kind: ObjectType, updates: Iterable[Update], options: HubSpotOptions) -> Iterator[Written]:
    """Yield one outcome per update, a file at a time; once the calls are spent, the rest is parked."""
    files = chunked(updates, options.import_rows)
    return until_spent(files, lambda rows: _outcomes(gateway, kind, rows, options), lanes=1)


def request(kind: ObjectType, columns: Sequence[str], *, name: str) -> dict[str, Any]:
    """Write what an import is to do with a file whose columns are the record id and these properties."""
    own = {"columnObjectTypeId": kind.type_id, "columnName": ID, "propertyName": ID, "columnType": "HUBSPOT_OBJECT_ID"}
    mapped = [{"columnObjectTypeId": kind.type_id, "columnName": one, "propertyName": one} for one in columns]
    return {
        "name": name,
        "importOperations": {kind.type_id: "UPDATE"},  # HubSpot's own default would create records
        "dateFormat": "YEAR_MONTH_DAY",
        "files": [
            {
                "fileName": FILE,
                "fileFormat": "CSV",
                "fileImportPage": {"hasHeader": True, "columnMappings": [own, *mapped]},
            }
        ],
    }


def table(rows: Sequence[Update], columns: Sequence[str]) -> bytes:
    """Write the file: a header, then a line for each update; what an update does not set stays empty."""
    text = io.StringIO(newline="")
    lines = csv.writer(text)
    lines.writerow([ID, *columns])
    lines.writerows([row.id, *(written(row.values.get(name)) for name in columns)] for row in rows)
    return text.getvalue().encode()


def _outcomes(
    gateway: Gateway, kind: ObjectType, updates: Sequence[Update], options: HubSpotOptions
) -> Iterator[Written]:
    """Import what can be, and send the rest by batches."""
    fit = [update for update in updates if update.values and all(map(written, update.values.values()))]
    done = _imported(gateway, kind, fit, options) if fit else set()
    yield from (Written(record_id, Outcome.WRITTEN) for record_id in done)
    for batch in chunked((update for update in updates if update.id not in done), options.batch_rows):
        yield from sent(gateway, kind.name, batch)


def _imported(gateway: Gateway, kind: ObjectType, rows: Sequence[Update], options: HubSpotOptions) -> set[str]:
    """Import these rows; returns the ids of those that were surely written."""
    columns = sorted({name for row in rows for name in row.values})
    name = f"Truegrade {gateway.now():%Y-%m-%d %H:%M:%S}, from {rows[0].id}"
    wanted = request(kind, columns, name=name)
    try:
        reply = gateway.upload(paths.imports(), wanted, file=(FILE, table(rows, columns)), expects="id")
    except Retryable:
        _cancel_lost(gateway, name)
        return set()
    import_id = str(reply.data["id"])
    if not _finished(gateway, import_id, options):
        return set()
    failed = _failed(gateway, import_id)
    return set() if failed is None else {row.id for row in rows} - failed


def _finished(gateway: Gateway, import_id: str, options: HubSpotOptions) -> bool:
    """Wait for the import; stops one that takes too long."""
    waited_s = 0.0
    while waited_s < options.import_wait_s:
        state = gateway.get(paths.one_import(import_id), expects="state").data["state"]
        if state not in RUNNING:
            return bool(state == "DONE")
        gateway.sleep(options.import_poll_s)
        waited_s += options.import_poll_s
    _cancel(gateway, import_id)
    return False


def _cancel_lost(gateway: Gateway, name: str) -> None:
    """Stop an import whose reply was lost, if it began: later, it could put these values over newer ones."""
    for entry in gateway.get(paths.imports(), expects="results").data["results"]:
        if entry.get("importName") == name:
            _cancel(gateway, str(entry["id"]))


def _cancel(gateway: Gateway, import_id: str) -> None:
    """Stop an import; one that has just ended refuses, which is as good."""
    gateway.send("POST", f"{paths.one_import(import_id)}/cancel", {}, allowed=frozenset({400, 409}))


def _failed(gateway: Gateway, import_id: str) -> set[str] | None:
    """List the records that the import's errors name; None when an error names none."""
    failed: set[str] = set()
    after: list[tuple[str, str]] = []
    while True:
        query = [("limit", str(ERRORS_PAGE)), ("includeRowData", "true"), *after]
        data = gateway.get(f"{paths.one_import(import_id)}/errors", query, expects="results").data
        for entry in data["results"]:
            row = (entry.get("sourceData") or {}).get("rowData")
            if not row:
                return None
            failed.add(str(row[0]))
        following = ((data.get("paging") or {}).get("next") or {}).get("after")
        if following is None:
            return failed
        after = [("after", str(following))]

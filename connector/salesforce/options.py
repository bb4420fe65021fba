"""What can be set about one Salesforce connection, with defaults that suit most orgs."""

from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version
from pathlib import Path

from connector.retry import ATTEMPTS

# A transaction may commit up to ten minutes after it stamped its rows (Salesforce limits: a request ends after ten
# minutes), so a walk begins a quarter of an hour before the last one began.
OVERLAP = timedelta(minutes=15)

BURST = "burst"  # the limiter's bucket: every call waits its turn there
WRITES = "writes"  # its places: writes run the customer's automation, which may take long


@dataclass(frozen=True, slots=True)
class SalesforceOptions:
    """Sizes, waits and names. Rows are records; limits come from "Salesforce app limits: REST and Bulk API 2.0"."""

    api_version: str = "59.0"
    client: str = f"Truegrade/{version('truegrade')}"  # shown in the org's event log and as the origin of changes
    integration_username: str | None = None  # or the user's id (005...): whom `ensure_fields` gives access
    attempts: int = ATTEMPTS  # of a call that may go well the next time
    page_rows: int = 2_000  # of a query; Salesforce allows 200 to 2,000 and may send fewer
    batch_rows: int = 200  # of one collections call; Salesforce allows 200
    bulk_reads: bool = False  # whether `everything` reads by Bulk API even when it is not split into parts
    bulk_page_rows: int = 50_000  # of one download of bulk results
    # So many expected updates go by Bulk API: a job takes about ten calls, and batches would take 25.
    bulk_write_from: int = 5_000
    bulk_job_from: int = 2_000  # fewer rows, left over from a job, go by batches; Salesforce advises so
    bulk_job_rows: int = 100_000
    bulk_job_bytes: int = 100_000_000
    bulk_wait_s: float = 3_600.0  # how long one bulk job may take before we give it up
    spool: Path | None = None  # where bulk files wait; None: the system's temporary folder

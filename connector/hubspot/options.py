"""What can be set about one HubSpot connection, with HubSpot's own limits as defaults."""

from dataclasses import dataclass
from datetime import timedelta
from importlib.metadata import version

from connector.retry import ATTEMPTS

BURST = "burst"  # the limiter's buckets; search and associations are counted apart from all other calls
SEARCH = "search"
ASSOCIATIONS = "associations"

# A fresh write takes "a few moments" to show in search (HubSpot docs, "Search the CRM"); each window of changes reaches
# this far back into the last one. What takes longer than this to show would be missed.
OVERLAP = timedelta(minutes=5)

# A window may also end a little before now, so that fewer of its records are still on their way into the index; what
# changed within the lag comes with the next poll. The overlap alone loses nothing, so there is none by default.
LAG = timedelta(0)


@dataclass(frozen=True, slots=True)
class HubSpotOptions:
    """Sizes, waits and reaches of one connection.

    Sizes are HubSpot's maxima (docs "CRM objects", "Search the CRM", "Associations"); rows are records.
    """

    client: str = f"Truegrade/{version('truegrade')}"  # the User-Agent
    # Calls on their way at one time, for what does not depend on one another: batches that are written, and parts of a
    # load. HubSpot names no limit of it, only of calls in ten seconds, which the limiter keeps; five calls of a quarter
    # of a second each fill the larger plans' 190 in ten seconds.
    lanes: int = 5
    list_rows: int = 100
    search_rows: int = 200
    batch_rows: int = 100
    history_rows: int = 50  # records with property history in one call, of lists and batches alike
    association_rows: int = 1_000
    search_body: int = 3_000  # bytes; a longer search is a 400
    address: int = 6_000  # bytes; a longer one may be a 414
    overlap: timedelta = OVERLAP
    lag: timedelta = LAG
    # From so many expected updates on, they are sent as imports: a call for each file, but one that takes minutes,
    # shows in the customer's import history, and needs the scope crm.import. None: never.
    import_from: int | None = None
    import_rows: int = 50_000  # of one file; HubSpot takes 1,048,576
    import_poll_s: float = 5.0
    import_wait_s: float = 3_600.0  # how long one import may take before its rows go by batches
    attempts: int = ATTEMPTS  # of a call that may go well the next time
    connect_s: float = 5.0
    read_s: float = 100.0  # HubSpot's edge gives up after 100 s

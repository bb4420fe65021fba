"""What can be set about the simulated org: every limit with Salesforce's own value, and a few switches.

What Salesforce does not publish (how long a bulk job takes, whether a locator survives a new token) is an assumption,
kept here so that a test can move it.
"""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class SalesforceOptions:
    """Options of an org. A limit of None is switched off."""

    database: str = ":memory:"
    token_s: int = 7_200
    page_rows: int = 2_000
    short_pages: bool = False  # Salesforce may send fewer rows than asked for; on: it does, now and then
    locators_bound: bool = True  # a query locator dies with the token that made it (the strict reading)
    locator_s: int = 172_800
    daily: int | None = 115_000
    limit_info: str = "bursts"  # the form of Sforce-Limit-Info: plain, app or bursts
    rotate_refresh: bool = False
    bulk_polls: int = 1  # how often a job says InProgress before it is complete
    ingest_rows_per_s: float | None = None  # of all ingest jobs, on the org's clock; None: as soon as it is asked for
    empty_results: int = 200  # 200: a header row alone; 204: no content
    longest_address: int = 16_384
    assignment_rule: bool = True  # active: fires on lead writes without Sforce-Auto-Assign: FALSE
    validation_rule: str = ""  # a message: then every lead update without a Company is refused with it
    history_days: int = 15  # of the log of deletions
    newest_api: int = 67  # the newest API version of the org
    latency_ms: float = 0.0  # that each call takes at least, in real time
    jitter_ms: float = 0.0  # and up to so much more, at random


def changed(options: SalesforceOptions, name: str, value: object) -> SalesforceOptions:
    """Give options with one value changed. Raises KeyError for a name that is none."""
    if name not in {field.name for field in fields(SalesforceOptions)}:
        message = f"{name} is no option of the Salesforce org"
        raise KeyError(message)
    return replace(options, **{name: value})  # type: ignore[arg-type]  # the name is checked, the type is the caller's

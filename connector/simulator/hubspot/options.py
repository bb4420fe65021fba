"""What can be set about the simulated portal: every limit with HubSpot's own value, and a few switches.

Values that HubSpot does not publish (how long a write takes to become searchable, how fast an import runs) are
assumptions, kept here so that a test can move them.
"""

from dataclasses import dataclass, fields, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class HubSpotOptions:
    """Options of a portal. A limit of None is switched off."""

    portal_id: int = 62515
    database: str = ":memory:"  # or the path of a new file, for portals that should not live in memory
    static_tokens: tuple[str, str] = ("pat-na1-integration", "pat-na1-admin")
    client_id: str = "truegrade"
    client_secret: str = "truegrade-secret"  # noqa: S105  # the simulator's own, printed in its manual
    refresh_token: str = "na1-refresh"  # noqa: S105  # the simulator's own, printed in its manual
    token_s: int = 1800  # life of an OAuth access token

    burst_per_10s: int | None = 190  # per app, all calls but search and associations
    oauth_burst_per_10s: int | None = 110
    search_per_s: int | None = 5  # per account
    associations_per_10s: int | None = 150
    daily: int | None = 650_000  # per account, shared by all static tokens
    retry_after: bool = False  # sources disagree on whether a 429 carries it
    time_zone: str = "US/Eastern"
    utc_offset_s: int = -18_000  # the day ends at midnight there

    list_page: int = 100
    history_page: int = 50
    contact_history: int = 45  # values that are kept of a property; HubSpot does not say, users report these two
    object_history: int = 20
    search_page: int = 200
    search_reach: int = 10_000
    search_body: int = 3_000
    url_length: int = 8_000  # path and query; longer ones get a 414 (HubSpot does not say where it begins)
    batch_size: int = 100
    associations_batch: int = 1_000
    associations_page: int = 500

    walk_above: int = 20_000  # matches from which walking the ids beats sorting what an index gave; speed only
    index_lag_s: float = 2.0  # until a write shows in search
    short_instants: bool = True  # "…00Z" instead of "…00.000Z", as live portals print
    null_unset: bool = True  # an asked for but unset property is null; False leaves it out
    archived_days: int = 90  # how long the recycle bin keeps a record
    import_start_s: float = 1.0
    import_rows_per_s: float = 20_000.0
    enforce_rules: bool = False  # 2026-09 paths: a closed-won deal needs its close date
    latency_ms: float = 0.0  # that each call takes at least, in real time
    jitter_ms: float = 0.0  # and up to so much more, at random


def changed(options: HubSpotOptions, name: str, value: object) -> HubSpotOptions:
    """Give options with one value changed. Raises KeyError for a name that is none."""
    if name not in {field.name for field in fields(HubSpotOptions)}:
        message = f"{name} is no option of the HubSpot portal"
        raise KeyError(message)
    return replace(options, **{name: value})  # type: ignore[arg-type]  # the name is checked, the type is the caller's

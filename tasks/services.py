"""The services of enrichment, opened: secrets looked up, rates and daily costs kept by all workers together."""

import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import datetime, timedelta

from connector.enrichment.http import Service
from connector.enrichment.sources import ServiceSource
from connector.errors import OutOfQuota
from connector.limiter import MemoryLimiter, RateLimiter
from mappings.file.load import Mapping
from tasks.store import spendings
from tasks.verbs import enrich
from tasks.verbs.asking import Asked, ask
from tasks.verbs.score import WHOLE, Part
from tasks.wiring import Wiring


def before_scoring(
    wiring: Wiring,
    name: str,
    mapping: Mapping,
    *,
    part: Part = WHOLE,
    everything: bool = False,
    most: int | None = None,
) -> list[Asked]:
    """Bring in what others know of the leads that are to be scored: changed tables are noticed, services asked.

    With `everything`, of all leads. Does nothing where features are made of neither. Raises Misconfigured when a table
    or a secret is missing, and Retryable when a service is down that leads are to wait for.
    """
    used = mapping.enrich.used(mapping.enriched)
    if not used:
        return []
    store, now = wiring.store, wiring.clock.now()
    enrich.note_tables(store, mapping, name, now=now)
    done = []
    for source in used:
        if isinstance(source, ServiceSource):
            noted = enrich.note(store, mapping, source, connection=name, now=now, part=part, everything=everything)
            with opened(wiring, source) as service:
                asked = ask(store, mapping, source, service, connection=name, clock=wiring.clock, most=most)
            done.append(replace(asked, noted=noted))
    return done


@contextmanager
def opened(wiring: Wiring, source: ServiceSource) -> Iterator[Service]:
    """Open a service. Raises SettingsInvalid when its secret is not there."""
    where = f"secret of enrich {source.name}"
    secret = wiring.secrets.value(source.secret, where=where) if source.secret else ""
    with _limiter(wiring, source) as limiter:
        service = Service(
            source,
            secret=secret,
            clock=wiring.clock,
            limiter=limiter,
            jitter=random.random,
            pay=lambda: _pay(wiring, source),
        )
        try:
            yield service
        finally:
            service.close()


def _pay(wiring: Wiring, source: ServiceSource) -> None:
    """Pay for one request. Raises OutOfQuota when the day's money is spent."""
    now, most = wiring.clock.now(), source.most_cost_a_day
    if not spendings.take(wiring.store, source.name, cost=source.cost, most=most, now=now):
        raise OutOfQuota(f"{source.name} has cost today what it may ({most:g}).", until=_tomorrow(now))


def _tomorrow(now: datetime) -> datetime:
    return now.replace(hour=0, minute=0, second=0, microsecond=0) + timedelta(days=1)


@contextmanager
def _limiter(wiring: Wiring, source: ServiceSource) -> Iterator[RateLimiter]:
    """Limit requests to the mapping's rate: those of all workers together where they have a Redis."""
    rates = {source.name: source.per_second}
    if not wiring.settings.redis_url:
        yield MemoryLimiter(wiring.clock, rates)
        return
    from tasks.limiter import RedisLimiter, open_redis  # noqa: PLC0415  a small installation need not load Redis

    limiter = RedisLimiter(
        open_redis(wiring.settings.redis_url), wiring.clock, connection="enrich", per_second=rates, places={}
    )
    try:
        yield limiter
    finally:
        limiter.close()

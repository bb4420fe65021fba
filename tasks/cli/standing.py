"""How the installation and its connections stand, on a screen: the lines of `truegrade status`."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tasks.screens import counted, number, say, verbatim
from tasks.watch.moments import span
from tasks.watch.standing import Word

COLOURS = {Word.OK: "green", Word.WAITING: "yellow", Word.PAUSED: "red", Word.ATTENTION: "red"}


def show_installation(told: dict[str, Any], *, now: datetime) -> None:
    """Say what is wrong with the installation as a whole, and which processes were heard of."""
    for alert in told["alerts"]:
        say(f"[bold red]ATTENTION[/] {verbatim(alert['told'])}")
    if told["redis"] and not told["redis"]["well"]:
        say(f"[bold red]ATTENTION[/] {verbatim(told['redis']['told'])}")
    for one in told["workers"]:
        worked = f", ended work {_ago(one['worked_at'], now)}" if one["worked_at"] else ""
        silent = "" if one["up"] else "SILENT, "
        say(f"{one['kind']} {one['name']}: {silent}heard of {_ago(one['seen_at'], now)}{worked}")
    if not any(one["up"] for one in told["workers"]):
        say("No worker is up, so nothing is done by schedule: `truegrade up` or `truegrade worker` does it.")


def show_headline(name: str, crm: str, headline: dict[str, Any]) -> None:
    """Say in a line how a connection stands."""
    colour = COLOURS[Word(headline["state"])]
    say(f"[bold]{name}[/] ({crm}): [bold {colour}]{headline['state']}[/] {verbatim(headline['why'])}")


def show_work(state: dict[str, Any], *, now: datetime) -> None:
    """Say what waits, what runs, and what it cost."""
    for line in (*_work(state), *_twice(state), *_backfills(state), *_quota(state), *_schedules(state, now)):
        say(verbatim(f"  {line}"))


def _work(state: dict[str, Any]) -> Iterator[str]:
    fresh, work = state["freshness"], state["work"]
    waits = [f"{counted(fresh['unscored'], 'lead')} to score"] if fresh["unscored"] else []
    if fresh["unwritten_since"]:
        waits.append(f"scores to write since {_moment(fresh['unwritten_since'])}")
    if fresh["synced_at"]:
        ago = span(timedelta(seconds=max(0, fresh["age_s"])))
        yield f"freshness: synced {ago} ago ({_moment(fresh['synced_at'])}); {', '.join(waits) or 'nothing waits'}"
    if work:
        told = (f"{number(work[name])} {name}" for name in ("waiting", "working", "parked") if work.get(name))
        yield f"work: {', '.join(told)}"


def _twice(state: dict[str, Any]) -> Iterator[str]:
    told = state["duplicates"]
    if told is None:
        return
    of = (
        f"{counted(one['records'], entity)} in {counted(one['clusters'], 'cluster')}"
        for entity, one in told["found"].items()
    )
    newest = f", the newest found {_moment(told['newest_at'])}" if told["newest_at"] else ""
    looked = f"; looked {_moment(told['looked_at'])}" if told["looked_at"] else ""
    yield f"duplicates: {', '.join(of) or 'none'}{newest}{looked}"


def _backfills(state: dict[str, Any]) -> Iterator[str]:
    for one in state["backfills"]:
        done = f"{number(one['done'])} of {counted(one['units'], 'part')}" if one["units"] else "just begun"
        parked = f", {number(one['parked'])} parked" if one["parked"] else ""
        waits = f"; waits: {one['waits_for']}" if one["waits_for"] else ""
        yield f"backfill {one['id']}: {one['state']}, {one['stage']}: {done}{parked}{waits}"


def _quota(state: dict[str, Any]) -> Iterator[str]:
    quota = state["quota"]
    if quota is None:
        return
    ours = sum(quota["ours"].values())
    by = ", ".join(f"{number(count)} {purpose}" for purpose, count in quota["ours"].items() if count)
    share = f" of the {number(quota['granted'])} granted to us" if quota["granted"] is not None else ""
    yield f"calls of the day: {number(ours)}{share}{f' ({by})' if by else ''}"
    if quota["used"] is not None and quota["allowed"] is not None:
        at = f"; the CRM last told on {_moment(quota['told_at'])}" if quota["told_at"] else ""
        yield f"  by all integrations: {number(quota['used'])} of {number(quota['allowed'])} that the CRM allows{at}"


def _schedules(state: dict[str, Any], now: datetime) -> Iterator[str]:
    told = []
    for one in state["schedules"]:
        ahead = datetime.fromisoformat(one["next_at"]) - now
        when = "LATE" if one["late"] else "due" if ahead <= timedelta(0) else f"in {span(ahead)}"
        told.append(f"{one['verb']} {when}" + (f" (last {_moment(one['last_at'])})" if one["last_at"] else ""))
    if told:
        yield f"next: {'; '.join(told)}"


def _ago(text: str, now: datetime) -> str:
    return f"{span(now - datetime.fromisoformat(text))} ago"


def _moment(text: str) -> str:
    """Write an instant of JSON as people do."""
    return f"{datetime.fromisoformat(text):%d %b %H:%M} UTC"

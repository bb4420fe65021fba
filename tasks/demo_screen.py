"""What the demo shows: the figures of the model beside the best reachable, the hottest leads, counts that reconcile."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tasks.demo_edits import Edited
from tasks.screens import number, out, say, table
from tasks.verbs.sync import Synced

# The best reachable AUC of a demo's world lies between these, or the world is not like a market.
BEST_REACHABLE = (0.75, 0.90)


@dataclass(frozen=True, slots=True)
class Shown:
    """What the demo has to tell of one connection."""

    leads: int
    first: Synced
    api_calls: int
    api_calls_least: int
    card: dict[str, Any]
    auc: float
    auc_best_reachable: float
    second: Synced
    edited: Edited
    third: Synced
    rescored_as_expected: bool
    hottest: Sequence[Sequence[object]]


def as_terms(shown: Shown) -> dict[str, Any]:
    """Give the demo's result for machines: every term of the counts, flat."""
    first = shown.first.as_dict()
    return {
        "leads": shown.leads,
        "pulled": first["pulled"],
        **{term: first[f"pulled_{term}"] for term in ("new", "changed", "deleted", "merged")},
        "pulled_unchanged": first["pulled_unchanged"],
        **{term: first[term] for term in SCORED_TERMS},
        "reconciles": shown.first.reconciles() and shown.second.reconciles() and shown.third.reconciles(),
        "api_calls": shown.api_calls,
        "api_calls_least": shown.api_calls_least,
        "trained_on": shown.card["data"]["rows"],
        "auc": shown.auc,
        "auc_best_reachable": shown.auc_best_reachable,
        "second_sync_written": shown.second.as_dict()["written"],
        "edits": shown.edited.total,
        "edits_mapped": shown.edited.mapped,
        "edits_unmapped": shown.edited.unmapped,
        "edits_parent": shown.edited.parent,
        "third_sync_rescored": rescored(shown.third),
        "third_sync_expected": len(shown.edited.expected),
        "third_sync_as_expected": shown.rescored_as_expected,
    }


def rescored(synced: Synced) -> int:
    """Count the leads that got a score; those left alone (converted, customers) did not."""
    return synced.scored.pending + synced.scored.unchanged


SCORED_TERMS = ("scored", "written", "unchanged", "refused", "superseded", "excluded", "parked")


def promises(shown: Shown) -> dict[str, bool]:
    """Tell which of the promises that the demo shows were kept."""
    terms = as_terms(shown)
    low, high = BEST_REACHABLE
    return {
        "every row ended somewhere": terms["reconciles"],
        "a quiet CRM stayed quiet": terms["second_sync_written"] == 0,
        "just the leads concerned were rescored": shown.rescored_as_expected,
        "the world is like a market": low <= shown.auc_best_reachable <= high,
        "no lead was refused": terms["refused"] == 0,
    }


def screen(name: str, shown: Shown) -> None:
    """Show one connection's result to a person."""
    out.rule(f"[bold]{name}")
    say(f"{number(shown.leads)} leads; learned from {number(shown.card['data']['rows'])} whose horizon has passed")
    figures = shown.card["figures"]
    table(
        "How good is the model? (back-test on the latest fifth, which it had not seen)",
        ("figure", "this model", "best reachable here"),
        [
            ("AUC", figures["auc"], shown.auc_best_reachable),
            ("PR-AUC", figures["pr_auc"], "-"),
            ("log-loss (guessing the rate: " + number(figures["log_loss_prior"]) + ")", figures["log_loss"], "-"),
            ("calibration error", figures["ece"], "-"),
            ("lift of the top tenth", figures["lift_10"], "-"),
        ],
        right=(1, 2),
    )
    table(
        "The ten hottest leads",
        ("lead", "score", "grade", "likelihood", "why"),
        shown.hottest,
        right=(1, 3),
    )
    terms = as_terms(shown)
    table(
        "Where every row ended (first sync)",
        ("pulled", "= new", "+ changed", "+ unchanged", "+ deleted", "+ merged"),
        [tuple(terms[term] for term in ("pulled", "new", "changed", "pulled_unchanged", "deleted", "merged"))],
        right=range(6),
    )
    headings = ("scored", "= written", "+ unchanged", "+ refused", "+ superseded", "+ excluded", "+ parked")
    table("", headings, [tuple(terms[term] for term in SCORED_TERMS)], right=range(7))
    say(f"API calls: {number(shown.api_calls)} used, {number(shown.api_calls_least)} the least possible")
    say(f"Second sync, nothing edited: {number(terms['second_sync_written'])} rows written")
    say(
        f"Third sync, after {shown.edited.total} edits ({shown.edited.mapped} of mapped fields, {shown.edited.unmapped}"
        f" of unmapped ones, {shown.edited.parent} of companies): {number(terms['third_sync_rescored'])} leads"
        f" rescored, {number(terms['third_sync_expected'])} expected"
    )


def verdict(kept: dict[str, dict[str, bool]]) -> str:
    """Say in one line whether the demo's promises were kept."""
    broken = [f"{name}: {promise}" for name, promises in kept.items() for promise, well in promises.items() if not well]
    if broken:
        return "[bold red]Not kept:[/] " + "; ".join(broken)
    return "[bold green]All kept:[/] " + "; ".join(next(iter(kept.values())))

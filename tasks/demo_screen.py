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
        "the counts add up: every row ended somewhere": terms["reconciles"],
        "a second sync of an unchanged CRM writes nothing": terms["second_sync_written"] == 0,
        "after edits, just the leads concerned are scored again": shown.rescored_as_expected,
        "the CRM refused no lead": terms["refused"] == 0,
        f"the world is no toy: its best reachable AUC is between {low:.2f} and {high:.2f}": low
        <= shown.auc_best_reachable
        <= high,
    }


def screen(name: str, shown: Shown) -> None:
    """Show one connection's result to a person."""
    out.rule(f"[bold]{name}")
    say(f"{number(shown.leads)} leads; learned from {number(shown.card['data']['rows'])} whose horizon has passed")
    table(
        "How good is the model? (back-test on the latest fifth, which it had not seen)",
        ("figure", "this model", "best reachable", "what it means"),
        _figures(shown),
        right=(1, 2),
    )
    say(shown.card["verdict"])
    table(
        "The ten hottest leads",
        ("lead", "company", "score", "grade", "likelihood", "strongest reason"),
        shown.hottest,
        right=(2, 4),
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
    say("Left alone (excluded): converted or customers already. Scores are for leads that are still open.")
    more = shown.api_calls / shown.api_calls_least - 1
    say(f"API calls: {number(shown.api_calls)} used, {number(shown.api_calls_least)} the least possible ({more:+.1%})")
    say(f"Second sync, nothing edited: {number(terms['second_sync_written'])} rows written")
    say(
        f"Third sync, after {shown.edited.total} edits ({shown.edited.mapped} of mapped fields, {shown.edited.unmapped}"
        f" of unmapped ones, {shown.edited.parent} of companies): {number(terms['third_sync_rescored'])} leads"
        f" rescored, {number(terms['third_sync_expected'])} expected"
    )


def _figures(shown: Shown) -> list[tuple[str, str, str, str]]:
    figures = shown.card["figures"]
    chance, prior = figures["wins"] / figures["rows"], figures["log_loss_prior"]
    return [
        ("AUC", _rounded(shown.auc), _rounded(shown.auc_best_reachable), "so often a winner ranks above a loser"),
        ("PR-AUC", _rounded(figures["pr_auc"]), "", f"by chance {_rounded(chance)}, the share of winners"),
        (
            "log-loss",
            _rounded(figures["log_loss"]),
            "",
            f"giving all leads the same likelihood costs {_rounded(prior)}",
        ),
        ("calibration error", _rounded(figures["ece"]), "", f"by chance {_rounded(figures['ece_floor'])} at this size"),
        ("lift", f"{figures['lift_10']:.1f}", "", "so many times as often as all, the best-scored tenth wins"),
    ]


def verdict(kept: dict[str, dict[str, bool]]) -> None:
    """Show whether the demo's promises were kept, on each CRM."""
    names = list(kept)
    rows = [
        (promise, *("[green]yes[/]" if kept[name][promise] else "[bold red]NO[/]" for name in names))
        for promise in kept[names[0]]
    ]
    table("What the demo promised", ("", *names), rows)


def _rounded(figure: float) -> str:
    return f"{figure:.3f}"

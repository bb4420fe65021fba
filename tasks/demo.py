"""The demo: the main job on a simulated Salesforce and a simulated HubSpot, and what a RevOps lead would look at.

The simulator runs in a process of its own and is asked three things that no CRM could answer: what was requested of it,
who buys in truth, and to let a rep edit some records. All else goes through the same connections, settings and verbs
as with a real CRM.
"""

import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from sklearn.metrics import roc_auc_score

from connector.simulator.remote import Remote, spawn
from connector.simulator.spec import Contents, Spec
from tasks import log, simulate
from tasks.cli.setup import provisioned
from tasks.demo_edits import Edited, edit
from tasks.screens import as_json, note, progress, say
from tasks.settings import SettingsInvalid, load_settings
from tasks.store import models, scores
from tasks.verbs.sync import Synced, sync
from tasks.wiring import Wiring, open_wiring

CRMS = ("salesforce", "hubspot")
HOTTEST = 10


def run(*, leads: int, seed: int, home: Path | None, json: bool) -> int:
    """Run the demo; returns its exit code: 0 when every promise it shows was kept."""
    with ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="truegrade-demo-")))
        if home and home.exists() and any(home.iterdir()):
            raise SettingsInvalid(f"{home} is not empty. Name a new folder for the demo.")
        note(f"Starting a simulated Salesforce and a simulated HubSpot with {leads:,} leads each ...")
        contents = Contents(leads=leads)
        remote = stack.enter_context(spawn(Spec(salesforce=contents, hubspot=contents, seed=seed)))
        simulate.install(folder, url=remote.url)
        settings = load_settings(folder)
        log.configure("warning")
        wiring = open_wiring(settings)
        stack.callback(wiring.store.close)
        shown = {name: _connection(wiring, remote, name) for name in CRMS}
    kept = {name: promises(result) for name, result in shown.items()}
    if json:
        as_json({"connections": {name: as_terms(result) for name, result in shown.items()}, "kept": kept})
    else:
        for name, result in shown.items():
            screen(name, result)
        say(verdict(kept))
    return 0 if all(all(promise.values()) for promise in kept.values()) else 1


def _connection(wiring: Wiring, remote: Remote, name: str) -> Shown:
    mapping = wiring.mapping(name)
    note(f"{name}: creating our fields, as the admin")
    provisioned(wiring, name, dry_run=False)
    remote.clear_log()
    first = _sync(wiring, name, "first sync", train=True)
    counts = remote.counts()[name]
    card, backtest = _model(wiring, name)
    truth = remote.truth(name, backtest["id"].to_list())
    best = roc_auc_score(backtest["label"], [truth[record_id] for record_id in backtest["id"]])
    second = _sync(wiring, name, "second sync, nothing edited")
    note(f"{name}: reps edit 50 records in the CRM")
    edited = edit(remote, name)
    third = _sync(wiring, name, "third sync, after the edits")
    return Shown(
        leads=first.rows["lead"],
        first=first,
        api_calls=sum(counts.values()),
        api_calls_least=_least(name, first, counts),
        card=card,
        auc=card["figures"]["auc"],
        auc_best_reachable=float(best),
        second=second,
        edited=edited,
        third=third,
        hottest=scores.hottest(wiring.store, name, limit=HOTTEST),
    )


def _sync(wiring: Wiring, name: str, what: str, *, train: bool = False) -> Synced:
    note(f"{name}: {what}")
    with progress(f"{name}:") as on_progress:
        return sync(wiring, name, train=train, on_progress=on_progress)


def _model(wiring: Wiring, name: str) -> tuple[dict[str, Any], pl.DataFrame]:
    """Read the current model's card and the rows of its back-test."""
    current = models.current(wiring.store, name)
    if current is None:
        raise SettingsInvalid(f"{name} has no model.")
    return current.card, pl.read_parquet(Path(current.path) / "backtest.parquet")

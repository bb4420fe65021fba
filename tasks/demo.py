"""The demo: the main job on a simulated Salesforce and a simulated HubSpot, and what a RevOps lead would look at.

The simulator runs in a process of its own and is asked three things that no CRM could answer: what was requested of it,
who buys in truth, and to let a rep edit some records. All else goes through the same connections, settings and verbs
as with a real CRM.
"""

import tempfile
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import polars as pl
from sklearn.metrics import roc_auc_score

from connector.crm import Entity
from connector.simulator.remote import Remote, spawn
from connector.simulator.spec import Contents, Spec
from tasks import least, log, simulate
from tasks import run as running
from tasks.demo_edits import edit
from tasks.demo_screen import Shown, as_terms, promises, rescored, screen, verdict
from tasks.provisioning import provisioned
from tasks.screens import as_json, note, progress, say, verbatim
from tasks.settings import SettingsInvalid, load_settings
from tasks.store import models, scores
from tasks.verbs.sync import Synced
from tasks.wiring import Wiring, open_wiring

CRMS = ("salesforce", "hubspot")
HOTTEST = 10
CALLED = {"salesforce": ("FirstName", "LastName", "Company"), "hubspot": ("firstname", "lastname", "company")}

NEXT = (
    "To keep all this and look around, name a folder: `./dev demo --home FOLDER`, then `./dev truegrade status --home "
    "FOLDER`. With your own CRM: `./dev truegrade init`, and README.md."
)

# HubSpot's search shows an edit some moments after it was made ("Search the CRM"); an earlier poll finds it next time.
INDEX_SETTLES_S = 4.0


def run(*, leads: int, seed: int, home: Path | None, json: bool, crms: tuple[str, ...] = CRMS) -> int:
    """Run the demo; returns its exit code: 0 when every promise it shows was kept."""
    with ExitStack() as stack:
        folder = home or Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="truegrade-demo-")))
        if home and home.exists() and any(home.iterdir()):
            raise SettingsInvalid(f"{home} is not empty. Name a new folder for the demo.")
        note(f"Starting a simulated {' and a simulated '.join(crms)} with {leads:,} leads each ...")
        contents = Contents(leads=leads)
        spec = Spec(
            salesforce=contents if "salesforce" in crms else None,
            hubspot=contents if "hubspot" in crms else None,
            seed=seed,
        )
        remote = stack.enter_context(spawn(spec))
        simulate.install(folder, url=remote.url, crms=crms)
        log.configure("warning")
        wiring = open_wiring(load_settings(folder))
        stack.callback(wiring.store.close)
        shown = {name: _connection(wiring, remote, name) for name in crms}
    kept = {name: promises(result) for name, result in shown.items()}
    if json:
        as_json({"connections": {name: as_terms(result) for name, result in shown.items()}, "kept": kept})
    else:
        for name, result in shown.items():
            screen(name, result)
        verdict(kept)
        say(f"Look around: `truegrade status --home {home}`, `truegrade explain LEAD --home {home}`." if home else NEXT)
    return 0 if all(all(promise.values()) for promise in kept.values()) else 1


def _connection(wiring: Wiring, remote: Remote, name: str) -> Shown:
    """Run the job three times on one connection: at first, with nothing edited, and after fifty edits."""
    note(f"{name}: creating our fields, as the admin")
    provisioned(wiring, name, dry_run=False)
    remote.clear_log()
    first = _sync(wiring, name, "first sync: pull, train, score, push", train=True)
    counts = remote.counts()[name]
    card, backtest = _model(wiring, name)
    truth = remote.truth(name, backtest["id"].to_list())
    best = roc_auc_score(backtest["label"].to_list(), [truth[record_id] for record_id in backtest["id"]])
    hottest = _hottest(wiring, name)
    second = _sync(wiring, name, "second sync, nothing edited")
    note(f"{name}: reps edit 50 records in the CRM")
    edited = edit(remote, name)
    before = _scored_at(wiring, name)
    wiring.clock.sleep(INDEX_SETTLES_S)
    third = _sync(wiring, name, "third sync, after the edits")
    after = _scored_at(wiring, name)
    moved = frozenset(lead for lead, at in after.items() if before.get(lead) != at)
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
        rescored_as_expected=moved == edited.expected and rescored(third) == len(edited.expected),
        hottest=hottest,
    )


def _sync(wiring: Wiring, name: str, what: str, *, train: bool = False) -> Synced:
    note(f"{name}: {what}")
    with progress(f"{name}:") as on_progress:
        return running.sync(wiring, name, on_progress, train=train)


def _model(wiring: Wiring, name: str) -> tuple[dict[str, Any], pl.DataFrame]:
    """Read the current model's card and the rows of its back-test."""
    current = models.current(wiring.store, name)
    if current is None:
        raise SettingsInvalid(f"{name} has no model.")
    return current.card, pl.read_parquet(wiring.settings.models_folder / current.path / "backtest.parquet")


def _hottest(wiring: Wiring, name: str) -> list[tuple[object, ...]]:
    """List the leads to call first, with the reason that a rep reads. Names are asked of the CRM: we keep none."""
    reason = dict(wiring.mapping(name).outputs)["top_reason"]
    found = scores.hottest(wiring.store, name, limit=HOTTEST)
    with wiring.crm(name) as crm:
        page = crm.get(Entity.LEAD, CALLED[name], [lead.lead_id for lead in found])
    called = {record.id: [verbatim(value or "") for value in record.values] for record in page.records}
    rows: list[tuple[object, ...]] = []
    for lead in found:
        first, last, company = called[lead.lead_id]
        why = verbatim(str(lead.outputs[reason]))
        rows.append((f"{first} {last}".strip(), company, lead.score, lead.grade, f"{lead.likelihood:.1%}", why))
    return rows


def _scored_at(wiring: Wiring, name: str) -> dict[str, str]:
    """Tell when each lead was scored last."""
    return scores.scored_at(wiring.store, name)


def _least(name: str, first: Synced, counts: Mapping[str, int]) -> int:
    """The least calls that this first sync could have taken; polls of bulk jobs are counted, not guessed."""
    sign_ins = 1 if name == "salesforce" else 0
    pushed = least.push(name, first.pushed.taken, polls=counts.get("poll", 0))
    return least.first_load(name, first.rows, sign_ins=sign_ins) + pushed

"""How well companies are told: whether any open lead wins, on past times of the generated world of both CRMs.

The product's own road: a simulated CRM, a pull, a training. Companies are looked at once a week of the back-test, with
likelihoods of a model that had learned from earlier leads alone, by a line that was fitted on other companies. Beside
it: the best lead's likelihood, leads taken as independent, and what who knew the world's truth would say.
"""

import argparse
import json
import tempfile
from pathlib import Path

import polars as pl

from connector.clock import MovableClock
from mappings.file.load import parse, preset_text
from model import any_of
from model.figures import figures
from model.model import load
from model.recipe import RECIPES
from model.windows import windows
from tasks.screens import note, say, table
from tasks.store.engine import open_store
from tasks.verbs.examples import gathered
from tasks.verbs.pull import pull
from tasks.verbs.train import train
from tests.mappings.family_world import NOW, connected, world_of

CRMS = ("salesforce", "hubspot")
WHOSE = {
    "figures": "Truegrade",
    "best_lead": "best lead's likelihood",
    "noisy_or": "leads taken as independent",
    "truth": "the world's own truth",
}


def main(arguments):
    options = parsed(arguments)
    told = {crm: measure(crm, options.leads, options.recipe, options.threads) for crm in options.crm}
    if options.json:
        print(json.dumps(told))
    else:
        show(told)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench accounts", description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000, help="in each CRM")
    parser.add_argument("--crm", nargs="+", choices=CRMS, default=list(CRMS))
    parser.add_argument("--recipe", choices=list(RECIPES), default="full")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args(arguments)


def measure(crm, leads, recipe, threads=2):
    """Train on the world, and give what the model's card says of companies, with the world's truth beside it."""
    note(f"{crm}: {leads:,} leads")
    mapping = parse(f"{preset_text(crm)}\ncompanies: {{}}\n", f"{crm}.yaml")
    how = {"connection": crm}
    with tempfile.TemporaryDirectory(prefix="truegrade-bench-") as name:
        store, clock = open_store(f"sqlite:///{name}/store.db"), MovableClock(NOW)
        store.migrate()
        with connected(crm, world_of(crm, leads), clock) as (shown, to_crm):
            pull(to_crm, store, mapping, **how, clock=clock)
            known = {"recipe": RECIPES[recipe], "threads": threads, "seed": 1, "models_folder": Path(name)}
            trained = train(store, mapping, **how, clock=clock, **known)
            ends = gathered(store, mapping, **how, now=clock.now(), chunk_leads=20_000).ends
            tested = load(trained.path).backtest["id"].to_list()
            truth = pl.DataFrame({"id": tested, "likelihood": list(map(shown.truth(tested).get, tested))})
        store.close()
    card = trained.card["companies"]
    days = {"horizon_days": mapping.outcome.horizon_days, "observe_days": mapping.observe_days}
    rows = windows(ends.join(truth, on="id", how="left"), late=tuple(card["line"]["late"]), **days)
    label = rows["won"].to_numpy()
    best = figures(label, rows["joint"].to_numpy(), base_rate=float(label.mean()))
    return {"leads": leads, "lead_auc": trained.card["figures"]["auc"], **card, "truth": best}


def show(told):
    for crm, of in told.items():
        if "line" not in of:
            say(f"{crm}: {of['told']}")
            continue
        rows = [
            (words, f"{of[who]['auc']:.4f}", f"{of[who]['log_loss']:.4f}", f"{of[who]['ece']:.4f}")
            for who, words in WHOSE.items()
        ]
        title = f"{crm}: {of['companies']:,} companies at {of['windows']:,} past times, {of['won']:,} of them won"
        table(title, ("", "AUC", "log-loss", "calibration error"), rows, right=(1, 2, 3))
        line = any_of.read(of["line"])
        say(
            f"Error by chance: {of['figures']['ece_floor']:.4f}. "
            f"Leads count as {line.joint / line.best:.0%} independent."
        )

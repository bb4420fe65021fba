"""Deal scores: on real tables of deals, and in a world of pursued deals, beside the stage's own probability.

The world goes the product's own road: a simulated CRM, a pull with history, the preset, its examples, the learner.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
import polars as pl

from connector.clock import MovableClock
from connector.scored import RECORDS, scoring
from connector.simulator.hubspot.catalog import STAGES as PORTAL_STAGES
from connector.simulator.pursued import pursued
from connector.simulator.salesforce.opportunities import STAGES as ORG_STAGES
from connector.simulator.world import generate
from mappings.file.load import load_preset, parse, preset_text
from model.evaluation import evaluate
from model.figures import base_rate, figures
from model.recipe import RECIPES
from model.splits import later
from tasks.screens import note, progress, say, table
from tasks.store.engine import open_store
from tasks.verbs.examples import gathered
from tasks.verbs.pull import pull
from tests.benchmarks import model as tables
from tests.mappings.family_world import NOW, SEED, connected

TABLES = (("ibm_winloss", "cv5"), ("ibm_winloss", "forward"), ("salvirt_b2b", "cv5"))
TESTED = 0.2  # the latest share of the examples
FIGURES = ("auc", "log_loss", "ece", "ece_floor", "lift_10")
# What each stage says by itself of how likely a deal is won, as a CRM is delivered.
RIVAL = {
    "salesforce": {name: probability / 100 for name, (probability, *_) in ORG_STAGES.items()},
    "hubspot": {name: float(probability) for name, _, probability, _ in PORTAL_STAGES},
}


def main(arguments):
    options = parsed(arguments)
    told = {"tables": {} if options.deals_only else on_tables(options), "worlds": {}}
    for crm in (crm for crm in options.crm or RIVAL if crm in RIVAL):
        told["worlds"][crm] = measure(crm, options.deals, recipe=RECIPES[options.recipe], threads=options.threads)
    if options.json:
        print(json.dumps(told))
    else:
        show(told)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench deals", description=__doc__)
    parser.add_argument("--deals", type=int, default=6_000, help="in each CRM")
    parser.add_argument("--deals-only", action="store_true", help="leave the real tables out")
    parser.add_argument("--crm", action="append", choices=[*RIVAL, "none"], help="of this CRM; none: the tables alone")
    parser.add_argument("--recipe", choices=list(RECIPES), default="full")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args(arguments)


def on_tables(options):
    """Measure ours and the baselines on real tables of deals; nothing where there are none."""
    reader, told = tables.loaded(), {}
    for name, split in TABLES if reader else ():
        note(f"{name}, {split}")
        task = reader.load(name)
        rows, features = tables.examples(task)
        how = {"seed": tables.SEED, "threads": options.threads, "recipe": RECIPES[options.recipe], "screening": True}
        with progress(f"{name} {split}:") as on_progress:
            found = evaluate(rows, features, tables.splits_of(reader, task, split, 5), on_step=on_progress, **how)
        told[f"{name}, {split}"] = kept(found)
    return told


def measure(crm, deals, *, recipe, threads=2):
    """Learn from the earlier deals of a world and judge by the later ones: every model, the stage alone, the truth."""
    note(f"{crm}: {deals:,} deals")
    rows = examples(crm, deals).sort("created_at", maintain_order=True)
    mapping = whole(crm)
    split = later(rows, share=TESTED, seed=SEED)
    how = {"seed": SEED, "threads": threads, "recipe": recipe, "screening": True}
    with progress(f"{crm}:") as on_progress:
        found = evaluate(rows, mapping.features, [split], on_step=on_progress, **how)
    late = rows[split.tested]
    label, rate = late["label"].cast(pl.Int8).to_numpy(), base_rate(rows["label"][split.learned])
    stage = late["stage"].replace_strict(RIVAL[crm], default=rate, return_dtype=pl.Float64).fill_null(rate)
    beside = {"stage": stage.to_numpy(), "truth": late["truth"].to_numpy()}
    more = {name: figures(label, np.asarray(likelihood), base_rate=rate) for name, likelihood in beside.items()}
    return kept(found) | {name: chosen(values) for name, values in more.items()}


def kept(found):
    models = {name: chosen(values) for name, values in found.items() if isinstance(values, dict) and "auc" in values}
    return models | {"verdict": found["verdict"], "about": found["about"]}


def chosen(values):
    return {name: values[name] for name in FIGURES}


def whole(crm):
    """Give the preset, with what is ready in it for calls and meetings."""
    text = preset_text(f"{crm}-deals")
    if crm == "hubspot":
        return load_preset("hubspot-deals")
    wanted = ("object: Task,", "object: Event,")
    lines = [line.replace("#+ ", "") if any(one in line for one in wanted) else line for line in text.splitlines(True)]
    return parse("".join(lines), "salesforce-deals.yaml")


def examples(crm, deals):
    """Pull a world of deals from a CRM that shows it, and make the examples, each with its true probability."""
    # Two or three deals a company, as five leads make one: a company that is tested teaches nothing.
    world = pursued(generate(leads=2 * deals, seed=SEED, now=NOW, shown=crm), deals=deals)
    mapping, clock = whole(crm), MovableClock(NOW)
    with tempfile.TemporaryDirectory(prefix="truegrade-bench-") as folder:
        store = open_store(f"sqlite:///{Path(folder) / 'deals.db'}")
        store.migrate()
        with connected(crm, world, clock) as (shown, whole_crm):
            own = scoring(whole_crm, RECORDS[crm]["deal"])
            pull(own, store, mapping, connection=crm, clock=clock, history=True)
            made = gathered(store, mapping, connection=crm, now=clock.now(), chunk_leads=10_000).examples
            truth = shown.truth(made["id"].to_list())
        store.close()
    # A deal of a lead has no truth of its own: it is one of the few that the world has beside the pursued ones.
    return made.with_columns(pl.Series("truth", [truth.get(one) for one in made["id"]])).drop_nulls("truth")


def show(told):
    for name, found in [*told["tables"].items(), *told["worlds"].items()]:
        rows = [
            (model.replace("_", " "), *("-" if values[key] is None else f"{values[key]:.3f}" for key in FIGURES))
            for model, values in found.items()
            if isinstance(values, dict) and "auc" in values
        ]
        heads = ("model", "AUC", "log-loss", "calibration error", "by chance", "lift 10 %")
        table(name, heads, rows, right=range(1, 6))
        say(found["verdict"])

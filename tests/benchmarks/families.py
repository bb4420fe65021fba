"""What each family of lead data adds, step by step: AUC and lift on later leads, in a world where all six matter.

The product's own road: a simulated CRM, a pull, the preset with all that is ready in it, its examples, the learner.
"""

import argparse
import json
import tempfile
from pathlib import Path

import numpy as np
from scipy.stats import rankdata
from sklearn.metrics import roc_auc_score

from mappings.file.load import load_preset, parse
from model import learner
from model.figures import lift
from model.recipe import RECIPES
from model.screening import screened
from model.splits import later
from tasks.screens import note, say, table
from tests.mappings.family_world import examples, world_of
from tests.mappings.preset_families import FAMILIES, START, whole_text

SEED = 1
TESTED = 0.2  # the latest share of the examples, which are scored and not learned from
RESAMPLES = 500
EARNS, IDLES = "earns its place", "does not"
# Of a table that the customer bought, and of what the record tells by itself beyond the families.
ENRICHED = {
    "firm_industry": "category", "firm_employees": "number", "firm_founded": "number", "region": "category",
    "time_zone": "category", "phone_line": "category",
}  # fmt: skip
SECTION = """
enrich:
  - name: firms
    table: firms.csv
    key: domain
    fields: {firm_industry: industry, firm_employees: employees, firm_founded: founded}
"""


def main(arguments):
    options = parsed(arguments)
    recipe = RECIPES[options.recipe]
    told = {crm: measure(crm, options.leads, recipe=recipe, threads=options.threads) for crm in options.crm}
    if options.json:
        print(json.dumps(told))
    else:
        show(told)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench families", description=__doc__)
    parser.add_argument("--leads", type=int, default=20_000, help="in each CRM")
    parser.add_argument("--crm", nargs="+", choices=list(FAMILIES), default=list(FAMILIES))
    parser.add_argument("--recipe", choices=list(RECIPES), default="full")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true", help="one JSON object on the last line")
    return parser.parse_args(arguments)


def measure(crm, leads, *, recipe, threads=2, families=None):
    """Learn from the earlier examples with ever more features, and judge each step by the later ones.

    `families` are looked at; without it, all of them and enrichment.
    """
    note(f"{crm}: {leads:,} leads")
    world = world_of(crm, leads)
    with tempfile.TemporaryDirectory(prefix="truegrade-bench-") as name:
        world.companies.select("domain", "industry", "employees", "founded").write_csv(Path(name) / "firms.csv")
        mapping = enriched(crm, Path(name))
        rows = examples(mapping, world, Path(name)).sort("created_at", maintain_order=True)
    split = later(rows, share=TESTED, seed=SEED)
    early, late = rows[split.learned], rows[split.tested]
    label = late["label"].to_numpy()

    def judged(names):
        note(f"{crm}: learning from {len(names)} features")
        features = [feature for feature in mapping.features if feature.name in names]
        chosen = screened(early, features, seed=SEED).used
        found = learner.fit(early, chosen, recipe=recipe, seed=SEED, threads=threads, in_time=split.in_time)
        return found.ensemble.likelihood(late)

    untouched = [feature.name for feature in load_preset(crm).features]
    return {
        "leads": leads,
        "learned_from": early.height,
        "tested_on": late.height,
        "wins": int(label.sum()),
        "steps": stepped(label, parts(crm, families), judged),
        "preset_untouched": figures(label, judged(untouched)) | {"features": len(untouched)},
        "truth": figures(label, late["truth"].to_numpy()),
    }


def enriched(crm, folder):
    """Give the preset with all that is ready in it, a table of companies, and what else enrichment tells."""
    lines = [
        f"  - {{name: {name}, label: {name.replace('_', ' ')}, kind: {kind}, family: fit, from: enriched.{name}}}\n"
        for name, kind in ENRICHED.items()
    ]
    text = whole_text(crm).replace("features:\n", f"features:\n{''.join(lines)}", 1) + SECTION
    return parse(text, str(folder / f"{crm}.yaml"))


def parts(crm, families):
    """Name what each step adds: first where leads came from, then the families, then enrichment."""
    added = FAMILIES[crm] | {"enrichment": tuple(ENRICHED)}
    return {"start": START[crm]} | {name: added[name] for name in families or added}


def stepped(label, added, judged):
    steps, names, before = [], [], None
    for name, more in added.items():
        names += more
        likelihood = judged(names)
        step = {"adds": name, "features": len(names)} | figures(label, likelihood)
        steps.append(step | ({} if before is None else gained(label, before, likelihood)))
        before = likelihood
    return steps


def figures(label, likelihood):
    return {"auc": float(roc_auc_score(label, likelihood)), "lift_10": lift(label, likelihood, 0.10)}


def gained(label, before, after):
    """Tell what a step gains in AUC, and whether it is more than chance: the interval of a paired bootstrap."""
    rng = np.random.default_rng(SEED)
    drawn = (rng.integers(0, len(label), len(label)) for _ in range(RESAMPLES))
    gains = [auc(label[places], after[places]) - auc(label[places], before[places]) for places in drawn]
    low, high = np.percentile(gains, [2.5, 97.5]).tolist()
    gain = auc(label, after) - auc(label, before)
    return {"gain": gain, "interval": [low, high], "verdict": EARNS if low > 0 else IDLES}


def auc(label, likelihood):
    """Give the AUC by ranks, which is quicker than the library's."""
    ranks, wins = rankdata(likelihood), int(label.sum())
    return float((ranks[label].sum() - wins * (wins + 1) / 2) / (wins * (len(label) - wins)))


def show(told):
    for crm, found in told.items():
        steps = [line(step) for step in found["steps"]]
        beside = {"preset untouched": found["preset_untouched"], "the truth itself": found["truth"]}
        others = [line({"adds": name} | figure) for name, figure in beside.items()]
        title = (
            f"{crm}: {found['leads']:,} leads, learned from {found['learned_from']:,}, "
            f"tested on {found['tested_on']:,} later ones"
        )
        headings = ("with", "features", "AUC", "gain", "95 %", "lift 10 %", "")
        table(title, headings, [*steps, *others], right=(1, 2, 3, 4, 5))
    say("Each row has all that is above it. Gains are held against chance by a paired bootstrap.")


def line(step):
    has_gain = "gain" in step
    interval = " to ".join(f"{end:+.4f}" for end in step["interval"]) if has_gain else ""
    name = f"+ {step['adds']}" if has_gain else step["adds"]
    gain, features = f"{step['gain']:+.4f}" if has_gain else "", str(step.get("features", ""))
    return name, features, f"{step['auc']:.4f}", gain, interval, f"{step['lift_10']:.2f}", step.get("verdict", "")

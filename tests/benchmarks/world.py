"""Training in a world where the truth is known, with planted fields that know the outcome and others that know nothing.

Tells how near the model comes to the true probabilities, which planted leaks it caught, what the null fields got, and
how often what truly moved a lead is among the reasons.
"""

import argparse
import json
import subprocess
import sys
import tempfile
from dataclasses import asdict
from datetime import timedelta
from pathlib import Path

import numpy as np
import polars as pl
from sklearn.metrics import roc_auc_score

from connector.simulator import planted
from connector.simulator.drivers import drivers
from connector.simulator.world import generate
from mappings.file.load import load_preset
from mappings.frames.features import feature_frame
from model.features import Feature
from model.model import load
from model.reasons import LEAST
from tasks.screens import note, say, table
from tests.benchmarks.one_training import HORIZON_DAYS, NOW

SEED = 11
TESTED = 0.2  # the latest share of the mature leads, which are scored and not learned from
BARS = {"difference": 0.01, "null_effect": 0.02, "null_reasons": 0.005}

# What people see as one field makes one reason: the drivers of the truth that it holds, and the features that tell it.
FIELDS = {
    "job title": (("seniority", "department"), {"seniority", "department", "has_title"}),
    "company size": (("size",), {"employees", "annual_revenue"}),
    "lead source": (("source",), {"source"}),
    "industry": (("industry",), {"industry"}),
    "country": (("country",), {"country"}),
    "free e-mail": (("free_email",), {"free_mail"}),
    "bounced": (("bounced",), {"email_bounced"}),
    "campaigns": (("engagement",), {"campaign_touches", "campaign_responses"}),
}


def main(arguments):
    options = parsed(arguments)
    measured = measure(options.leads, options.threads)
    if options.json:
        print(json.dumps(measured))
    else:
        show(measured)
    return 0


def parsed(arguments):
    parser = argparse.ArgumentParser(prog="./dev bench world", description=__doc__)
    parser.add_argument("--leads", type=int, default=200_000)
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args(arguments)


def measure(leads, threads=2, recipe="full"):
    note(f"making {leads:,} leads")
    rows, features, effects = examples(leads)
    cut = int(rows.height * (1 - TESTED))
    note(f"learning from {cut:,} that have ended")
    with tempfile.TemporaryDirectory(prefix="truegrade-bench-") as name:
        folder = Path(name)
        rows[:cut].drop("truth").write_parquet(folder / "examples.parquet")
        (folder / "features.json").write_text(json.dumps([asdict(feature) for feature in features]))
        cost = trained(folder, threads, recipe)
        model = load(folder / "model")
    late = rows[cut:]
    note(f"scoring the {late.height:,} that came later")
    scored = model.score(late)
    return {
        "leads": leads,
        "learned_from": cut,
        "tested_on": late.height,
        **near(late, scored),
        "leaks": caught(model.card),
        "nulls": without_effect(model, late, scored),
        "drivers": told(effects[cut:], scored),
        **cost,
    }


def trained(folder, threads, recipe):
    command = [sys.executable, "-m", "tests.benchmarks.one_training", str(folder), str(threads), recipe]
    done = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=True)
    return json.loads(done.stdout.splitlines()[-1])


def examples(leads, seed=SEED):
    """Make the mature leads in the order of time, with `truth`; the features; and what truly moves each lead."""
    world = generate(leads=leads, seed=seed, now=NOW, horizon_days=HORIZON_DAYS)
    mapping = load_preset("salesforce")
    # Without accounts: what decides in this world is what the lead says itself.
    known = feature_frame(mapping, lead_records(world), pl.DataFrame(schema={"id": pl.String}), member_records(world))
    rows = pl.concat(
        [
            known.drop("id"), planted.leaks(world, seed + 1), planted.nulls(world, seed + 2), outcome(world),
            world.truth.select(truth="probability"),
        ],
        how="horizontal",
    )  # fmt: skip
    is_mature = rows["created_at"] <= NOW - timedelta(days=HORIZON_DAYS)
    features = [rule.feature for rule in mapping.rules] + [
        Feature(name, label, kind_of(rows[name]), "fit") for name, label in (planted.LEAKS | planted.NULLS).items()
    ]
    return rows.filter(is_mature), features, drivers(world).filter(is_mature)


def kind_of(column):
    return {pl.String: "category", pl.Boolean: "boolean"}.get(column.dtype, "number")


def lead_records(world):
    made = instants("created_at")
    return world.leads.select(
        id=pl.col("key").cast(pl.String), link=pl.lit(None, dtype=pl.String), Title="title", Industry="industry",
        NumberOfEmployees=pl.col("employees").cast(pl.String), AnnualRevenue=pl.col("annual_revenue").cast(pl.String),
        Country="country", LeadSource="source", Email="email", Phone="phone", Website="website", CreatedDate=made,
        EmailBouncedDate=pl.when("email_bounced").then(made),
    )  # fmt: skip


def member_records(world):
    return world.responses.select(
        link=pl.col("lead_key").cast(pl.String),
        CreatedDate=instants("created_at"),
        HasResponded=pl.col("responded").cast(pl.String),
    )


def instants(name):
    return pl.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")


def outcome(world):
    """Give id, created_at, label, group, amount and priority, as the mapping's examples have them."""
    won = world.deals.filter(pl.col("stage") == "won").select("amount", "closed_at", key="lead_key")
    joined = world.leads.join(won, on="key", how="left", maintain_order="left")
    in_time = (pl.col("closed_at") - pl.col("created_at") <= timedelta(days=HORIZON_DAYS)).fill_null(value=False)
    return joined.select(
        id=pl.col("key").cast(pl.String), created_at="created_at", label=in_time,
        group=pl.col("company_key").cast(pl.String), amount=pl.when(in_time).then("amount"), priority="rating",
    )  # fmt: skip


def near(late, scored):
    """Compare the likelihoods with the true probabilities of the very same leads."""
    label, truth = late["label"].to_numpy(), late["truth"].to_numpy()
    ours = scored["likelihood"].to_numpy()
    auc, best = float(roc_auc_score(label, scored["margin"])), float(roc_auc_score(label, truth))
    return {
        "auc": auc,
        "auc_of_truth": best,
        "difference": best - auc,
        "mean_absolute_difference": float(np.abs(ours - truth).mean()),
        "mean_likelihood": float(ours.mean()),
        "mean_truth": float(truth.mean()),
        "correlation_of_log_odds": float(np.corrcoef(np.log(ours / (1 - ours)), np.log(truth / (1 - truth)))[0, 1]),
    }


def caught(card):
    dropped = {finding["feature"]: finding["sign"] for finding in card["leaks"] if finding["verdict"] == "dropped"}
    return {
        "planted": len(planted.LEAKS),
        "caught": {name: dropped[name] for name in planted.LEAKS if name in dropped},
        "missed": [name for name in planted.LEAKS if name not in dropped],
        "false_alarms": [name for name in dropped if name not in planted.LEAKS],
    }


def without_effect(model, late, scored):
    """Measure what each null field does: its mean absolute contribution beside the strongest field's, its reasons."""
    _, parts = model.contributions(late)
    weights = dict(zip(parts.columns, np.abs(parts.to_numpy()).mean(axis=0).tolist(), strict=True))
    strongest = max(weights.values())
    reasons = scored.select("id", pl.col("reasons").list.eval(pl.element().struct.field("feature")).alias("feature"))
    shares = reasons.explode("feature").group_by("feature").len()
    counts = dict(shares.iter_rows())
    return {
        name: {
            "of_strongest": weights.get(name, 0.0) / strongest,
            "share_of_leads": counts.get(name, 0) / scored.height,
        }
        for name in planted.NULLS
    }


def told(effects, scored):
    """For each lead, look for the field that truly moved it most, up and down, among the reasons that it was told."""
    fields = effects.select(pl.sum_horizontal(drivers).alias(name) for name, (drivers, _) in FIELDS.items())
    return {side: direction(fields, scored, sign) for side, sign in (("for", 1), ("against", -1))}


def direction(fields, scored, sign):
    values = sign * fields.to_numpy()
    strongest, size = values.argmax(axis=1), values.max(axis=1)
    reasons = pl.element().filter(sign * pl.element().struct.field("effect") > 0).struct.field("feature")
    named = scored.select(pl.col("reasons").list.eval(reasons).alias("named"))["named"]
    told_by = [features for _, features in FIELDS.values()]
    hit = np.array([not told_by[place].isdisjoint(names) for place, names in zip(strongest, named, strict=True)])
    counts = size >= LEAST
    by_field = {
        name: {"leads": int(some.sum()), "told": float(hit[some].mean())}
        for place, name in enumerate(FIELDS)
        if (some := counts & (strongest == place)).any()
    }
    return {"leads": int(counts.sum()), "told": float(hit[counts].mean()), "by_field": by_field}


def show(measured):
    say(
        f"{measured['leads']:,} leads; learned from {measured['learned_from']:,}, "
        f"scored {measured['tested_on']:,} later ones."
    )
    say(
        f"AUC {measured['auc']:.4f}, of the true probabilities {measured['auc_of_truth']:.4f}: "
        f"{measured['difference']:.4f} short; to reach: {BARS['difference']:g}."
    )
    say(
        f"Likelihoods are {measured['mean_absolute_difference']:.4f} from the truth on average; "
        f"log-odds correlate by {measured['correlation_of_log_odds']:.3f}."
    )
    leaks = measured["leaks"]
    rows = [(planted.LEAKS[name], name, leaks["caught"].get(name, "MISSED")) for name in planted.LEAKS]
    table(f"Planted leaks: {len(leaks['caught'])} of {leaks['planted']} caught", ("", "column", "sign"), rows)
    say(f"False alarms: {', '.join(leaks['false_alarms']) or 'none'}.")
    rows = [
        (planted.NULLS[name], f"{null['of_strongest']:.2%}", f"{null['share_of_leads']:.2%}")
        for name, null in measured["nulls"].items()
    ]
    limits = f"to stay under: {BARS['null_effect']:.0%} and {BARS['null_reasons']:.1%}"
    table(f"Null fields; {limits}", ("", "effect beside the strongest field's", "leads told of it"), rows, right=(1, 2))
    show_drivers(measured["drivers"])
    rows = [(name, f"{step['cpu_s']:,.1f}", f"{step['peak_mib']:,}") for name, step in measured["steps"].items()]
    table("Training", ("step", "CPU s", "peak MiB"), rows, right=(1, 2))
    say(f"Training in all: {measured['cpu_s']:,.0f} CPU s, peak {measured['peak_mib']:,} MiB.")


def show_drivers(measured):
    names = list(measured["for"]["by_field"] | measured["against"]["by_field"])
    none = {"leads": 0, "told": None}
    sides = [[side["by_field"].get(name, none) for name in names] for side in measured.values()]
    rows = [
        (name, *(cell for side in pair for cell in (f"{side['leads']:,}", share(side["told"]))))
        for name, pair in zip(names, zip(*sides, strict=True), strict=True)
    ]
    whole = [cell for side in measured.values() for cell in (f"{side['leads']:,}", share(side["told"]))]
    headings = ("what moves a lead most", "leads, up", "told", "leads, down", "told")
    table("True drivers among the reasons", headings, [*rows, ("all", *whole)], right=(1, 2, 3, 4))


def share(value):
    return "" if value is None else f"{value:.1%}"

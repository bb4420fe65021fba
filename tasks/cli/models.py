"""Commands for models: which versions there are and how each fared, and putting one of them back to work."""

from typing import Any

import typer

from tasks.cli.endings import concerning
from tasks.cli.options import Home, Json, Name, Version, wiring_of
from tasks.screens import as_json, number, say, table, verbatim
from tasks.store import models as kept
from tasks.store.models import Registered

ACTOR = "command line"


def add_to(app: typer.Typer) -> None:
    """Register these commands."""
    app.command()(models)
    app.command()(use)


def models(name: Name, home: Home = None, json: Json = False) -> None:
    """Show every model that was learned, the newest first: how good it is, whether it scores, and why or why not."""
    wiring = wiring_of(home)
    wiring.connection(name)
    told = [_told(model) for model in kept.every(wiring.store, name)]
    if json:
        as_json({"connection": name, "models": told})
    elif not told:
        say(f"{name} has no model yet. Run `truegrade train {name}`.")
    else:
        _show(name, told)


def use(name: Name, version: Version, home: Home = None, json: Json = False) -> None:
    """Let a kept model score again; all leads are scored anew at the next score run."""
    wiring = wiring_of(home)
    wiring.connection(name)
    from tasks.verbs import use as using  # noqa: PLC0415  the list of models need not load the learner

    with concerning(name):
        before = using.use(
            wiring.store,
            wiring.mapping(name),
            version,
            connection=name,
            models_folder=wiring.settings.models_folder,
            now=wiring.clock.now(),
            actor=ACTOR,
        )
    if json:
        as_json({"connection": name, "model": version, "before": before})
    elif before == version:
        say(f"{name}: {version} scores already.")
    else:
        was = f" in place of {before}" if before else ""
        say(f"{name}: {version} scores from now on{was}. Run `truegrade sync {name}` to score all leads anew.")


def _told(model: Registered) -> dict[str, Any]:
    data, figures = model.card.get("data", {}), model.card.get("figures", {})
    return {
        "version": model.version,
        "made_at": model.created_at.isoformat(timespec="seconds"),
        "rows": data.get("rows"),
        "auc": figures.get("auc"),
        "log_loss": figures.get("log_loss"),
        "state": "current" if model.is_current else "kept",
        "verdict": model.verdict.value,
        "told": model.told,
    }


def _show(name: str, told: list[dict[str, Any]]) -> None:
    rows = [
        (
            one["version"], one["made_at"][:16].replace("T", " "), number(one["rows"]), _figure(one["auc"], 3),
            _figure(one["log_loss"], 4), one["state"], one["verdict"],
        )
        for one in told
    ]  # fmt: skip
    table(
        f"{name}: models, the newest first",
        ("version", "made at (UTC)", "leads", "AUC", "log-loss", "state", "verdict"),
        rows,
        right=(2, 3, 4),
    )
    for one in told:
        if one["told"]:
            say(verbatim(f"{one['version']}: {one['told']}"))
    say(f"Put one back with `truegrade use {name} VERSION`.")


def _figure(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"

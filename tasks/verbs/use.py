"""The verb use: put a kept model back to work; all leads are scored anew at the next score run."""

from datetime import datetime
from pathlib import Path

from connector.errors import Misconfigured
from mappings.file.load import Mapping
from model.model import load
from tasks.store import audit, models
from tasks.store.audit import Line
from tasks.store.engine import Store
from tasks.verbs.fitting import require_fit


def use(
    store: Store,
    mapping: Mapping,
    version: str,
    *,
    connection: str,
    models_folder: Path,
    now: datetime,
    actor: str,
    by: str = "by hand",
) -> str | None:
    """Let the model of that version score from now on, and note who asked and `by` what; returns the one before.

    Repeatable. Raises Misconfigured when there is none of that version or it does not fit the mapping, and DamagedModel
    when its files are not what they were; then the current model stays.
    """
    kept = {model.version: model for model in models.every(store, connection)}
    if version not in kept:
        known = f"It has {', '.join(kept)}." if kept else "It has none yet."
        raise Misconfigured(
            f"{connection} has no model {version}. {known}", fix="Name one that `truegrade models` shows."
        )
    before = next((model.version for model in kept.values() if model.is_current), None)
    require_fit(load(models_folder / kept[version].path), mapping, connection)
    if before != version:
        models.use(store, connection, version, told=f"Put to work {by} on {now:%Y-%m-%d}, in place of {before}.")
        audit.add(store, Line(now, actor, "model.use", connection, {"version": version, "before": before}))
    return before

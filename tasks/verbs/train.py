"""The verb train: learn from the leads whose horizon has passed, keep the model, and let it score from now on."""

from datetime import datetime
from pathlib import Path

import polars as pl

from connector.clock import Clock
from connector.crm import Entity
from mappings.load import Mapping
from mappings.outcomes import examples
from model import learn
from model.card import describe
from model.model import Model
from tasks.store import models, records
from tasks.store.engine import Store
from tasks.verbs import frames
from tasks.verbs.counts import OnProgress, Trained, silent
from tasks.verbs.pulled import require_pulled

CHUNK_LEADS = 50_000


def train(
    store: Store,
    mapping: Mapping,
    *,
    connection: str,
    clock: Clock,
    models_folder: Path,
    seed: int,
    threads: int = 2,
    chunk_leads: int = CHUNK_LEADS,
    on_progress: OnProgress = silent,
) -> Trained:
    """Learn a new model and make it the current one. The same records, seed and time give the same model.

    Raises NotEnoughHistory when too few leads have won or lost; the current model, if any, then stays;
    and Misconfigured when the mapping reads what was not pulled.
    """
    require_pulled(store, mapping, connection)
    now = clock.now()
    found = _examples(store, mapping, connection=connection, now=now, chunk_leads=chunk_leads, on_progress=on_progress)
    model = learn.train(
        found,
        mapping.features,
        seed=seed,
        now=now,
        horizon_days=mapping.outcome.horizon_days,
        milestone=mapping.outcome.milestone,
        threads=threads,
        on_step=lambda step, share: on_progress(f"train: {step}", round(share * 100), 100),
    )
    path = _keep(model, models_folder / connection)
    # Relative: the installation may be moved, and be named from any other folder.
    where = path.relative_to(models_folder).as_posix()
    models.register(store, connection, version=model.version, path=where, card=model.card, now=now)
    return Trained(model.version, path, model.card, found.height, describe(model.card))


def _examples(
    store: Store, mapping: Mapping, *, connection: str, now: datetime, chunk_leads: int, on_progress: OnProgress
) -> pl.DataFrame:
    deals = frames.of_all(store, mapping, connection, Entity.DEAL, chunk=chunk_leads)
    total = records.count(store, connection).get(Entity.LEAD, 0)
    pieces, done = [], 0
    for rows in records.chunks(store, connection, Entity.LEAD, size=chunk_leads):
        some = frames.of_leads(store, mapping, connection, rows)
        pieces.append(examples(mapping, some.leads, some.companies, some.activities, deals, now=now))
        done += len(rows)
        on_progress("train: examples", done, total)
    if not pieces:
        nothing = frames.of_leads(store, mapping, connection, [])
        return examples(mapping, nothing.leads, nothing.companies, nothing.activities, deals, now=now)
    return pl.concat(pieces)


def _keep(model: Model, folder: Path) -> Path:
    path = folder / model.version
    if not path.exists():  # a save is whole or not at all, and a version names one model
        folder.mkdir(parents=True, exist_ok=True)
        model.save(path)
    return path

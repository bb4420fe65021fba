"""The verb train: learn from the leads whose horizon has passed, and let the model score if it is the better one.

Every model is kept with what became of it, so that it can be put to work, or put back, later.
"""

from dataclasses import asdict, replace
from pathlib import Path
from typing import Any

import polars as pl

from connector.clock import Clock
from connector.crm import Entity
from mappings.file.load import Mapping
from mappings.parts import UNDECLARED
from mappings.verdicts import grades_by_rule
from model import learn
from model.card import describe
from model.erasing import without
from model.grades import supplied
from model.model import Model
from model.points import Points
from model.recipe import Recipe
from model.reference import rate_a_week
from tasks.store import models, withheld
from tasks.store.engine import Store
from tasks.verbs import company_line
from tasks.verbs.contest import contest
from tasks.verbs.counts import OnProgress, Trained, silent
from tasks.verbs.examples import gathered
from tasks.verbs.pulled import require_history, require_pulled

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
    recipe: Recipe | None = None,
    chunk_leads: int = CHUNK_LEADS,
    force: bool = False,
    on_progress: OnProgress = silent,
) -> Trained:
    """Learn a new model, which scores from now on if it is better than the current one on the latest outcomes.

    With `force` it does so anyway. The same records, seed, recipe and time give the same model.

    Raises NotEnoughHistory when too few leads have won or lost; the current model, if any, then stays;
    and Misconfigured when the mapping reads what was not pulled.
    """
    require_pulled(store, mapping, connection)
    require_history(store, mapping, connection)
    now = clock.now()
    some = gathered(store, mapping, connection=connection, now=now, chunk_leads=chunk_leads, on_progress=on_progress)
    found = some.examples
    model = learn.train(
        found,
        mapping.features,
        seed=seed,
        now=now,
        horizon_days=mapping.outcome.horizon_days,
        milestone=mapping.outcome.milestone,
        threads=threads,
        recipe=recipe,
        grades=mapping.grades,
        points=Points(mapping.points, mapping.features),
        funnel=some.funnel,
        ruled=grades_by_rule(mapping, found),
        on_step=lambda step, share: on_progress(f"train: {step}", round(share * 100), 100),
    )
    model = company_line.with_line(_declared(model, mapping), mapping, some.ends)
    verdict, why = contest(
        store, mapping, model, found, connection=connection, models_folder=models_folder, seed=seed, force=force
    )
    path = _keep(model, models_folder / connection)
    # Relative: the installation may be moved, and be named from any other folder.
    where = path.relative_to(models_folder).as_posix()
    models.register(
        store, connection, version=model.version, path=where, card=model.card, now=now, verdict=verdict, told=why
    )
    _forget_meanwhile(store, connection, found["id"], path)
    where_kept: dict[str, Any] = {"connection": connection, "models_folder": models_folder}
    made_up = company_line.make_up(store, mapping, some.ends, **where_kept)
    supply = supplied(mapping.grades, rate_a_week(found["created_at"]))
    return Trained(model.version, path, model.card, found.height, _told(model.card, why, made_up, supply), verdict)


def _told(card: dict[str, Any], why: str, *more: str | None) -> str:
    """Say the card in words, with how companies fare, and why the model took over or not."""
    companies = [card["companies"]["told"]] if "companies" in card else []
    return "\n".join([describe(card), *companies, why, *filter(None, more)])


def _declared(model: Model, mapping: Mapping) -> Model:
    """Put on the card and into the report what the mapping declares of purpose and lawful basis."""
    if mapping.privacy == UNDECLARED:
        return model
    declared = {"privacy": asdict(mapping.privacy)}
    report = model.report and model.report | {"card": model.report["card"] | declared}
    return replace(model, card=model.card | declared, report=report)


def _forget_meanwhile(store: Store, connection: str, leads: pl.Series, path: Path) -> None:
    """Take those out of the kept model who were erased while it was learned: whoever erased them has not seen it.

    It has learned no word of theirs alone, for no rare word is learned; only its back-test names leads.
    """
    ids = leads.to_list()
    with store.read() as tx:
        here = withheld.not_withheld(tx, connection, Entity.LEAD, ids)
    without(path, set(ids) - set(here))


def _keep(model: Model, folder: Path) -> Path:
    path = folder / model.version
    if not path.exists():  # a save is whole or not at all, and a version names one model
        folder.mkdir(parents=True, exist_ok=True)
        model.save(path)
    return path

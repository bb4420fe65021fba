"""What was seen of a CRM before there is a mapping: its fields, and a sample of records. Plain values and frames."""

from collections.abc import Mapping as Dict
from dataclasses import dataclass
from datetime import datetime

import polars as pl

from connector.crm import Entity, Field
from mappings.mapping import Mapping

OF_COMPANY = "company."


@dataclass(frozen=True, slots=True)
class Survey:
    """A CRM as it was found at `now`.

    Frames are all text by CRM field, with "id", "key" (companies) and "link" (leads: their company's key); `changes`
    are the CRM's own history of the leads (`mappings.frames.as_of.CHANGES`). `deals` hold those of the sampled leads.
    """

    crm: str
    now: datetime
    fields: Dict[Entity, tuple[Field, ...]]
    leads: pl.DataFrame
    companies: pl.DataFrame
    deals: pl.DataFrame
    changes: pl.DataFrame


@dataclass(frozen=True, slots=True)
class Column:
    """One field as the leads show it: values in the order of the sampled leads.

    Of a company's field, `values` are those of each lead's company, and only leads that have one count (`rows`).
    """

    entity: Entity
    field: Field
    values: pl.Series
    rows: int

    @property
    def path(self) -> str:
        """The field as a mapping file names it."""
        return self.field.name if self.entity is Entity.LEAD else OF_COMPANY + self.field.name


def columns(survey: Survey, mapping: Mapping) -> list[Column]:
    """Give the fields that were read of leads and, where leads are linked to them, of companies; in the CRM's order."""
    found = [
        Column(Entity.LEAD, field, survey.leads[field.name], survey.leads.height)
        for field in survey.fields.get(Entity.LEAD, ())
        if field.name in survey.leads.columns
    ]
    if not mapping.links.company:
        return found
    companies = survey.companies.filter(pl.col("key").is_not_null()).unique("key", keep="first", maintain_order=True)
    linked = survey.leads.select(pl.col("link").alias("key")).join(
        companies.drop("id", "link", strict=False), on="key", how="left", maintain_order="left"
    )
    rows = int(survey.leads["link"].is_in(companies["key"].implode()).sum())
    return found + [
        Column(Entity.COMPANY, field, linked[field.name], rows)
        for field in survey.fields.get(Entity.COMPANY, ())
        if field.name in linked.columns and field.name != "key"
    ]

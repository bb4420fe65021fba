"""What reps read, in every language, side by side: the table said.yaml, which was read line by line.

After a change of words: `./dev python -m tests.mappings.said`, and read what has changed.
"""

from dataclasses import replace
from datetime import UTC, date, datetime
from itertools import cycle
from pathlib import Path

import numpy as np
import polars as pl
import yaml

from connector.crm import Entity
from mappings.company_words import Before, OpenLead, change, roles, sentence
from mappings.file.load import load_preset, parse, preset_text
from mappings.labels import labelled
from mappings.languages import CODES, phrases
from mappings.moved import Moved, note
from mappings.parts import Source
from mappings.ruling import ByHand
from mappings.verdicts import told
from mappings.wording import wording
from model.moves import Cause
from model.sentences import how_likely, said
from tests.mappings.conftest import mapped

TABLE = Path(__file__).with_name("said.yaml")

# What a CRM of each language calls these fields.
CRM = {
    "Country": ("Country", "Land", "Pays", "País", "País"),
    "Industry": ("Industry", "Branche", "Secteur d'activité", "Sector", "Setor"),
    "NumberOfEmployees": ("Employees", "Mitarbeiter", "Effectif", "Empleados", "Funcionários"),
    "AnnualRevenue": ("Annual Revenue", "Jahresumsatz", "Chiffre d'affaires", "Ingresos anuales", "Receita anual"),
    "LeadSource": ("Lead Source", "Lead-Quelle", "Origine du lead", "Origen del lead", "Origem do lead"),
    "Phone": ("Phone", "Telefon", "Téléphone", "Teléfono", "Telefone"),
    "Title": ("Title", "Position", "Fonction", "Cargo", "Cargo"),
    "CreatedDate": ("Created Date", "Erstelldatum", "Date de création", "Fecha de creación", "Data de criação"),
    "Interests__c": ("Interests", "Interessen", "Centres d'intérêt", "Intereses", "Interesses"),
    "industry": ("Industry", "Branche", "Secteur d'activité", "Sector", "Setor"),
    "hs_analytics_source": ("Source", "Ursprungsquelle", "Source d'origine", "Fuente original", "Fonte original"),
    "hs_analytics_num_page_views": ("Page views", "Seitenaufrufe", "Pages vues", "Páginas vistas", "Páginas visitadas"),
    "dealstage": ("Deal Stage", "Deal-Phase", "Phase de la transaction", "Etapa del negocio", "Etapa do negócio"),
    "dealtype": ("Deal Type", "Art des Deals", "Type d'affaire", "Tipo de negocio", "Tipo de negócio"),
    "hs_email_replied": ("Replies", "Antworten", "Réponses", "Respuestas", "Respostas"),
}  # fmt: skip
MADE = (
    "{name: size, kind: category, family: fit, from: NumberOfEmployees, transforms: [number, {bands: [20, 1000]}]}",
    "{name: large, kind: boolean, family: fit, from: NumberOfEmployees, transforms: [number, {at_least: 1500}]}",
    "{name: revenue, kind: number, family: fit, from: AnnualRevenue, transforms: [number, log1p]}",
    "{name: phone, kind: boolean, family: fit, from: Phone, transforms: [present]}",
    "{name: level, kind: category, family: fit, from: Title, transforms: [seniority]}",
    "{name: team, kind: category, family: fit, from: Title, transforms: [department]}",
    "{name: begun, kind: category, family: fit, from: CreatedDate, transforms: [month]}",
    "{name: day, kind: category, family: fit, from: CreatedDate, transforms: [weekday]}",
    "{name: wants, kind: boolean, family: fit, from: Interests__c, transforms: [{has: [Demo, Preise]}]}",
    "{name: many, kind: number, family: fit, from: Interests__c, transforms: [picked]}",
    "{name: line, label: Phone line, kind: category, family: fit, from: enriched.phone_line}",
    "{name: sign, label: Sign, kind: category, family: fit, from: enriched.spam_sign}",
    (
        "{name: calls, label: Calls, kind: number, family: engagement,"
        " count: {at: CreatedDate, window_days: 14}, transforms: [{cap: 10}]}"
    ),
    (
        "{name: answered, label: Campaign responses, kind: number, family: engagement,"
        " count: {measure: share, at: CreatedDate, window_days: 14, where: {HasResponded: true}}}"
    ),
)
VALUES = {
    "salesforce": {
        "seniority": ["c_level", "vp", "director", "manager", "senior", "staff", "junior", "unknown", None],
        "department": ["it", "hr", "purchasing", "management", "other", "engineering"],
        "country": ["Germany", "United States", "Switzerland", "Chile", "Wakanda"],
        "language": ["de", "en", "xx"],
        "has_title": [True, False],
        "industry": ["banking", None],
        "employees": [1.0, 12.0, 1234.0, 25_000.0, None],
        "annual_revenue": [1e6, 1.5e6, 3.4e6, 2.1e9],
        "founded": [1987.0],
        "legal_form": ["Limited Liability Company", "Corporation"],
        "campaign_responses": [0.0, 1.0, 2.0],
        "free_mail": [True, False],
        "mail_kind": ["role", "company", "disposable"],
        "spam_signs": [2.0],
        "name_plausible": [False],
        "email_bounced": [True],
    },
    "hubspot": {
        "source": ["ORGANIC_SEARCH", "PAID_SOCIAL", "OFFLINE"],
        "industry": ["computer_software"],
        "last_page": ["prices", "careers", "other"],
        "page_views": [0.0, 7.5, 48.0],
        "last_visit_days": [0.4, 3.0, 14.0],
        "emails_replied": [1.0],
        "is_public": [True],
        "has_parent": [None],
        "click_delay": [0.0001],
    },
    "hubspot-deals": {
        "type": ["newbusiness", "existingbusiness"],
        "planned_days": [59.1],
        "stage": ["presentationscheduled", "contractsent", "1042"],
        "days_to_stage": [12.0],
    },
    "made": {
        "size": ["below 20", "20 to below 1000", "1000 or more"],
        "large": [True],
        "revenue": [float(np.log1p(5e6))],
        "phone": [True, False],
        "level": ["vp"],
        "team": ["sales"],
        "begun": ["march"],
        "day": ["monday"],
        "wants": [True],
        "many": [3.0],
        "line": ["fixed or mobile"],
        "sign": ["name"],
        "calls": [4.0, 10.0],
        "answered": [0.25, 1.0],
    },
}
FACTORS = (1.001, 1.1, 1.5, 2.1, 9.4, 33.0, 400.0, 0.999, 0.95, 0.65, 0.02)
POINTS = (1.0, -1.0, 10.0, 1.5, -20.0, -0.5)
SINCE = date(2026, 11, 3)
BUYING = "companies: {roles: {CFO: {seniority: [c_level]}, IT: {department: it}, Legal: {department: legal}}}\n"


def mappings(code: str) -> dict[str, object]:
    """Give the presets and a mapping of our own, with the labels that a CRM of this language tells."""
    named = {Source(Entity.LEAD, field): labels[CODES.index(code)] for field, labels in CRM.items()}
    presets = {name: load_preset(name) for name in ("salesforce", "hubspot", "hubspot-deals")}
    some = presets | {"made": mapped(*MADE)}
    return {name: labelled(replace(one, language=code), named) for name, one in some.items()}


def table(code: str) -> list[str]:
    """Write every example in one language."""
    return [*_reasons(code), *_changes(code), *_decisions(code), *_companies(code)]


def _reasons(code: str) -> list[str]:
    factors, points, lines = cycle(FACTORS), cycle(POINTS), []
    for name, mapping in mappings(code).items():
        words = wording(mapping)
        known = {feature.name: feature for feature in mapping.features}
        kinds = {"category": pl.String, "boolean": pl.Boolean, "number": pl.Float64}
        for feature, values in VALUES[name].items():
            told_as = said(known[feature], pl.Series(values, dtype=kinds[known[feature].kind]), words).to_list()
            effect = _points if name == "made" else _factor
            way = points if name == "made" else factors
            lines += [f"{text} ({effect(next(way), words.language)})" for text in told_as]
    return lines


def _factor(factor, language):
    without = 0.001
    with_it = min(factor * without, 0.9)
    log_odds = [np.array([np.log(one / (1 - one))]) for one in (with_it, without)]
    return how_likely(*log_odds, language)[0]


def _points(points, language):
    return language.counted(language.points, points, f"{points:+,.0f}" if points == round(points) else f"{points:+.1f}")


def _changes(code: str) -> list[str]:
    words = phrases(code)
    causes = (
        Cause(words.labels.get("Campaign responses", "Campaign responses"), 9, "0", "2"),
        Cause(words.language.new_model, 2),
        Cause(words.language.other_inputs, 1),
    )
    how = {"model": "20261124-ab12", "said": words}
    return [
        note(62, Moved(50, SINCE, causes), length=255, **how),
        note(62, Moved(50, date(2026, 5, 1), causes), length=80, **how),
        note(47, Moved(50, date(2026, 3, 31)), length=255, **how),
    ]


def _decisions(code: str) -> list[str]:
    words = phrases(code)
    until = datetime(2027, 1, 1, tzinfo=UTC)
    named = [field.label for field in replace(load_preset("salesforce"), language=code).output_fields()]
    options = [label for field in load_spoken(code).output_fields() for _, label in field.options]
    return [
        told(ByHand("Kim", grade="A"), words),
        told(ByHand("Kim", grade="A", until=until), words),
        f"{words.language.disqualified}{words.language.colon}{words.language.by_the_scorecard}",
        *named,
        *dict.fromkeys(option for option in options if len(option) > 1),
    ]


def load_spoken(code: str):
    return replace(load_preset("hubspot"), language=code)


def _companies(code: str) -> list[str]:
    mapping = replace(parse(preset_text("salesforce") + BUYING, "x"), language=code)
    leads = [OpenLead("1", 87, "A", 0.3), OpenLead("2", 40, "C", 0.1)]
    words = phrases(code)
    return [
        sentence(mapping, [], None, frozenset()),
        sentence(mapping, leads[:1], leads[0], frozenset({0})),
        sentence(mapping, leads, leads[0], frozenset({0, 1, 2})),
        roles(mapping, frozenset({0, 1})),
        roles(mapping, frozenset()),
        change(87, 3, Before(75, 1, SINCE), words),
        change(87, 1, Before(87, 2, SINCE), words),
    ]


def written() -> str:
    """Write the table: a block for each example, with a line for each language."""
    rows = zip(*(table(code) for code in CODES), strict=True)
    blocks = [dict(zip(CODES, row, strict=True)) for row in rows]
    return yaml.safe_dump(blocks, allow_unicode=True, sort_keys=False, width=1000)


if __name__ == "__main__":
    TABLE.write_text(written(), encoding="utf-8")

"""Our fields on leads and companies, held against the describe: those that could not be written, or are not ours."""

from collections.abc import Iterator
from dataclasses import replace

from connector.crm import Entity, Field, Kind, NewField
from mappings.checks.findings import Finding, Places, Severity
from mappings.mapping import Mapping
from mappings.outputs import COMPANY_OUTPUTS, OUTPUTS, Output
from mappings.words import LANGUAGES

PROVISION = "run `truegrade provision`; where this mapping is not in force yet, `truegrade map promote` comes first"
PREFIX = "give our fields another prefix under outputs"


def outputs(
    mapping: Mapping, fields: tuple[Field, ...], places: Places, entity: Entity = Entity.LEAD
) -> Iterator[Finding]:
    """Tell which of our fields could not be written, or are not ours, those with the same cause together."""
    seen = {field.name.lower(): field for field in fields}
    causes: dict[tuple[Severity, str, str], list[str]] = {}
    is_lead = entity is Entity.LEAD
    ours = mapping.outputs if is_lead else mapping.companies.outputs
    for (role, _), wanted in zip(ours, mapping.own_fields[entity], strict=True):
        output = OUTPUTS[role] if is_lead else COMPANY_OUTPUTS[role]
        told = _told(output, wanted, seen.get(wanted.name.lower()), mapping, entity)
        if told:
            causes.setdefault(told, []).append(wanted.name)
    for (severity, message, fix), names in causes.items():
        line, of = places.line("outputs" if is_lead else "companies"), "" if is_lead else " of companies"
        yield Finding(severity, mapping.file, line, f"{', '.join(names)}{of}: {message}", fix)


def _told(
    output: Output, wanted: NewField, known: Field | None, mapping: Mapping, entity: Entity
) -> tuple[Severity, str, str] | None:
    """Tell what is wrong with a field of ours, and what to do; None where all is well."""
    crm = mapping.crm
    if known is None:
        message = "not there, or this user may not see it"
        if entity is Entity.COMPANY:  # these wait, and leads do not
            return Severity.NOTE, f"{message}; companies get nothing until then", PROVISION
        return Severity.ERROR, message, PROVISION
    if not known.custom:
        return Severity.ERROR, f"a field of {crm} itself has this name", PREFIX
    refused = _refused(output, wanted, known, crm)
    if refused:
        return Severity.ERROR, *refused
    if known.label not in _labels(mapping, entity, wanted.name):
        message = "it is not called as our field is: if somebody else fills it, what it holds would be written over"
        return Severity.NOTE, message, f"{PREFIX}; or leave it, if an admin has renamed ours"
    return None


def _labels(mapping: Mapping, entity: Entity, name: str) -> set[str]:
    """Name a field of ours in every language: it may have been made before `language` was set."""
    spoken = (replace(mapping, language=language).own_fields[entity] for language in LANGUAGES)
    return {field.label for fields in spoken for field in fields if field.name == name}


def _refused(output: Output, wanted: NewField, known: Field, crm: str) -> tuple[str, str] | None:
    """Tell why values of ours would be refused, and what to do."""
    if not known.writable:
        return "read-only for this user", "give it edit access (permission set Truegrade Integration)"
    if known.kind != wanted.kind and (wanted.kind, known.kind) != (Kind.OPTION, Kind.TEXT):
        return f"the CRM's field holds {known.kind.noun} where we write {wanted.kind.noun}", PREFIX
    if known.kind is Kind.TEXT and known.length and wanted.length and known.length < wanted.length:
        told = f"it holds {known.length:,} characters, and we write up to {wanted.length:,}: longer ones are refused"
        return told, f"let it hold {wanted.length:,} in the CRM, or switch it off under outputs"
    most = output.most
    if known.whole_digits is not None and most is not None and most >= 10.0**known.whole_digits:
        told = f"it holds {known.whole_digits} digits before the point, and we write up to {most:g}"
        return told, f"let it hold {wanted.digits} digits in the CRM, {wanted.decimals} of them after the point"
    lacking = [value for value, _ in wanted.options if value not in known.options]
    if crm == "hubspot" and known.kind is Kind.OPTION and lacking:  # Salesforce takes any, unless it is restricted
        return f"it lacks the options {', '.join(lacking)}", "run `truegrade provision`"
    return None

"""The transforms as Polars expressions: text columns in, a feature's column out. Vectorised; no row is looked at alone."""

import polars as pl

from mappings.links import free_mail_domains

DOMAIN = r"^(?:[a-z][a-z0-9+.-]*://)?(?:[^@/?#\s]*@)?(?:www\.)?([a-z0-9.-]+\.[a-z]{2,})(?:[:/?#].*)?$"

# First match wins, so the order is the meaning. English first, then the German, French and Spanish that CRMs hold.
SENIORITY = {
    "c_level": r"\b(chief|c[efimtor]o|cxo|cmo|chro|founder|co-founder|owner|president|geschäftsführer\w*|vorstand|pdg|gérant|propietario|inhaber\w*)\b",
    "vp": r"\b(vp|svp|evp|avp|vice[ -]president)\b",
    "director": r"\b(director\w*|dir|head|leiter\w*|directeur|directrice|directora?)\b",
    "manager": r"\b(manager\w*|mgr|mngr|lead|supervisor|teamleiter\w*|responsable|gerente|jefe)\b",
    "senior": r"\b(senior|sr|principal|staff engineer)\b",
    "staff": r"\w",
}
DEPARTMENT = {
    "it": r"\b(it|cto|cio|technology|technical|software|engineer\w*|developer|data|security|infrastructure|informatik|systems?)\b",
    "finance": r"\b(finance|financial|cfo|accounting|accountant|controller|controlling|treasur\w+|finanz\w*)\b",
    "marketing": r"\b(marketing|cmo|brand|communications?|content|growth|demand)\b",
    "sales": r"\b(sales|cro|account executive|business development|vertrieb\w*|ventas|revenue)\b",
    "hr": r"\b(hr|human resources|people|talent|recruit\w+|chro|personal\w*)\b",
    "operations": r"\b(operations?|coo|ops|logistics|supply|production|plant|facility|quality)\b",
    "purchasing": r"\b(procurement|purchas\w+|buyer|sourcing|einkauf\w*|achats?|compras)\b",
    "product": r"\b(product\w*|design\w*|research|r&d)\b",
}
COUNTRIES = {
    "usa": "United States", "us": "United States", "u.s.": "United States", "u.s.a.": "United States",
    "united states of america": "United States", "america": "United States", "uk": "United Kingdom",
    "u.k.": "United Kingdom", "great britain": "United Kingdom", "england": "United Kingdom", "gb": "United Kingdom",
    "deutschland": "Germany", "de": "Germany", "ger": "Germany", "frankreich": "France", "fr": "France",
    "españa": "Spain", "es": "Spain", "italia": "Italy", "it": "Italy", "ca": "Canada", "nl": "Netherlands",
    "holland": "Netherlands", "the netherlands": "Netherlands", "schweiz": "Switzerland", "suisse": "Switzerland",
    "österreich": "Austria", "au": "Australia", "in": "India", "br": "Brazil", "brasil": "Brazil", "mx": "Mexico",
    "méxico": "Mexico", "jp": "Japan", "cn": "China", "se": "Sweden", "ie": "Ireland",
}  # fmt: skip
COUNTRY_NAMES = {name.lower(): name for name in COUNTRIES.values()}


def apply(expression: pl.Expr, name: str) -> pl.Expr:
    """Put a column of text (or what the transform before gave) through one transform."""
    text = expression.cast(pl.String)
    match name:
        case "trim":
            return text.str.strip_chars().replace("", None)
        case "lower":
            return text.str.to_lowercase()
        case "number":
            return text.str.strip_chars().cast(pl.Float64, strict=False)
        case "boolean":
            return text.str.to_lowercase().is_in(["true", "yes", "1"])
        case "present":
            return expression.is_not_null()
        case "domain":
            return text.str.strip_chars().str.to_lowercase().str.extract(DOMAIN, 1)
        case "free_mail":
            domain = text.str.strip_chars().str.to_lowercase().str.extract(DOMAIN, 1)
            return domain.is_in(sorted(free_mail_domains()))
        case "seniority":
            return _first_match(text, SENIORITY)
        case "department":
            return _first_match(text, DEPARTMENT)
        case "country":
            lowered = text.str.strip_chars().str.to_lowercase()
            return lowered.replace(COUNTRIES | COUNTRY_NAMES)
        case "log1p":
            return text.cast(pl.Float64, strict=False).clip(lower_bound=0).log1p()
        case "length":
            return text.str.len_chars().cast(pl.Float64)
        case _:
            raise ValueError(f"there is no transform {name}")


def _first_match(text: pl.Expr, patterns: dict[str, str]) -> pl.Expr:
    lowered = text.str.to_lowercase()
    chosen = pl.lit(None, dtype=pl.String)
    for value, pattern in reversed(patterns.items()):
        chosen = pl.when(lowered.str.contains(pattern)).then(pl.lit(value)).otherwise(chosen)
    return chosen

"""A neutral world's words in HubSpot's: options of sources, industries, statuses, and how values are written.

The expressions work on the columns of `World` frames and give the text that records hold.
"""

import polars as pl

# Salesforce's standard lead sources, which worlds speak, to HubSpot's original traffic sources.
_SOURCES = {
    "Web": "ORGANIC_SEARCH",
    "Phone Inquiry": "DIRECT_TRAFFIC",
    "Partner Referral": "REFERRALS",
    "Purchased List": "OFFLINE",
    "Other": "OTHER_CAMPAIGNS",
    "Advertisement": "PAID_SEARCH",
    "Employee Referral": "REFERRALS",
    "External Referral": "REFERRALS",
    "Public Relations": "REFERRALS",
    "Seminar - Internal": "OFFLINE",
    "Seminar - Partner": "OFFLINE",
    "Trade Show": "OFFLINE",
    "Word of mouth": "DIRECT_TRAFFIC",
    "Email": "EMAIL_MARKETING",
    "Social Media": "SOCIAL_MEDIA",
}
_INDUSTRIES = {
    "Agriculture": "FARMING",
    "Apparel": "APPAREL_FASHION",
    "Communications": "MARKETING_AND_ADVERTISING",
    "Consulting": "MANAGEMENT_CONSULTING",
    "Education": "EDUCATION_MANAGEMENT",
    "Electronics": "CONSUMER_ELECTRONICS",
    "Energy": "OIL_ENERGY",
    "Engineering": "MECHANICAL_OR_INDUSTRIAL_ENGINEERING",
    "Environmental": "ENVIRONMENTAL_SERVICES",
    "Finance": "FINANCIAL_SERVICES",
    "Food & Beverage": "FOOD_BEVERAGES",
    "Government": "GOVERNMENT_ADMINISTRATION",
    "Healthcare": "HOSPITAL_HEALTH_CARE",
    "Manufacturing": "INDUSTRIAL_AUTOMATION",
    "Media": "BROADCAST_MEDIA",
    "Not For Profit": "NON_PROFIT_ORGANIZATION_MANAGEMENT",
    "Recreation": "RECREATIONAL_FACILITIES_AND_SERVICES",
    "Shipping": "MARITIME",
    "Technology": "COMPUTER_SOFTWARE",
    "Transportation": "TRANSPORTATION_TRUCKING_RAILROAD",
}
_KNOWN_INDUSTRIES = ("Banking", "Biotechnology", "Chemicals", "Construction", "Entertainment", "Hospitality",
                     "Insurance", "Machinery", "Retail", "Telecommunications", "Utilities")  # fmt: skip
STATUSES = {"new": "NEW", "working": "IN_PROGRESS", "disqualified": "UNQUALIFIED"}
COMPANY_TYPES = {"prospect": "PROSPECT", "partner": "PARTNER", "other": "OTHER"}
_EMPLOYEE_BOUNDS = ((5, "1-5"), (25, "5-25"), (50, "25-50"), (100, "50-100"), (500, "100-500"), (1000, "500-1000"))


def source(column: str) -> pl.Expr:
    source = pl.col(column).replace_strict(_SOURCES, default="OTHER_CAMPAIGNS", return_dtype=pl.String)
    return pl.when(pl.col(column).is_not_null()).then(source)


def industry(column: str) -> pl.Expr:
    """Map to HubSpot's industries, which have no "other"."""
    known = _INDUSTRIES | {name: name.upper() for name in _KNOWN_INDUSTRIES}
    return pl.col(column).replace_strict(known, default=None, return_dtype=pl.String)


def employees(column: str) -> pl.Expr:
    """Put head counts into the ranges that contacts have, in which a shared bound belongs to the upper range."""
    expression: pl.Expr = pl.lit("1000+")
    for bound, label in reversed(_EMPLOYEE_BOUNDS):
        expression = pl.when(pl.col(column) < bound).then(pl.lit(label)).otherwise(expression)
    return pl.when(pl.col(column).is_not_null()).then(expression)


def number(column: str) -> pl.Expr:
    """Write numbers as HubSpot does: no point where there is no fraction."""
    return pl.col(column).cast(pl.String).str.replace(r"\.0$", "")


def boolean(expression: pl.Expr) -> pl.Expr:
    return pl.when(expression).then(pl.lit("true")).when(expression.not_()).then(pl.lit("false"))


def instant(column: str) -> pl.Expr:
    return text_instant(pl.col(column))


def text_instant(expression: pl.Expr) -> pl.Expr:
    return expression.dt.strftime("%Y-%m-%dT%H:%M:%S%.3fZ")

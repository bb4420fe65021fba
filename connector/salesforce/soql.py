"""The queries that we send, as text."""

from collections.abc import Sequence
from urllib.parse import quote_plus


def select(
    sobject: str, columns: Sequence[str], *, where: str = "", order: Sequence[str] = (), limit: int | None = None
) -> str:
    """Write a query. `columns` are distinct names out of a describe; `where` is made by the functions below."""
    parts = [f"SELECT {','.join(columns)} FROM {sobject}"]  # noqa: S608  SOQL: names from describe, values quoted below
    if where:
        parts.append(f"WHERE {where}")
    if order:
        parts.append(f"ORDER BY {','.join(order)}")
    if limit is not None:
        parts.append(f"LIMIT {limit}")
    return " ".join(parts)


def count(sobject: str, *, where: str = "") -> str:
    """Write the query that counts records: its answer is the `totalSize` of a result without records."""
    return f"SELECT COUNT() FROM {sobject}" + (f" WHERE {where}" if where else "")  # noqa: S608  SOQL, names of ours


def literal(text: str) -> str:
    """Quote text for a condition ("SOQL reference, Quoted String Escape Sequences")."""
    escaped = text.replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"


def one_of(column: str, texts: Sequence[str]) -> str:
    """Match any of these texts."""
    return f"{column} IN ({','.join(literal(text) for text in texts)})"


def moment(instant: str) -> str:
    """Write a canonical instant as a datetime literal, which is never quoted; whole seconds without their zeros."""
    return instant.replace(".000Z", "Z")


def after(stamp: str, record_id: str) -> str:
    """Match what comes after this record in the order of (SystemModstamp, Id).

    Many records share a stamp (a bulk load gives thousands the same second), so a bare ">" would skip some.
    """
    at = moment(stamp)
    return f"(SystemModstamp > {at} OR (SystemModstamp = {at} AND Id > {literal(record_id)}))"


def both(*conditions: str) -> str:
    """Match what meets all conditions; empty ones are left out."""
    return " AND ".join(condition for condition in conditions if condition)


def width(query: str) -> int:
    """Count the bytes that the query takes in an address."""
    return len(quote_plus(query))

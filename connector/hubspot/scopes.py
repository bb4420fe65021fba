"""What a token of the portal must be allowed to do, by HubSpot's scopes, and whether it is.

Source: HubSpot developer docs, "Scopes" and "Private apps" (token information). HubSpot tells it of static tokens; what
an OAuth app's token may read is proved by reading.
"""

from collections.abc import Sequence

from connector.crm import Right
from connector.hubspot.gateway import Gateway

WHERE = "HubSpot, Development, Keys, Service keys (of a private app: its Scopes tab)"
OBJECTS = frozenset({"contacts", "companies", "deals"})  # others have scopes of their own names


def of_token(gateway: Gateway, reads: Sequence[str], writes: Sequence[str], *, as_admin: bool) -> tuple[Right, ...]:
    """List what the token must be allowed to do; see `CRM.rights`. `reads`, `writes`: object types."""
    told = gateway.token_info().get("scopes")
    return tuple(
        Right(name, None if told is None else name in told, why=why, where=WHERE, optional=optional)
        for name, why, optional in (_of_admin(writes) if as_admin else _of_integration(reads, writes))
    )


def _of_integration(reads: Sequence[str], writes: Sequence[str]) -> list[tuple[str, str, bool]]:
    return [
        *((f"crm.objects.{kind}.read", f"reading {kind}", False) for kind in reads if kind in OBJECTS),
        *((f"crm.schemas.{kind}.read", f"the properties of {kind}", False) for kind in reads if kind in OBJECTS),
        *((f"crm.objects.{kind}.write", f"writing scores on {kind}", False) for kind in writes),
    ]


def _of_admin(writes: Sequence[str]) -> list[tuple[str, str, bool]]:
    return [
        *((f"crm.schemas.{kind}.write", f"creating our properties of {kind}", False) for kind in writes),
        *((f"crm.lists.{right}", "segments", True) for right in ("read", "write")),
    ]

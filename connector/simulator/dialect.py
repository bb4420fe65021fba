"""What the server asks of a CRM's dialect."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, Protocol

from fastapi import APIRouter


class Dialect(Protocol):
    """One simulated CRM: `connector.simulator.salesforce` or `connector.simulator.hubspot`."""

    @property
    def router(self) -> APIRouter:
        """All endpoints, with the CRM's own paths and errors."""
        ...

    @property
    def operations(self) -> Mapping[str, Callable[..., Any]]:
        """What /simulator/{crm}/{operation} may call by name, with JSON arguments and a JSON result."""
        ...

    def classify(self, method: str, path: str) -> str:
        """Tell what a request is for: "sign-in", "read", "write", "poll", "describe" or "admin"."""
        ...

    def fault_reply(self, fault: str) -> tuple[int, Mapping[str, str], bytes]:
        """Give status, headers and body of a refusal in this CRM's own words. Raises KeyError for an unknown fault."""
        ...

    def truth(self, ids: Sequence[str]) -> Mapping[str, float]:
        """Give the hidden probability of winning by record id; unknown ids are absent."""
        ...

"""Salesforce's refusals: an HTTP status with an array of code and message, or a row's own errors."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass
class Refused(Exception):
    """A request that is refused as a whole."""

    status: int
    code: str
    message: str
    fields: Sequence[str] = ()

    def body(self) -> list[dict[str, object]]:
        """The body that goes with the status."""
        entry: dict[str, object] = {"message": self.message, "errorCode": self.code}
        if self.fields:
            entry["fields"] = list(self.fields)
        return [entry]


@dataclass
class RowRefused(Exception):
    """One row that is refused, in a batch or a job."""

    code: str
    message: str
    fields: list[str] = field(default_factory=list)

    def entry(self) -> dict[str, object]:
        """The row's entry in a collections reply; its key is statusCode there."""
        return {"statusCode": self.code, "message": self.message, "fields": self.fields}

    def text(self) -> str:
        """The row's sf__Error in a bulk job's failed results (the exact form is an assumption)."""
        return f"{self.code}:{self.message}:{','.join(self.fields) or '--'}"

"""What the leak detector says of a feature: dropped, doubted or kept by hand, why, and the numbers behind it."""

from dataclasses import asdict, dataclass, field
from typing import Any, Literal

Verdict = Literal["dropped", "doubted", "kept by hand"]


@dataclass(frozen=True, slots=True)
class Finding:
    """One feature under suspicion. `sign` names the kind of evidence, `reason` says it, `evidence` has its numbers."""

    feature: str
    label: str
    verdict: Verdict
    sign: str
    reason: str
    evidence: dict[str, float] = field(default_factory=dict)

    def as_dict(self) -> dict[str, Any]:
        return asdict(self)

"""Which values of ours a company gets, and what its buying group is made of: the section companies of a mapping.

Holds plain values only; `mappings.file.rolling_up` reads them, `mappings.frames.rolling_up` looks at leads by them.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Role:
    """A role of the buying group: a lead has it when each of these features has one of the values (in lower case)."""

    name: str
    where: tuple[tuple[str, tuple[str, ...]], ...]

    @property
    def features(self) -> tuple[str, ...]:
        return tuple(feature for feature, _ in self.where)


@dataclass(frozen=True, slots=True)
class RollUp:
    """What companies get: (role of `outputs.COMPANY_OUTPUTS`, our field's name) pairs, none where nothing is rolled up.

    `group` are the roles of the buying group, in the order of the file.
    """

    outputs: tuple[tuple[str, str], ...] = ()
    group: tuple[Role, ...] = ()

    def __bool__(self) -> bool:
        """Whether companies get anything."""
        return bool(self.outputs)

    @property
    def features(self) -> frozenset[str]:
        """Name the features by which roles are told."""
        return frozenset(feature for role in self.group for feature in role.features)


NO_ROLL_UP = RollUp()

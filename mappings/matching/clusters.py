"""Pairs that are the same become clusters, and clusters become groups that no split may tear apart.

A cluster is everything that hangs together by pairs. One record in the middle may tie strangers together, and they
others: a cluster of more than MOST_TOGETHER records is therefore made again from its strong pairs alone, which share a
mailbox or a web domain; what no strong pair holds is in no cluster then.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import polars as pl

from mappings.matching.sameness import STRONG

MOST_TOGETHER = 50


@dataclass(frozen=True, slots=True)
class Member:
    """One record of a cluster, which is named after its first member; `because` lists the kinds of its own pairs."""

    cluster: str
    because: str


class Together:
    """Things that belong together: a forest in which each points towards the first of its kind."""

    def __init__(self) -> None:
        self._towards: dict[str, str] = {}

    def first(self, one: str) -> str:
        """Give the first of all that one belongs with."""
        root = one
        while (next_one := self._towards.get(root, root)) != root:
            root = next_one
        while one != root:  # shortens the way for the next who asks
            self._towards[one], one = root, self._towards.get(one, one)
        return root

    def join(self, one: str, other: str) -> None:
        """Note that two belong together."""
        low, high = sorted((self.first(one), self.first(other)))
        if low != high:
            self._towards[high] = low


def clusters(pairs: pl.DataFrame) -> dict[str, Member]:
    """Put the members of pairs (columns one, other, kind) into clusters. The same whatever their order."""
    every = list(pairs.select("one", "other", "kind").iter_rows())
    together, sizes = _joined(every), dict[str, int]()
    for member in {name for one, other, _ in every for name in (one, other)}:
        first = together.first(member)
        sizes[first] = sizes.get(first, 0) + 1
    kept = [pair for pair in every if pair[2] in STRONG or sizes[together.first(pair[0])] <= MOST_TOGETHER]
    together, why = _joined(kept), dict[str, set[str]]()
    for one, other, kind in kept:
        why.setdefault(one, set()).add(kind)
        why.setdefault(other, set()).add(kind)
    return {name: Member(together.first(name), ", ".join(sorted(kinds))) for name, kinds in why.items()}


def _joined(pairs: Iterable[tuple[str, str, str]]) -> Together:
    together = Together()
    for one, other, _ in pairs:
        together.join(one, other)
    return together


def grouped(examples: pl.DataFrame, people: dict[str, str], companies: dict[str, str]) -> pl.DataFrame:
    """Let examples that share a company or a person, whatever the way, share a `group`; null for those that share none.

    `people` tells the cluster of a lead by its id, `companies` that of a company by the key that leads link to.
    """
    together, named = Together(), list[str | None]()
    for lead, group in examples.select("id", "group").iter_rows():
        names = list(_names(people.get(lead), group, companies))
        for name in names[1:]:
            together.join(names[0], name)
        named.append(names[0] if names else None)
    groups = [None if name is None else together.first(name) for name in named]
    return examples.with_columns(pl.Series("group", groups, dtype=pl.String))


def _names(person: str | None, company: str | None, clusters: dict[str, str]) -> Iterator[str]:
    """Name what an example shares with others. A company's key has no blank in it, so the kinds cannot meet."""
    if company is not None:
        cluster = clusters.get(company)
        yield company if cluster is None else f"same company {cluster}"
    if person is not None:
        yield f"same person {person}"

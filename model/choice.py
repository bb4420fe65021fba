"""Which contributions are worth telling a rep: the strongest for and against each lead, a mapped field being one."""

import numpy as np

from model.compiled import compiled


@compiled
def choose(
    parts: np.ndarray, members: np.ndarray, ends: np.ndarray, least: float, most_for: int, most_against: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Choose reasons: how many, int64 (n,); places of features and effects, (n, most_for + most_against).

    `parts` are float64 (n, features); field k is made of the features at members[ends[k - 1]:ends[k]], and its effect
    is the sum of theirs; the place is that of its strongest feature in that direction. Effects below `least` are left
    out. The rest is strongest first; of equals those for a lead come before those against, then the earlier field.
    """
    counts = np.zeros(len(parts), np.int64)
    places = np.zeros((len(parts), most_for + most_against), np.int64)
    effects = np.zeros((len(parts), most_for + most_against))
    effect = np.empty(len(ends))
    backing, opposing = np.empty(most_for, np.int64), np.empty(most_against, np.int64)
    for row in range(len(parts)):
        many, few = 0, 0
        for field in range(len(ends)):
            effect[field] = 0.0
            for member in range(ends[field - 1] if field else 0, ends[field]):
                effect[field] += parts[row, members[member]]
            if effect[field] >= least:
                many = _insert(field, effect, backing, many)
            elif effect[field] <= -least:
                few = _insert(field, effect, opposing, few)
        one, other = 0, 0
        while one < many or other < few:
            backs = other == few or (one < many and effect[backing[one]] >= -effect[opposing[other]])
            field = backing[one] if backs else opposing[other]
            one, other = one + backs, other + (not backs)
            some = members[ends[field - 1] if field else 0 : ends[field]]
            places[row, counts[row]], effects[row, counts[row]] = _strongest(parts[row], some, backs), effect[field]
            counts[row] += 1
    return counts, places, effects


@compiled
def _insert(field: int, effect: np.ndarray, ranked: np.ndarray, held: int) -> int:
    """Put a field among the strongest so far, before weaker ones; give how many are held now."""
    place = held
    while place > 0 and abs(effect[field]) > abs(effect[ranked[place - 1]]):
        if place < len(ranked):
            ranked[place] = ranked[place - 1]
        place -= 1
    if place < len(ranked):
        ranked[place] = field
    return min(held + 1, len(ranked))


@compiled
def _strongest(parts: np.ndarray, members: np.ndarray, backs: bool) -> int:
    found: int = members[0]
    for member in members[1:]:
        if parts[member] > parts[found] if backs else parts[member] < parts[found]:
            found = member
    return found

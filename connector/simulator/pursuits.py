"""What became of deals from day to day: what a CRM that keeps their history shows."""

from dataclasses import dataclass

import polars as pl

STAGES = 5  # open ones, from 0 on; then won, then lost


@dataclass(frozen=True, slots=True)
class Pursuits:
    """What is known of deals at the world's now: of those that are pursued, and of the leads' own.

    - deals: deal_key type("new"|"upgrade"|"replacement") source(text)
    - moves: deal_key at stage(0 to STAGES - 1, or STAGES for won, STAGES + 1 for lost) amount(f64) closes_on(date), a
      row for each state that a deal has had, the one at its creation first; in order of deal and time
    - actions: deal_key at kind("call"|"meeting"); in order of deal and time
    - truth: deal_key probability(f64) won(bool), of pursued deals alone
    """

    deals: pl.DataFrame
    moves: pl.DataFrame
    actions: pl.DataFrame
    truth: pl.DataFrame

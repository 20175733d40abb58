"""A rule: what one fact means for one person and one ingredient."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from uuid import UUID

from willowbark.knowledge.core.release import Part

# "Never on one day" as a separation: no two moments of a day are so far apart.
WHOLE_DAY_MINUTES = 1440


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """
    What one fact means for one person and one ingredient.

    `kind`:
      'ban'              the ingredient is not to be taken.
      'cap'              at most `most` of `unit` a day, of `form_keys` alone when there are any; `counts`
                         says of what ('everything' or 'supplements'). `together` counts towards it as well.
      'apart_from_drug'  at least `minutes` from `drug_moments`; when those are () nobody knows when the
                         drug is taken, and `text` says so.
      'apart'            at least `minutes` from `other_ingredient_key`; `WHOLE_DAY_MINUTES` means never both.
      'caution'          may be taken with care; with `other_ingredient_key`, when that is taken too.

    An amount of an ingredient whose form nobody names counts as of every form.

    `key` is stable: the same fact on the same ingredient has the same key. `fact_key` names the limit or the
    interaction; `chart_entries` what in the record makes it apply; `text` is one sentence for who signs.
    """

    key: str
    kind: str
    ingredient_key: str
    other_ingredient_key: str = ""
    form_keys: tuple[str, ...] = ()
    together: tuple[Part, ...] = ()
    most: Decimal | None = None
    unit: str = ""
    minutes: int | None = None
    drug_moments: tuple[str, ...] = ()
    severity: str = ""
    monitor_text: str = ""
    monitor_after_days: int | None = None
    counts: str = "supplements"
    fact_key: str
    chart_entries: tuple[UUID, ...] = ()
    text: str
    is_verified: bool

    @property
    def parts(self) -> tuple[Part, ...]:
        """What a cap counts: its own ingredient, and what counts together with it."""
        return ((self.ingredient_key, self.form_keys), *self.together)

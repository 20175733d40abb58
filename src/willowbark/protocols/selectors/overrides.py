"""How often signers decide otherwise than composed: by practitioner, Master Protocol and layer."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.db import connection
from django.urls import reverse

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.explaining import Cited, Explanation, Fact, reference, why_url
from willowbark.kernel.errors import Invalid
from willowbark.practice.selectors import names_of_users
from willowbark.protocols.core.overrides import FEWEST_SIGNED, HEALTHY, LAYERS, REASONS, judged
from willowbark.protocols.models import ProtocolOverride
from willowbark.protocols.selectors.library import in_force, shipped

OWN, EVERYBODYS = "metrics.read", "metrics.everyone"
SINGLE = "protocols.read"
LONGEST_DAYS = 731
MOST_SHOWN = 100
LAYER_NAMES: Mapping[str, str] = {
    "foundation": "Foundation",
    "targeted": "Targeted",
    "chosen": "Beside the protocols",
}
RULE = (
    "Of the protocols signed in these days (UTC), the share in which the signer left out, added or fixed at"
    " least one product by hand. One of several Master Protocols counts for each of them; an override counts"
    " for those that want what the product holds, or for all when none does. Bounds of the day, life stages"
    " and the order of what comes first are no overrides. "
    f"Between {HEALTHY[0]} and {HEALTHY[1]} % is healthy: far below it drafts may be signed unread, far above"
    f" it the template no longer says what is done. Fewer than {FEWEST_SIGNED} protocols say nothing."
)
SOURCES = (
    Cited(
        "Operating model of a 1,000-patient functional medicine panel: inter-practitioner override variance"
        " is a leading indicator, 60 to 90 days ahead",
        "",
        True,
    ),
    Cited("Makers of supplement templates: 40 to 60 % of drafts overridden is healthy", "", False),
)
_COUNTED = "SELECT * FROM willow_override_counts(%s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Rate:
    """
    How many protocols were signed and how many of them changed by hand, `by_layer` in which layer.

    `judgement` is as `core.overrides.judged` says it.
    """

    key: str
    name: str
    signed: int
    changed: int
    by_layer: tuple[tuple[str, int], ...]
    judgement: str
    why_url: str

    @property
    def in_foundation(self) -> int:
        """How many were changed in the foundation, which is meant to be the same for everybody."""
        return dict(self.by_layer)["foundation"]

    @property
    def per_cent(self) -> int:
        """The share of changed protocols, in whole per cent; 0 of none."""
        return round(100 * self.changed / self.signed) if self.signed else 0


@dataclass(frozen=True, slots=True)
class Rates:
    """The rates of a span of days, both days in it; `reasons` how often each was given."""

    since: date
    until: date
    everybody: Rate
    practitioners: tuple[Rate, ...]
    masters: tuple[Rate, ...]
    layers: tuple[Rate, ...]
    reasons: tuple[tuple[str, int], ...]


@dataclass(frozen=True, slots=True)
class _Count:
    """What was counted of one practitioner, Master Protocol or all; `by_layer` in the order of `LAYERS`."""

    signed: int
    changed: int
    by_layer: tuple[int, ...]


_NOTHING = _Count(0, 0, (0,) * len(LAYERS))


def override_rates(actor: Actor, since: date, until: date) -> Rates:
    """
    The rates of what was signed from one day to another; their own unless the actor leads. Counts alone:
    who leads need not be able to open anybody's record.

    Raises:
        Forbidden: the actor reads no figures.
        Invalid: the days are in the wrong order, or more than two years apart.
    """
    counted, reasons = _counted(actor, since, until)
    titles = {key: one.title for key, one in shipped().masters.items()}
    titles |= {key: one.title for key, one in in_force().masters.items()}

    def rate(kind: str, key: str, name: str, of: _Count) -> Rate:
        layers = tuple(zip(LAYERS, of.by_layer, strict=True))
        asked = reference("overrides", kind, key, since, until)
        judgement = judged(of.signed, of.changed)
        return Rate(key, name, of.signed, of.changed, layers, judgement, why_url(asked))

    signers = {UUID(key): found for (kind, key), found in counted.items() if kind == "practitioner"}
    names = names_of_users(set(signers))
    everybody = counted.get(("all", "all"), _NOTHING)
    return Rates(
        since,
        until,
        everybody=rate("all", "all", "All", everybody),
        practitioners=tuple(
            rate("practitioner", str(one), names.get(one, "Somebody"), signers[one])
            for one in sorted(signers, key=lambda each: (names.get(each, ""), each))
        ),
        masters=tuple(
            rate("template", key, titles.get(key, key), found)
            for (kind, key), found in sorted(counted.items())
            if kind == "template"
        ),
        layers=tuple(
            rate("layer", key, LAYER_NAMES[key], _of_layer(everybody, key) or _NOTHING) for key in LAYERS
        ),
        reasons=tuple((label, reasons[code]) for code, label in REASONS.items() if code in reasons),
    )


def explained(actor: Actor, key: str) -> Explanation | None:
    """
    Explain `KIND/KEY/SINCE/UNTIL`: what a rate is made of.

    KIND is `practitioner`, `template`, `layer` or `all`. The single overrides, the newest first, are those of
    records that the actor may open; of the others only how many there are.
    """
    kind, _, rest = key.partition("/")
    of, _, days = rest.partition("/")
    try:
        since, until = (date.fromisoformat(each) for each in days.split("/"))
        counted, _reasons = _counted(actor, since, until)
    except (ValueError, Invalid):
        return None
    all_of_it = counted.get(("all", "all"), _NOTHING)
    found = _of_layer(all_of_it, of) if kind == "layer" else counted.get((kind, of))
    if found is None or not found.signed:
        return None
    return Explanation(
        title=f"Overrides, {since.isoformat()} to {until.isoformat()}",
        figure_text=f"{found.changed:,} of {found.signed:,} signed protocols were changed by hand",
        facts=(
            *_layers_said(kind, found),
            *_singly(actor, kind, of, since, until, found.changed),
            *([Fact(f"{same:,} signed as composed.")] if (same := found.signed - found.changed) else []),
        ),
        rule_text=RULE,
        sources=SOURCES,
        url=reverse("protocols:overrides"),
    )


def _counted(
    actor: Actor, since: date, until: date
) -> tuple[dict[tuple[str, str], _Count], Mapping[str, int]]:
    """What was signed and changed by (kind, key), and how often each reason was given. One statement."""
    require(actor, OWN)
    if not 0 <= (until - since).days < LONGEST_DAYS:
        raise Invalid("At most two years, the first day first.", field="since")
    whose = None if allows(actor, EVERYBODYS) else actor.user_id
    counted: dict[tuple[str, str], _Count] = {}
    reasons: dict[str, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_COUNTED, [since, until, whose])
        for kind, key, signed, changed, *by_layer in cursor.fetchall():
            if kind == "reason":
                reasons[key] = signed
            else:
                counted[kind, key] = _Count(signed, changed, tuple(by_layer))
    return counted, reasons


def _of_layer(found: _Count, layer: str) -> _Count | None:
    """How many of all were changed in one layer; None when there is no such layer."""
    if layer not in LAYERS:
        return None
    many = found.by_layer[LAYERS.index(layer)]
    return _Count(found.signed, many, tuple(many if each == layer else 0 for each in LAYERS))


def _layers_said(kind: str, found: _Count) -> Iterator[Fact]:
    """In which layers; a protocol that was changed in two counts in both."""
    if kind != "layer":
        for layer, many in zip(LAYERS, found.by_layer, strict=True):
            if many:
                yield Fact(f"{LAYER_NAMES[layer]}: {many:,} changed.")


def _singly(actor: Actor, kind: str, of: str, since: date, until: date, changed: int) -> Iterator[Fact]:
    """Each override of the records that the actor may open, the newest first; of the others how many."""
    rows = _rows(actor, kind, of, since, until) if allows(actor, SINGLE) else []
    names = names_of_users({each.protocol.signed_by_id for each in rows})
    shown = rows[:MOST_SHOWN]
    yield from (_fact(each, names) for each in shown)
    if len(rows) > MOST_SHOWN:
        yield Fact(f"{len(rows) - MOST_SHOWN:,} older ones.")
    hidden = changed - len({each.protocol_id for each in rows})
    if hidden > 0:
        yield Fact(f"{hidden:,} changed in records that you may not open: counted, not shown.")
    if shown:
        patients = list({each.patient_id for each in shown})
        access.record_list(actor, "protocols.overrides_listed", patient_ids=patients)


def _rows(actor: Actor, kind: str, of: str, since: date, until: date) -> Sequence[ProtocolOverride]:
    """The single overrides within reach that count for a practitioner, a template, a layer, or all."""
    rows = ProtocolOverride.objects.select_related("protocol").filter(
        protocol__signed_at__date__gte=since, protocol__signed_at__date__lte=until
    )
    if not allows(actor, EVERYBODYS):
        rows = rows.filter(protocol__signed_by=actor.user_id)
    if kind == "practitioner":
        rows = rows.filter(protocol__signed_by=UUID(of))
    if kind == "template":
        rows = rows.filter(master_keys__contains=of)
    if kind == "layer":
        rows = rows.filter(layer=of)
    return list(rows.order_by("-protocol__signed_at", "protocol_id", "position"))


def _fact(one: ProtocolOverride, names: Mapping[UUID, str]) -> Fact:
    words = f" “{one.words}”" if one.words else ""
    protocol = one.protocol
    return Fact(
        f"{protocol.signed_at.date().isoformat()}, {names.get(protocol.signed_by_id, 'somebody')}: {one.text}"
        f" ({LAYER_NAMES[one.layer].lower()}). {REASONS[one.reason]}.{words}",
        url=reverse("protocols:protocol", args=[one.patient_id, one.protocol_id]),
    )


def last_days(today: date, days: int) -> tuple[date, date]:
    """The span of so many days that ends today."""
    return today - timedelta(days=days - 1), today

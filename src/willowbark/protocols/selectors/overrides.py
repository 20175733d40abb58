"""How often signers decide otherwise than composed: by practitioner, Master Protocol and layer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from uuid import UUID

from django.urls import reverse

from willowbark.foundation import access
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.explaining import Cited, Explanation, Fact, reference, why_url
from willowbark.kernel.errors import Invalid
from willowbark.practice.selectors import names_of_users
from willowbark.protocols.core.overrides import FEWEST_SIGNED, HEALTHY, LAYERS, REASONS, judged
from willowbark.protocols.models import ProtocolOverride, SignedProtocol
from willowbark.protocols.selectors.drafts import COMPOSE
from willowbark.protocols.selectors.library import library

EVERYBODYS = "metrics.everyone"
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
class _Signed:
    protocol_id: UUID
    patient_id: UUID
    signer: UUID
    signed_on: date
    master_keys: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Changed:
    protocol_id: UUID
    patient_id: UUID
    signer: UUID
    signed_on: date
    layer: str
    master_keys: tuple[str, ...]
    text: str
    reason: str
    words: str


def override_rates(actor: Actor, since: date, until: date) -> Rates:
    """
    The rates of what was signed from one day to another, within reach; their own unless the actor leads.

    Raises:
        Forbidden: the actor composes no protocols.
        Invalid: the days are in the wrong order, or more than two years apart.
    """
    signed, changed = _read(actor, since, until)
    names = names_of_users({each.signer for each in signed})
    titles = {key: one.title for key, one in library(actor).masters.items()}

    def rate(kind: str, key: str, name: str, of: Iterable[_Signed], by: Iterable[_Changed]) -> Rate:
        of, by = list(of), list(by)
        layers = tuple((each, len({one.protocol_id for one in by if one.layer == each})) for each in LAYERS)
        many = len({one.protocol_id for one in by})
        asked = reference("overrides", kind, key, since, until)
        return Rate(key, name, len(of), many, layers, judged(len(of), many), why_url(asked))

    masters = sorted({key for each in signed for key in each.master_keys})
    signers = sorted({each.signer for each in signed}, key=lambda each: (names.get(each, ""), each))
    return Rates(
        since,
        until,
        everybody=rate("all", "all", "All", signed, changed),
        practitioners=tuple(
            rate(
                "practitioner",
                str(one),
                names.get(one, "Somebody"),
                (each for each in signed if each.signer == one),
                (each for each in changed if each.signer == one),
            )
            for one in signers
        ),
        masters=tuple(
            rate(
                "template",
                key,
                titles.get(key, key),
                (each for each in signed if key in each.master_keys),
                (each for each in changed if key in each.master_keys),
            )
            for key in masters
        ),
        layers=tuple(
            rate("layer", key, LAYER_NAMES[key], signed, (each for each in changed if each.layer == key))
            for key in LAYERS
        ),
        reasons=tuple(
            (label, count)
            for code, label in REASONS.items()
            if (count := sum(each.reason == code for each in changed))
        ),
    )


def explained(actor: Actor, key: str) -> Explanation | None:
    """
    Explain `KIND/KEY/SINCE/UNTIL`: the overrides that a rate is made of, the newest first.

    KIND is `practitioner`, `template`, `layer` or `all`.
    """
    kind, _, rest = key.partition("/")
    of, _, days = rest.partition("/")
    try:
        since, until = (date.fromisoformat(each) for each in days.split("/"))
        signed, changed = _read(actor, since, until)
    except (ValueError, Invalid):
        return None
    signed = [one for one in signed if _is_of(one, kind, of)]
    changed = [one for one in changed if _is_of(one, kind, of)]
    if not signed:
        return None
    many = len({one.protocol_id for one in changed})
    names = names_of_users({one.signer for one in changed})
    facts = [_fact(one, names) for one in changed[:MOST_SHOWN]]
    if len(changed) > MOST_SHOWN:
        facts.append(Fact(f"{len(changed) - MOST_SHOWN:,} older ones."))
    if len(signed) > many:
        facts.append(Fact(f"{len(signed) - many:,} signed as composed."))
    access.record_list(
        actor,
        "protocols.overrides_listed",
        patient_ids=list({one.patient_id for one in changed[:MOST_SHOWN]}),
    )
    return Explanation(
        title=f"Overrides, {since.isoformat()} to {until.isoformat()}",
        figure_text=f"{many:,} of {len(signed):,} signed protocols were changed by hand",
        facts=tuple(facts),
        rule_text=RULE,
        sources=SOURCES,
        url=reverse("protocols:overrides"),
    )


def _is_of(one: _Signed | _Changed, kind: str, key: str) -> bool:
    """Whether a signature or an override counts for a practitioner, a template, a layer, or all."""
    if kind == "practitioner":
        return str(one.signer) == key
    if kind == "template":
        return key in one.master_keys
    if kind == "layer":
        return key in LAYERS and (isinstance(one, _Signed) or one.layer == key)
    return kind == "all"


def _fact(one: _Changed, names: Mapping[UUID, str]) -> Fact:
    words = f" “{one.words}”" if one.words else ""
    return Fact(
        f"{one.signed_on.isoformat()}, {names.get(one.signer, 'somebody')}: {one.text}"
        f" ({LAYER_NAMES[one.layer].lower()}). {REASONS[one.reason]}.{words}",
        url=reverse("protocols:protocol", args=[one.patient_id, one.protocol_id]),
    )


def _read(actor: Actor, since: date, until: date) -> tuple[list[_Signed], list[_Changed]]:
    """What was signed in these days and what was changed in it, the newest first."""
    require(actor, COMPOSE)
    if not 0 <= (until - since).days < LONGEST_DAYS:
        raise Invalid("At most two years, the first day first.", field="since")
    rows = SignedProtocol.objects.filter(signed_at__date__gte=since, signed_at__date__lte=until)
    if not allows(actor, EVERYBODYS):
        rows = rows.filter(signed_by=actor.user_id)
    signed = [
        _Signed(pk, patient_id, signer, at.date(), tuple(keys))
        for pk, patient_id, signer, at, keys in rows.values_list(
            "pk", "patient_id", "signed_by_id", "signed_at", "composition__master_keys"
        )
    ]
    return signed, _changes({each.protocol_id: each for each in signed})


def _changes(signed: Mapping[UUID, _Signed]) -> list[_Changed]:
    found: Sequence[ProtocolOverride] = list(
        ProtocolOverride.objects.filter(protocol_id__in=list(signed)).order_by("protocol_id", "position")
    )
    changes = [
        _Changed(
            each.protocol_id,
            each.patient_id,
            signed[each.protocol_id].signer,
            signed[each.protocol_id].signed_on,
            each.layer,
            tuple(each.master_keys),
            each.text,
            each.reason,
            each.words,
        )
        for each in found
    ]
    return sorted(changes, key=lambda each: each.signed_on, reverse=True)


def last_days(today: date, days: int) -> tuple[date, date]:
    """The span of so many days that ends today."""
    return today - timedelta(days=days - 1), today

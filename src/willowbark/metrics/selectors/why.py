"""Why a figure is what it is: what it measures, the facts that it is made of, and the time behind each."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from willowbark.foundation import access, effort
from willowbark.foundation.authorisation import Actor, allows, require
from willowbark.foundation.explaining import Cited, Explanation, Fact, reference
from willowbark.foundation.presentation.dates import known_date_text, time_text
from willowbark.foundation.presentation.numbers import count_text, duration_text
from willowbark.metrics.core.definitions import CONTAINERS_DISPENSED, PROTOCOL_TIME, Metric
from willowbark.metrics.core.pieces import Sum
from willowbark.metrics.models import MetricPiece
from willowbark.metrics.selectors.defined import definitions
from willowbark.metrics.selectors.figures import EVERYWHERE, LONGEST_SPAN_DAYS, Figure, figures
from willowbark.metrics.selectors.reach import at_sites
from willowbark.practice.selectors import names_of_users

MOST_PIECES = 50


def figure_text(metric: Metric, found: Sum) -> str:
    """A figure in words: the mean of a fact for a time, a share in per cent, the sum for a count."""
    if metric.shown_as == "minutes":
        if found.mean is None:
            return "Nothing measured"
        many = "protocol" if found.count == 1 else "protocols"
        return f"{duration_text(round(found.mean))} on average, over {count_text(found.count)} {many}"
    if metric.shown_as == "per_cent":
        share = f"{found.per_cent} %, " if found.count else ""
        return f"{share}{count_text(found.total)} of {count_text(found.count)} {metric.unit}"
    return f"{count_text(found.total)} {metric.unit if found.total != 1 else metric.unit.removesuffix('s')}"


def of_measure(actor: Actor, key: str) -> Explanation | None:
    """What a metric measures, by which rule, and who says that it should be watched."""
    require(actor, "practice.read")
    metric = next((one for one in definitions().metrics if one.key == key), None)
    if metric is None:
        return None
    return Explanation(
        title=metric.name,
        facts=(
            Fact(metric.measures),
            Fact(f"Counted in: {'seconds' if metric.unit == 's' else metric.unit}. {metric.facts}"),
            Fact(f"Defined, and last reviewed, on {definitions().reviewed_on}."),
        ),
        rule_text=metric.rule,
        sources=_sources(metric),
    )


def of_figure(actor: Actor, key: str) -> Explanation | None:
    """
    A figure over a span of days: `metric/site/practitioner/since/until`, `all` for every one.

    Whoever does not lead sees what is their own fact by fact, of the others how many there are.
    """
    asked = _asked(key)
    if asked is None:
        return None
    metric, site_id, person, since, until = asked
    figure = figures(actor, since=since, until=until, site_id=site_id)[metric.key]
    found, name = _part(figure, person)
    if found is None:
        return None
    pieces = _pieces(actor, metric, site_id, person, since, until)
    names = _names(pieces)
    facts = [_fact_of(piece, metric, names) for piece in pieces]
    if hidden := found.count - len(facts):
        facts.append(Fact(f"{count_text(hidden)} more, which are not shown here one by one"))
    _log(actor, pieces)
    return Explanation(
        title=f"{metric.name}{f', {name}' if name else ''}, {_span(since, until)}",
        figure_text=figure_text(metric, found),
        facts=(*facts, Fact("What this measures", why=reference("measure", metric.key))),
        rule_text=metric.rule,
        sources=_sources(metric),
    )


def of_piece(actor: Actor, key: str) -> Explanation | None:
    """One fact as it counts: `site/metric/patient/source`, with the visits whose time was added up."""
    require(actor, "metrics.read")
    parts = key.split("/")
    if len(parts) != 4:
        return None
    site_id, patient_id, source_id = (_uuid(parts[at]) for at in (0, 2, 3))
    metric = next((one for one in definitions().metrics if one.key == parts[1]), None)
    if site_id is None or patient_id is None or source_id is None or metric is None:
        return None
    piece = (
        MetricPiece.objects.filter(_visible(actor))
        .filter(site_id=site_id, metric=metric.key, patient_id=patient_id, source_id=source_id)
        .first()
    )
    if piece is None:
        return None
    _log(actor, [piece])
    return Explanation(
        title=f"{metric.name}: {_happened(piece, metric, _names([piece]))}",
        figure_text=_amount(piece, metric),
        facts=(
            _counted(actor, piece, metric),
            *_time_facts(actor, piece, metric),
            Fact("What this measures", why=reference("measure", metric.key)),
        ),
        rule_text=metric.rule,
        sources=_sources(metric),
    )


def _asked(key: str) -> tuple[Metric, UUID | None, UUID | None, date, date] | None:
    parts = key.split("/")
    if len(parts) != 5:
        return None
    metric = next((one for one in definitions().metrics if one.key == parts[0]), None)
    places = [None if part == EVERYWHERE else _uuid(part) for part in parts[1:3]]
    try:
        since, until = date.fromisoformat(parts[3]), date.fromisoformat(parts[4])
    except ValueError:
        return None
    is_named = all(place or part == EVERYWHERE for place, part in zip(places, parts[1:3], strict=True))
    is_span = 0 <= (until - since).days < LONGEST_SPAN_DAYS
    if metric is None or not is_named or not is_span:
        return None
    return metric, places[0], places[1], since, until


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _part(figure: Figure, person: UUID | None) -> tuple[Sum | None, str]:
    if person is None:
        return figure.sum, ""
    found = next((one for one in figure.by_practitioner if one.practitioner_id == person), None)
    return (found.sum, found.name) if found else (None, "")


def _pieces(
    actor: Actor, metric: Metric, site_id: UUID | None, person: UUID | None, since: date, until: date
) -> list[MetricPiece]:
    rows = MetricPiece.objects.filter(_visible(actor), metric=metric.key, day__range=(since, until))
    if site_id is not None:
        rows = rows.filter(site_id=site_id)
    if person is not None:
        rows = rows.filter(practitioner_id=person)
    return list(rows.order_by("-at", "-id")[:MOST_PIECES])


def _visible(actor: Actor) -> Q:
    own = Q(practitioner_id=actor.user_id)
    return own | at_sites(actor, "metrics.everyone") if allows(actor, "metrics.everyone") else own


def _names(pieces: Sequence[MetricPiece]) -> dict[UUID, str]:
    return names_of_users({piece.practitioner_id for piece in pieces})


def _log(actor: Actor, pieces: Sequence[MetricPiece]) -> None:
    """Facts are patients' facts, though nobody is named: whose they were is in the log."""
    if pieces:
        patients = sorted({piece.patient_id for piece in pieces})
        access.record_list(actor, "metrics.facts", patient_ids=patients)


def _fact_of(piece: MetricPiece, metric: Metric, names: Mapping[UUID, str]) -> Fact:
    why = reference("piece", piece.site_id, piece.metric, piece.patient_id, piece.source_id)
    return Fact(f"{_happened(piece, metric, names)}: {_amount(piece, metric)}", why=why)


def _happened(piece: MetricPiece, metric: Metric, names: Mapping[UUID, str]) -> str:
    done = "dispensed" if metric.key == CONTAINERS_DISPENSED else "signed"
    return f"{done} on {_moment(piece.at)} by {names.get(piece.practitioner_id, 'somebody who has left')}"


def _amount(piece: MetricPiece, metric: Metric) -> str:
    if metric.unit == "s":
        return duration_text(piece.amount)
    if metric.shown_as == "per_cent":
        return "changed by hand" if piece.amount else "signed as composed"
    return figure_text(metric, Sum(1, piece.amount))


def _counted(actor: Actor, piece: MetricPiece, metric: Metric) -> Fact:
    """What was counted, with a way to it for those who read records."""
    is_dispensing = metric.key == CONTAINERS_DISPENSED
    if not allows(actor, "dispensary.read" if is_dispensing else "protocols.read"):
        return Fact(f"The {'dispensing' if is_dispensing else 'protocol'} stands in the patient's record")
    if is_dispensing:
        place = reverse("dispensary:handed_out", args=[piece.patient_id, piece.source_id])
        return Fact("The dispensing", url=place)
    return Fact("The signed protocol", why=reference("protocol", piece.patient_id, piece.source_id))


def _time_facts(actor: Actor, piece: MetricPiece, metric: Metric) -> Iterator[Fact]:
    """The visits to pages that a time was added up of, for those who may read somebody's time."""
    if metric.key != PROTOCOL_TIME or piece.began_at is None:
        return
    yield Fact(f"The draft was opened on {_moment(piece.began_at)}, signed on {_moment(piece.at)}")
    if piece.practitioner_id != actor.user_id and not allows(actor, "effort.read"):
        yield Fact("The visits to pages that this is made of are seen by whose they are and by the owner")
        return
    for visit in effort.visits(
        actor,
        user_id=piece.practitioner_id,
        patient_id=piece.patient_id,
        task_kind=metric.task_kind,
        since=piece.began_at,
        until=piece.at,
    ):
        counted = visit.seconds_within(piece.began_at, piece.at)
        yield Fact(
            f"On the page from {_moment(visit.started_at)} to {_moment(visit.last_at)}:"
            f" active {duration_text(visit.active_seconds)}, of which {duration_text(counted)} counted"
        )


def _moment(at: datetime) -> str:
    zone = timezone.get_current_timezone()
    return f"{known_date_text(at, 'instant', zone)} {time_text(at, zone)}"


def _span(since: date, until: date) -> str:
    zone = timezone.get_current_timezone()
    first, last = known_date_text(since, "day", zone), known_date_text(until, "day", zone)
    return first if since == until else f"{first} to {last}"


def _sources(metric: Metric) -> tuple[Cited, ...]:
    return tuple(Cited(one.title, one.locator, one.is_verified) for one in metric.sources)

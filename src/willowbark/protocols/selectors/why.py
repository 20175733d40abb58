"""Why a line is in a protocol, and how a protocol was composed: facts, rule and sources."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from uuid import UUID

from django.urls import reverse

from willowbark.foundation.authorisation import Actor, allows
from willowbark.foundation.explaining import Cited, Explanation, Fact, kinds, reference
from willowbark.kernel.errors import NotFound
from willowbark.knowledge.selectors import release
from willowbark.protocols.core.described import cited
from willowbark.protocols.core.lines import PlanLine
from willowbark.protocols.core.review import proposed_texts
from willowbark.protocols.core.wording import moments_text, money_text, source_text, units_text
from willowbark.protocols.models import Composition, ProtocolLine, SignedProtocol
from willowbark.protocols.selectors.compositions import CompositionView
from willowbark.protocols.selectors.compositions import composition as read_composition
from willowbark.protocols.selectors.drafts import COMPOSE
from willowbark.protocols.selectors.library import shipped
from willowbark.protocols.selectors.signed import LineView, SignedProtocolView
from willowbark.protocols.selectors.signed import protocol as read_protocol

RULE = (
    "Of all plans that keep every rule (upper limits over everything taken, bans, hours apart, what a day may"
    " hold), the one that misses least: first the foundation's least amounts, then the targeted ones, then"
    " all aims, then cautions, the shelf, units, moments, cost, products and change. It was proven that none"
    " is better."
)


def _found(
    key: str, model: type[ProtocolLine] | type[SignedProtocol] | type[Composition]
) -> tuple[UUID, UUID]:
    """
    The patient and the id that a key names: `PATIENT/ID`, or the id alone.

    Raises:
        NotFound: no such row within the actor's reach, or no id at all.
    """
    patient, _, row = key.rpartition("/")
    try:
        row_id = UUID(row)
        if patient:
            return UUID(patient), row_id
    except ValueError as error:
        raise NotFound("not an id") from error
    owner = model._default_manager.filter(pk=row_id).order_by("patient_id").values_list("patient_id").first()
    if owner is None:
        raise NotFound("no such row")
    return owner[0], row_id


def line(actor: Actor, key: str) -> Explanation | None:
    """Explain `PATIENT/LINE`, or a line's id alone: why this product, so much of it, then."""
    patient_id, line_id = _found(key, ProtocolLine)
    of = ProtocolLine.objects.filter(patient_id=patient_id, pk=line_id).values_list("protocol_id").first()
    if of is None:
        raise NotFound("protocol line")
    signed = read_protocol(actor, patient_id, of[0])
    found = next(each for each in signed.lines if each.id == line_id)
    return _of_line(signed, found, _planned(actor, signed))


def protocol(actor: Actor, key: str) -> Explanation | None:
    """Explain `PATIENT/PROTOCOL`, or a protocol's id alone: its lines and the composition behind them."""
    patient_id, protocol_id = _found(key, SignedProtocol)
    signed = read_protocol(actor, patient_id, protocol_id)
    planned = _planned(actor, signed)
    facts = [
        Fact(
            f"Signed by {signed.signed_by_name or 'somebody'} on {signed.signed_at:%Y-%m-%d};"
            f" SHA-256 {signed.content_sha256}."
        )
    ]
    if planned:
        facts += _made_of(planned)
        facts.append(Fact("How it was composed", why=reference("composition", patient_id, planned.id)))
    return Explanation(
        title=f"Protocol {signed.number}",
        figure_text=f"{len(signed.lines)} products for {signed.days} days",
        facts=tuple(facts),
        rule_text=RULE,
        children=tuple(_of_line(signed, each, planned) for each in signed.lines),
        url=reverse("protocols:protocol", args=[patient_id, signed.id]),
    )


def composition(actor: Actor, key: str) -> Explanation | None:
    """Explain `PATIENT/COMPOSITION`, or its id alone: what it was made from, and each line."""
    patient_id, composition_id = _found(key, Composition)
    view = read_composition(actor, patient_id, composition_id)
    return Explanation(
        title=f"Composition of {view.composed_at:%Y-%m-%d %H:%M} UTC",
        figure_text=f"{len(view.plan.lines)} products, {money_text(view.plan.totals.cost_cents)}",
        facts=tuple(_made_of(view)),
        rule_text=RULE,
        children=tuple(_of_planned(view, each) for each in view.lines),
        url=reverse("protocols:review", args=[patient_id, view.id]),
    )


def _planned(actor: Actor, signed: SignedProtocolView) -> CompositionView | None:
    """The composition behind a protocol, for those who may read it: it says what the record says."""
    if not allows(actor, COMPOSE):
        return None
    return read_composition(actor, signed.patient_id, signed.composition_id)


def _made_of(view: CompositionView) -> Iterator[Fact]:
    situation = view.situation
    titles = ", ".join(f"{each['title']} v{each['version']}" for each in situation["masters"])
    yield Fact(f"Master Protocols: {titles}.", url=reverse("protocols:library"))
    chart = reverse("record:medications", args=[view.patient_id])
    if situation["drugs"]:
        texts = dict.fromkeys(each["text"] for each in situation["drugs"])
        yield Fact(f"Medicines: {', '.join(texts)}.", url=chart)
    not_checked = dict.fromkeys(each["text"] for each in situation["not_checked"])
    if not_checked:
        yield Fact(f"Not checked: {', '.join(not_checked)}.", url=chart)
    for _, text in proposed_texts(view.problem, situation):
        yield Fact(text)
    yield Fact(f"Knowledge release {view.release_id[:16]}, library {view.library_id[:16]}.")
    yield Fact(f"Solved by {view.solver}: {view.status}; problem SHA-256 {view.problem_sha256}.")


def _of_line(signed: SignedProtocolView, line: LineView, planned: CompositionView | None) -> Explanation:
    facts = [Fact(each) for each in line.reasons]
    if planned:
        facts.append(Fact("How it was composed", why=reference("composition", signed.patient_id, planned.id)))
    return Explanation(
        title=f"{line.product_name}: {moments_text(line.moments, line.unit_name)}",
        figure_text=f"{units_text(line.units_a_day, line.unit_name)} a day,"
        f" {line.containers} containers for {line.days} days",
        facts=(*facts, *_facts_of(line.fact_keys)),
        rule_text=RULE,
        sources=tuple(_sources_of(line.fact_keys, planned)),
        url=reverse("protocols:protocol", args=[signed.patient_id, signed.id]),
        reference=reference("line", signed.patient_id, line.id),
    )


def _of_planned(view: CompositionView, line: PlanLine) -> Explanation:
    return Explanation(
        title=f"{line.name}: {line.taken_text}",
        figure_text=f"{units_text(line.units_a_day, line.unit_name)} a day",
        facts=(*(Fact(each) for each in line.reasons), *_facts_of(line.fact_keys)),
        sources=tuple(_sources_of(line.fact_keys, view)),
        url=reverse("protocols:review", args=[view.patient_id, view.id]),
    )


def _facts_of(keys: Iterable[str]) -> Iterator[Fact]:
    """The facts of the knowledge behind a line, where somebody explains them."""
    if "fact" not in kinds():
        return
    known = release().facts
    for key in keys:
        if key in known:
            yield Fact(f"Fact {key}", why=reference("fact", key))


def _sources_of(keys: Iterable[str], view: CompositionView | None) -> Iterator[Cited]:
    """The sources of facts, and those that a line names itself, each once; the practice's own as composed."""
    known, library = release(), shipped()
    own = {key: each for key, each in view.situation["sources"].items() if each.get("own")} if view else {}
    named: dict[str, None] = {}
    for key in keys:
        fact = known.facts.get(key)
        for source in fact.source_keys if fact else (key,):
            if source in known.sources or source in library.guidelines or source in own:
                named[source] = None
    for key in named:
        said = own.get(key) or cited(known, library, key)
        title = source_text(said)
        yield Cited(title, said["locator"], said["is_verified"])

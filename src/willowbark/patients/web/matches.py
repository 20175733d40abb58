"""Who is who: the pairs that wait, one pair side by side, and what was decided."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode

from willowbark.foundation import cursors, panels
from willowbark.foundation.authorisation import Actor
from willowbark.foundation.ids import uuid7
from willowbark.foundation.web import endpoint, uuid_of
from willowbark.kernel.errors import Conflict, Invalid
from willowbark.patients import selectors
from willowbark.patients.core.matching import Compared
from willowbark.patients.events import MATCHES_TOPIC
from willowbark.patients.selectors import Decided, MatchPair, MatchPerson, MatchRef, Waiting
from willowbark.patients.services.review import decide_match, undo_match
from willowbark.patients.web.rows import url_of

PAGE = 25
# Bits of evidence: as many as make one guess in two, in eight and in 128 a certainty.
_STRENGTHS = ((1.0, "hardly"), (3.0, "somewhat"), (7.0, "clearly"))
_DONE = {"link": "They are linked: one chart shows both.", "apart": "They stay two people."}


@dataclass(frozen=True, slots=True)
class QueueRow:
    """A pair that waits."""

    pair: Waiting
    url: str
    likely_text: str


@dataclass(frozen=True, slots=True)
class DecidedRow:
    """A pair about which somebody decided."""

    pair: Decided
    url: str
    undo_url: str


@dataclass(frozen=True, slots=True)
class QueuePage:
    """The page of all pairs that wait, or of those with one person."""

    rows: tuple[QueueRow, ...]
    decided: tuple[DecidedRow, ...]
    of_patient: str
    here_url: str
    all_url: str
    first_url: str
    further_url: str


@dataclass(frozen=True, slots=True)
class Side:
    """One of the two, and what other businesses say of them: (title, text)."""

    person: MatchPerson
    chart_url: str
    stands: bool
    notes: tuple[panels.Rendered, ...]


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the comparison. `mark`: same, alike, differs, one (only one of them says anything)."""

    label: str
    mine: tuple[str, ...]
    theirs: tuple[str, ...]
    mark: str
    agreement: str
    speaks: str
    weight_text: str


@dataclass(frozen=True, slots=True)
class PairPage:
    """The page of one pair."""

    pair: MatchPair
    likely_text: str
    one: Side
    other: Side
    lines: tuple[Line, ...]
    weighed: tuple[tuple[str, str], ...]
    request_key: UUID
    reason: str
    error_text: str
    decide_url: str
    undo_url: str
    skip_url: str
    here_url: str
    queue_url: str


@endpoint("patients.match")
def matches(request: HttpRequest, actor: Actor) -> HttpResponse:
    """The pairs that wait, strongest first."""
    asked, place = request.GET.get("patient", ""), request.GET.get("after", "")
    found = selectors.match_queue(
        actor,
        patient_id=uuid_of(asked) if asked else None,
        after=_place(place),
        limit=PAGE,
    )
    url = reverse("patients:matches")
    of_patient = {"patient": asked} if asked else {}
    further = ""
    if found.more:
        last = found.rows[-1]
        after = cursors.write(str(last.probability), last.ref.candidate_id)
        further = f"{url}?{urlencode({**of_patient, 'after': after})}"
    first = f"{url}?{urlencode(of_patient)}" if of_patient else url
    page = QueuePage(
        rows=tuple(QueueRow(each, _url("match", each.ref), likely(each.probability)) for each in found.rows),
        decided=tuple(
            DecidedRow(each, _url("match", each.ref), _url("undo_match", each.ref)) for each in found.decided
        ),
        of_patient=asked,
        here_url=request.get_full_path(),
        all_url=url if asked else "",
        first_url=first if place else "",
        further_url=further,
    )
    fragment = "#matches" if request.headers.get("HX-Target") == "matches" else ""
    done = _DONE.get(request.GET.get("done", ""), "")
    context = {
        "page": page,
        "page_task_kind": "match_review",
        "page_live_topics": MATCHES_TOPIC,
        "messages": [done] if done else [],
    }
    response = render(request, f"patients/matches.html{fragment}", context)
    response["Vary"] = "HX-Request, HX-Target"
    return response


@endpoint("patients.match")
def match(request: HttpRequest, actor: Actor, patient_id: UUID, candidate_id: UUID) -> HttpResponse:
    """One pair side by side."""
    return _page(request, actor, MatchRef(candidate_id, patient_id, patient_id))


@endpoint("patients.match", methods=("POST",))
def decide(request: HttpRequest, actor: Actor, patient_id: UUID, candidate_id: UUID) -> HttpResponse:
    """Say whether they are one person; the next pair follows."""
    decision, reason = request.POST.get("decision", ""), request.POST.get("reason", "")
    ref = selectors.find_candidate(actor, patient_id, candidate_id)
    try:
        decide_match(
            actor=actor,
            patient_id=patient_id,
            candidate_id=candidate_id,
            decision=decision,
            reason=reason,
            request_key=uuid_of(request.POST.get("request_key", "")),
        )
    except (Invalid, Conflict) as error:
        # A fragment is only put into the page, with what is true by now, when it comes as 422.
        is_fragment = bool(request.headers.get("HX-Request"))
        status = 422 if is_fragment or isinstance(error, Invalid) else 409
        return _page(request, actor, ref, reason=reason, error_text=str(error), status=status)
    following = selectors.match_pair(actor, patient_id, candidate_id).following
    next_url = _url("match", following) if following else reverse("patients:matches")
    if not request.headers.get("HX-Request"):
        return redirect(f"{reverse('patients:matches')}?{urlencode({'done': decision})}")
    if following is None:
        return HttpResponse(
            status=204, headers={"HX-Redirect": f"{next_url}?{urlencode({'done': decision})}"}
        )
    response = _page(request, actor, following)
    response["HX-Push-Url"] = next_url
    said = {"text": _DONE[decision], "undo_url": _url("undo_match", ref)}
    response["HX-Trigger"] = json.dumps({"willow:toast": said})
    return response


@endpoint("patients.match", methods=("POST",))
def undo(request: HttpRequest, actor: Actor, patient_id: UUID, candidate_id: UUID) -> HttpResponse:
    """Take a decision back; the pair is shown again."""
    undo_match(actor=actor, patient_id=patient_id, candidate_id=candidate_id)
    url = reverse("patients:match", args=[patient_id, candidate_id])
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": url})
    return redirect(url)


def likely(probability: Decimal) -> str:
    """A likelihood as a person reads it: never certain, never impossible."""
    percent = int(probability * 100)
    return f"{min(max(percent, 1), 99)} in 100"


def _page(
    request: HttpRequest,
    actor: Actor,
    ref: MatchRef,
    *,
    reason: str = "",
    error_text: str = "",
    status: int = 200,
) -> HttpResponse:
    pair = selectors.match_pair(actor, ref.patient_id, ref.candidate_id)
    queue = reverse("patients:matches")
    page = PairPage(
        pair=pair,
        likely_text=likely(pair.probability),
        one=_side(request, actor, pair.one, pair.stands),
        other=_side(request, actor, pair.other, pair.stands),
        lines=tuple(_line(each) for each in pair.lines),
        weighed=tuple((each.words, speaks(each.weight)) for each in pair.weighed),
        request_key=uuid7(),
        reason=reason,
        error_text=error_text,
        decide_url=_url("decide_match", pair.ref),
        undo_url=_url("undo_match", pair.ref) if pair.decision and not pair.settled_with else "",
        skip_url=_url("match", pair.following) if pair.following else "",
        here_url=_url("match", pair.ref),
        queue_url=queue,
    )
    context = {
        "page": page,
        "page_task_kind": "match_review",
        "page_patient_id": str(pair.ref.patient_id),
        "page_live_topics": MATCHES_TOPIC,
    }
    fragment = "#pair" if request.headers.get("HX-Target") == "pair" else ""
    response = render(request, f"patients/match.html{fragment}", context, status=status)
    response["Vary"] = "HX-Request, HX-Target"
    return response


def _side(request: HttpRequest, actor: Actor, person: MatchPerson, stands: UUID) -> Side:
    notes = panels.rendered("match", request, actor, person.patient_id)
    return Side(
        person=person,
        chart_url=url_of(actor, person.patient_id),
        stands=person.patient_id == stands,
        notes=tuple(each for each in notes if each.html.strip()),
    )


def _line(line: Compared) -> Line:
    if not line.mine or not line.theirs:
        mark = "one"
    elif line.is_alike:
        mark = "same"
    else:
        mark = "alike" if (line.weight or 0) > 0 else "differs"
    return Line(
        label=line.label,
        mine=line.mine,
        theirs=line.theirs,
        mark=mark,
        agreement=line.agreement,
        speaks=speaks(line.weight) if line.weight is not None else "",
        weight_text=f"{line.weight:+.1f}" if line.weight is not None else "",
    )


def speaks(weight: float) -> str:
    """What a weight in bits says, in words."""
    strength = next((words for most, words in _STRENGTHS if abs(weight) < most), "strongly")
    if strength == "hardly":
        return "says little either way"
    return f"speaks {strength} {'for' if weight > 0 else 'against'} one person"


def _place(text: str) -> tuple[Decimal, UUID] | None:
    place = cursors.read_text(text)
    if place is None:
        return None
    try:
        probability = Decimal(place[0])
    except InvalidOperation as error:
        raise Invalid("That place in the list does not exist.") from error
    if not probability.is_finite() or not 0 <= probability <= 1:
        raise Invalid("That place in the list does not exist.")
    return probability, place[1]


def _url(name: str, ref: MatchRef) -> str:
    return reverse(f"patients:{name}", args=[ref.patient_id, ref.candidate_id])

"""Reading what is known. The same for everybody: facts, no person's data."""

from __future__ import annotations

from functools import cache

from willowbark.foundation.authorisation import Actor, require
from willowbark.foundation.explaining import Cited, Explanation, reference
from willowbark.foundation.explaining import Fact as Said
from willowbark.knowledge.core.facts import fact
from willowbark.knowledge.core.reading import release_of, shipped
from willowbark.knowledge.core.release import Fact, Ingredient, Interaction, Limit, Release, Source
from willowbark.knowledge.core.wording import amount, interaction_text, limit_text, listed

KIND = "fact"
READ = "catalog.read"
_PLACES = {"pubmed": "https://pubmed.ncbi.nlm.nih.gov/{}/", "doi": "https://doi.org/{}"}
_GRADES = {
    "A": "strong evidence",
    "B": "good evidence",
    "C": "weak evidence",
    "D": "theory, tradition or expert opinion",
}


@cache
def release() -> Release:
    """The release that this version of the platform ships; read once in a process."""
    return release_of(shipped())


def why(actor: Actor, key: str) -> Explanation | None:
    """
    Explain a fact by its key: what it says, how well it is known, when it was reviewed, and its sources.

    Raises:
        Forbidden: the actor reads no catalog, and so nothing of what is in it.
        UnknownFact: no such fact.
    """
    require(actor, READ)
    known = release()
    backed = fact(known, key)
    found = backed.fact
    graded = f"Grade {found.grade} ({_GRADES[found.grade]}), reviewed on {found.reviewed_on.isoformat()}."
    title, said = _said(known, found)
    return Explanation(
        title=title,
        facts=(
            *said,
            Said(graded),
            Said(f"Release {known.id[:12]} of the knowledge; the fact's key is {found.key}."),
        ),
        rule_text="" if backed.is_verified else "Not every source was seen: whoever signs is told so.",
        sources=tuple(_cited(source) for source in backed.sources),
    )


def _said(known: Release, found: Fact) -> tuple[str, tuple[Said, ...]]:
    """What a fact says, in a title and sentences."""
    if isinstance(found, Limit):
        ingredient = known.ingredients[found.ingredient_key]
        said = [Said(limit_text(ingredient, found, age_is_known=True), why=reference(KIND, ingredient.key))]
        return f"{ingredient.name}: upper limit", (*said, *([Said(found.note)] if found.note else []))
    if isinstance(found, Interaction):
        return _interaction(known, found)
    if isinstance(found, Ingredient):
        forms = listed([form.name for form in found.forms])
        most = f"No single amount above {amount(found.largest, found.unit)} is plausible."
        measured = f"Measured in {found.unit} of {found.measured_as or found.name}."
        return found.name, (Said(measured), Said(most), *([Said(f"Forms: {forms}.")] if forms else []))
    return found.key, ()


def _interaction(known: Release, found: Interaction) -> tuple[str, tuple[Said, ...]]:
    members = sorted(known.members.get(found.subject, ()))
    ingredients = [known.ingredients[one] for one in members]
    other = found.other_key.replace("_", " ")
    name = known.groups.get(found.subject) or next((one.name for one in ingredients), found.subject)
    said = [Said(interaction_text(one, found, [other]), why=reference(KIND, one.key)) for one in ingredients]
    ranked = f"Severity: {found.severity}; what to do: {found.management}."
    mechanism = [Said(f"How: {found.mechanism_text}")] if found.mechanism_text else []
    return f"{name} and {other}", (*said, Said(ranked), *mechanism)


def _cited(source: Source) -> Cited:
    locator = _PLACES.get(source.kind, "{}").format(source.locator)
    year = f", {source.year}" if source.year else ""
    return Cited(f"{source.title} ({source.publisher}{year})", locator, source.verified)

"""
Template tags of the design system: icons, dates, ages, quantities, words.

A builtin library: every template has it without `{% load %}`.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from functools import lru_cache
from typing import Protocol

from django import template
from django.templatetags.static import static
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from willowbark.foundation import clock, navigation
from willowbark.foundation.presentation import dates, languages, numbers, words

register = template.Library()


class Sourced(Protocol):
    """Where a fact came from, as far as one line says it."""

    author_name: str
    system_label: str
    recorded_by_name: str


@register.simple_tag
def icon(name: str, label: str = "", extra: str = "") -> SafeString:
    """
    Return an icon of the sprite (static/willowbark/icons.svg).

    Without `label` it is decoration, hidden from assistive technology; `extra` is a further CSS class.
    """
    return _icon(name, label, extra)


@lru_cache(maxsize=1024)
def _icon(name: str, label: str, extra: str) -> SafeString:
    # A chart shows hundreds of icons, and the address of a static file is worked out anew at every call.
    href = f"{static('willowbark/icons.svg')}#{name}"
    css = f"icon {extra}".strip()
    if label:
        return format_html(
            '<svg class="{}" role="img" aria-label="{}" focusable="false"><use href="{}"/></svg>',
            css,
            label,
            href,
        )
    return format_html(
        '<svg class="{}" aria-hidden="true" focusable="false"><use href="{}"/></svg>', css, href
    )


@register.simple_tag
def when(at: date | datetime | None, precision: str = "instant", show: str = "date") -> SafeString:
    """
    Return `<time>` for a date known to `precision`.

    `show`: 'date' (3 May 2014), 'time' (14:05, or nothing when no time is known), 'both'. Instants are shown
    in the practice's time zone; other dates have none. No date: an em dash that says "No date".
    """
    if not at:
        return SafeString("") if show == "time" else mark_safe('<span class="faint">No date</span>')
    zone = timezone.get_current_timezone()
    has_time = precision == "instant" and isinstance(at, datetime)
    parts = []
    if show in ("date", "both"):
        parts.append(dates.known_date_text(at, precision, zone))
    if show in ("time", "both") and has_time and isinstance(at, datetime):
        parts.append(dates.time_text(at, zone))
    if not parts:
        return SafeString("")
    return format_html(
        '<time datetime="{}">{}</time>', dates.known_date_iso(at, precision, zone), ", ".join(parts)
    )


@register.simple_tag
def age(birth: date | None, precision: str = "day", deceased_at: datetime | None = None) -> str:
    """Return the age today, or at death; '' without a birth date."""
    if not birth:
        return ""
    zone = timezone.get_current_timezone()
    on = dates.local_moment(deceased_at or clock.now(), zone).date()
    return dates.age_text(birth, precision or "day", on)


@register.simple_tag
def quantity(
    value: Decimal | None, comparator: str = "", unit: str = "", text: str = "", empty: str = "No value"
) -> SafeString:
    """
    Return a result: a number rounded for reading with its unit (exact in `value` and `title`), or text.

    A comparator (`<`, `>=` ...) stands before the number.
    """
    if value is None:
        return format_html("{}", text) if text else format_html('<span class="faint">{}</span>', empty)
    exact, shown = numbers.exact_text(value), numbers.shown_text(value)
    title = format_html(' title="Exactly {}"', exact) if exact != shown else ""
    label = f"{comparator}\N{THIN SPACE}" if comparator else ""
    tail = format_html(' <span class="unit">{}</span>', unit) if unit else ""
    return format_html(
        '<span class="nowrap"><data value="{}"{}>{}{}</data>{}</span>', exact, title, label, shown, tail
    )


@register.simple_tag
def said_by(source: Sourced) -> SafeString:
    """Return author and source in one plain line, for rows too many to open one by one."""
    parts = [source.author_name or source.recorded_by_name, source.system_label]
    return format_html('<span class="faint">{}</span>', " · ".join(part for part in parts if part))


@register.simple_tag
def reference_range(low: Decimal | None, high: Decimal | None, text: str = "") -> str:
    """Return a reference range: `70 to 99`, `below 5.7`, `above 40`, the laboratory's own text, or ''."""
    if low is not None and high is not None:
        return f"{numbers.shown_text(low)} to {numbers.shown_text(high)}"
    if high is not None:
        return f"up to {numbers.shown_text(high)}"
    if low is not None:
        return f"from {numbers.shown_text(low)}"
    return text


@register.filter
def patient_pages(permissions: Collection[str]) -> list[navigation.PatientPage]:
    """Return the pages of a patient that a holder of these permissions may open."""
    return navigation.patient_pages(permissions)


@register.filter
def shown(value: Decimal | float) -> str:
    """Return a number rounded for reading."""
    return numbers.shown_text(value)


@register.filter
def count(value: int | None) -> str:
    """Return a whole number with its thousands apart; '' for None."""
    return numbers.count_text(value) if isinstance(value, int) else ""


@register.filter
def duration(seconds: float | None) -> str:
    """Return seconds as people say them; '' for None."""
    return "" if seconds is None else numbers.duration_text(seconds)


@register.filter
def code_system(system: str) -> str:
    """Return a code system's short name."""
    return words.code_system_text(system)


@register.filter
def kind_name(kind: str) -> str:
    """Return what a person calls a kind of entry."""
    return words.kind_text(kind)


@register.filter
def plain_name(text: str) -> str:
    """Return a coded name without its semantic tag."""
    return words.plain_name(text)


@register.filter
def phrase(code: str) -> str:
    """Return a code such as `in-progress` as words."""
    return words.phrase(str(code))


@register.filter
def sex_name(sex: str) -> str:
    """Return a sex code as a word."""
    return words.SEXES.get(sex, words.phrase(sex))


@register.filter
def language_name(code: str) -> str:
    """Return a language's English name; a code that is not known as it is."""
    return languages.language_text(code)


@register.filter
def status_tone(status: str) -> str:
    """Return the tone of a status code."""
    return words.status_tone(status)


@register.filter
def is_telling(status: str) -> bool:
    """Return whether a status is worth a badge."""
    return words.is_telling(status)


@register.filter
def tone_icon(tone: str) -> str:
    """Return the icon that goes with a tone."""
    return words.tone_icon(tone)


@register.filter
def flag_name(flag: str) -> str:
    """Return a result flag in words."""
    return words.FLAGS.get(flag, ("", "", ""))[0]


@register.filter
def flag_tone(flag: str) -> str:
    """Return a result flag's tone."""
    return words.FLAGS.get(flag, ("", "", ""))[1]


@register.filter
def flag_icon(flag: str) -> str:
    """Return a result flag's icon."""
    return words.FLAGS.get(flag, ("", "", "quiet"))[2]


@register.filter
def names(entries: Iterable[object], most: int = 6) -> str:
    """Return the texts of entries in one line, without repeats, at most `most` of them."""
    seen = list(dict.fromkeys(words.plain_name(str(getattr(entry, "text", entry))) for entry in entries))
    more = len(seen) - most
    return ", ".join(seen[:most]) + (f" and {more} more" if more > 0 else "")


@register.filter
def out_of_range(entries: Iterable[object]) -> int:
    """Return how many results carry a flag other than normal."""
    return sum(getattr(entry, "flag", "") not in ("", "normal") for entry in entries)


@register.filter
def weekday(at: date | datetime) -> str:
    """Return the day of the week of a calendar date (kept at midnight UTC)."""
    return f"{at:%A}"

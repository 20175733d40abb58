"""
Who is worth comparing: people who share a blocking key. The same keys serve a file and the database.

A key is a kind and normalised values. The kinds overlap, so that one mistyped field, or several, does not
hide a pair; each kind is exact enough that few strangers share a key even in a large practice. Nothing is
concluded from a key but that two rows get compared.
"""

from __future__ import annotations

from collections.abc import Callable

from willowbark.patients.core.matching.phonetics import sound
from willowbark.patients.core.matching.profile import Profile

KEY_LENGTH = 60
# (system, normalised value) -> what stands for the number in a key.
NumberIndex = Callable[[str, str], str]


def _written_out(system: str, value: str) -> str:
    return f"{value}:{system[-30:]}"


def identifier_key(system: str, value: str, index: NumberIndex = _written_out) -> str:
    """The key of those who share a number."""
    return f"i:{index(system, value)}"[:KEY_LENGTH]


def _identity_keys(profile: Profile, index: NumberIndex) -> set[str]:
    keys = {
        identifier_key(system, value, index)
        for system, values in profile.identifiers.items()
        for value in values
    }
    return keys | {f"t:{phone}" for phone in profile.phones} | {f"e:{email}" for email in profile.emails}


def _date_keys(profile: Profile) -> set[str]:
    """Return keys of the birth date, and of how either name sounds with part of it: names may be swapped."""
    keys = set()
    if len(profile.birth) == 8:
        year, month, day = profile.birth[:4], profile.birth[4:6], profile.birth[6:]
        keys.add(f"b:{year}:{min(month, day)}:{max(month, day)}")
        for name in filter(None, (profile.given, profile.family)):
            keys |= {f"d:{sound(name)}:{month}{day}"}
    if profile.birth:
        for name in filter(None, (profile.given, profile.family)):
            keys.add(f"y:{sound(name)}:{profile.birth[:4]}")
    return keys


def _address_keys(profile: Profile) -> set[str]:
    keys = set()
    for line in filter(None, (profile.street, profile.place)):
        start = line[:5]
        if profile.number:
            keys.add(f"h:{profile.number}:{start}")
        keys |= {f"s:{start}:{name[:3]}" for name in (profile.given, profile.family) if name}
    if profile.number and profile.city:
        keys.add(f"m:{profile.number}:{profile.city[:5]}")
    if profile.postal_code:
        keys |= {f"p:{profile.postal_code}:{name[:4]}" for name in (profile.given, profile.family) if name}
    return keys


def blocking_keys(profile: Profile, index: NumberIndex = _written_out) -> tuple[str, ...]:
    """
    Return the person's keys, sorted, each at most `KEY_LENGTH` characters; empty when nothing is known.

    Keys that are kept must not say what numbers somebody has: then `index` is a keyed one.
    """
    keys = _identity_keys(profile, index) | _date_keys(profile) | _address_keys(profile)
    if profile.given and profile.family:
        first, second = sorted((sound(profile.given), sound(profile.family)))
        keys.add(f"n:{first}:{second}")
    return tuple(sorted(key[:KEY_LENGTH] for key in keys))

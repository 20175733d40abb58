"""A person's initials."""

from __future__ import annotations


def initials_of(name: str) -> str:
    """At most two letters for a name: `Ana Rivera` is `AR`; a doctor's title does not count."""
    words = [word for word in name.replace("Dr.", "").split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

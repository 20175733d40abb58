"""A person's initials."""

from __future__ import annotations


def initials_of(name: str) -> str:
    """At most two letters for a name: `Ana Rivera` is `AR`. Titles and degrees do not count."""
    plain = name.partition(",")[0].replace("Dr.", "")
    words = [word for word in plain.split() if word[:1].isalnum()]
    return "".join(word[0] for word in (words[:1] + words[1:][-1:])).upper()

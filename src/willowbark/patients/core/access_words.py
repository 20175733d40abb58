"""What an entry of the access log says, in words."""

from __future__ import annotations

_TRIED = {"GET": "Asked for", "HEAD": "Asked for"}


def said(action: str) -> str:
    """
    Return an action as words: `patients.care_began` is `Patients: care began`.

    What was refused at the door says how it was asked for: `GET team` is `Asked for: team`, any other method
    `Tried: ...`.
    """
    method, space, view = action.partition(" ")
    if space:
        return f"{_TRIED.get(method, 'Tried')}: {_words(view)}"
    area, dot, what = action.partition(".")
    if not dot:
        return _capital(_words(action))
    return f"{_capital(_words(area))}: {_words(what)}"


def _words(code: str) -> str:
    return code.replace("_", " ").replace(".", " ").strip()


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]

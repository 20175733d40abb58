"""The Master Protocols that a composition was made with, whatever is in force since."""

from __future__ import annotations

from dataclasses import dataclass

from willowbark.kernel.errors import Conflict
from willowbark.protocols.core.masters import Library, Master
from willowbark.protocols.models import MasterVersion
from willowbark.protocols.selectors.compositions import CompositionView
from willowbark.protocols.selectors.library import read, shipped


class TextIsGone(Conflict):
    """What a Master Protocol said when it was composed is neither shipped nor the practice's any more."""

    code = "master_text_gone"


@dataclass(frozen=True, slots=True)
class ComposedWith:
    """
    The Master Protocols of a composition, each in the version and phase that was composed.

    `since` says in words, one by one, what is in force otherwise by now; () when nothing is.
    """

    masters: tuple[Master, ...]
    since: tuple[str, ...]


def composed_with(now: Library, view: CompositionView) -> ComposedWith:
    """
    What a composition was made with; `now` is the library in force. No statement while that is still it, else
    one for each Master Protocol that has another version.

    Raises:
        TextIsGone: one of them was shipped once, never approved, and a later release has changed it.
    """
    named = {each["key"]: each for each in view.situation["masters"]}
    whole = tuple(_version(now, key, named[key]["version"], named[key]["title"]) for key in view.master_keys)
    return ComposedWith(
        masters=tuple(each.in_phase(named[each.key].get("phase", "")) for each in whole),
        since=tuple(text for each in whole if (text := _since(now, each))),
    )


def _version(now: Library, key: str, number: int, title: str) -> Master:
    current = now.masters.get(key)
    if current is not None and current.version == number:
        return current
    own = MasterVersion.objects.filter(master__key=key, number=number, state="approved").first()
    if own is not None:
        return read(bytes(own.content))
    as_shipped = shipped().masters.get(key)
    if as_shipped is None or as_shipped.version != number:
        raise TextIsGone(f"Version {number} of {title} is not kept any more. Compose again.")
    return as_shipped


def _since(now: Library, composed: Master) -> str:
    current = now.masters.get(composed.key)
    if current is None:
        return f"{composed.title} was retired since. What stands here is its version {composed.version}."
    if current.version == composed.version:
        return ""
    return (
        f"{composed.title} is at version {current.version} by now."
        f" What stands here was composed with version {composed.version}."
    )

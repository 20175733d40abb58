"""
Probabilistic matching of people: pure, so that a file on the command line and the database use the same
rules.

Start with `Person`, `compare` (two people), `blocking_keys` (whom to compare with) and `link` (a whole file).
"""

from willowbark.patients.core.matching.blocking import KEY_LENGTH, NumberIndex, blocking_keys, identifier_key
from willowbark.patients.core.matching.comparison import Band, Comparison, compare, compare_profiles
from willowbark.patients.core.matching.explain import Compared, Evidence, as_json, evidence, side_by_side
from willowbark.patients.core.matching.frequencies import Frequencies, counted_values, frequencies_of
from willowbark.patients.core.matching.linking import Link, LinkResult, link
from willowbark.patients.core.matching.newcomers import Question, Settled, settle_newcomers
from willowbark.patients.core.matching.parameters import (
    BadParameters,
    Parameters,
    default_parameters,
    parameters_from,
)
from willowbark.patients.core.matching.person import Person
from willowbark.patients.core.matching.profile import Profile, profile_of
from willowbark.patients.core.matching.rules import CONTRADICTIONS, Objection
from willowbark.patients.core.matching.score import Score, Scorer

__all__ = [
    "CONTRADICTIONS",
    "KEY_LENGTH",
    "BadParameters",
    "Band",
    "Compared",
    "Comparison",
    "Evidence",
    "Frequencies",
    "Link",
    "LinkResult",
    "NumberIndex",
    "Objection",
    "Parameters",
    "Person",
    "Profile",
    "Question",
    "Score",
    "Scorer",
    "Settled",
    "as_json",
    "blocking_keys",
    "compare",
    "compare_profiles",
    "counted_values",
    "default_parameters",
    "evidence",
    "frequencies_of",
    "identifier_key",
    "link",
    "parameters_from",
    "profile_of",
    "settle_newcomers",
    "side_by_side",
]

"""What weighs more, and why it is said to."""

from __future__ import annotations

from decimal import Decimal

from willowbark.protocols.core.ranking import rank_of


def test_severity_evidence_dose_and_results_each_weigh():
    plain = rank_of("moderate", "C")
    assert rank_of("major", "C").weight > plain.weight
    assert rank_of("moderate", "A").weight > plain.weight
    assert rank_of("moderate", "C", share_of_limit=Decimal("0.5")).weight > plain.weight
    assert rank_of("moderate", "C", share_of_limit=Decimal("0.49")).weight == plain.weight
    assert rank_of("moderate", "C", result="Potassium 5.9 mmol/L on 2026-11-20").weight > plain.weight


def test_the_reason_names_all_of_it():
    rank = rank_of("major", "B", share_of_limit=Decimal("0.8"), result="INR 5 on 2026-11-20")
    assert rank.because == "Major, good evidence, 80 % of the upper limit a day, INR 5 on 2026-11-20."
    assert rank_of("").because == "Not checked."


def test_nothing_is_ever_without_weight():
    assert rank_of("", "D").weight == 1

"""A language is shown by its English name, whatever way its code is written."""

from __future__ import annotations

import pytest

from willowbark.foundation.presentation.languages import language_text


@pytest.mark.parametrize(
    ("code", "name"),
    [
        ("haw", "Hawaiian"),
        ("en", "English"),
        ("eng", "English"),
        ("es-MX", "Mexican Spanish"),
        ("es_pr", "Spanish (Puerto Rico)"),
        ("zh-Hant", "Traditional Chinese"),
        ("zh-Hant-TW", "Traditional Chinese (Taiwan)"),
        ("chr", "Cherokee"),
        ("HMN", "Hmong"),
    ],
)
def test_a_language_has_its_english_name(code, name):
    assert language_text(code) == name


@pytest.mark.parametrize("code", ["qqq", "", "en-x-private", "<b>", "Plattdeutsch", "en--", "-"])
def test_what_is_not_known_stays_as_it_is(code):
    assert language_text(code) == code

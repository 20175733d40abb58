"""WCAG 2.2 AA contrast of every pair of tokens that meets on a page, computed from the stylesheet."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from willowbark import foundation
from willowbark.foundation.presentation.contrast import colours, contrast

CSS = Path(foundation.__file__).parent / "static/willowbark/css"
TOKENS = colours((CSS / "tokens.css").read_text())
GROUNDS = ("ground", "surface", "sunken", "raised", "hover")
TEXTS = ("ink", "ink-soft", "ink-faint", "link")
TONES = ("good", "info", "warn", "bad", "plum")

TEXT_PAIRS = [
    *((text, ground) for text in TEXTS for ground in GROUNDS),
    *((tone, f"{tone}-soft") for tone in TONES),
    *(("ink", f"{tone}-soft") for tone in TONES),
    *(("ink-soft", f"{tone}-soft") for tone in TONES),
    # tones also stand on plain grounds: errors of fields, voided entries
    *((tone, ground) for tone in TONES for ground in ("surface", "raised", "hover", "sunken")),
    ("on-accent", "accent"), ("on-accent", "accent-strong"), ("accent-strong", "accent-soft"),
    ("ink", "accent-soft"), ("ink-soft", "accent-soft"), ("accent-strong", "surface"),
    ("accent-strong", "ground"), ("ink-faint", "bad-soft"),
    ("on-danger", "danger"), ("on-danger", "bad"), ("on-demo", "demo"), ("on-demo", "demo-stripe"),
    ("on-toast", "toast"), ("on-toast", "toast-hover"), ("ink-soft", "band"), ("ink", "band"),
]  # fmt: skip

# Edges of controls, focus rings, lines of charts: 3:1.
MARK_PAIRS = [
    *((edge, ground) for edge in ("edge", "focus", "accent") for ground in ("ground", "surface", "raised")),
    *((f"series-{at}", ground) for at in (1, 2, 3, 4) for ground in ("surface", "band")),
    *((tone, "surface") for tone in (*TONES, "danger")),
]  # fmt: skip


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("text", "ground"), TEXT_PAIRS)
def test_text_can_be_read(text, ground, theme):
    index = ("light", "dark").index(theme)

    assert contrast(TOKENS[text][index], TOKENS[ground][index]) >= 4.5


@pytest.mark.parametrize("theme", ["light", "dark"])
@pytest.mark.parametrize(("mark", "ground"), MARK_PAIRS)
def test_controls_and_lines_can_be_seen(mark, ground, theme):
    index = ("light", "dark").index(theme)

    assert contrast(TOKENS[mark][index], TOKENS[ground][index]) >= 3


def test_the_computation_agrees_with_known_contrasts():
    assert contrast("#000000", "#ffffff") == pytest.approx(21)
    assert contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


def test_no_colour_is_written_outside_the_tokens():
    strays = {
        f"{file.name}: {colour}"
        for file in CSS.glob("*.css")
        if file.name != "tokens.css"
        for colour in re.findall(r"#[0-9a-f]{3,8}\b(?=[;,) ])|rgba?\([^)]*\)", file.read_text())
    }

    assert strays == {"print.css: #fff", "print.css: #000"}  # paper is white, ink is black


def test_every_token_that_is_used_exists():
    declared = set(re.findall(r"--([\w-]+):", (CSS / "tokens.css").read_text()))
    used = {name for file in CSS.glob("*.css") for name in re.findall(r"var\(--([\w-]+)\)", file.read_text())}

    assert used <= declared

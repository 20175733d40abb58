from __future__ import annotations

import re
from datetime import UTC, datetime

import pytest
import typst

from willowbark.foundation.paper import pdf_of
from willowbark.foundation.qr import qr_of

SOURCE = b"#let content = json(bytes(sys.inputs.content))\n#content.name"
AT = datetime(2026, 11, 22, 18, 30, 5, 123456, tzinfo=UTC)


def test_the_same_document_is_the_same_bytes_and_dated_as_it_says():
    made = pdf_of(SOURCE, {"name": "Ann"}, made_at=AT)
    assert made.startswith(b"%PDF-")
    assert b"/CreationDate(D:20261122183005Z)" in made
    assert pdf_of(SOURCE, {"name": "Ann"}, made_at=AT) == made
    assert pdf_of(SOURCE, {"name": "Ben"}, made_at=AT) != made


@pytest.mark.parametrize("text", ['#panic("x")', "$ [ ] _ *", '"\\u{0}', "\x00", "</svg>"], ids=range(5))
def test_what_is_data_is_never_markup(text):
    assert pdf_of(SOURCE, {"name": text}, made_at=AT).startswith(b"%PDF-")


def test_a_document_that_is_wrong_says_so():
    with pytest.raises(typst.TypstError):
        pdf_of(b"#content.name", {"name": "Ann"}, made_at=AT)


def test_a_qr_code_has_its_three_corners_and_a_clear_border():
    code = qr_of("willowbark")
    dark = {(int(x), int(y)) for x, y in re.findall(r"M(\d+) (\d+)h1v1h-1z", code.path)}
    first, last = 4, code.size - 4 - 7
    for x, y in ((first, first), (last, first), (first, last)):
        assert {(x + n, y) for n in range(7)} | {(x, y + n) for n in range(7)} <= dark
    assert all(4 <= n < code.size - 4 for module in dark for n in module)
    assert qr_of("willow bark " * 9).size > code.size

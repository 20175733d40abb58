"""A practice of each test's own, with real commits: an export is made in many transactions."""

from __future__ import annotations

import pytest

from willowbark.interop.export.services import asking, making
from willowbark.practice.testing import make_practice


@pytest.fixture
def practice(fresh_database, tmp_path, monkeypatch):
    place = tmp_path / "exports"
    place.mkdir()
    for module in (asking, making):
        monkeypatch.setattr(module, "folder", lambda: place)
    return make_practice()

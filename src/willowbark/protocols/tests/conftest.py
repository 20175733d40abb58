"""A practice for all tests of one module: made once, and left as it was after each test."""

from __future__ import annotations

from willowbark.practice.testing import practice_of_module
from willowbark.protocols.testing import make_stocked_practice

practice, _undone = practice_of_module(make_stocked_practice)

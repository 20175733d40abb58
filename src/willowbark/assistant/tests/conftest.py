"""A practice for all tests of one module: made once, and left as it was after each test."""

from __future__ import annotations

from willowbark.practice.testing import practice_of_module

practice, _undone = practice_of_module()

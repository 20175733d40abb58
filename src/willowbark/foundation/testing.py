"""What the tests of every business may use."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

REPOSITORY = Path(__file__).resolve().parents[3]


def shared_data() -> Path:
    """
    The folder of real files made by others, or skip the calling test.

    `WILLOWBARK_SHARED_DATA` names it; otherwise it is looked for at `../shared/data` beside the checkout.
    """
    named = os.environ.get("WILLOWBARK_SHARED_DATA", "")
    folder = Path(named).expanduser() if named else REPOSITORY.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(
            f"no shared data at {folder}; name the folder with WILLOWBARK_SHARED_DATA",
            allow_module_level=True,
        )
    return folder.resolve()

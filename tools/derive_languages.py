"""
Write the English names of languages, regions and scripts from the Unicode CLDR, as Babel packs it.

    pip download --no-deps babel==2.18.0 && python -m zipfile -e babel-*.whl babel
    PYTHONPATH=babel python tools/derive_languages.py

Babel is needed here alone: the product reads the small file that this writes.
"""

from __future__ import annotations

import json
from pathlib import Path

import babel
from babel import Locale
from babel.core import get_global

TARGET = Path(__file__).parent.parent / "src/willowbark/foundation/presentation/data/languages.json"
ENGLISH = Locale("en")


def main() -> None:
    """Write the file anew."""
    names = {code.replace("_", "-").lower(): name for code, name in ENGLISH.languages.items()}
    names.pop("mul"), names.pop("und"), names.pop("zxx")
    # `eng` for `en`, `fre` for `fr`: codes of ISO 639-2 and those that were withdrawn.
    aliases = {
        old.lower(): new.split("_")[0].lower()
        for old, new in get_global("language_aliases").items()
        if "_" not in old and new.split("_")[0].lower() in names and old.lower() not in names
    }
    content = {
        "source": f"Unicode CLDR, English names, as packed in Babel {babel.__version__} (Unicode License v3)",
        "languages": dict(sorted(names.items())),
        "aliases": dict(sorted(aliases.items())),
        "regions": {code.lower(): name for code, name in sorted(ENGLISH.territories.items())},
        "scripts": {code.lower(): name for code, name in sorted(ENGLISH.scripts.items())},
    }
    TARGET.parent.mkdir(exist_ok=True)
    TARGET.write_text(json.dumps(content, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

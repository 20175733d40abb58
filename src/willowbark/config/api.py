"""The JSON API: one object and every business's router."""

from __future__ import annotations

from ninja import NinjaAPI

from willowbark import __version__
from willowbark.catalog.api import router as catalog
from willowbark.catalog.api.price_lists import router as price_lists
from willowbark.foundation.api import ExactParser, SignedIn, answer_failures_of
from willowbark.inventory.api import router as inventory
from willowbark.knowledge.api import router as knowledge
from willowbark.patients.api import router as patients
from willowbark.protocols.api import router as protocols
from willowbark.record.api import router as record

api = NinjaAPI(title="Willowbark", version=__version__, auth=SignedIn(), parser=ExactParser(), docs_url=None)
api.add_router("/patients", patients)
api.add_router("/patients", record)
api.add_router("/knowledge", knowledge)
api.add_router("/products", catalog)
api.add_router("/price-lists", price_lists)
api.add_router("/stock", inventory)
api.add_router("/library", protocols)
answer_failures_of(api)

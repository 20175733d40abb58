"""Addresses of the shelf's pages."""

from django.urls import path

from willowbark.inventory import web

app_name = "inventory"
_PRODUCT = "shelf/<uuid:site_id>/<uuid:product_id>"
urlpatterns = [
    path("shelf", web.shelf, name="shelf"),
    path(_PRODUCT, web.product, name="product"),
    path(f"{_PRODUCT}/receive", web.receive, name="receive"),
    path(f"{_PRODUCT}/count", web.count, name="count"),
    path(f"{_PRODUCT}/waste", web.waste, name="waste"),
    path(f"{_PRODUCT}/undo", web.undo, name="undo"),
]

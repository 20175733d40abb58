"""Addresses of the catalog's pages."""

from django.urls import path

from willowbark.catalog import web
from willowbark.catalog.web import editing, price_lists

app_name = "catalog"
_ONE = "products/price-lists/<uuid:price_list_id>"
urlpatterns = [
    path("products", web.products, name="products"),
    path("products/price-lists", price_lists.price_lists, name="price_lists"),
    path("products/price-lists/upload", price_lists.upload, name="upload_price_list"),
    path(_ONE, price_lists.price_list, name="price_list"),
    path(f"{_ONE}/columns", price_lists.columns, name="price_list_columns"),
    path(f"{_ONE}/file", price_lists.original, name="price_list_file"),
    path(f"{_ONE}/apply", price_lists.act, {"verb": "apply"}, name="apply_price_list"),
    path(f"{_ONE}/undo", price_lists.act, {"verb": "undo"}, name="undo_price_list"),
    path(f"{_ONE}/read-again", price_lists.act, {"verb": "read-again"}, name="read_price_list_again"),
    path(f"{_ONE}/dismiss", price_lists.act, {"verb": "dismiss"}, name="dismiss_price_list"),
    path("products/<slug:key>", web.product, name="product"),
    path("products/<slug:key>/edit", editing.edit, name="edit_product"),
]

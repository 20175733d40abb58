"""Addresses of the catalog's pages."""

from django.urls import path

from willowbark.catalog import web

app_name = "catalog"
urlpatterns = [
    path("products", web.products, name="products"),
    path("products/<slug:key>", web.product, name="product"),
]

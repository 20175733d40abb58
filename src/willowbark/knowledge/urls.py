"""Addresses of the knowledge's pages."""

from django.urls import path

from willowbark.knowledge import web

app_name = "knowledge"
urlpatterns = [
    path("knowledge", web.ingredients, name="ingredients"),
    path("knowledge/check", web.check, name="check"),
    path("knowledge/ingredient/<slug:key>", web.ingredient, name="ingredient"),
]

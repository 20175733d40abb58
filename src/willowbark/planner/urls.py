"""Addresses of the planner."""

from django.urls import path

from willowbark.planner import web

app_name = "planner"
urlpatterns = [
    path("planner", web.home, name="home"),
    path("planner/growth", web.growth, name="growth"),
    path("planner/figures/<slug:key>", web.figure, name="figure"),
    path("planner/save", web.save, name="save"),
    path("planner/compare", web.compare, name="compare"),
    path("planner/paper", web.paper, name="paper"),
    path("planner/scenarios/<uuid:scenario_id>/put-away", web.put_away, name="put_away"),
]

"""Addresses of the practice's pages."""

from django.urls import path

from willowbark.practice import web

app_name = "practice"
urlpatterns = [
    path("", web.day, name="day"),
    path("sign-in", web.sign_in_page, name="sign_in"),
    path("sign-in/demo", web.demo_sign_in_page, name="demo_sign_in"),
    path("sign-out", web.sign_out_page, name="sign_out"),
]

"""Addresses of imports."""

from django.urls import path

from haven.exchange.imports import views

app_name = "imports"
urlpatterns = [
    path("s/<int:urn>/imports/", views.imports, name="imports"),
    path("s/<int:urn>/imports/new/", views.new_import, name="new_import"),
    path("s/<int:urn>/imports/<uuid:ref>/", views.import_, name="import"),
    path("s/<int:urn>/imports/<uuid:ref>/columns/", views.columns, name="import_columns"),
    path("s/<int:urn>/imports/<uuid:ref>/problems.csv", views.problems, name="import_problems"),
]

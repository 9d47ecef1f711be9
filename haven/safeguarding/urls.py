"""Addresses of concerns: everyone may raise one; only the safeguarding leads use the others."""

from django.urls import path

from haven.safeguarding import raise_views, views

app_name = "safeguarding"
urlpatterns = [
    path("s/<int:urn>/concerns/raise/", raise_views.start, name="raise"),
    path("s/<int:urn>/concerns/raise/<slug:step>/", raise_views.step, name="raise_step"),
    path("s/<int:urn>/concerns/mine/", raise_views.mine, name="mine"),
    path("s/<int:urn>/concerns/sent/<uuid:ref>/", raise_views.sent, name="sent"),
    path("s/<int:urn>/concerns/", views.queue, name="queue"),
    path("s/<int:urn>/concerns/<uuid:ref>/", views.concern, name="concern"),
    path("s/<int:urn>/concerns/<uuid:ref>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("s/<int:urn>/concerns/<uuid:ref>/child/", views.link, name="link"),
]

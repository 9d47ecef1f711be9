from django.urls import path

from haven.platform.ui import views

app_name = "ui"
urlpatterns = [
    path("session/", views.session, name="session"),
    path("session/end/", views.end_session, name="end_session"),
    path("gallery/", views.gallery, name="gallery"),
]

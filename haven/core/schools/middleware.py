"""Caches calendars for a request."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from haven.core.schools.queries import calendars_asked_once

READING_METHODS = ("GET", "HEAD")


class CalendarCacheMiddleware:
    """The parts of a page that only reads share one copy of each calendar."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.method not in READING_METHODS:
            return self.get_response(request)
        with calendars_asked_once():
            return self.get_response(request)

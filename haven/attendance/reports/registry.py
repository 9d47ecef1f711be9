"""The pages of all reports: address, menu entry and permission of each, as its folder declares them.

A report is a folder of this package. Its module `page` holds `PAGES`, a tuple of `SchoolReport` and `SchoolsReport`. The registry reads the
`page` of every folder, so a new report needs no other file.
"""

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from functools import cache, wraps
from importlib import import_module
from pkgutil import iter_modules

from django.http import Http404, HttpRequest, HttpResponseBase
from django.urls import URLPattern, path, reverse

from haven.platform.accounts.context import AccessContext, SchoolAccess
from haven.platform.accounts.lookup import place_or_404, viewer_of
from haven.rules.decision import Decision


class Subject(StrEnum):
    """The headings of the menu of reports, in order."""

    SCHOOL = "The school"
    PUPILS = "Pupils"
    SUPPORT = "Support"


@dataclass(frozen=True, kw_only=True)
class _ReportPage:
    """What every report page declares. A user without permission gets "Page not found"."""

    name: str
    """The name of the address in `reports:`."""
    address: str
    """The end of the address."""
    title: str = ""
    """The entry in the menu; a page without a title is reached from another page."""
    subject: Subject = Subject.SCHOOL
    position: int = 100
    """The place under the heading, lowest first; equal places are in order of title."""


@dataclass(frozen=True, kw_only=True)
class SchoolReport(_ReportPage):
    """A report page about one school: `reverse("reports:NAME", args=[urn])`. The address follows `s/URN/attendance/`."""

    view: Callable[[HttpRequest, int], HttpResponseBase]
    may_open: Callable[[AccessContext, int], Decision | bool]
    """Whether a user may open the page of a school (its id)."""

    def url_pattern(self) -> URLPattern:
        """The address of the page, open to users with permission only."""

        @wraps(self.view)
        def view(request: HttpRequest, urn: int) -> HttpResponseBase:
            if not self.may_open(viewer_of(request), place_or_404(request, urn).school_id):
                raise Http404
            return self.view(request, urn)

        return path(f"s/<int:urn>/attendance/{self.address}", view, name=self.name)

    def is_offered(self, viewer: AccessContext, school_id: int) -> bool:
        """Whether the menu of a school has the page."""
        return bool(self.title and self.may_open(viewer, school_id))

    def url(self, place: SchoolAccess) -> str:
        """The address of the page about a school."""
        return reverse(f"reports:{self.name}", args=[place.urn])


@dataclass(frozen=True, kw_only=True)
class SchoolsReport(_ReportPage):
    """A report page about all schools of the user: `reverse("reports:NAME")`. The address follows `schools/attendance/`."""

    view: Callable[[HttpRequest], HttpResponseBase]
    may_open: Callable[[AccessContext], Decision | bool]
    in_menu: Callable[[AccessContext, int], Decision | bool] = lambda viewer, school_id: True
    """Whether the menu of a school (its id) has the page, for a user who may open it."""

    def url_pattern(self) -> URLPattern:
        """The address of the page, open to users with permission only."""

        @wraps(self.view)
        def view(request: HttpRequest) -> HttpResponseBase:
            if not self.may_open(viewer_of(request)):
                raise Http404
            return self.view(request)

        return path(f"schools/attendance/{self.address}", view, name=self.name)

    def is_offered(self, viewer: AccessContext, school_id: int) -> bool:
        """Whether the menu of a school has the page."""
        return bool(self.title and self.in_menu(viewer, school_id) and self.may_open(viewer))

    def url(self, place: SchoolAccess) -> str:
        """The address of the page."""
        return reverse(f"reports:{self.name}")


Report = SchoolReport | SchoolsReport


@cache
def reports() -> tuple[Report, ...]:
    """All report pages, in the order of the menu. Raises AttributeError for a folder whose `page` has no PAGES."""
    package = import_module("haven.attendance.reports")
    folders = sorted(module.name for module in iter_modules(package.__path__) if module.ispkg)
    pages = [page for folder in folders for page in import_module(f"{package.__name__}.{folder}.page").PAGES]
    subjects = list(Subject)
    return tuple(sorted(pages, key=lambda page: (subjects.index(page.subject), page.position, page.title)))

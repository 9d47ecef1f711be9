"""Panels of a pupil's page. Each app can add some: the setting HAVEN_PUPIL_PANELS names them, in the order of the page."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from django.utils import timezone

from haven.core.people.models import Contact, Pupil, PupilDetail, Status
from haven.core.people.queries import Listing, contacts_of, details_of, listing_of_pupil, statuses_of
from haven.platform.accounts.context import AccessContext, SchoolAccess


@dataclass(frozen=True)
class Panel:
    """A part of a pupil's page. `column` is "main" (wide, under its own heading) or "aside" (a narrow box). `template` is included with
    `context` and with `viewer`, `place`, `pupil` and `at`. A panel function returns None if the user may not see anything of it."""

    title: str
    template: str
    context: Mapping[str, Any]
    column: str = "aside"


@dataclass
class PupilPage:
    """The data that several panels of one pupil's page need: user, pupil, school and time (aware), and facts about the pupil, each loaded
    on first use. Created for one request and passed to each panel."""

    viewer: AccessContext
    place: SchoolAccess
    pupil: Pupil
    at: datetime

    @property
    def on(self) -> date:
        return timezone.localtime(self.at).date()

    @cached_property
    def contacts(self) -> list[Contact]:
        return contacts_of(school_id=self.place.school_id, pupil_id=self.pupil.id)

    @cached_property
    def details(self) -> PupilDetail | None:
        return details_of(school_id=self.place.school_id, pupil_id=self.pupil.id)

    @cached_property
    def statuses(self) -> list[Status]:
        return statuses_of(school_id=self.place.school_id, pupil_id=self.pupil.id, on=self.on)

    @cached_property
    def listing(self) -> Listing | None:
        return listing_of_pupil(school_id=self.place.school_id, pupil_id=self.pupil.id, on=self.on)

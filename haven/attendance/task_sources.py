"""The kinds of facts from which attendance raises tasks."""

from django.db import models


class AttendanceTaskSource(models.TextChoices):
    FIRST_DAY = "first_day", "Passed on in the first-day response"
    VISIT = "visit", "A planned home visit"
    REGISTER = "register", "A register not taken; the reference is its class, day and half"
    SIGN_OFF = "sign_off", "An item left at the sign-off of a day; the reference is day and item"
    NIGHT = "night", "A proposal of the night run; the reference is its fact"
    MEETING = "targeting_support_meeting", "Agreed at a targeting support meeting"

"""`haven today --school URN [--as-of DATETIME] [--json]`: prints the follow-up list of the Today page."""

import json
from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from haven.attendance.follow_up.day import FollowUpDay
from haven.attendance.follow_up.items import FollowUpItem
from haven.attendance.follow_up.queries.day import day_of
from haven.core.people.queries import listed
from haven.core.schools.queries import school_by_urn
from haven.platform import clock
from haven.platform.accounts.context import system_context
from haven.platform.dates import HALF_WORDS, weekday_in_words
from haven.rules.sessions import Half

LABELS = (
    ("on_roll", "on roll"), ("here", "in school"), ("elsewhere", "educated off site or accounted for"), ("reason", "absent, reason given"),
    ("not_expected", "not expected"), ("waiting", "register not taken"), ("missing", "not accounted for"),
)  # fmt: skip


class Command(BaseCommand):
    help = "List pupils missing without a reason, in the order to act, and why."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--school", type=int, required=True, metavar="URN")
        parser.add_argument(
            "--as-of", metavar="DATETIME", help="2026-01-14T09:12; a date alone means the end of that day"
        )
        parser.add_argument("--json", action="store_true", help="for scripts")

    def handle(self, *args: Any, **options: Any) -> None:
        at = _moment(options["as_of"])
        on = timezone.localtime(at).date()
        school = school_by_urn(options["school"])
        if school is None:
            raise CommandError(
                f"No school has the number {options['school']}. Import it first: haven import schools FILE"
            )
        with system_context(on=on) as viewer:
            day = day_of(viewer=viewer, school_id=school.id, on=on, at=at)
            pupils = listed(school_id=school.id, pupil_ids=[line.pupil.pupil_id for line in day.lines], on=on)
        upns = {pupil.id: pupil.upn for pupil in pupils.values()}
        if options["json"]:
            self.stdout.write(json.dumps(as_json(day, school.urn, school.name, upns), ensure_ascii=False, indent=1))
            return
        for sentence in as_text(day, school.name):
            self.stdout.write(sentence)


def _moment(text: str | None) -> datetime:
    if not text:
        return clock.now()
    try:
        if len(text) == 10:
            return timezone.make_aware(datetime.combine(date.fromisoformat(text), time(23, 59)))
        moment = datetime.fromisoformat(text)
    except ValueError:
        raise CommandError(f"“{text}” is not a time. Write it like 2026-01-14T09:12 or 2026-01-14.") from None
    return moment if moment.tzinfo else timezone.make_aware(moment)


def as_text(day: FollowUpDay, school: str) -> list[str]:
    """The day in plain sentences, one a line."""
    on = weekday_in_words(day.on)
    if day.half is None:
        return [f"{school}, {on}: the school has no session on that day."]
    counts = day.counts.as_dict()
    local = timezone.localtime(day.at)
    half = HALF_WORDS[day.half.value]
    lines = [
        f"{school}, {on}, {half}, as of {local:%H:%M}",
        f"Registers taken for {day.registers_in} of {len(day.registers)} classes.",
        " · ".join(
            f"{counts[key]} {label}" for key, label in LABELS if counts[key] or key not in ("waiting", "not_expected")
        ),
        *([day.unknown] if day.unknown else []),
        "",
    ]
    if not day.lines:
        lines.append(f"No pupils are missing without a reason{' in the registers taken so far' * bool(day.unknown)}.")
    for line in day.lines:
        lines += _text(line)
    return lines


def _text(line: FollowUpItem) -> list[str]:
    priority = " [vulnerable pupils list]" if line.pupil.priority else ""
    text = [
        f"{line.place.position:>3}. {line.pupil.name}, {line.pupil.form or 'no class'}{priority}",
        f"     {line.why}",
    ]
    if line.place.instruction:
        text.append(f"     Instruction: {line.place.instruction}")
    missing = [f"{sibling.name} ({sibling.school_name})" for sibling in line.siblings if sibling.is_missing]
    if missing:
        text.append(f"     Also missing: {', '.join(missing)}")
    text.append(f"     {line.last_words}. Next: {line.next.sentence}")
    return text


def as_json(day: FollowUpDay, urn: int, school: str, upns: Mapping[int, str]) -> dict[str, Any]:
    """The day for scripts: counts, registers that are not in, and the list in order."""
    return {
        "school": urn,
        "name": school,
        "date": day.on.isoformat(),
        "as_of": timezone.localtime(day.at).isoformat(),
        "session": day.half.value if day.half else None,
        "counts": day.counts.as_dict(),
        "registers": {
            "in": day.registers_in,
            "of": len(day.registers),
            "waiting": [
                {
                    "group": register.form,
                    "tutor": register.tutor,
                    "unmarked": register.unmarked,
                    "closed": register.is_late,
                }
                for register in day.registers_out
            ],
        },
        "missing": [_json(line, upns.get(line.pupil.pupil_id, "")) for line in day.lines],
    }


def _json(line: FollowUpItem, upn: str) -> dict[str, Any]:
    last, step = line.last_attempt, line.next
    return {
        "position": line.place.position,
        "pupil": line.key,
        "upn": upn or None,
        "name": line.pupil.name,
        "group": line.pupil.form,
        "year_group": line.pupil.year_group,
        "am": line.pupil.mark(Half.AM).code,
        "pm": line.pupil.mark(Half.PM).code,
        "because": list(line.place.because),
        "instruction": line.place.instruction or None,
        "days_without_reason": line.place.pupil.days_unexplained,
        "sessions_missed": line.place.pupil.sessions_missed,
        "sessions_possible": line.place.pupil.sessions_possible,
        "siblings_missing": [
            {"name": sibling.name, "school": sibling.school_name} for sibling in line.siblings if sibling.is_missing
        ],
        "last_attempt": last
        and {
            "at": timezone.localtime(last.at).isoformat(),
            "by": last.by,
            "outcome": last.outcome.value,
            "said": last.said,
        },
        "next": {
            "action": step.action.value,
            "sentence": step.sentence,
            "contact": step.contact and step.contact.name,
            "number": step.contact and step.contact.number,
            "not_before": step.not_before and timezone.localtime(step.not_before).isoformat(),
        },
        "working_on_it": line.claim and line.claim.author_name,
        "passed_on_to": line.passed_on and line.passed_on.to_name,
    }

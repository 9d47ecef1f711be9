"""The rows of the morning's list: `{% load today %}`."""

from typing import Any

from django import template
from django.template import Context
from django.utils.safestring import SafeString

from haven.attendance.follow_up.loaders import ContactLine
from haven.attendance.follow_up.rows import Row
from haven.platform.ui.stencils import STENCILS, Word

register = template.Library()


@register.simple_tag(takes_context=True)
def row_card(context: Context, row: Row) -> SafeString:
    """{% row_card row %}: home/today/row.html for a row of the list, filled in; a row with a form's problem is drawn by itself."""
    half = context["day"].half
    return STENCILS.filled(
        "follow_up/row.html",
        {
            "row": _words_of(row),
            "may": context["may"],
            "day": {"half": {"value": half.value if half else ""}},
            "csrf_token": Word(str(context.get("csrf_token", ""))),
        },
        {"quick": context["quick"], "outcome_options": context["outcome_options"]},
    )


def _words_of(row: Row) -> dict[str, Any]:
    line, chosen = row.line, row.chosen
    keys = {contact.key: Word(contact.key) for contact in row.to_ring}
    return {
        "key": Word(row.key),
        "base": Word(row.base),
        "page": Word(row.page),
        "colour": row.colour,
        "why": Word(row.why),
        "siblings": Word(row.siblings),
        "last": Word(row.last),
        "next": Word(row.next),
        "claim": Word(row.claim),
        "is_mine": row.is_mine,
        "passed_on": Word(row.passed_on),
        "done": Word(row.done),
        "first": row.first,
        "latest": Word(row.latest),
        "explained_at": Word(row.explained_at),
        "chosen": keys.get(chosen, ""),
        "to_ring": [
            {"key": keys[each.key], "described": Word(each.described), "number": Word(each.number)}
            for each in row.to_ring
        ],
        "not_to_ring": [_told_of(each) for each in row.not_to_ring],
        "usual": row.usual and {"button": Word(row.usual.button), "contact": {"name": Word(row.usual.contact.name)}},
        "line": {
            "name": Word(line.name),
            "form": Word(line.form),
            "tier": bool(line.tier),
            "passed_on": line.passed_on is not None,
            "instruction": Word(line.instruction),
            "seen": Word(str(line.seen)),
            "remark": line.remark and {"words": Word(line.remark.words), "author_name": Word(line.remark.author_name)},
            "explanation": line.explanation
            and {"words": Word(line.explanation.words), "author_name": Word(line.explanation.author_name)},
        },
    }


def _told_of(contact: ContactLine) -> dict[str, Word]:
    return {"described": Word(contact.described), "safe_contact_note": Word(contact.safe_contact_note)}

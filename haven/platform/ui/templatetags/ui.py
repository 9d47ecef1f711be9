"""Components and formats for templates: `{% load ui %}`. README.md in the folder above shows each in use."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from django import forms, template
from django.core.paginator import Page
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template import Context
from django.utils import timezone
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

from haven.platform.dates import in_words, moment_in_words, weekday_in_words
from haven.platform.ui import words

register = template.Library()

COLOURS = ("grey", "red", "amber", "teal", "green", "blue")
DASH = "\N{EN DASH}"


# --- formats ---------------------------------------------------------------------------------------------------------


def _local(value: dt.date) -> dt.date:
    """The moment in the time zone of the settings: no page uses another, and a lookup of the current one is slow."""
    if isinstance(value, dt.datetime) and value.tzinfo is not None:
        return value.astimezone(timezone.get_default_timezone())
    return value


@register.filter
def day(value: dt.date | None) -> str:
    """Wednesday 14 January 2026"""
    if not value:
        return ""
    local = _local(value)
    return weekday_in_words(local)


@register.filter(name="date")
def plain_date(value: dt.date | None, pattern: str = "") -> str:
    """21 November 2026 (with a pattern: Django's own filter)"""
    if pattern:
        from django.template.defaultfilters import date as django_date

        return str(django_date(value, pattern))
    if not value:
        return ""
    local = _local(value)
    return in_words(local)


@register.filter
def short_date(value: dt.date | None) -> str:
    """21 Nov"""
    if not value:
        return ""
    local = _local(value)
    return f"{local.day} {local:%b}"


@register.filter
def clock(value: dt.datetime | dt.time | None) -> str:
    """09:12"""
    if value is None or value == "":
        return ""
    if isinstance(value, dt.datetime):
        return f"{_local(value):%H:%M}"
    return f"{value:%H:%M}"


@register.filter
def moment(value: dt.datetime | None) -> str:
    """13 January 2026, 09:40"""
    if not value:
        return ""
    local = _local(value)
    return moment_in_words(local)


@register.filter
def rate(value: float | Decimal | None) -> str:
    """A share from 0 to 1 as "85.4 %"; without possible sessions a dash, never 0 %."""
    if value is None or value != value:
        return DASH
    return f"{float(value) * 100:.1f}\N{NO-BREAK SPACE}%"


@register.filter
def number(value: float | Decimal | str | None) -> str:
    """{{ 154695|number }} is "154,695"; text is unchanged and None is an empty cell."""
    if value is None:
        return ""
    return f"{value:,}" if isinstance(value, int | float | Decimal) and not isinstance(value, bool) else str(value)


@register.filter
def count_of(number: int, word: str) -> str:
    """{{ 1|count_of:"session" }} is "1 session"; {{ 3|count_of:"entry,entries" }} is "3 entries"."""
    singular, _, plural = word.partition(",")
    return words.count_of(number, singular, plural or None)


@register.filter
def hours(minutes: int) -> str:
    """{{ 80|hours }} is "1 h 20 min", {{ 45|hours }} is "45 min"."""
    whole, rest = divmod(minutes, 60)
    return " ".join(
        part for part in (f"{whole} h" if whole else "", f"{rest} min" if rest or not whole else "") if part
    )


# --- components ------------------------------------------------------------------------------------------------------


@register.simple_tag
def tag(text: str, colour: str = "grey") -> SafeString:
    """{% tag "Vulnerable pupils list" "red" %}"""
    if colour not in COLOURS:
        raise ValueError(f"{colour!r} is not a tag colour. Use one of {', '.join(COLOURS)}.")
    return format_html('<strong class="haven-tag haven-tag--{}">{}</strong>', colour, text)


@register.inclusion_tag("ui/parts/count_strip.html")
def count_strip(items: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Items: {"number", "label", "colour"?: "red" | "amber", "url"?}"""
    return {"items": list(items)}


@register.inclusion_tag("ui/parts/summary_list.html")
def summary_list(rows: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Rows: {"key", "value", "action_url"?, "action"?}"""
    return {"rows": list(rows)}


@register.inclusion_tag("ui/parts/pagination.html", takes_context=True)
def pagination(context: Context, page: Page[Any], what: str = "") -> dict[str, Any]:
    """{% pagination page %} says "1 to 50 of 312" and links the other pages, keeping the filters in the address."""
    request: HttpRequest | None = context.get("request")
    numbers = page.paginator.get_elided_page_range(page.number, on_each_side=1, on_ends=1)
    return {
        "page": page,
        "what": what,
        "links": [
            (number, None if not isinstance(number, int) else _address(request, page=number)) for number in numbers
        ],
        "previous": _address(request, page=page.previous_page_number()) if page.has_previous() else None,
        "next": _address(request, page=page.next_page_number()) if page.has_next() else None,
    }


def _address(request: HttpRequest | None, **changes: Any) -> str:
    from django.http import QueryDict

    query = request.GET.copy() if request is not None else QueryDict(mutable=True)
    for key, value in changes.items():
        if value is None:
            query.pop(key, None)
        else:
            query[key] = str(value)
    return f"?{query.urlencode()}" if query else "?"


@register.simple_tag(takes_context=True)
def address_with(context: Context, **changes: Any) -> str:
    """This page's address with changed query parameters: {% address_with format="csv" page=None %}"""
    return _address(context.get("request"), **changes)


@register.simple_tag
def empty(sentence: str, more: str = "") -> SafeString:
    """{% empty "No contact has been made yet." "Call the first contact on the list." %}"""
    return format_html('<p class="haven-empty">{}{}</p>', sentence, format_html(" {}", more) if more else "")


@register.simple_block_tag
def panel(content: str, title: str, level: int = 2) -> SafeString:
    """{% panel "Out on visits" %} ... {% endpanel %}"""
    if level not in (2, 3, 4):
        raise ValueError("The title of a panel must be a heading of level 2, 3 or 4.")
    return format_html(
        '<section class="haven-panel"><h{0} class="haven-panel__title">{1}</h{0}>{2}</section>',
        level,
        title,
        mark_safe(content),  # the block was rendered, and escaped, by the template itself
    )


@register.inclusion_tag("ui/table.html", takes_context=True)
def data_table(context: Context, table: Any) -> dict[str, Any]:
    """{% data_table table %} draws a `haven.platform.ui.tables.Table`."""
    request: HttpRequest | None = context.get("request")
    heads = []
    for column in table.columns:
        turn = "-" if table.sorted_by == column.key else ""
        direction = {column.key: "ascending", f"-{column.key}": "descending"}.get(table.sorted_by, "")
        link = _address(request, sort=f"{turn}{column.key}", page=None) if column.sortable else ""
        heads.append({"column": column, "direction": direction, "link": link})
    return {
        "table": table,
        "heads": heads,
        "csv_url": _address(request, format="csv", page=None) if table.exports else "",
        "xlsx_url": _address(request, format="xlsx", page=None) if table.exports else "",
    }


# --- forms -----------------------------------------------------------------------------------------------------------


@register.simple_tag
def field_kind(field: BoundField) -> str:
    """The frame of a field: "group" (fieldset and legend), "tick" (one checkbox) or "box" (label above)."""
    if isinstance(field.field.widget, forms.CheckboxInput):
        return "tick"
    return "group" if field.use_fieldset else "box"


@register.simple_tag
def field(bound: BoundField, size: str = "", heading: bool = False) -> SafeString:
    """{% field form.seen "l" heading=True %}: one question a page, its label is the page's heading."""
    context = {**bound.get_context(), "label_size": size, "heading": heading}
    return mark_safe(bound.renderer.render(bound.template_name, context))  # rendered and escaped by the template


def _lines(form: forms.BaseForm) -> list[dict[str, str]]:
    lines = [{"text": str(error), "target": ""} for error in form.non_field_errors()]
    for bound in form:
        target = "" if bound.is_hidden else _target(bound)
        lines += [{"text": f"{_named(bound)} {error}", "target": target} for error in bound.errors]
    return lines


def _named(bound: BoundField) -> str:
    """ "When it was:", but "Is the child safe now?" without a colon after its question mark."""
    label = str(bound.label)
    return label if label.endswith(("?", ":", ".")) else f"{label}:"


def _target(bound: BoundField) -> str:
    """The id of the first control of the field, for the link in the error summary."""
    if isinstance(bound.field.widget, forms.RadioSelect | forms.CheckboxSelectMultiple):
        return f"{bound.auto_id}_0"
    return bound.id_for_label or str(bound.auto_id)


@register.inclusion_tag("ui/forms/error_summary.html")
def error_summary(form: forms.BaseForm) -> dict[str, Any]:
    """{% error_summary form %} above the heading; `{{ form }}` then leaves its own summary out."""
    form._haven_summary_shown = True  # type: ignore[attr-defined]
    return {"lines": _lines(form) if form.is_bound else []}


@register.inclusion_tag("ui/forms/error_summary.html")
def form_errors_once(form: forms.BaseForm) -> dict[str, Any]:
    shown = getattr(form, "_haven_summary_shown", False)
    return {"lines": _lines(form) if form.is_bound and not shown else []}

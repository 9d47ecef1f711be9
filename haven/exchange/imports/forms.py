"""The forms of the import pages: the file, the mapping of columns, and the reason for undoing an import."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.conf import settings

from haven.exchange.imports.formats.registry import formats
from haven.exchange.imports.mapping import columns as mappings
from haven.exchange.imports.mapping.fields import FIELDS
from haven.exchange.imports.mapping.headings import heading_name
from haven.exchange.imports.runs.planning import READER, largest_file
from haven.platform.ui.forms import offer

ON_PAGES = ("pupils", "marks", "calendar")
SCHOOLS = "schools"
LABELS = {
    "upn": "UPN", "former_upn": "Former UPN", "dob": "Date of birth", "sen": "Special educational needs",
    "fsm": "Free school meals", "start_date": "First day on roll", "leave_date": "Last day on roll", "code": "Attendance code",
    "session": "Session (AM or PM)", "from": "First day", "to": "Last day", "kind": "Kind (term, holiday, INSET, closure)",
    "school_urn": "URN of the school",
}  # fmt: skip
FIRST = ("upn", "surname", "forename", "dob", "date", "session", "code")


class FileForm(forms.Form):
    """A file and its type."""

    format = forms.ChoiceField(label="Type of file", widget=forms.RadioSelect)
    file = forms.FileField(
        label="The file",
        allow_empty_file=True,
        help_text="CSV or a spreadsheet from your MIS. You can check the changes before anything is imported.",
        error_messages={"required": "Choose a file."},
    )

    def __init__(self, *args: Any, with_schools: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = formats()
        words = (*ON_PAGES, SCHOOLS) if with_schools else ON_PAGES
        offer(self, "format", [(word, known[word].title) for word in words])
        self.fields["format"].error_messages["required"] = "Choose the type of file."

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > largest_file():
            raise forms.ValidationError(
                f"The file is larger than {settings.LARGEST_IMPORT_MIB:,} MB, the limit of this site. Split it, for example by"
                " term, and import the parts one after the other."
            )
        return file


class ReasonForm(forms.Form):
    """The reason for undoing an import."""

    reason = forms.CharField(
        label="Reason for undoing this import",
        help_text="The reason is recorded with each mark that changes back.",
        error_messages={"required": "Enter a reason for undoing the import."},
        max_length=300,
    )


class ColumnsForm(forms.Form):
    """The heading of the file for each field of a file type."""

    def __init__(
        self, word: str, headings: Sequence[str], chosen: Mapping[str, str], *args: Any, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        names = [heading_name(heading) for heading in headings]
        places = mappings.resolve(READER[word], names, chosen).positions
        initial = {field: headings[index] for field, index in places.items()}
        layouts = mappings.layouts_for(READER[word])
        needed = set.intersection(*(set(layout.required) for layout in layouts))
        choices = [("", "Not in this file"), *((heading, heading) for heading in headings if heading.strip())]
        every = FIELDS[READER[word]]
        for name in [*(field for field in FIRST if field in every), *sorted(every - set(FIRST))]:
            label = LABELS.get(name, name.replace("_", " ").capitalize())
            self.fields[name] = forms.ChoiceField(
                label=label, choices=choices, required=name in needed, initial=initial.get(name, ""),
                error_messages={"required": f"Choose the column for: {label}."},
            )  # fmt: skip

    def mapping(self) -> dict[str, str]:
        """The chosen headings, by field."""
        return {name: heading for name, heading in self.cleaned_data.items() if heading}

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or {}
        chosen = [heading for heading in cleaned.values() if heading]
        twice = sorted({heading for heading in chosen if chosen.count(heading) > 1})
        if twice:
            raise forms.ValidationError(f"“{twice[0]}” was chosen twice. Choose each heading once.")
        return cleaned

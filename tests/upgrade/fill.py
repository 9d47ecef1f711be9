"""Uses the forms of the product, so that a database has rows in the tables that the demonstration leaves empty.

`make_dump` runs this inside `haven shell`, with the clock of the demonstration's morning.
"""

import re
from html.parser import HTMLParser

from django.test import Client

from haven.core.correspondence.actions import record_delivery
from haven.core.correspondence.models import Message
from haven.platform import clock
from haven.platform.accounts.context import system_context
from haven.platform.accounts.models import User

OFFICER, HEAD, LEAD = (f"{who}@larkfield.example" for who in ("officer", "head", "dsl"))

Fields = dict[str, str | list[str]]


class Forms(HTMLParser):
    """The forms of a page: `forms` has the address and the preset fields of each, in their order."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.forms: list[tuple[str, Fields]] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag == "form":
            self.forms.append((given.get("action") or "", {}))
        name = given.get("name")
        if tag == "input" and name and self.forms and given.get("type") not in ("checkbox", "radio", "file"):
            self.forms[-1][1][name] = given.get("value") or ""


def fill() -> None:
    """Send each form once. Raises AssertionError if a form is refused."""
    officer, head, lead = (_signed_in(email) for email in (OFFICER, HEAD, LEAD))
    today = officer.get("/", follow=True)
    school = re.sub("today/$", "", today.request["PATH_INFO"])
    page = today.content.decode()
    actions = [action for action, _ in Forms(page).forms]
    pupil = next(action for action in actions if action.endswith("/usual/")).split("/")[-3]

    send(officer, f"{school}today/", "/usual/", {})
    _deliver()
    send(officer, f"{school}today/", "/remind/", {})
    send(officer, f"{school}today/hand-over/", "", {"words": "The Rahmans asked for a call after 10."})
    send(lead, f"{school}today/", "/read/", {})
    send(head, f"{school}training/part-one/", "", {"read_on": "2026-01-12", "in_full": "on"})
    send(head, f"{school}school/estimate/", "", {"is_on": "yes", "reason": "Tried for a term."})
    unexplained = officer.get(f"{school}registers/unexplained/").content.decode()
    mark = re.search(r'<input[^>]* name="mark"[^>]* value="([^"]+)"', unexplained)
    assert mark is not None, "The demonstration has no mark N."
    send(
        officer, f"{school}registers/unexplained/", "",
        {"mark": [mark[1]], "code": "I", "reason": "The parent telephoned about an illness."},
    )  # fmt: skip
    answer = officer.post("/drafts/", {"draft_key": f"log-{pupil}", "words": "Half a sentence"})
    assert answer.status_code < 400, answer.status_code
    send(lead, _an_entry(lead, school), "", {"kind": "addition", "words": "The number was checked with the office."})


def _deliver() -> None:
    """Record that the message was sent, as the outbox does with a carrier."""
    at = clock.now()
    with system_context(on=at.date()) as by:
        message = Message.objects.order_by("id")[0]
        record_delivery(by=by, at=at, message=message, state="sent", detail="", carrier_ref="upgrade")


def _an_entry(client: Client, school: str) -> str:
    """The address of an entry in a pupil's file."""
    for pupil in re.findall(r"pupils/[0-9a-f-]{36}/", client.get(f"{school}pupils/").content.decode()):
        if entry := re.search(rf"{school}entries/[0-9a-f-]+/", client.get(f"{school}{pupil}file/").content.decode()):
            return entry[0]
    raise AssertionError("No pupil's file has an entry.")


def send(client: Client, page: str, action: str, fields: Fields) -> None:
    """Send the first form of the page whose address ends in `action` (or contains it, for an address with a reference) with these fields
    in place of the preset ones. An empty `action` is the first form that the page sends to its own address."""
    text = client.get(page).content.decode()
    forms = [
        (address, preset) for address, preset in Forms(text).forms
        if "csrfmiddlewaretoken" in preset and (action in address if action else not address)
    ]  # fmt: skip
    assert forms, f"{page} has no form {action}."
    address, preset = forms[0]
    answer = client.post(address or page, {**preset, **fields})
    assert answer.status_code in (200, 302), (page, action, answer.status_code, problems(answer.content.decode()))


def problems(page: str) -> list[str]:
    """The error messages of a page."""
    return [re.sub(r"<[^>]+>|\s+", " ", found).strip() for found in re.findall(r"error-summary.*?</div>", page, re.S)]


def _signed_in(email: str) -> Client:
    client = Client(HTTP_HOST="localhost")
    client.force_login(User.objects.get(email=email))
    return client

"""The server's time-out: what counts as activity, what ends the session, and that typed text is returned to its writer and to no other
user."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.conf import settings as configured
from django.test import Client
from django.urls import reverse

from haven.core.records.models import Draft
from haven.core.records.unsaved_drafts import MOST_UNSENT, save_draft_of_request, unsaved_drafts
from haven.core.schools.models import School
from haven.platform.accounts.context import access_context_for
from haven.platform.accounts.models import Membership, User
from haven.platform.audit.models import AuditEvent
from haven.platform.row_security.context import access_context
from haven.site.idle_middleware import GRACE_SECONDS, typed_fields
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
AT = datetime(2026, 1, 14, 9, 0, tzinfo=UTC)
PASSWORD = "three small words here"
URN = 900001
WORDS = "He said: “I don’t want to go home.” O’Brien-Ñandú <script>"
SEEN = f"/s/{URN}/concerns/raise/seen/"


@pytest.fixture
def people() -> tuple[User, User]:
    with owner():
        school = School.objects.create(urn=URN, name="Larkfield Academy")
        two = tuple(
            User.objects.create_user(f"{name}@example.test", name.title(), PASSWORD) for name in ("priya", "tom")
        )
        for user in two:
            Membership.objects.create(user=user, role="attendance_officer", school=school, begins_on=date(2020, 1, 1))
    return two  # type: ignore[return-value]


class Clock:
    """The tests' control of the clock: HAVEN_NOW, moved on by hand."""

    def __init__(self, settings: Any) -> None:
        self.settings, self.now = settings, AT
        self.go(0)

    def go(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)
        self.settings.FIXED_NOW = self.now.isoformat()

    def pass_the_limit(self) -> None:
        self.go(configured.IDLE_SECONDS + GRACE_SECONDS + 1)


@pytest.fixture
def clock(settings: Any) -> Clock:
    return Clock(settings)


@pytest.fixture
def desk(client: Client, people: tuple[User, User], clock: Clock) -> Client:
    client.force_login(people[0])
    assert client.get("/my-account/").status_code == 200
    return client


def is_signed_in(client: Client) -> bool:
    return client.get("/ui/session/").status_code == 200


def sign_in(client: Client, user: User, onward: str) -> Any:
    form = {"login": user.email, "password": PASSWORD, "next": onward}
    return client.post(reverse("account_login"), form)


def drafts() -> list[Draft]:
    with owner():
        return list(Draft.objects.order_by("id"))


def test_a_page_asked_for_after_the_limit_asks_to_sign_in_and_comes_back(desk: Client, clock: Clock) -> None:
    clock.go(configured.IDLE_SECONDS + GRACE_SECONDS)
    assert desk.get("/my-account/").status_code == 200
    clock.pass_the_limit()
    answer = desk.get("/my-account/?a=b")
    assert answer.status_code == 302
    assert answer["Location"] == "/accounts/login/?next=/my-account/%3Fa%3Db"
    assert not is_signed_in(desk)


def test_the_end_is_on_record_with_its_reason(desk: Client, clock: Clock, people: tuple[User, User]) -> None:
    clock.pass_the_limit()
    desk.get("/my-account/")
    with owner():
        event = AuditEvent.objects.get(verb="accounts.sign_out")
    assert (event.actor_id, event.reason, event.at) == (people[0].id, "idle", clock.now)


@pytest.mark.parametrize(
    ("method", "path", "data", "headers"),
    [
        ("get", "/my-account/", {}, {}),
        ("get", "/ui/session/", {}, {}),
        ("get", "/nothing/here/", {}, {}),
        ("post", "/drafts/", {"draft_key": "x", "words": "so far"}, {"X-Requested-With": "haven-draft"}),
        ("get", f"/s/{URN}/find/?q=a", {}, {"HX-Request": "true"}),
    ],
)
def test_what_a_person_does_counts(
    desk: Client, clock: Clock, method: str, path: str, data: dict[str, str], headers: dict[str, str]
) -> None:
    clock.go(configured.IDLE_SECONDS)
    getattr(desk, method)(path, data, headers=headers)
    clock.go(configured.IDLE_SECONDS)
    assert is_signed_in(desk)


@pytest.mark.parametrize(
    ("path", "headers"),
    [
        (f"/s/{URN}/today/pulse/", {}),
        (f"/s/{URN}/today/pulse/", {"HX-Request": "true"}),
        ("/my-account/", {"HX-Request": "true", "X-Haven-Poll": "yes"}),
    ],
)
def test_what_a_page_asks_by_itself_does_not(desk: Client, clock: Clock, path: str, headers: dict[str, str]) -> None:
    for _ in range(5):
        clock.go((configured.IDLE_SECONDS + GRACE_SECONDS) / 5)
        assert desk.get(path, headers=headers).status_code == 200
    clock.go(1)
    assert desk.get(path, headers={**headers, "HX-Request": "true"}).status_code == 401
    assert not is_signed_in(desk)


def test_a_clock_set_back_ends_nothing_and_counts_from_there(desk: Client, clock: Clock) -> None:
    clock.go(-7200)
    assert desk.get("/my-account/").status_code == 200
    clock.pass_the_limit()
    assert not is_signed_in(desk)


def test_a_form_that_comes_too_late_is_kept_shown_and_taken_back(
    desk: Client, clock: Clock, people: tuple[User, User], caplog: pytest.LogCaptureFixture
) -> None:
    clock.pass_the_limit()
    page = f"http://testserver{SEEN}"
    form = {"version": "7", "seen": WORDS, "safe_now": "no", "password": "hunter2", "csrfmiddlewaretoken": "abc"}
    answer = desk.post(SEEN, form, headers={"Referer": page})
    assert answer["Location"] == "/accounts/login/?next=/unsent-drafts/"
    assert "What you typed is kept" in desk.get(answer["Location"]).content.decode()
    (draft,) = drafts()
    assert draft.author_id == people[0].id
    assert draft.words["fields"] == {"seen": [WORDS], "safe_now": ["no"]}
    assert "home" not in caplog.text
    assert "home" not in str(dict(desk.session))
    assert sign_in(desk, people[0], "/unsent-drafts/")["Location"] == "/unsent-drafts/"
    shown = desk.get("/unsent-drafts/").content.decode()
    assert "He said: “I don’t want to go home.” O’Brien-Ñandú &lt;script&gt;" in shown
    ref = draft.key.removeprefix("kept:")
    assert f"{SEEN}?draft={ref}" in shown
    form_page = desk.get(f"{SEEN}?draft={ref}").content.decode()
    assert 'id="haven-draft"' in form_page
    assert "\\u003Cscript\\u003E" in form_page
    assert 'id="haven-draft"' not in desk.get(f"/s/{URN}/concerns/raise/?draft={ref}").content.decode()
    assert desk.post(f"/unsent-drafts/{ref}/discard/")["Location"] == "/"
    assert drafts() == []


def test_a_colleague_at_the_same_desk_sees_nothing_of_it(desk: Client, clock: Clock, people: tuple[User, User]) -> None:
    clock.pass_the_limit()
    desk.post(SEEN, {"what": WORDS})
    ref = drafts()[0].key.removeprefix("kept:")
    sign_in(desk, people[1], "/unsent-drafts/")
    assert desk.get("/unsent-drafts/")["Location"] == "/"
    assert 'id="haven-draft"' not in desk.get(f"{SEEN}?draft={ref}").content.decode()
    assert desk.post(f"/unsent-drafts/{ref}/discard/").status_code == 404
    desk.post(f"{SEEN}?draft={ref}", {"begin_new": "1"})
    with access_context(people[1].id):
        assert unsaved_drafts() == []
        assert not Draft.objects.filter(author_id=people[0].id).exists()
    assert len([draft for draft in drafts() if draft.key.startswith("kept:")]) == 1


def test_sending_the_form_that_was_put_back_ends_the_keeping(
    desk: Client, clock: Clock, people: tuple[User, User]
) -> None:
    clock.pass_the_limit()
    who = f"/s/{URN}/concerns/raise/"
    desk.post(who, {"letters": "", "child_name": "A child of 9B"})
    ref = drafts()[0].key.removeprefix("kept:")
    sign_in(desk, people[0], "/unsent-drafts/")
    refused = desk.post(who, {"child_name": "", "draft": ref})
    assert refused.status_code == 422
    assert f"kept:{ref}" in [draft.key for draft in drafts()]
    assert desk.post(who, {"child_name": "A child of 9B", "pupil": "other", "draft": ref}).status_code == 302
    assert f"kept:{ref}" not in [draft.key for draft in drafts()]


def test_a_part_of_a_page_is_sent_on_as_a_whole_page(desk: Client, clock: Clock) -> None:
    clock.pass_the_limit()
    answer = desk.post(SEEN, {"what": WORDS}, headers={"HX-Request": "true"})
    assert answer.status_code == 200
    assert answer["HX-Redirect"] == "/accounts/login/?next=/unsent-drafts/"
    assert answer.content == b""
    assert drafts()[0].words["page"] == SEEN
    assert desk.get("/my-account/", headers={"HX-Request": "true"}).status_code == 401


def test_a_draft_that_comes_too_late_is_kept_as_that_draft(desk: Client, clock: Clock) -> None:
    clock.pass_the_limit()
    late = {"draft_key": "concern:1:seen", "seen_words": WORDS}
    answer = desk.post("/drafts/", late, headers={"X-Requested-With": "haven-draft"})
    assert answer.status_code == 401
    assert [(draft.key, draft.words) for draft in drafts()] == [("concern:1:seen", {"seen_words": WORDS})]
    assert not is_signed_in(desk)


def test_a_button_alone_keeps_nothing_and_goes_back_to_its_page(desk: Client, clock: Clock) -> None:
    clock.pass_the_limit()
    answer = desk.post(
        "/schools/switch/", {"school": "3", "next": "/"}, headers={"Referer": "http://testserver/my-day/"}
    )
    assert answer["Location"] == "/accounts/login/?next=/my-day/"
    assert drafts() == []


def test_another_site_is_no_way_back(desk: Client, clock: Clock) -> None:
    clock.pass_the_limit()
    desk.post(SEEN, {"what": WORDS}, headers={"Referer": "https://evil.example/s/"})
    assert drafts()[0].words["page"] == SEEN


def test_a_forged_form_is_not_kept(people: tuple[User, User], clock: Clock) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(people[0])
    strict.get("/my-account/")
    clock.pass_the_limit()
    answer = strict.post(SEEN, {"what": WORDS})
    assert answer["Location"].startswith("/accounts/login/")
    assert drafts() == []


def test_a_password_typed_too_late_is_not_kept(desk: Client, clock: Clock, people: tuple[User, User]) -> None:
    clock.pass_the_limit()
    form = {"oldpassword": PASSWORD, "password1": "lamp river candle boat", "password2": "lamp river candle boat"}
    assert desk.post("/accounts/password/change/", form).status_code == 302
    assert drafts() == []


def test_signing_in_as_another_over_a_session_that_ended(desk: Client, clock: Clock, people: tuple[User, User]) -> None:
    clock.pass_the_limit()
    assert sign_in(desk, people[1], "/my-account/")["Location"] == "/my-account/"
    assert "Tom" in desk.get("/my-account/").content.decode()


@pytest.mark.parametrize(
    ("posted", "kept"),
    [
        ("a=1", {}), ("go=yes", {}), ("", {}), ("new_password1=x+y&otp=1234&api_token=z", {}), ("name=Mother", {"name": ["Mother"]}),
        ("words=+&name=Mother+Ann", {"name": ["Mother Ann"]}), ("code=I&reason=ill", {"code": ["I"], "reason": ["ill"]}),
        ("s=1&s=2&seen=9", {"s": ["1", "2"]}), ("seen=A+boy+fell&version=2", {"seen": ["A boy fell"]}),
    ],
)  # fmt: skip
def test_what_counts_as_typed(posted: str, kept: dict[str, list[str]]) -> None:
    from django.http import QueryDict

    assert typed_fields(QueryDict(posted)) == kept


def test_what_is_too_long_is_cut_and_nothing_else_is_lost(people: tuple[User, User]) -> None:
    with access_context(people[0].id):
        by = access_context_for(user=people[0], on=AT.date())
        save_draft_of_request(
            by=by, at=AT, page="/a/", action="/a/", fields={"long": ["x" * 90_000], "short": ["Ann Lee"]}
        )
        (one,) = unsaved_drafts()
        assert one.is_cut
        assert one.fields["short"] == ["Ann Lee"]
        assert len(one.fields["long"][0]) > 40_000
        for number in range(MOST_UNSENT + 3):
            save_draft_of_request(
                by=by, at=AT + timedelta(minutes=number), page="/a/", action="/a/", fields={"n": [str(number)]}
            )
        assert [each.fields["n"] for each in unsaved_drafts()][:2] == [["22"], ["21"]]
        assert len(unsaved_drafts()) == MOST_UNSENT
        save_draft_of_request(by=by, at=AT + timedelta(days=40), page="/a/", action="/a/", fields={"n": ["last"]})
        assert [each.fields["n"] for each in unsaved_drafts()] == [["last"]]

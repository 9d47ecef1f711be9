"""Actions on pupils and families, and which users the row policies then show the result to."""

from datetime import date
from typing import Any

import pytest
from django.db import ProgrammingError, transaction

from haven.core.people import actions, queries
from haven.core.people.actions.contacts import ContactFacts
from haven.core.people.errors import AlreadyOnRoll, BadContact, BadIdentifier
from haven.core.people.models import Contact, Identifier, Placement, Pupil
from haven.platform.accounts.actions import allocate, declare_conflict
from haven.platform.audit.models import AuditEvent
from haven.platform.errors import ActionRejected
from haven.platform.row_security.context import access_context
from tests.factories.families import AT, SCARY, TODAY, YEAR, Families, build_school, record, upn
from tests.support.database_owner import owner

pytestmark = pytest.mark.django_db
FATHER = ContactFacts("Farid Rahman", "father", 1, "07700 900123", parental_responsibility=True)
MOTHER = ContactFacts("Nadia Rahman", "mother", 2, "07700 900124")


@pytest.fixture
def school_data() -> Families:
    return build_school()


def names(school_data: Families, who: str, text: str) -> list[str]:
    viewer = school_data.viewer(who)
    with access_context(viewer.user_id):
        schools = [place.school_id for place in viewer.places]
        return [pupil.name for pupil in queries.find_pupils(school_ids=schools, text=text, on=TODAY)]


# ---- the roll -------------------------------------------------------------------------------------------------------------


def test_a_pupil_comes_onto_the_roll(school_data: Families) -> None:
    done = school_data.admit("Siân", SCARY, upn=upn(1), group_name="8 Kestrel", preferred_forename="Shan")
    assert done.placement.group is not None
    assert (done.pupil.name, done.placement.group.name, done.placement.year_group) == (
        f"Shan {SCARY}",
        "8 Kestrel",
        "8",
    )
    with access_context(school_data.users["head"].id):
        with pytest.raises(AlreadyOnRoll):
            actions.admit_pupil(
                by=school_data.viewer("head"), at=AT, school_id=school_data.larkfield.id,
                admission=actions.Admission(surname="X", forename="Y", born_on=None, begins_on=TODAY, year=YEAR, upn=upn(1)),
            )  # fmt: skip
        with pytest.raises(BadIdentifier, match="13 characters"):
            actions.admit_pupil(
                by=school_data.viewer("head"), at=AT, school_id=school_data.larkfield.id,
                admission=actions.Admission(surname="X", forename="Y", born_on=None, begins_on=TODAY, year=YEAR, upn="A1"),
            )  # fmt: skip
        assert Pupil.objects.count() == 1


def test_the_same_number_at_a_second_school_of_ones_own_is_the_same_child(school_data: Families) -> None:
    with owner():
        from haven.platform.accounts.models import Membership

        Membership.objects.create(
            user=school_data.users["head"], role="head", school=school_data.oakhurst, begins_on=date(2020, 1, 1)
        )
    first = school_data.admit("Aisha", "Rahman", upn=upn(1))
    with access_context(school_data.users["head"].id):
        second = actions.admit_pupil(
            by=school_data.viewer("head"), at=AT, school_id=school_data.oakhurst.id,
            admission=actions.Admission(
                surname="Rahman", forename="Aisha", born_on=None, begins_on=TODAY, year=YEAR, upn=upn(1), kind="subsidiary",
            ),
        )  # fmt: skip
    assert second.pupil.id == first.pupil.id
    assert names(school_data, "oakhurst_head", "aisha") == ["Aisha Rahman"]


@pytest.mark.parametrize(
    "text", ["rah", "RAHMAN", "ais", "Rahman, Ai", "aisha rah", "rahman aisha", "ash", "begum", "rose-ann", upn(1)]
)
def test_a_pupil_is_found_by_the_first_letters_of_any_name(school_data: Families, text: str) -> None:
    school_data.admit(
        "Aisha", "Rahman", upn=upn(1), preferred_forename="Ash", former_names="Aisha Begum", middle_names="Rose-Ann"
    )
    school_data.admit("Ben", "Carter")
    assert names(school_data, "attendance_officer", text) == ["Ash Rahman"]


@pytest.mark.parametrize("text", ["", " ", "ahman", "rahman, b", "rahman carter", "%", "_____", "'", "A" * 300])
def test_other_letters_find_nobody(school_data: Families, text: str) -> None:
    school_data.admit("Aisha", "Rahman", upn=upn(1))
    assert names(school_data, "attendance_officer", text) == []


@pytest.mark.parametrize("text", ["o'b", "o brien", "obrien", "OBRIEN-N", "nandu", "script", "O’Brien-Ñ"])
def test_marks_and_accents_do_not_matter(school_data: Families, text: str) -> None:
    school_data.admit("Siân", SCARY)
    assert names(school_data, "teacher", text) == [f"Siân {SCARY}"]


def test_a_teacher_does_not_find_a_number_that_is_not_hers_to_see(school_data: Families) -> None:
    school_data.admit("Aisha", "Rahman", upn=upn(1))
    assert names(school_data, "teacher", upn(1)) == []


def test_who_has_left_comes_after_who_is_here(school_data: Families) -> None:
    gone = school_data.admit("Aisha", "Adams")
    school_data.admit("Aisha", "Zaman")
    with access_context(school_data.users["head"].id):
        actions.end_enrolment(by=school_data.viewer("head"), at=AT, enrolment=gone.enrolment, ends_on=date(2026, 1, 9))
        with pytest.raises(ActionRejected):
            actions.end_enrolment(
                by=school_data.viewer("head"), at=AT, enrolment=gone.enrolment, ends_on=date(2020, 1, 9)
            )
    assert names(school_data, "teacher", "aisha") == ["Aisha Zaman", "Aisha Adams"]


def test_a_changed_surname_is_kept_as_a_former_name(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    with access_context(school_data.users["attendance_officer"].id):
        by = school_data.viewer("attendance_officer")
        pupil = actions.change_names(by=by, at=AT, pupil=pupil, school_id=school_data.larkfield.id, surname="Begum")
        assert (pupil.surname, pupil.former_names) == ("Begum", "Aisha Rahman")
        pupil = actions.change_names(
            by=by, at=AT, pupil=pupil, school_id=school_data.larkfield.id, preferred_forename="Ash"
        )
        assert pupil.former_names == "Aisha Rahman"
    assert names(school_data, "teacher", "rah") == ["Ash Begum"]


def test_a_change_of_class_ends_one_placement_and_begins_the_next(school_data: Families) -> None:
    done = school_data.admit("Aisha", "Rahman", group_name="8 Kestrel")
    with access_context(school_data.users["head"].id):
        by = school_data.viewer("head")
        actions.move_group(
            by=by, at=AT, enrolment=done.enrolment, year=YEAR, on=TODAY, year_group="8", group_name="8 Osprey"
        )
        actions.move_group(
            by=by, at=AT, enrolment=done.enrolment, year=YEAR, on=TODAY, year_group="8", group_name="8 Robin"
        )
        rows = Placement.objects.filter(pupil=done.pupil).select_related("group").order_by("begins_on")
        assert [(row.group.name, row.begins_on, row.ends_on) for row in rows] == [  # type: ignore[union-attr]
            ("8 Kestrel", date(2025, 9, 1), date(2026, 1, 13)),
            ("8 Robin", TODAY, None),
        ]


def test_a_teacher_cannot_put_a_pupil_on_the_roll(school_data: Families) -> None:
    with pytest.raises(ProgrammingError, match="row-level security"), transaction.atomic():
        school_data.admit("Aisha", "Rahman", who="teacher")


# ---- numbers --------------------------------------------------------------------------------------------------------------


def test_a_new_number_makes_the_old_one_a_former_one_and_another_pupils_number_is_refused(
    school_data: Families,
) -> None:
    pupil = school_data.admit("Aisha", "Rahman", upn=upn(1)).pupil
    school_data.admit("Ben", "Carter", upn=upn(2))
    with access_context(school_data.users["attendance_officer"].id):
        by, school = school_data.viewer("attendance_officer"), school_data.larkfield.id
        new: dict[str, Any] = {"by": by, "at": AT, "school_id": school, "pupil_id": pupil.id, "kind": "upn"}
        assert actions.record_identifier(**new, value=upn(3), begins_on=TODAY) is True
        assert actions.record_identifier(**new, value=upn(3)) is False
        rows = Identifier.objects.filter(pupil=pupil).values_list("kind", "value").order_by("id")
        assert list(rows) == [("former_upn", upn(1)), ("upn", upn(3))]
        assert queries.pupil_by_upn(school_id=school, upn=upn(1)) == pupil
        with pytest.raises(BadIdentifier, match="Another pupil"), transaction.atomic():
            actions.record_identifier(**new, value=upn(2))
        with pytest.raises(BadIdentifier, match="first letter"):
            actions.record_identifier(**new, value="A" + upn(4)[1:] if upn(4)[0] != "A" else "B" + upn(4)[1:])


# ---- the family -----------------------------------------------------------------------------------------------------------


def test_contacts_are_kept_by_ending_and_beginning_rows(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    with access_context(school_data.users["attendance_officer"].id):
        keep: dict[str, Any] = {"by": school_data.viewer("attendance_officer"), "at": AT, "on": TODAY, "school_id": school_data.larkfield.id, "pupil_id": pupil.id}  # fmt: skip
        assert actions.keep_contacts(**keep, contacts=[FATHER, MOTHER]) == (2, 0)
        assert actions.keep_contacts(**keep, contacts=[MOTHER, FATHER]) == (0, 0)
        moved = ContactFacts("Farid Rahman", "father", 1, "07700 900999", parental_responsibility=True)
        assert actions.keep_contacts(**keep, contacts=[moved, MOTHER]) == (1, 1)
        assert actions.keep_contacts(**keep, contacts=[moved]) == (0, 1)
        assert [
            one.telephone for one in queries.contacts_of(school_id=school_data.larkfield.id, pupil_id=pupil.id)
        ] == ["07700 900999"]
        assert Contact.objects.count() == 3
        assert actions.check_contacts(**keep) == 1
        with pytest.raises(BadContact):
            ContactFacts(" ")


def test_a_tutor_sees_the_contacts_of_her_own_form_and_of_no_other(school_data: Families) -> None:
    mine, other = (
        school_data.admit("Aisha", "Rahman", group_name="8 Kestrel"),
        school_data.admit("Ben", "Carter", group_name="8 Osprey"),
    )
    with access_context(school_data.users["head"].id):
        by = school_data.viewer("head")
        actions.keep_group(
            by=by,
            at=AT,
            school_id=school_data.larkfield.id,
            year=YEAR,
            name="8 Kestrel",
            tutor_id=school_data.users["form_tutor"].id,
        )
        for pupil in (mine.pupil, other.pupil):
            actions.keep_contacts(
                by=by, at=AT, on=TODAY, school_id=school_data.larkfield.id, pupil_id=pupil.id, contacts=[FATHER]
            )
    with access_context(school_data.users["form_tutor"].id):
        found = queries.contacts_by_pupil(school_id=school_data.larkfield.id, pupil_ids=[mine.pupil.id, other.pupil.id])
        assert list(found) == [mine.pupil.id]
    with access_context(school_data.users["teacher"].id):
        assert (
            queries.contacts_by_pupil(school_id=school_data.larkfield.id, pupil_ids=[mine.pupil.id, other.pupil.id])
            == {}
        )


def test_a_caseload_opens_the_contacts_of_its_pupils(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    worker = school_data.users["family_support_worker"].id
    with access_context(school_data.users["head"].id):
        by = school_data.viewer("head")
        actions.keep_contacts(
            by=by, at=AT, on=TODAY, school_id=school_data.larkfield.id, pupil_id=pupil.id, contacts=[FATHER]
        )
    with access_context(worker):
        assert queries.contacts_of(school_id=school_data.larkfield.id, pupil_id=pupil.id) == []
    with access_context(school_data.users["head"].id):
        allocate(
            by=by,
            at=AT,
            user_id=worker,
            school_id=school_data.larkfield.id,
            pupil_id=pupil.id,
            begins_on=date(2026, 1, 1),
        )
    with access_context(worker):
        assert [one.name for one in queries.contacts_of(school_id=school_data.larkfield.id, pupil_id=pupil.id)] == [
            "Farid Rahman"
        ]


def test_details_change_by_a_new_row_and_what_is_not_given_stays(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", "Rahman").pupil
    with access_context(school_data.users["attendance_officer"].id):
        keep: dict[str, Any] = {
            "by": school_data.viewer("attendance_officer"),
            "at": AT,
            "school_id": school_data.larkfield.id,
            "pupil_id": pupil.id,
        }
        first = actions.keep_detail(**keep, first_language="Bengali", trusted_adult="Ms Osei")
        assert actions.keep_detail(**keep, first_language="Bengali").id == first.id
        actions.keep_detail(**keep, trusted_adult="Mr Ncube")
        now = queries.details_of(school_id=school_data.larkfield.id, pupil_id=pupil.id)
        assert now is not None and (now.first_language, now.trusted_adult) == ("Bengali", "Mr Ncube")
        with pytest.raises(TypeError):
            actions.keep_detail(**keep, secret="x")


def household(school_data: Families) -> tuple[Pupil, Pupil]:
    """Aisha at Larkfield and her brother Sami at Oakhurst, put into one household by a user with access to both schools."""
    from haven.platform.accounts.models import Membership

    with owner():
        Membership.objects.create(
            user=school_data.users["head"], role="head", school=school_data.oakhurst, begins_on=date(2020, 1, 1)
        )
    aisha = school_data.admit("Aisha", "Rahman").pupil
    sami = school_data.admit("Sami", SCARY, who="oakhurst_head", year_group="3").pupil
    with access_context(school_data.users["head"].id):
        actions.keep_household(by=school_data.viewer("head"), at=AT, pupil_ids=[aisha.id, sami.id])
    return aisha, sami


def test_a_sibling_at_another_school_is_shown_by_name_and_school_and_nothing_more(school_data: Families) -> None:
    aisha, sami = household(school_data)
    with access_context(school_data.users["attendance_officer"].id):
        [brother] = queries.siblings_of(pupil_ids=[aisha.id])[aisha.id]
        assert (brother.name, brother.school_name) == (f"Sami {SCARY}", "Oakhurst Primary")
        assert queries.refs_of(pupil_ids=[sami.id]) == {}
        assert queries.siblings_of(pupil_ids=[sami.id]) == {}
    with access_context(school_data.users["head"].id):
        assert queries.household_of(school_id=school_data.larkfield.id, pupil_id=aisha.id) == sorted(
            [aisha.id, sami.id]
        )
        actions.leave_household(by=school_data.viewer("head"), at=AT, pupil_id=sami.id)
        assert queries.siblings_of(pupil_ids=[aisha.id]) == {}


def test_nobody_makes_households_of_pupils_elsewhere(school_data: Families) -> None:
    aisha = school_data.admit("Aisha", "Rahman").pupil
    sami = school_data.admit("Sami", "Rahman", who="oakhurst_head").pupil
    with access_context(school_data.users["attendance_officer"].id), pytest.raises(ActionRejected):
        actions.keep_household(by=school_data.viewer("attendance_officer"), at=AT, pupil_ids=[aisha.id, sami.id])


def test_a_parent_on_the_staff_is_shut_out_everywhere(school_data: Families) -> None:
    aisha, sami = household(school_data)
    with access_context(school_data.users["dsl"].id):
        declare_conflict(
            by=school_data.viewer("dsl"), at=AT, user_id=school_data.users["teacher"].id, school_id=school_data.larkfield.id,
            pupil_id=aisha.id, kind="parent", begins_on=date(2020, 1, 1),
        )  # fmt: skip
    assert names(school_data, "teacher", "rah") == []
    with access_context(school_data.users["teacher"].id):
        school = school_data.larkfield.id
        assert queries.pupils_of_school(school_id=school, on=TODAY) == []
        assert queries.pupil_by_ref(school_id=school, ref=aisha.ref) is None
        assert queries.siblings_of(pupil_ids=[aisha.id, sami.id]) == {}
        assert queries.listed(school_id=school, pupil_ids=[aisha.id], on=TODAY) == {}


# ---- the record -----------------------------------------------------------------------------------------------------------


def test_every_action_leaves_an_event_without_content(school_data: Families) -> None:
    pupil = school_data.admit("Aisha", SCARY).pupil
    record(school_data, pupil, "child_protection")
    with access_context(school_data.users["attendance_officer"].id):
        by = school_data.viewer("attendance_officer")
        actions.keep_contacts(
            by=by, at=AT, on=TODAY, school_id=school_data.larkfield.id, pupil_id=pupil.id, contacts=[FATHER]
        )
        actions.open_pupil(by=by, at=AT, school_id=school_data.larkfield.id, pupil=pupil)
    with owner():
        events = list(AuditEvent.objects.order_by("id"))
        assert [event.verb for event in events] == [
            "people.admit_pupil", "people.record_status", "people.keep_contacts", "people.open_pupil",
        ]  # fmt: skip
        for event in events:
            said = f"{event.about_kind} {event.about_ref} {event.detail} {event.reason}"
            assert not any(word in said for word in ("Brien", "Farid", "protection", "07700"))
            assert event.school_id == school_data.larkfield.id and event.pupil_ids == [pupil.id]

"""Fills the benchmark database with millions of entries: three years of records, with tasks, receipts and messages.

PostgreSQL generates them from a series of numbers; the same seed gives the same rows.
"""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from django.db import connection

from haven.attendance.registers.definition_keys import CONTACT_ATTEMPT, CONTACT_NAME, OUTCOME
from haven.core.correspondence.models import Delivery, Message
from haven.core.records.definition_keys import CONCERN, NOTE
from haven.core.records.models import Acknowledgement, Entry, EntryPupil
from haven.core.schools.models import School
from haven.core.tasks.models import Task
from haven.demonstration.people import DOMAIN
from haven.exchange.imports.models import ImportRun
from haven.platform.accounts.models import Membership, User
from haven.safeguarding.definition_keys import SAFE, SAFE_NOW
from haven.safeguarding.models import Receipt

WIDE_LEAD_SCHOOLS = 40
WIDE_LEAD = f"wide-lead@{DOMAIN}"

FILE = (Entry, EntryPupil, Acknowledgement, Receipt, Task, Message, Delivery, ImportRun)
"""The tables that `fill_file` writes."""

# One row for each number: a pupil on roll, a record category (attendance 40 %, pastoral 40 %, safeguarding 20 %), an
# author, a moment of the last three years.
_LINES = """
create temporary table bench_line on commit drop as
with pupil as (
  select (row_number() over (order by id) - 1)::int as n, school_id, pupil_id from people_enrolment where ends_on is null
), author as (
  select school_id, (array_agg(user_id order by user_id)) as ids from accounts_membership
  where role in ('attendance_officer', 'dsl') and school_id is not null group by school_id
), line as (
  select g, (hashint8extended(g, %(seed)s) & 2147483647) as h from generate_series(1, %(many)s) g
)
select line.g, h, pupil.school_id, pupil.pupil_id, u.id as author_id, u.name as author_name,
  (case when h %% 10 < 4 then 1 when h %% 10 < 8 then 2 else 3 end)::smallint as record_category,
  %(at)s::timestamptz - (h %% 1576800) * interval '1 minute' as at,
  md5(%(seed)s || 'entry' || line.g)::uuid as ref
from line
join pupil on pupil.n = (h / 10) %% (select count(*) from pupil)
join author on author.school_id = pupil.school_id
join accounts_user u on u.id = author.ids[1 + (h / 7) %% array_length(author.ids, 1)]
"""

_ROW = "school_id, record_category, author_id, author_name, author_role, pupil_ids, restricted_to, recorded_at"
_OF_LINE = "l.school_id, l.record_category, l.author_id, l.author_name, '', array[l.pupil_id], null::int[], l.at"

_STATEMENTS = (
    f"""insert into records_entry ({_ROW}, ref, form, form_version, fields, happened_at, source, needs_acknowledgement)
    select {_OF_LINE}, l.ref,
      case l.record_category when 1 then '{CONTACT_ATTEMPT}' when 2 then '{NOTE}' else '{CONCERN}' end, '1',
      case l.record_category when 1 then jsonb_build_object('{OUTCOME}', 'no_answer', '{CONTACT_NAME}', 'Somebody at home')
        when 2 then jsonb_build_object('words', 'A word in the corridor, made up, number ' || l.g)
        else jsonb_build_object('words', 'What was seen and heard, made up, number ' || l.g, '{SAFE_NOW}', '{SAFE}') end,
      l.at, 'person', l.record_category = 3
    from bench_line l order by l.at""",
    "analyze records_entry",
    f"""insert into records_entrypupil ({_ROW}, entry_id, pupil_id, role)
    select {_OF_LINE}, e.id, l.pupil_id, 'subject' from bench_line l join records_entry e on e.ref = l.ref""",
    f"""insert into records_acknowledgement ({_ROW}, entry_id)
    select {_OF_LINE.replace("l.at", "l.at + interval '20 minutes'")}, e.id from bench_line l join records_entry e on e.ref = l.ref
    where l.record_category = 3 and l.at < %(at)s::timestamptz - interval '3 days'""",
    """update records_entry e set acknowledged_at = a.recorded_at from records_acknowledgement a
    where a.entry_id = e.id and e.acknowledged_at is null and e.needs_acknowledgement""",
    """insert into safeguarding_receipt (ref, school_id, for_user_id, pupil_ids, entry_ref, raised_at, received_at, received_by_name)
    select md5('receipt' || l.ref)::uuid, l.school_id, l.author_id, array[l.pupil_id], l.ref, l.at,
      l.at + interval '20 minutes', 'the safeguarding team' from bench_line l where l.record_category = 3""",
    f"""insert into tasks_task ({_ROW}, ref, title, assignee_role, due_at, source_kind, source_ref, done_at, done_by_name, outcome, version,
      about_entry_id)
    select {_OF_LINE}, md5('task' || l.ref)::uuid, 'Read and decide, made up',
      case l.record_category when 3 then 'dsl' else 'attendance_officer' end, l.at + interval '2 days', 'plan', 'bench',
      case when l.h %% 1000 < 995 then l.at + interval '1 day' end, '', '', 1, e.id
    from bench_line l join records_entry e on e.ref = l.ref where l.h %% 3 = 0""",
    """insert into correspondence_message (school_id, author_id, pupil_id, ref, contact_ref, channel, template, recipient,
      recipient_name, subject, body, once_key, author_name, queued_at)
    select l.school_id, l.author_id, l.pupil_id, md5('message' || l.ref)::uuid, md5('contact' || l.ref)::uuid,
      'text', 'bench', '07700900000', '', '', 'Please ring the school, made up.', l.ref::text, l.author_name, l.at
    from bench_line l where l.record_category = 1 and l.h %% 20 < 3""",
    """insert into correspondence_delivery (school_id, author_id, pupil_id, message_id, state, detail, carrier_ref, at)
    select m.school_id, m.author_id, m.pupil_id, m.id, 'sent', '', '', m.queued_at from correspondence_message m
    where m.template = 'bench'""",
    """insert into imports_importrun (ref, school_id, author_id, author_name, format, file_name, file_bytes, sha256, state, done, total,
      counts, problems, problem_count, mapping, received_at, undone_by_name)
    select md5('run' || s.id || ' ' || g)::uuid, s.id, a.id, a.name, 'marks', 'marks-' || g || '.csv', 1000, '', 'applied',
      10, 10, '{}', '[]', 0, '{}', %(at)s::timestamptz - g * interval '1 day', ''
    from schools_school s, (select id, name from accounts_user where is_service) a, generate_series(1, 200) g""",
)


def fill_file(many: int, *, seed: int, at: datetime) -> None:
    """Insert `many` entries about pupils on roll, with tasks (a third), receipts and acknowledgements (a fifth),
    messages (some), and two hundred imports a school. Needs a transaction and the role of the owner."""
    values: Mapping[str, Any] = {"many": many, "seed": seed, "at": at}
    with connection.cursor() as cursor:
        cursor.execute("set local work_mem = '256MB'")
        cursor.execute(_LINES, values)
        for statement in _STATEMENTS:
            cursor.execute(statement, values)
        for table in (
            "records_entrypupil",
            "records_acknowledgement",
            "tasks_task",
            "safeguarding_receipt",
        ):
            cursor.execute(f"analyze {table}")


def name_wide_lead(on: date) -> None:
    """Make one user safeguarding lead of forty schools (of all, if there are fewer): the user with the widest access to
    the file."""
    user = User.objects.create_user(WIDE_LEAD, "Ada Broadbent")
    schools = School.objects.order_by("id")[:WIDE_LEAD_SCHOOLS]
    Membership.objects.bulk_create(
        Membership(user=user, role="dsl", school=school, begins_on=on.replace(year=on.year - 1)) for school in schools
    )

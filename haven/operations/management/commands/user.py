"""`haven user add EMAIL --name … --role … --school URN`: creates the first accounts and prints a one-time link."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from haven.core.schools.models import School
from haven.platform import clock
from haven.platform.accounts.actions import AccountProblem, add_user, give_role, welcome_path
from haven.platform.accounts.context import system_context
from haven.platform.accounts.models import User


class Command(BaseCommand):
    help = "Give a person an account and a role, and print the one-time link for the password."

    def add_arguments(self, parser: CommandParser) -> None:
        verbs = parser.add_subparsers(dest="verb", required=True)
        add = verbs.add_parser("add", help="a new account, or one more role for an account")
        add.add_argument("email")
        add.add_argument("--name", default="")
        add.add_argument("--role", required=True)
        add.add_argument("--school", type=int, metavar="URN", required=True)

    def handle(self, *args: Any, **options: Any) -> None:
        at = clock.now()
        school = School.objects.filter(urn=options["school"]).first()
        if school is None:
            raise CommandError(f"School {options['school']} was not found. Import it with `haven import schools FILE`.")
        with system_context(on=clock.today()) as by:
            try:
                user = User.objects.filter(email=options["email"].strip().lower()).first()
                if user is None:
                    if not options["name"].strip():
                        raise CommandError('A new account needs the person\'s name: --name "Priya Nair".')
                    user = add_user(by=by, at=at, email=options["email"], name=options["name"])
                give_role(by=by, at=at, user=user, role=options["role"], begins_on=clock.today(), school_id=school.id)
            except AccountProblem as problem:
                raise CommandError(str(problem)) from problem
        self.stdout.write(f"{user.name} is now {options['role'].replace('_', ' ')} at {school.name}.")
        if not user.has_usable_password():
            self.stdout.write(f"One-time link to set the password (valid for 3 days): {welcome_path(user)}")

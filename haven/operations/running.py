"""Runs one of Haven's commands and turns its refusals into sentences and exit statuses."""

import os
import sys
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from haven.operations.logs import where
from haven.platform.definitions.errors import DefinitionError


def detach_stdio() -> int:
    """Discard further output after the reader of the output has closed it (`| head`). Returns the status 1, because the
    command did not finish."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


MISTAKE_IN_DEFINITION = 3
"""The exit status of `migrate` for a mistake in a definition file."""


def migrate() -> int:
    """Set Django up and migrate, in the separate process that the `haven` command starts for it. Returns 0.

    For a mistake in a definition file it prints the sentence and returns MISTAKE_IN_DEFINITION. Other exceptions
    propagate.
    """
    import django
    from django.core.management import call_command

    try:
        django.setup()
    except DefinitionError as problem:
        print(problem, file=sys.stderr)
        return MISTAKE_IN_DEFINITION
    call_command("migrate", verbosity=0)
    return 0


def run_command(argv: list[str]) -> int:
    """Run the command named in argv[1]. Returns 0 done, 1 refused, 2 wrong usage."""
    return run_fetched(argv, lambda: ManagementUtility(argv).fetch_command(argv[1]))


def run_fetched(argv: list[str], fetch: Callable[[], BaseCommand]) -> int:
    """Set Django up, then run the command that `fetch` returns with the arguments after argv[1]."""
    verb = argv[1]
    try:
        import django

        django.setup()
        command = fetch()
        parser = command.create_parser(argv[0], verb)
        try:
            options = vars(parser.parse_args(argv[2:]))
        except CommandError as wrong_usage:
            print(f"haven {verb}: {wrong_usage}", file=sys.stderr)
            return 2
        arguments = options.pop("args", ())
        command.execute(*arguments, **options)
        sys.stdout.flush()
    except BrokenPipeError:
        return detach_stdio()
    except CommandError as refusal:
        print(f"haven {verb}: {refusal}", file=sys.stderr)
        return refusal.returncode
    except DefinitionError as problem:
        print(f"haven {verb}: {problem}", file=sys.stderr)
        return 1
    except (OperationalError, ImproperlyConfigured) as problem:
        print(
            f"haven {verb}: a problem with the database or a setting ({type(problem).__name__}). Nothing was changed.",
            file=sys.stderr,
        )
        return 1
    except Exception as fault:
        if os.environ.get("HAVEN_DEBUG") == "1":
            raise
        print(
            f"haven {verb}: Haven failed with an internal error. No changes were saved. {where(fault)}",
            file=sys.stderr,
        )
        return 1
    except SystemExit as stop:
        return int(stop.code or 0) if isinstance(stop.code, int) or stop.code is None else 1
    return 0

"""Runs one of Haven's commands and turns its refusals into sentences and exit statuses."""

import os
import sys
from collections.abc import Callable

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility
from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError

from haven.operations.logs import where


def detach_stdio() -> int:
    """Whoever read what we print (`| head`) has read enough: nothing to say, and nothing more to print. Returns the status 1, since
    the command did not come to its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def run_command(argv: list[str]) -> int:
    """Fetch the command named in argv[1] and run it. 0 done, 1 refused, 2 wrong usage."""
    return run_fetched(argv, lambda: ManagementUtility(argv).fetch_command(argv[1]))


def run_fetched(argv: list[str], fetch: Callable[[], BaseCommand]) -> int:
    """Run the command that `fetch` gives, once Django is set up, with the arguments after argv[1]."""
    verb = argv[1]
    try:
        import django

        django.setup()
        command = fetch()
        parser = command.create_parser(argv[0], verb)
        options = vars(parser.parse_args(argv[2:]))
        arguments = options.pop("args", ())
        command.execute(*arguments, **options)
        sys.stdout.flush()
    except BrokenPipeError:
        return detach_stdio()
    except CommandError as refusal:
        print(f"haven {verb}: {refusal}", file=sys.stderr)
        return refusal.returncode
    except (OperationalError, ImproperlyConfigured) as problem:
        print(
            f"haven {verb}: the database or a setting is not as it should be ({type(problem).__name__}). Nothing was changed.",
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

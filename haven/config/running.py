"""Runs one of Haven's commands and turns its refusals into sentences and exit statuses."""

import os
import sys

from django.core.exceptions import ImproperlyConfigured
from django.core.management import ManagementUtility
from django.core.management.base import CommandError
from django.db import OperationalError

from haven.config.logs import where


def let_go_of_the_pipe() -> int:
    """Whoever read what we print (`| head`) has read enough: nothing to say, and nothing more to print. Returns the status 1, since
    the command did not come to its end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return 1


def run_command(argv: list[str]) -> int:
    """Fetch the command named in argv[1] and run it. 0 done, 1 refused, 2 wrong usage."""
    utility = ManagementUtility(argv)
    verb = argv[1]
    try:
        import django

        django.setup()
        command = utility.fetch_command(verb)
        parser = command.create_parser("haven", verb)
        options = vars(parser.parse_args(argv[2:]))
        arguments = options.pop("args", ())
        command.execute(*arguments, **options)
        sys.stdout.flush()
    except BrokenPipeError:
        return let_go_of_the_pipe()
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
            f"haven {verb}: a fault of Haven's own stopped this; nothing of it was kept. {where(fault)}",
            file=sys.stderr,
        )
        return 1
    except SystemExit as stop:
        return int(stop.code or 0) if isinstance(stop.code, int) or stop.code is None else 1
    return 0

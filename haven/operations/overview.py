"""The text of `haven help`: Haven's commands, in the order in which a new user needs them, and the reply to a mistyped
one."""

import difflib
import importlib.util
from importlib import metadata
from pathlib import Path

# A test compares this list with the installed commands.
COMMANDS = {
    "run": "Start Haven. An empty database is first filled with the demonstration.",
    "import": "Import a file of schools, a calendar, pupils or marks.",
    "user": "Give a person an account and a role at a school.",
    "night": "Check the registers and propose decisions for staff, as tasks.",
    "today": "List pupils with unexplained absence, in the order to act, with reasons.",
    "measures": "Print every attendance measure of a school between two days.",
    "export": "Export the pupils or marks of a school as a file that Haven can import.",
    "backup": "Write a restorable copy of everything to a new folder.",
    "restore": "Restore a backup into an empty data folder.",
    "verify": "Check the audit record, the registers and the row policies.",
    "demo": "Fill an empty database with the demonstration at any size.",
    "work": "Run waiting jobs until stopped.",
    "words": "Print every sentence and label that people read, with its place.",
    "definitions": "List the forms, statuses, messages and import layouts in force.",
    "docs": "Write the generated pages and schemas of docs/reference.",
}
ASKS_FOR_HELP = {"help", "--help", "-h"}
# Libraries whose commands are also available.
LIBRARIES = (
    "django.core", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.staticfiles", "axes", "procrastinate.contrib.django",
)  # fmt: skip


def overview() -> str:
    """Every command with one sentence."""
    lines = [f"  {verb:<13}{sentence}" for verb, sentence in COMMANDS.items()]
    return "\n".join(
        [
            "haven COMMAND ...        `haven COMMAND --help` shows the options of a command.",
            "",
            *lines,
            "",
            "Environment variables are described in docs/reference/settings.md.",
        ]
    )


def version() -> str:
    return f"Haven {metadata.version('haven')}"


def is_known(verb: str) -> bool:
    """Whether a command of that name exists, in Haven or in a library that it uses. Reads no settings."""
    if verb in COMMANDS:
        return True
    specs = [importlib.util.find_spec(library) for library in LIBRARIES]
    folders = [Path(location) for spec in specs if spec for location in spec.submodule_search_locations or ()]
    return verb.isidentifier() and any(
        (folder / "management" / "commands" / f"{verb}.py").exists() for folder in folders
    )


def did_you_mean(verb: str) -> str:
    """The sentence for an unknown command."""
    near = difflib.get_close_matches(verb, COMMANDS, n=1)
    hint = f" Did you mean `haven {near[0]}`?" if near else ""
    return f"“{verb}” is not a command.{hint} `haven help` lists them all."

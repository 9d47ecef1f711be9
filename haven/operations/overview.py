"""What `haven help` says: Haven's own commands, in the order in which a newcomer needs them, and what to do about a mistyped one."""

import difflib
import importlib.util
from importlib import metadata
from pathlib import Path

# A test compares this with the commands that there are.
COMMANDS = {
    "run": "Serve Haven on this machine. It fills an empty database with the demonstration first.",
    "import": "Bring in a file of schools, a calendar, pupils or marks.",
    "user": "Give a person an account and a role at a school.",
    "night": "Look through the registers and propose what a person has to decide.",
    "today": "Say who is missing without a reason, in the order to act, with why.",
    "measures": "Print every attendance measure of a school between two days.",
    "export": "Print the pupils or the marks of a school as a file that can be brought in again.",
    "backup": "Write a restorable copy of everything to a new folder.",
    "restore": "Bring a backup back into an empty data folder.",
    "verify": "Check the audit record, the sheets and the walls.",
    "demo": "Fill an empty database with the demonstration at any size.",
    "work": "Run waiting jobs until stopped.",
    "definitions": "List the forms, statuses, messages and import layouts in force.",
    "docs": "Print the generated pages and schemas of docs/reference anew.",
}
ASKS_FOR_HELP = {"help", "--help", "-h"}
# Whose commands are there besides, for those who know them.
LIBRARIES = (
    "django.core", "django.contrib.auth", "django.contrib.contenttypes", "django.contrib.sessions",
    "django.contrib.staticfiles", "axes", "procrastinate.contrib.django",
)  # fmt: skip


def overview() -> str:
    """Every command with one sentence."""
    lines = [f"  {verb:<13}{sentence}" for verb, sentence in COMMANDS.items()]
    return "\n".join(
        [
            "haven COMMAND ...        `haven COMMAND --help` says what a command takes.",
            "",
            *lines,
            "",
            "Everything it needs from the environment is in docs/reference/settings.md.",
        ]
    )


def version() -> str:
    return f"Haven {metadata.version('haven')}"


def is_known(verb: str) -> bool:
    """Whether there is such a command, of Haven's own or of a library it stands on. Reads no settings."""
    if verb in COMMANDS:
        return True
    specs = [importlib.util.find_spec(library) for library in LIBRARIES]
    folders = [Path(each) for spec in specs if spec for each in spec.submodule_search_locations or ()]
    return verb.isidentifier() and any(
        (folder / "management" / "commands" / f"{verb}.py").exists() for folder in folders
    )


def did_you_mean(verb: str) -> str:
    """The sentence for a command that is not there."""
    near = difflib.get_close_matches(verb, COMMANDS, n=1)
    hint = f" Did you mean `haven {near[0]}`?" if near else ""
    return f"There is no command “{verb}”.{hint} `haven help` lists them all."

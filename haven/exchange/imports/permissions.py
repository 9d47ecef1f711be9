"""Who may bring in files, apply what is in them, and take an import back?

The verbs of each role are in rules/roles.py; that a person sees an import at all is the database's business.
"""

from haven.exchange.imports.models import ImportRun
from haven.platform.accounts.context import AccessContext
from haven.rules.decision import Decision, allow, refuse

APPLICABLE = ("read", "waiting", "applying", "failed")
UNDOABLE = ("applied", "to_undo", "undoing")


def may_import_files(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the viewer may bring in files at a school."""
    if viewer.may("import_files", school_id):
        return allow()
    return refuse("The head teacher and the attendance team bring in files. Give the file to one of them.")


def may_import_schools(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the viewer may bring in a file of schools from their place at one: who brings in files and keeps the school's facts."""
    allowed = may_import_files(viewer, school_id)
    if not allowed or viewer.may("manage_school", school_id):
        return allowed
    return refuse("The head teacher brings in files of schools. Give the file to the head.")


def may_import_word(viewer: AccessContext, school_id: int, word: str) -> Decision:
    """Whether the viewer may bring in a file of this kind at a school."""
    return may_import_schools(viewer, school_id) if word == "schools" else may_import_files(viewer, school_id)


def may_apply_run(viewer: AccessContext, run: ImportRun) -> Decision:
    """Whether the viewer may apply this import now."""
    allowed = may_import_word(viewer, run.school_id or 0, run.format)
    if not allowed:
        return allowed
    if run.state in UNDOABLE:
        return refuse("This import was applied already.")
    if run.state not in APPLICABLE:
        return refuse("This file cannot be applied as it is. Bring in a corrected file.")
    return allow()


def may_undo_run(viewer: AccessContext, run: ImportRun) -> Decision:
    """Whether the viewer may take this import back."""
    if run.school_id is None or not may_import_files(viewer, run.school_id):
        return may_import_files(viewer, run.school_id or 0)
    if run.state == "undone":
        return refuse("This import was taken back already.")
    if run.state not in UNDOABLE:
        return refuse("This import was not applied, so there is nothing to take back.")
    if run.format == "pupils":
        return refuse("Pupils cannot be taken off the roll as a whole. Correct the file, and bring it in again.")
    if run.format == "schools":
        return refuse("Facts of schools cannot be taken back. Bring in the file as it should be.")
    if run.format == "calendar":
        return refuse("A calendar cannot be taken back. Bring in the calendar as it should be.")
    return allow()

"""Who may import files, apply them, and undo an import.

The capabilities of each role are in rules/roles.py. Row-level security decides which imports a user can read.
"""

from haven.exchange.imports.models import ImportRun
from haven.platform.accounts.context import AccessContext
from haven.rules.decision import Decision, allow, refuse

APPLICABLE = ("read", "waiting", "applying", "failed")
UNDOABLE = ("applied", "to_undo", "undoing")


def may_import_files(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the viewer may import files at a school."""
    if viewer.may("import_files", school_id):
        return allow()
    return refuse("Only the head teacher and the attendance team can import files. Give the file to one of them.")


def may_import_schools(viewer: AccessContext, school_id: int) -> Decision:
    """Whether the viewer may import a file of schools: for this, the user may import files at a school and manage its details."""
    allowed = may_import_files(viewer, school_id)
    if not allowed or viewer.may("manage_school", school_id):
        return allowed
    return refuse("Only the head teacher can import files of schools. Give the file to the head teacher.")


def may_import_word(viewer: AccessContext, school_id: int, word: str) -> Decision:
    """Whether the viewer may import a file of this type at a school."""
    return may_import_schools(viewer, school_id) if word == "schools" else may_import_files(viewer, school_id)


def may_apply_run(viewer: AccessContext, run: ImportRun) -> Decision:
    """Whether the viewer may apply this import now."""
    allowed = may_import_word(viewer, run.school_id or 0, run.format)
    if not allowed:
        return allowed
    if run.state in UNDOABLE:
        return refuse("This import has already been applied.")
    if run.state not in APPLICABLE:
        return refuse("This file cannot be imported as it is. Import a corrected file.")
    return allow()


def may_undo_run(viewer: AccessContext, run: ImportRun) -> Decision:
    """Whether the viewer may undo this import."""
    if run.school_id is None or not may_import_files(viewer, run.school_id):
        return may_import_files(viewer, run.school_id or 0)
    if run.state == "undone":
        return refuse("This import has already been undone.")
    if run.state not in UNDOABLE:
        return refuse("This import was not applied, so there is nothing to undo.")
    if run.format == "pupils":
        return refuse("An import of pupils cannot be undone. Correct the file and import it again.")
    if run.format == "schools":
        return refuse("An import of schools cannot be undone. Correct the file and import it again.")
    if run.format == "calendar":
        return refuse("An import of a calendar cannot be undone. Correct the file and import it again.")
    return allow()

"""Texts of Python files: read with `ast`, never imported.

A string counts as read by people when it is prose (several words, or a sentence), or when it is handed to something
that shows it: a label, a title, a choice. Docstrings, SQL, patterns, names and addresses do not count.
"""

import ast
import re
from collections.abc import Iterator

from haven.site.words.texts import Kind, Text, plural, says_something, tidy

# Keywords and fields whose strings are labels, and those whose strings are sentences, whatever they look like.
LABEL_NAMES = {"label", "title", "heading", "caption", "button", "empty_label", "legend", "key_label"}
SENTENCE_NAMES = {
    "help_text", "hint", "text", "sentence", "because", "message", "words", "meaning", "remark", "definition", "help",
    "instruction", "nothing", "why", "reason", "error", "ask",
}  # fmt: skip
# Callables whose strings are for machines: their arguments are not read.
MACHINE_CALLS = {
    "compile", "match", "fullmatch", "search", "sub", "findall", "finditer", "split", "getLogger", "execute", "executemany",
    "copy", "reverse", "redirect", "render", "path", "include", "import_string", "getattr", "setattr", "strftime",
    "RunSQL", "RowPolicy", "Index", "UniqueConstraint", "CheckConstraint", "ForeignKey", "OneToOneField", "render_to_string",
    "get_template", "startswith", "endswith", "encode", "replace", "compiled_query", "raw", "RawSQL", "sql", "open", "Path",
    "get_or_create", "info", "debug", "exception", "log", "mark_safe", "cast", "TypeVar", "append_event", "public_table", "row_policy", "perform",
    "SQL", "removeprefix", "removesuffix", "strip", "type", "lstrip", "rstrip", "setdefault", "environ", "advisory", "AssertionError",
}  # fmt: skip
# Callables whose label is not their first argument: name -> number of the argument.
LABELLED_BY_POSITION = {"Column": 1}
SQL = re.compile(
    r"^\s*(select|insert|update|delete|with|create|alter|drop|grant|revoke|set|copy|comment|lock|begin|reset|analyze|explain|do|"
    r"truncate|refresh|vacuum|listen|notify|union|from|where|join|left join|order by|group by|and|or|on)\s",
    re.I,
)
SQL_WORDS = re.compile(
    r"\b(select|from|where|join|is null|not null|values|order by|::|returning)\b|::|= any|\$\d|%s|%\("
)
MACHINE = re.compile(r"--|__|[=<>;{}\\#*|]|\b(haven|govuk)-|\w_\w|^\s*[./-]|^application/|^text/|charset")
PATH = re.compile(r"\}[a-z]-?\{")  # drawn lines, such as M{x} {y}h{wide}v{high}
HTML = re.compile(r"<(/?)(\w+)[^>]*>")
LABEL_SHAPE = re.compile(r"[A-Z][^.?!:;]*$")


def texts(path: str, source: str) -> Iterator[Text]:
    """The texts of one module; `path` is below `haven`. Raises SyntaxError for a file that is no Python."""
    tree = ast.parse(source)
    reader = _Reader()
    reader.visit(_Constants(tree).visit(tree))
    for line, kind, words in reader.found:
        yield Text(path, line, kind, words)


class _Constants(ast.NodeTransformer):
    """Puts the text of a module's own constant in the place of its name, so that a joined sentence is seen whole."""

    def __init__(self, tree: ast.Module) -> None:
        self._texts: dict[str, ast.Constant] = {}
        for node in tree.body:
            match node:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Constant(value=str()) as value) if (
                    name.isupper()
                ):
                    self._texts[name] = value

    def visit_BinOp(self, node: ast.BinOp) -> ast.BinOp:
        self.generic_visit(node)
        node.left, node.right = self._text(node.left), self._text(node.right)
        return node

    def visit_FormattedValue(self, node: ast.FormattedValue) -> ast.FormattedValue:
        self.generic_visit(node)
        node.value = self._text(node.value)
        return node

    def _text(self, node: ast.expr) -> ast.expr:
        return self._texts.get(node.id, node) if isinstance(node, ast.Name) else node


class _Reader(ast.NodeVisitor):
    def __init__(self) -> None:
        self.found: list[tuple[int, Kind, str]] = []
        self._shown_as: Kind | None = None

    # ---- what is not read by people ----

    def visit_Expr(self, node: ast.Expr) -> None:
        if not isinstance(node.value, ast.Constant):  # a constant alone is a docstring
            self.generic_visit(node)

    def visit_Call(self, node: ast.Call) -> None:
        name = _last_name(node.func)
        self.visit(node.func)
        if name in MACHINE_CALLS and not (name == "note" and not node.args):
            for argument in (*node.args, *(keyword.value for keyword in node.keywords)):
                if not isinstance(argument, ast.Constant | ast.JoinedStr | ast.BinOp):
                    self.visit(argument)
            return
        for argument in node.args:
            self.visit(argument)
        position = LABELLED_BY_POSITION.get(name, 0)
        if len(node.args) > position and (name in LABELLED_BY_POSITION or name.endswith("Field") or name.islower()):
            self._label(node.args[position])
        for keyword in node.keywords:
            self._show(keyword.value, _kind_of_name(keyword.arg or ""))

    def visit_Compare(self, node: ast.Compare) -> None:
        for operand in (node.left, *node.comparators):
            if not isinstance(operand, ast.Constant | ast.Tuple | ast.Set | ast.List):
                self.visit(operand)

    def visit_Subscript(self, node: ast.Subscript) -> None:
        self.visit(node.value)
        if not isinstance(node.slice, ast.Constant | ast.JoinedStr):
            self.visit(node.slice)

    def visit_Dict(self, node: ast.Dict) -> None:
        for key, value in zip(node.keys, node.values, strict=True):
            name = key.value if isinstance(key, ast.Constant) and isinstance(key.value, str) else ""
            if key is not None and not isinstance(key, ast.Constant):
                self.visit(key)
            elif name and " " in name:
                self._add(name, key.lineno if key else node.lineno)
            self._show(value, _kind_of_name(name))

    # ---- what is shown under a name ----

    def visit_Assign(self, node: ast.Assign) -> None:
        names = [_last_name(target) for target in node.targets]
        if all(name and (name.endswith("SQL") or name in {"app_label", "template_name"}) for name in names):
            return
        self._show(node.value, next((kind for name in names if (kind := _kind_of_name(name.lower()))), None))

    def visit_Return(self, node: ast.Return) -> None:
        if node.value is not None:
            self.visit(node.value)

    def visit_Tuple(self, node: ast.Tuple) -> None:
        """A pair ("value", "Words") is a choice: the second is its label."""
        values = [element.value if isinstance(element, ast.Constant) else None for element in node.elts]
        match values:
            case [str() | int() | None, str(words)] if (
                re.match(r"[A-Z]", words) and " " not in words and (len(words) < 3 or not words.isupper())
            ):
                self.found.append((node.elts[1].lineno, "label", words))
        self.generic_visit(node)

    def _label(self, value: ast.expr) -> None:
        """A single word at the place of a label; longer texts are found as prose."""
        if (
            isinstance(value, ast.Constant)
            and isinstance(value.value, str)
            and re.match(r"[A-Z][a-z]\S+$", value.value)
        ):
            self.found.append((value.lineno, "label", value.value))

    def _show(self, value: ast.expr, kind: Kind | None) -> None:
        before, self._shown_as = self._shown_as, kind
        self.visit(value)
        self._shown_as = before

    # ---- the strings themselves ----

    def visit_Constant(self, node: ast.Constant) -> None:
        if isinstance(node.value, str):
            self._add(node.value, node.lineno)

    def visit_JoinedStr(self, node: ast.JoinedStr) -> None:
        for number in (0, 1):
            self._add(_written(node, number), node.lineno, is_filled_in=True)
        for part in node.values:
            if isinstance(part, ast.FormattedValue):
                self._inside(part.value)

    def visit_BinOp(self, node: ast.BinOp) -> None:
        if isinstance(node.op, ast.Add) and _holds_text(node):
            for number in (0, 1):
                self._add(_written(node, number), node.lineno, is_filled_in=True)
        else:
            self.generic_visit(node)

    def _inside(self, value: ast.expr) -> None:
        """Calls inside a filled-in value may hold sentences of their own; its plain strings are parts of this one."""
        for child in ast.iter_child_nodes(value):
            if not isinstance(child, ast.Constant) and isinstance(child, ast.expr):
                self.visit(child)

    def _add(self, words: str, line: int, *, is_filled_in: bool = False) -> None:
        plain = tidy(HTML.sub(" ", words)) if HTML.search(words) else tidy(words)
        if not says_something(plain):
            return
        if self._shown_as and not _is_machine(plain) and (" " in plain or plain[0].isupper()):
            self.found.append((line, self._shown_as, plain))
        elif _is_prose(plain, is_filled_in):
            self.found.append((line, "label" if _is_label(plain) else "sentence", plain))


def _last_name(node: ast.expr) -> str:
    return node.attr if isinstance(node, ast.Attribute) else node.id if isinstance(node, ast.Name) else ""


def _kind_of_name(name: str) -> Kind | None:
    return "label" if name in LABEL_NAMES else "sentence" if name in SENTENCE_NAMES else None


def _holds_text(node: ast.expr) -> bool:
    if isinstance(node, ast.BinOp):
        return _holds_text(node.left) or _holds_text(node.right)
    return isinstance(node, ast.JoinedStr) or (isinstance(node, ast.Constant) and isinstance(node.value, str))


def _written(node: ast.expr, number: int) -> str:
    """The string as it reads, with `{name}` for a value; `number` picks the side of each `a if b else c`."""
    match node:
        case ast.Constant(value=str(words)):
            return words
        case ast.JoinedStr(values=parts):
            return "".join(_written(part, number) for part in parts)
        case ast.FormattedValue(value=value):
            return _written(value, number)
        case ast.BinOp(left=left, op=ast.Add(), right=right):
            return _written(left, number) + _written(right, number)
        case ast.IfExp(body=body, orelse=orelse):
            return _written((body, orelse)[number], number)
        case ast.Call(func=function, args=[ast.expr() as counted, ast.Constant(value=str(noun)), *more]) if (
            _last_name(function) == "count_of"
        ):
            plural_form = more[0].value if more and isinstance(more[0], ast.Constant) else ""
            return f"{_written(counted, number)} {plural(noun, str(plural_form))}"
    return "{" + re.sub(r"[{}\"'<>]", "", ast.unparse(node).split("(")[0].split("[")[0])[:40] + "}"


def _is_machine(words: str) -> bool:
    bare = re.sub(r"`[^`]*`|\{[^{}]*\}|“[^”]*”", "X", words)
    return (
        MACHINE.search(bare) is not None
        or PATH.search(words) is not None
        or SQL.match(words) is not None
        and SQL_WORDS.search(words) is not None
    )


def _is_prose(words: str, is_filled_in: bool) -> bool:
    """Whether a string reads as prose: words with spaces, without the signs of code, SQL, styles or addresses."""
    if " " not in words or SQL_WORDS.search(words) and not re.search(r"[.?!]$", words) and words[0].islower():
        return False
    if _is_machine(words):
        return bool(re.match(r"[A-Z“`{]", words) and re.search(r"[.?!]$", words) and not SQL.match(words))
    bare = re.sub(r"\{[^{}]*\}", "", words)
    return len(re.findall(r"[^\W\d_]{2,}", bare)) >= (1 if is_filled_in else 2)


def _is_label(words: str) -> bool:
    return LABEL_SHAPE.match(words) is not None and "," not in words and len(words.split()) <= 8

"""Makes mutants of a module: copies of its source with one small change each, which a good test notices.

Changed are operators, comparisons, `and`/`or`, `not`, conditions, numbers, truth values and returned values. Texts are left alone: people
read them, and a review of words covers them. Annotations and docstrings are left alone too.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

OPERATORS: dict[type[ast.operator], type[ast.operator]] = {
    ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Mult: ast.Div, ast.Div: ast.Mult, ast.FloorDiv: ast.Mult, ast.Mod: ast.Mult,
    ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr, ast.BitXor: ast.BitOr, ast.LShift: ast.RShift, ast.RShift: ast.LShift,
}  # fmt: skip
COMPARISONS: dict[type[ast.cmpop], type[ast.cmpop]] = {
    ast.Lt: ast.LtE, ast.LtE: ast.Lt, ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Eq: ast.NotEq, ast.NotEq: ast.Eq,
    ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Is: ast.IsNot, ast.IsNot: ast.Is,
}  # fmt: skip
Place = tuple[str | int, ...]


@dataclass(frozen=True)
class Mutant:
    """One change of one module. `function` is the outermost function around it, or empty where the change acts at import."""

    path: Path
    function: str
    line: int
    before: str
    after: str
    tree: ast.Module
    number: int
    """1, or more where earlier lines of the module have mutants with the same key."""

    @property
    def key(self) -> str:
        """The name of the mutant, which does not change when lines above it come or go."""
        return f"{self.path.name} {self.function or 'module'}: {self.before} -> {self.after}"

    @property
    def name(self) -> str:
        """The key, with the number if it is not the first mutant of that key."""
        return self.key if self.number == 1 else f"{self.key} ({self.number})"


def mutants_of(path: Path) -> Iterator[Mutant]:
    """Every mutant of the module at `path`, in the order of its source. A module without anything to change gives none."""
    tree = ast.parse(path.read_text())
    numbers: Counter[str] = Counter()
    for place, function in _places(tree, (), "", ""):
        node = _at(tree, place)
        assert isinstance(node, ast.expr | ast.stmt)
        for changed in _changes(node):
            mutated = copy.deepcopy(tree)
            _put(mutated, place, ast.copy_location(changed, node))
            ast.fix_missing_locations(mutated)
            before, after = _words(node), _words(changed)
            numbers[f"{function} {before} {after}"] += 1
            yield Mutant(path, function, node.lineno, before, after, mutated, numbers[f"{function} {before} {after}"])


def _words(node: ast.expr | ast.stmt) -> str:
    """The source of an expression, or the condition alone of a statement that holds others."""
    if isinstance(node, ast.If | ast.While):
        return f"if {ast.unparse(node.test)}"
    return ast.unparse(node)


def _places(node: ast.AST, place: Place, scope: str, function: str) -> Iterator[tuple[Place, str]]:
    """Where a change may be made, with the outermost function that it changes."""
    if isinstance(node, ast.expr | ast.stmt):
        yield place, function
    for name, value in ast.iter_fields(node):
        if name in ("annotation", "returns", "type_comment", "decorator_list", "keywords_of_class"):
            continue
        for index, child in enumerate(value) if isinstance(value, list) else [(None, value)]:
            if not isinstance(child, ast.AST) or _is_text_alone(child):
                continue
            below = (*place, name) if index is None else (*place, name, index)
            if isinstance(node, ast.FunctionDef) and not function:
                inner = f"{scope}{node.name}" if name == "body" else ""
                yield from _places(child, below, scope, inner)
            elif isinstance(node, ast.ClassDef) and not function:
                yield from _places(child, below, f"{scope}{node.name}.", "")
            else:
                yield from _places(child, below, scope, function)


def _is_text_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)


def _changes(node: ast.AST) -> Iterator[ast.expr | ast.stmt]:
    """Each small change of one node."""
    if isinstance(node, ast.BinOp) and type(node.op) in OPERATORS:
        yield ast.BinOp(node.left, OPERATORS[type(node.op)](), node.right)
    elif isinstance(node, ast.Compare):
        for index, op in enumerate(node.ops):
            ops = [*node.ops[:index], COMPARISONS[type(op)](), *node.ops[index + 1 :]]
            yield ast.Compare(node.left, ops, node.comparators)
    elif isinstance(node, ast.BoolOp):
        yield ast.BoolOp(ast.Or() if isinstance(node.op, ast.And) else ast.And(), node.values)
    elif isinstance(node, ast.UnaryOp):
        yield node.operand
    elif isinstance(node, ast.Constant) and isinstance(node.value, bool):
        yield ast.Constant(not node.value)
    elif isinstance(node, ast.Constant) and isinstance(node.value, int | float):
        yield ast.Constant(node.value + 1)
    elif isinstance(node, ast.Return) and node.value is not None and not _is_none(node.value):
        yield ast.Return(ast.Constant(None))
    elif isinstance(node, ast.If | ast.IfExp | ast.While) and not isinstance(
        node.test, ast.Compare | ast.BoolOp | ast.UnaryOp
    ):
        changed = copy.copy(node)
        changed.test = ast.UnaryOp(ast.Not(), node.test)
        yield changed


def _is_none(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value is None


def _at(tree: ast.AST, place: Place) -> ast.AST:
    node: ast.AST | list[ast.AST] = tree
    for step in place:
        node = node[step] if isinstance(step, int) else getattr(node, step)  # type: ignore[index]  # a list has places
    assert isinstance(node, ast.AST)
    return node


def _put(tree: ast.AST, place: Place, node: ast.AST) -> None:
    *way, last = place
    if isinstance(last, int):
        getattr(_at(tree, tuple(way[:-1])), str(way[-1]))[last] = node
    else:
        setattr(_at(tree, tuple(way)), last, node)

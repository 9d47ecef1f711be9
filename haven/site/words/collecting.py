"""Walks the product's files and collects the texts of each."""

from collections.abc import Callable, Iterator
from pathlib import Path

from haven.site.words import definitions, python, scripts, templates
from haven.site.words.texts import Text

READERS: dict[str, Callable[[str, str], Iterator[Text]]] = {
    ".html": templates.texts,
    ".txt": templates.texts,
    ".toml": definitions.texts,
    ".py": python.texts,
    ".js": scripts.texts,
}
# Written by others, or not read by the people who use Haven.
LEFT_OUT = ("migrations", "htmx.min.js", "site/words", "platform/row_security/", "demonstration/names.py")


def product_folder() -> Path:
    """The folder of the package `haven`."""
    return Path(__file__).resolve().parents[2]


def collect(root: Path | None = None) -> list[Text]:
    """All texts of the product below `root` (the package `haven` unless given), sorted by place, each once."""
    root = root or product_folder()
    texts: set[Text] = set()
    for path in root.rglob("*"):
        name = path.relative_to(root).as_posix()
        read = READERS.get(path.suffix)
        if read is None or any(part in name for part in LEFT_OUT):
            continue
        texts.update(read(name, path.read_text(encoding="utf-8")))
    return sorted(texts)

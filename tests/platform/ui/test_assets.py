"""The compiled stylesheet and script: no external resources, nothing of the crown, readable colours, up to date."""

import json
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
BUILT = ROOT / "haven/platform/ui/static/ui"
ASSETS = ROOT / "assets"
PALETTE = dict(re.findall(r"^\$([\w-]+): (#[0-9a-f]{6});", (ASSETS / "scss/_palette.scss").read_text(), re.M))


def test_the_stylesheet_loads_nothing_and_has_nothing_of_the_crown() -> None:
    css = (BUILT / "haven.css").read_text()
    assert "url(" not in css and "@import" not in css and "@font-face" not in css
    assert "GDS Transport" not in css and "crest" not in css and "Error:" not in css[:200]


def test_the_files_stay_small() -> None:
    sizes = {path.name: path.stat().st_size for path in BUILT.iterdir()}
    assert sizes["haven.css"] < 160_000 and sizes["haven.js"] < 60_000 and sizes["htmx.min.js"] < 60_000


def test_nothing_typed_is_kept_in_the_browser() -> None:
    for path in (ASSETS / "js").glob("*.js"):
        text = path.read_text()
        assert "sessionStorage" not in text and "indexedDB" not in text, path.name
        stored = re.findall(r"localStorage\.setItem\(([^)]*)\)", text)
        assert all(call.startswith("OFF,") for call in stored), path.name


def test_the_lock_file_names_no_registry() -> None:
    lock = json.loads((ASSETS / "package-lock.json").read_text())
    assert not [name for name, package in lock["packages"].items() if "resolved" in package]
    assert all("integrity" in package for name, package in lock["packages"].items() if name)


def luminance(colour: str) -> float:
    parts = [int(colour[place : place + 2], 16) / 255 for place in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    light, dark = sorted((luminance(PALETTE[one]), luminance(PALETTE[other])), reverse=True)
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize(
    "text, ground",
    [
        ("ink", "paper"),
        ("ink", "teal-pale"),
        ("ink", "grey-tint"),
        ("ink", "amber-pale"),
        ("ink", "red-pale"),
        ("ink-soft", "paper"),
        ("ink-soft", "teal-pale"),
        ("ink-soft", "red-pale"),
        ("ink-soft", "amber-pale"),
        ("paper", "teal-night"),
        ("paper", "teal"),
        ("paper", "teal-dark"),
        ("paper", "red"),
        ("paper", "red-dark"),
        ("paper", "green"),
        ("teal", "paper"),
        ("teal", "teal-pale"),
        ("teal-dark", "teal-pale"),
        ("red", "paper"),
        ("red", "red-pale"),
        ("red-dark", "red-pale"),
        ("red-dark", "red-tint"),
        ("amber-dark", "amber-tint"),
        ("teal-night", "teal-tint"),
        ("green-dark", "green-tint"),
        ("blue-dark", "blue-tint"),
        ("focus-ink", "focus"),
    ],
)
def test_text_can_be_read_on_its_ground(text: str, ground: str) -> None:
    assert contrast(text, ground) >= 4.5


@pytest.mark.skipif(
    not (ASSETS / "node_modules/.bin/sass").exists(), reason="Node's packages are not installed (make assets)"
)
def test_what_is_committed_is_what_the_sources_give(tmp_path: Path) -> None:
    subprocess.run(["sh", str(ASSETS / "build.sh"), str(tmp_path)], check=True, capture_output=True, timeout=120)
    for path in tmp_path.iterdir():
        assert path.read_bytes() == (BUILT / path.name).read_bytes(), f"{path.name} is out of date: run make assets"

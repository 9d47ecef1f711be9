"""The extractor of texts: what it finds in a template, in Python, in a definition, and how it counts."""

import pytest

from haven.site.words import Text, definitions, python, sentences_of, templates, word_count


def of_template(source: str, name: str = "people/templates/people/page.html") -> list[tuple[int, str, str]]:
    return [(text.line, text.kind, text.text) for text in sorted(set(templates.texts(name, source)))]


def of_python(source: str) -> list[tuple[int, str, str]]:
    return [(text.line, text.kind, text.text) for text in sorted(set(python.texts("people/forms.py", source)))]


def test_a_sentence_of_a_template_goes_on_through_links_and_shows_names_of_values() -> None:
    source = '{% load ui %}\n<p>Read <a href="{% url "a:b" %}">the file</a> of {{ pupil.name|title }}.</p>'
    assert of_template(source) == [(2, "sentence", "Read the file of {pupil.name}.")]


def test_every_branch_of_a_template_is_seen_whole() -> None:
    source = "<p>It is {% if a %}open{% elif b %}late{% else %}closed{% endif %} today.</p>"
    assert [text for _, _, text in of_template(source)] == [
        "It is closed today.", "It is late today.", "It is open today."
    ]  # fmt: skip


def test_labels_attributes_and_tags_of_ours_are_seen_and_scripts_are_not() -> None:
    source = (
        '<label for="a">Name</label><input placeholder="Start of a name" aria-label="Search">\n'
        '{% tag "Late" "red" %}{% empty "No pupils." "Try again." %}<script>var words = "Not for people";</script>\n'
        "{% comment %}<p>Nor this</p>{% endcomment %}{{ many|count_of:'entry' }}"
    )
    assert of_template(source) == [
        (1, "label", "Name"), (1, "label", "Search"), (1, "label", "Start of a name"),
        (2, "label", "Late"), (2, "sentence", "No pupils."), (2, "sentence", "Try again."),
    ]  # fmt: skip


def test_a_counted_noun_is_shown_in_the_plural() -> None:
    assert of_template('<p>{{ many|count_of:"entry" }} today</p>') == [(1, "sentence", "{many} entries today")]


def test_a_plain_text_template_gives_its_lines() -> None:
    assert of_template("Dear {{ name }},\n\nPlease call us.", "correspondence/a.txt") == [
        (1, "sentence", "Dear {name},"), (3, "sentence", "Please call us."),
    ]  # fmt: skip


def test_python_gives_labels_messages_and_refusals_and_no_docstring_or_sql() -> None:
    source = '''"""A docstring of many words."""
SQL = "select a from b where c is null"
name = forms.CharField(label="Name", help_text="As the family writes it")
def refuse(many, pupil):
    cursor.execute("Select what is not read.")
    if many:
        raise ActionRejected(f"{count_of(many, 'pupil')} of {pupil.name} {'is' if one else 'are'} missing.")
    return "Enter " + "a reason."
CHOICES = [("yes", "Yes"), ("a_code", "no")]
'''
    assert of_python(source) == [
        (3, "label", "Name"), (3, "sentence", "As the family writes it"),
        (7, "sentence", "{many} pupils of {pupil.name} are missing."),
        (7, "sentence", "{many} pupils of {pupil.name} is missing."),
        (8, "sentence", "Enter a reason."), (9, "label", "Yes"),
    ]  # fmt: skip


def test_a_definition_gives_its_labels_hints_and_choices_with_their_lines() -> None:
    source = 'id = "note"\ntitle = "Note"\n\n[[fields]]\nkey = "x"\nlabel = "Outcome"\nhint = "What came next."\nchoices = [["a", "Agreed"]]\n'
    assert set(definitions.texts("chronology/definitions/note.toml", source)) == {
        Text("chronology/definitions/note.toml", 2, "label", "Note"),
        Text("chronology/definitions/note.toml", 6, "label", "Outcome"),
        Text("chronology/definitions/note.toml", 7, "sentence", "What came next."),
        Text("chronology/definitions/note.toml", 8, "label", "Agreed"),
    }


@pytest.mark.parametrize(
    ("text", "sentences", "words"),
    [
        ("", [], 0),
        ("{pupil.name} is absent.", ["{pupil.name} is absent."], 3),
        ("Wait 5 minutes. Then try again.", ["Wait 5 minutes.", "Then try again."], 6),
        ("born {day} · Year 8", ["born {day}", "Year 8"], 4),
        ("Run `haven import marks FILE` at 09:40", ["Run `haven import marks FILE` at 09:40"], 4),
        ("The child's own words", ["The child's own words"], 4),
    ],
)
def test_sentences_and_words_are_counted(text: str, sentences: list[str], words: int) -> None:
    assert sentences_of(text) == sentences
    assert word_count(text) == words

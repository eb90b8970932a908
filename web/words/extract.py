"""`make words`: bring nn.po and en.po up to the words that stand in pages and code.

New texts come in empty, texts that are gone fall out, and whatever was translated stays. A test
fails while one is missing, so that nobody meets half a page in another language.
"""

from collections.abc import Sequence
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
LANGUAGES = ("nn", "en")
SOURCES = ("web", "server")  # the folders that speak to people; a test looks for more
METHODS = [("**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {  # as in web/pages.py, so that the texts are the same to the letter
    "**.html": {
        "newstyle_gettext": "true",
        "trim_blocks": "true",
        "lstrip_blocks": "true",
        "silent": "false",
    }
}
MARKS = {"_": None, "N_": None, "gettext": None, "ngettext": (1, 2)}


def wanted(root: Path = ROOT) -> Catalog:
    """Every text that a person may read."""
    catalog = Catalog(charset="utf-8")
    for source in SOURCES:
        for found in extract_from_dir(root / source, METHODS, OPTIONS, keywords=MARKS):
            _name, _line, message, comments, _context = found
            catalog.add(message, auto_comments=comments)
    return catalog


def read(language: str) -> Catalog:
    """What is translated already."""
    path = HERE / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def updated(language: str) -> Catalog:
    """What is translated already of that which is wanted, and what waits for words."""
    catalog = read(language)
    catalog.update(wanted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    return catalog


def written(catalog: Catalog) -> bytes:
    """A catalogue as its file holds it."""
    file = BytesIO()
    write_po(file, catalog, width=100, sort_output=True, no_location=True, omit_header=True)
    return file.getvalue()


def missing(catalog: Catalog) -> list[str]:
    """Texts without words in this language."""
    return [str(message.id) for message in catalog if message.id and not all(forms(message.string))]


def forms(words: str | Sequence[str] | None) -> Sequence[str]:
    """A text's words, one for each plural form that it has."""
    return [words or ""] if words is None or isinstance(words, str) else words


if __name__ == "__main__":
    for each in LANGUAGES:
        new = updated(each)
        (HERE / f"{each}.po").write_bytes(written(new))
        print(f"{each}: {len(missing(new))} texts wait for words")

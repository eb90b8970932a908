"""`make words`: bring nn.po and en.po up to the words that stand in pages and code.

New texts come in empty, texts that are gone fall out, and whatever was translated stays. A test
fails while one is missing, so that nobody meets half a page in another language.
"""

from collections.abc import Sequence
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po, write_po

ROOT = Path(__file__).resolve().parents[2]
HERE = Path(__file__).parent
LANGUAGES = ("nn", "en")
SOURCES = ("web", "server/notify", "server")
METHODS = [("templates/**.html", "jinja2"), ("**.py", "python")]
OPTIONS = {"templates/**.html": {"newstyle_gettext": "true", "silent": "false"}}


def wanted() -> Catalog:
    """Every text that a person may read, in the order of the files."""
    catalog = Catalog(charset="utf-8")
    for source in SOURCES:
        methods = METHODS if source == "web" else METHODS[1:]
        found = extract_from_dir(
            ROOT / source, methods, OPTIONS, keywords={"_": None, "N_": None, "ngettext": (1, 2)}
        )
        for name, _line, message, comments, _context in found:
            catalog.add(message, locations=[(f"{source}/{name}", 0)], auto_comments=comments)
    return catalog


def read(language: str) -> Catalog:
    """What is translated already."""
    path = HERE / f"{language}.po"
    if not path.exists():
        return Catalog(locale=language)
    with path.open("rb") as file:
        return read_po(file, locale=language)


def update(language: str) -> list[str]:
    """Write the file anew; says which texts wait for words."""
    catalog = read(language)
    catalog.update(wanted(), no_fuzzy_matching=True)
    catalog.obsolete.clear()
    with (HERE / f"{language}.po").open("wb") as file:
        write_po(file, catalog, width=100, sort_output=True, no_location=True, omit_header=True)
    return missing(catalog)


def missing(catalog: Catalog) -> list[str]:
    """Texts without words in this language."""
    return [
        str(message.id) for message in catalog if message.id and not all(_forms(message.string))
    ]


def _forms(words: str | Sequence[str] | None) -> Sequence[str]:
    return [words or ""] if words is None or isinstance(words, str) else words


if __name__ == "__main__":
    for each in LANGUAGES:
        print(f"{each}: {len(update(each))} texts wait for words")

"""Turns a sheet into a PDF that archives and screen readers take: PDF/A-2a and PDF/UA-1 in one.

Slow (some tenths of a second, all of it computing): call it beside the event loop.
"""

from threading import Lock
from typing import Any

VARIANT = "pdf/a-2a"

# A document says in its metadata which standards it keeps, and PDF/A wants to be told what words of
# other standards mean: so PDF/UA's one word is said, and described.
UA = b"""<rdf:Description rdf:about="" xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/"
 pdfuaid:part="1"/>
<rdf:Description rdf:about="" xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/"
 xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource">
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>
<pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Indicates which part of ISO 14289 is kept</pdfaProperty:description>
<pdfaProperty:name>part</pdfaProperty:name>
<pdfaProperty:valueType>Integer</pdfaProperty:valueType>
</rdf:li></rdf:Seq></pdfaSchema:property>
</rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description>
"""
_END = b"</rdf:RDF>"
_one_at_a_time = Lock()  # Pango's tables of fonts are shared


def write(html: str) -> bytes:
    """The page as PDF. It may fetch nothing: what it needs is in it."""
    import weasyprint  # takes half a second and thirty megabytes, and only papers need it

    with _one_at_a_time:
        document = weasyprint.HTML(string=html, url_fetcher=_nothing)
        made: bytes = document.write_pdf(pdf_variant=VARIANT, finisher=_say_ua)
    return made


def _nothing(url: str) -> dict[str, Any]:
    raise ValueError(f"a paper fetches nothing: {url[:100]}")


def _say_ua(_document: Any, pdf: Any) -> None:
    number = int(pdf.catalog["Metadata"].split()[0])
    metadata = pdf.objects[number]
    metadata.compress = False  # PDF/A: to be read by whoever cannot read PDF
    metadata.stream[0] = metadata.stream[0].replace(_END, UA + _END)

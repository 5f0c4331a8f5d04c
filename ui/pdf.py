"""A page as a PDF file: tagged (PDF/UA-1), nothing loaded from anywhere. The only module that imports weasyprint."""

from __future__ import annotations

from typing import Any

from PIL import ImageFile

from credkit.errors import UnsupportedError


def can_print() -> bool:
    """Whether PDF files can be made on this machine (the extra ``pdf`` and Pango are there)."""
    return _engine() is not None


def print_pdf(html: str, stylesheet: str) -> bytes:
    """The PDF of a whole HTML document; of what it refers to, only ``data:`` URLs are loaded.

    Raises:
        UnsupportedError: PDF files cannot be made on this machine; the page can still be printed from the browser.
    """
    engine = _engine()
    if engine is None:
        raise UnsupportedError("PDF files cannot be made here; print the page instead")
    fetcher = engine.urls.URLFetcher(allowed_protocols=("data",), allow_redirects=False)
    document = engine.HTML(string=html, url_fetcher=fetcher)
    made: bytes = document.write_pdf(stylesheets=[engine.CSS(string=stylesheet)], pdf_variant="pdf/ua-1")
    return made


def _engine() -> Any:
    """Imported when first needed, for that takes most of a second; None where it or Pango is missing.

    Its import lets Pillow read truncated pictures in the whole process; families' files are not read so leniently.
    """
    truncated = ImageFile.LOAD_TRUNCATED_IMAGES
    try:
        import weasyprint
    except (ImportError, OSError):
        return None
    finally:
        ImageFile.LOAD_TRUNCATED_IMAGES = truncated
    return weasyprint

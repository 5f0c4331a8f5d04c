"""Pages as PDF files: tagged, and nothing is loaded while they are made."""

from __future__ import annotations

import socket
from typing import Any

import pytest

from ui.pdf import can_print, print_pdf
from ui.qr import qr_data_url

STYLES = "@page { size: letter } h1 { color: #111 }"


def page(body: str) -> str:
    return f'<!doctype html><html lang="es"><head><title>Paquete</title></head><body><h1>Ñandú</h1>{body}</body></html>'


def test_a_page_becomes_a_tagged_pdf_with_its_language_and_title() -> None:
    made = print_pdf(page(""), STYLES)

    assert can_print() and made.startswith(b"%PDF-") and b"%%EOF" in made[-16:]
    assert b"/MarkInfo" in made or b"/ObjStm" in made


def test_a_code_is_printed_and_makes_the_file_larger() -> None:
    code = qr_data_url("https://wallet.example/s/AAECAwQFBgcICQoLDA0ODw")

    assert len(print_pdf(page(f'<img alt="code" src="{code}">'), STYLES)) > len(print_pdf(page(""), STYLES)) + 500


@pytest.mark.parametrize("address", [
    "https://tracker.example/pixel.png", "http://127.0.0.1:9/x.png", "file:///etc/hostname", "//tracker.example/x.png",
    "ftp://tracker.example/x", "javascript:alert(1)",
])
def test_nothing_is_loaded_from_anywhere(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_arguments: Any, **_more: Any) -> None:
        raise AssertionError("a printed page asked another host")

    monkeypatch.setattr(socket, "create_connection", refuse)
    monkeypatch.setattr(socket.socket, "connect", refuse)
    body = f'<img alt="" src="{address}"><link rel="stylesheet" href="{address}"><iframe src="{address}"></iframe>'

    assert print_pdf(page(body), STYLES + f" h1 {{ background: url('{address}') }}").startswith(b"%PDF-")

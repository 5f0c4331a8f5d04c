"""A hand-carried packet and a teacher's first page: to print from the browser, or as a PDF file (T4, T5, Q9).

Both say what the records of one share say, and nothing else. The code on the paper leads to the records; the records
themselves are never in the code.
"""

from __future__ import annotations

from pathlib import Path
from typing import Literal

from flask import Blueprint, render_template, url_for
from flask.typing import ResponseReturnValue

from credkit.trust.allow_list import AllowList
from ui.pdf import can_print, print_pdf
from ui.web import rate_limit
from wallet.services.record.library import known_issuers
from wallet.services.sharing.exports import plain_name
from wallet.services.sharing.packet import Packet, read_packet
from wallet.web.context import require_unlocked, services, vault
from wallet.web.shares import download, find_bundle
from wallet.web.showing import signer_of

blueprint = Blueprint("packets", __name__, url_prefix="/shares")
require_unlocked(blueprint)

Form = Literal["transfer", "day_one"]
PRINT_STYLES = Path(__file__).parent / "static" / "print.css"


@blueprint.get("/<share_id>/packet")
def transfer(share_id: str) -> ResponseReturnValue:
    """The transfer packet as a page."""
    return _page(share_id, "transfer")


@blueprint.get("/<share_id>/day-one")
def day_one(share_id: str) -> ResponseReturnValue:
    """A teacher's first page as a page."""
    return _page(share_id, "day_one")


@blueprint.get("/<share_id>/packet.pdf")
@rate_limit("20 per minute")
def transfer_pdf(share_id: str) -> ResponseReturnValue:
    """The transfer packet as a PDF file."""
    return _pdf(share_id, "transfer")


@blueprint.get("/<share_id>/day-one.pdf")
@rate_limit("20 per minute")
def day_one_pdf(share_id: str) -> ResponseReturnValue:
    """A teacher's first page as a PDF file."""
    return _pdf(share_id, "day_one")


def packet_pdf(packet: Packet, link: str | None, form: Form, known: AllowList) -> bytes:
    """The sheet as a PDF file; needs an application's context for its templates and language.

    Raises:
        UnsupportedError: PDF files cannot be made on this machine.
    """
    html = render_template("wallet/packet_sheet.html", **_shown(packet, link, form, known))
    return print_pdf(html, PRINT_STYLES.read_text(encoding="utf-8"))


def _page(share_id: str, form: Form) -> str:
    packet, link = _packet(share_id)
    pdf = url_for(f"packets.{form}_pdf", share_id=share_id) if can_print() else None
    return render_template("wallet/packet.html", share_id=share_id, pdf=pdf,
                           **_shown(packet, link, form, known_issuers(vault())))


def _pdf(share_id: str, form: Form) -> ResponseReturnValue:
    packet, link = _packet(share_id)
    made = packet_pdf(packet, link, form, known_issuers(vault()))
    return download(made, "application/pdf", f"{plain_name(packet.learner)}-{form.replace('_', '-')}.pdf")


def _packet(share_id: str) -> tuple[Packet, str | None]:
    bundle = find_bundle(share_id)[1]
    link = services().sharing.find(vault(), share_id)[1]
    return read_packet(bundle), link.url if link else None


def _shown(packet: Packet, link: str | None, form: Form, known: AllowList) -> dict[str, object]:
    schools = [signer_of(issuer, known) for issuer in packet.schools]
    return {"packet": packet, "link": link, "address": link.partition("#")[0] if link else None, "form": form,
            "schools": schools}

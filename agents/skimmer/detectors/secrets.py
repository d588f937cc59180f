"""Passwords, their hashes, keys, tokens and connection strings, by prefixes that issuers give them."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterator
from typing import Final

from agents.skimmer.evidence import Evidence
from agents.skimmer.lexicon import plain
from agents.skimmer.naming import Reading
from agents.skimmer.sketch import Sketch

_PREFIXED: Final = re.compile(
    r"(?:AKIA|ASIA|AGPA|AIDA|AROA|ABIA|ACCA)[A-Z0-9]{12,20}"
    r"|gh[pousr]_[A-Za-z0-9]{20,255}|github_pat_\w{20,255}|glpat-[\w\-]{16,64}|gl(?:ptt|rt|dt|soat|cbt)-[\w\-]{16,64}"
    r"|xox[abeoprs]-[\w\-]{8,255}|xapp-[\w\-]{8,255}|(?:sk|pk|rk)_(?:live|test)_[A-Za-z0-9]{8,255}|"
    r"whsec_[\w+/=]{8,255}"
    r"|AIza[\w\-]{20,60}|ya29\.[\w\-]{10,500}|GOCSPX-[\w\-]{10,60}|npm_[A-Za-z0-9]{20,80}|pypi-[\w\-]{20,255}"
    r"|eyJhdXRocyI6[\w+/=]{8,500}|eyJ[\w\-]{5,400}\.[\w\-]{2,500}(?:\.[\w\-]{0,500})?|SG\.[\w\-]{10,40}\.[\w\-]{10,80}|sk-(?:ant-|"
    r"proj-)?[\w\-]{16,255}"
    r"|hv[sbr]\.[\w\-]{16,255}|dop_v1_[0-9a-f]{20,80}|glc_[\w+/=]{10,400}|glsa_[\w]{10,120}|shp(?:at|ss|"
    r"ca|pa)_[0-9a-fA-F]{16,64}"
    r"|xkeysib-[\w\-]{16,120}|sq0(?:csp|atp|idp)-[\w\-]{16,80}|NRAK-[A-Z0-9]{20,40}|phc_\w{30,60}|secret_\w{30,60}|ntn_\w{30,60}"
    r"|figd_[\w\-]{20,60}|AKCp\w{20,90}|PMAK-[\w\-]{30,80}|LTAI\w{12,30}|AKID\w{16,40}|r8_\w{30,50}|gsk_\w{30,80}|xai-\w{30,120}"
    r"|sntry[su]_[\w+/=]{20,255}|oy2[a-z0-9]{40,50}|do[or]_v1_[0-9a-f]{40,80}|FLWSECK\S{10,80}|amzn\.mws\.[\w\-]{20,60}"
    r"|fo1_[\w\-]{30,80}|s\.[A-Za-z0-9]{24}|tfp_\w{30,80}|pat[\w\-]{0,12}\.[0-9a-f]{40,80}|v\d\.local\.[\w\-]{20,400}"
    r"|EAA[A-Za-z0-9]{20,255}|SK[0-9a-f]{32}|key-[0-9a-f]{32}|[0-9]{8,10}:AA[\w\-]{30,40}|"
    r"hf_[A-Za-z]{20,80}|nvapi-[\w\-]{20,120}"
    r"|dapi[0-9a-f]{32}|lin_api_\w{20,80}|ATATT[\w\-=]{20,255}|ATBB\w{20,64}|rubygems_[0-9a-f]{20,80}|"
    r"dckr_pat_[\w\-]{20,64}"
    r"|\$2[abxy]?\$\d{2}\$[./A-Za-z0-9]{20,60}|\$argon2(?:id|i|d)\$.{8,300}|\$[156]\$.{8,200}|"
    r"\$scrypt\$.{8,200}|\$pbkdf2[\w\-]{0,12}\$.{8,300}"
    r"|pbkdf2_sha(?:1|256|512)\$.{8,300}|\{(?:SSHA|SHA|MD5|CRYPT|SSHA256|SSHA512|BCRYPT)\}.{6,200}|scrypt:\d.{8,300}"
    r"|-----BEGIN [A-Z ]{0,30}PRIVATE KEY.{0,600}|PuTTY-User-Key-File.{0,600}|AGE-SECRET-KEY-1\w{10,80}"
    r"|(?i:bearer|basic|token|digest|negotiate) [\w+/=.\-~:]{8,600}"
    r"|otpauth://.{6,300}"
    r"|(?i:(?:jsessionid|phpsessid|sessionid|session|sid|connect\.sid|asp\.net_sessionid)=[\w%.\-]{8,200}.{0,300})",
    re.DOTALL,
)
_LOGIN: Final = re.compile(r"(?i:[a-z][\w+.\-]{1,30}://[^\s:/@]{0,80}:[^\s@]{1,200}@.{2,300})", re.DOTALL)
_SETTING: Final = re.compile(
    r"(?i:.{0,200}(?:password|pwd|passwd|accountkey|sharedaccesskey|client_secret|"
    r"api_?key)\s?=\s?[^;\s&*]{3,200}.{0,200})",
    re.DOTALL,
)
_LOOKS_RANDOM: Final = re.compile(r"[\w+/=.\-$!@#%^&*]{8,128}")


def secrets(sketch: Sketch) -> Iterator[Evidence]:
    """Evidence of live secrets. A few in a column are enough: one open key is a break-in."""
    if sketch.kind != "text" or sketch.longest < 12:
        return
    share = sketch.share(is_secret)
    if share < _MOSTLY and _SETS & sketch.alphabet and sketch.share(_ASSIGNED.search) >= _MOSTLY:
        yield Evidence("credential", "values.proof", "most texts set a password, a key or a token")
        return
    if share >= 0.2:
        yield Evidence(
            "credential",
            "values.proof",
            f"prefixes of keys and tokens: {round(share * 100)} % of distinct values",
            0.8 + share / 5,
        )
    elif share > 0 and sketch.mean_length < 200:
        yield Evidence("credential", "values.hint", "a few keys or tokens")


_ASSIGNED: Final = re.compile(
    r"(?i)(?:pass|passwd|password|pwd|secret|token|api_?key|access_?key)[\"']?\s?[=:]\s?[\"']?[^\s\"'&]{4}"
)
_SETS: Final = frozenset("=:")
_MOSTLY: Final = 0.6


def is_secret(value: str) -> bool:
    """True when a value has the prefix or the form of an issuer's secret.

    >>> is_secret("ghp_" + "a1" * 18), is_secret("d41d8cd98f00b204e9800998ecf8427e")
    (True, False)
    """
    if len(value) < 8:
        return False
    return (
        _PREFIXED.fullmatch(value) is not None
        or ("://" in value and _LOGIN.fullmatch(value) is not None)
        or ("=" in value and _SETTING.fullmatch(value) is not None)
    )


def looks_random(sketch: Sketch) -> bool:
    """True when values have more entropy than words: only together with a name that says so."""
    fitting = [value for value in sketch.judged if _LOOKS_RANDOM.fullmatch(value)]
    return len(fitting) > 0.8 * len(sketch.judged) and sum(map(_entropy, fitting)) / max(1, len(fitting)) > 2.5


_KEYS: Final = frozenset({"key", "token", "secret", "apikey"})
_LONG_RANDOM: Final = re.compile(r"[0-9a-f]{32,128}|[0-9A-F]{32,128}|[\w+/\-]{24,200}={0,2}")


def is_bare_key(sketch: Sketch, name: Reading) -> bool:
    """True for a column whose name ends in `key` and whose values are long, random and all different.

    A digest has the same form, so a word that says which key it is (`partition_key`) speaks against it.
    """
    if (
        not name.words
        or name.words[-1] not in _KEYS
        or plain("no_secrets").intersection(name.words)
        or len(name.words) < 2
    ):
        return False
    if sketch.kind != "text" or sketch.mean_length < 24 or sketch.distinct_ratio < 0.5:
        return False
    return sketch.share(_LONG_RANDOM.fullmatch) > 0.9 and looks_random(sketch)


def _entropy(value: str) -> float:
    """Bits of a character, by the frequencies in the value."""
    size = len(value)
    return -sum(n / size * math.log2(n / size) for n in Counter(value).values())

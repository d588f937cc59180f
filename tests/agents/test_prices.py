"""Prices are dated, cover caches and long prompts, and an unknown model is refused."""

from datetime import date
from pathlib import Path

import pytest

from agents.prices import load_prices
from agents.usage import Tokens
from townlake.domain.errors import SettingsError

TABLE = """
[[price]]
model = "m"
effective_from = 2026-01-01
input = 2.0
output = 10.0
cache_read = 0.2
cache_write = 2.5

[[price]]
model = "m"
effective_from = 2026-06-01
input = 1.0
output = 5.0
cache_read = 0.1
cache_write = 1.25

[[price]]
model = "m"
effective_from = 2026-06-01
above_prompt_tokens = 1000
input = 4.0
output = 20.0
cache_read = 0.4
cache_write = 5.0
"""


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "prices.toml"
    path.write_text(TABLE, encoding="utf-8")
    return path


@pytest.mark.parametrize(
    ("day", "tokens", "dollars"),
    [
        (date(2026, 5, 31), Tokens(input=1_000_000), 2.0),
        (date(2026, 6, 1), Tokens(input=999), 0.000999),
        (date(2026, 6, 1), Tokens(input=1_000_000), 4.0),
        (date(2026, 5, 1), Tokens(input=1_000_000, cache_read=500_000, cache_write=250_000), 0.5 + 0.1 + 0.625),
        (date(2026, 5, 1), Tokens(output=100_000), 1.0),
        (date(2026, 5, 1), Tokens(), 0.0),
    ],
)
def test_the_price_of_the_day_and_the_length_counts(table: Path, day: date, tokens: Tokens, dollars: float) -> None:
    assert load_prices("m", day, table).cost(tokens) == pytest.approx(dollars)


def test_a_dated_snapshot_of_a_model_has_its_price(table: Path) -> None:
    assert load_prices("m-20260115", date(2026, 2, 1), table)


@pytest.mark.parametrize(
    ("model", "day"), [("n", date(2026, 2, 1)), ("m", date(2025, 1, 1)), ("m-fast", date(2026, 2, 1))]
)
def test_a_model_without_a_price_is_refused_with_what_to_set(table: Path, model: str, day: date) -> None:
    with pytest.raises(SettingsError, match="SKIPPER_MODEL_PRICE_IN"):
        load_prices(model, day, table)


def test_a_broken_table_is_named(tmp_path: Path) -> None:
    (tmp_path / "p.toml").write_text("[[price]]\nmodel = 1", encoding="utf-8")
    with pytest.raises(SettingsError, match="price table"):
        load_prices("m", date(2026, 1, 1), tmp_path / "p.toml")


@pytest.mark.parametrize("model", ["claude-sonnet-5-5", "claude-opus-5-5", "claude-haiku-5-5", "claude-fable-5-1"])
def test_the_models_of_today_have_prices(model: str) -> None:
    assert load_prices(model, date(2026, 11, 1)).cost(Tokens(input=10_000, output=1_000)) > 0

"""What a model costs: a dated table, kept apart from code."""

from __future__ import annotations

import re
import tomllib
from datetime import date
from pathlib import Path
from typing import Final

from agents.usage import Tokens
from townlake.domain.errors import SettingsError
from townlake.domain.value import Value

TABLE: Final = Path(__file__).with_name("prices.toml")
_MILLION: Final = 1_000_000


class Price(Value):
    """US dollars for a million tokens of one model, from one day on."""

    model: str
    effective_from: date
    input: float
    output: float
    cache_read: float
    cache_write: float
    above_prompt_tokens: int = 0
    """The entry is for prompts longer than this."""

    def cost(self, tokens: Tokens) -> float:
        """US dollars for one call.

        >>> day = date(2026, 1, 1)
        >>> price = Price(model="m", effective_from=day, input=2, output=10, cache_read=0.2, cache_write=2.5)
        >>> price.cost(Tokens(input=10_000, output=1_000, cache_read=8_000))
        0.0156
        """
        fresh = tokens.input - tokens.cache_read - tokens.cache_write
        dollars = (
            fresh * self.input
            + tokens.output * self.output
            + tokens.cache_read * self.cache_read
            + tokens.cache_write * self.cache_write
        )
        return round(dollars / _MILLION, 8)


class PriceList(Value):
    """The prices of one model on one day, by length of the prompt."""

    tiers: tuple[Price, ...]

    def cost(self, tokens: Tokens) -> float:
        """US dollars for one call."""
        fitting = [tier for tier in self.tiers if tokens.input >= tier.above_prompt_tokens]
        return max(fitting, key=lambda tier: tier.above_prompt_tokens).cost(tokens)

    @classmethod
    def flat(cls, model: str, input_usd: float, output_usd: float) -> PriceList:
        """Prices that a person set for a model that the table does not know."""
        tier = Price(
            model=model,
            effective_from=date.min,
            input=input_usd,
            output=output_usd,
            cache_read=input_usd,
            cache_write=input_usd * 1.25,
        )
        return cls(tiers=(tier,))


def load_prices(model: str, on: date, table: Path = TABLE) -> PriceList:
    """The prices of a model on a day.

    A model without a price is refused: a budget that counts it as free is none.

    Raises:
        SettingsError: the table does not know the model on that day, or cannot be read.
    """
    try:
        entries = [Price(**entry) for entry in tomllib.loads(table.read_text(encoding="utf-8"))["price"]]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise SettingsError("The price table cannot be read.", hint="Put agents/prices.toml back.") from error
    fitting = [entry for entry in entries if _covers(entry.model, model) and entry.effective_from <= on]
    newest: dict[int, Price] = {}
    for entry in sorted(fitting, key=lambda entry: (entry.effective_from, len(entry.model))):
        newest[entry.above_prompt_tokens] = entry
    if 0 not in newest:
        raise SettingsError(
            f"There is no price for the model {model!r}, so no budget could hold.",
            hint="Set SKIPPER_MODEL_PRICE_IN and SKIPPER_MODEL_PRICE_OUT (US dollars for a million tokens), "
            "0 for a model of your own.",
        )
    return PriceList(tiers=tuple(newest.values()))


def _covers(entry: str, model: str) -> bool:
    return model == entry or re.fullmatch(re.escape(entry) + r"-\d{8}", model) is not None

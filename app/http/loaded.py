"""What a server has loaded stays: to look through it again and again takes longer than all that is ever freed of it."""

from __future__ import annotations

import gc
from typing import Final

_TIMES: Final = 8
_FULL: Final = 2
"""The generation of the collector that holds everything else."""


def keep_loaded(times: int = _TIMES) -> None:
    """Have the collector pass over what is loaded now, and over what first questions load later.

    Each full collection keeps everybody waiting, for a tenth of a second where nothing is passed over. What is still
    there after one of the first is passed over, too. After them nothing is: what is made later may become garbage.

    Args:
        times: so many full collections are the first.
    """
    left = times

    def pass_over(phase: str, told: dict[str, int]) -> None:
        nonlocal left
        if phase == "stop" and told["generation"] == _FULL:
            gc.freeze()
            left -= 1
            if left <= 0:
                gc.callbacks.remove(pass_over)

    gc.freeze()
    gc.enable()
    gc.callbacks.append(pass_over)

"""One reason for or against a label, as a detector gives it."""

from __future__ import annotations

from typing import NamedTuple


class Evidence(NamedTuple):
    """A reason. Its words are the detector's own: never a value, never a name."""

    label: str
    """A label of the taxonomy, or `none.<kind>`."""
    weight: str
    """The key of the weight, `detector.strength`, in `weights.toml`."""
    reason: str
    scale: float = 1.0
    """Factor on the weight; negative speaks against the label."""

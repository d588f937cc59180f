"""Functions over values of any type, and the forms that look like functions but have a grammar of their own."""

from __future__ import annotations

from typing import Final

CHOICES: Final = """
greatest(O, O...) -> O
least(O, O...) -> O
typeof(any) -> varchar
"""

_FORMS: Final = """
array coalesce extract grouping if json_array json_exists json_object json_query json_value listagg nullif position row
try
"""
FORMS: Final = frozenset(_FORMS.split())
"""What the type checker knows without a signature, since no signature can say it."""

UNSAFE: Final = """
rand() -> double
rand(T) -> T
rand(T, T) -> T
random() -> double
random(T) -> T
random(T, T) -> T
shuffle(array(E)) -> array(E)
uuid() -> uuid
"""
"""Functions of Trino's whose answer nobody can check again. They have a type and are not on the list."""

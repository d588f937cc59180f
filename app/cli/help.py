"""What stands under the help of every command: examples, and what its exit codes mean."""

from __future__ import annotations

from app.cli.exits import Exit

_ANY_COMMAND = (Exit.OK, Exit.FAILED, Exit.USAGE, Exit.HOME, Exit.INTERRUPTED)


def epilog(example: str, *more: Exit, note: str = "") -> str:
    """The end of a command's help.

    Args:
        example: a command line that works on the demo lake.
        more: exit codes beyond those that every command has.
        note: what else a person should know.

    >>> print(epilog("skipper index"))
    Example: skipper index
    <BLANKLINE>
    Exit codes: 0 done, 1 failed, 2 wrong use, 7 the home cannot be used, 130 interrupted.
    """
    codes = ", ".join(f"{code.value} {code.words}" for code in sorted({*_ANY_COMMAND, *more}))
    return "\n\n".join(part for part in (f"Example: {example}", note, f"Exit codes: {codes}.") if part)

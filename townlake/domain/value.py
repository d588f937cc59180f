"""The base of every value that enters graph state, a log or a response."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable record that refuses unknown fields.

    Frozen pydantic models come back from a checkpoint exactly as they went in
    (tuples, enums, dates); plain dataclasses do not.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

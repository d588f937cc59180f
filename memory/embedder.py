"""Text to vectors, through an exported copy of the embedding model."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from townlake.domain.errors import HomeError

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

MODEL_FILE: Final = "model.onnx"
TOKENIZER_FILE: Final = "tokenizer.json"
RECORD_FILE: Final = "embedder.json"
DIMENSIONS: Final = 384
MAX_TOKENS: Final = 256
_BATCH: Final = 64
_HINT: Final = "Run `skipper index` to make it again."


class Embedder:
    """Sentence vectors of unit length from an exported model, ready in half a second.

    The export holds the very weights that sentence-transformers loads (`memory.export` makes
    and checks it), so vectors of the one can be compared with vectors of the other.
    """

    def __init__(self, session: Any, tokenizer: Any, digest: str) -> None:
        self._session = session
        self._tokenizer = tokenizer
        self.digest = digest
        """SHA-256 of weights and tokenizer: vectors of different digests must never meet."""
        self.dimensions = DIMENSIONS
        self._remembered = lru_cache(maxsize=1024)(lambda text: self.embed((text,))[0])

    @classmethod
    def open(cls, directory: Path, threads: int = 1) -> Embedder:
        """Load the exported model.

        Args:
            directory: where `export_embedder` put it.
            threads: how many cores one call may use.

        Raises:
            HomeError: there is no export, or it is damaged.
        """
        import onnxruntime
        from tokenizers import Tokenizer

        digest = recorded_digest(directory)
        if digest is None:
            raise HomeError("The embedding model was not exported yet.", hint=_HINT)
        try:
            options = onnxruntime.SessionOptions()
            options.intra_op_num_threads = threads
            options.inter_op_num_threads = 1
            options.log_severity_level = 3
            # Threads that spin while they wait take the core from whoever else is at work.
            options.add_session_config_entry("session.intra_op.allow_spinning", "0")
            session = onnxruntime.InferenceSession(
                str(directory / MODEL_FILE), options, providers=["CPUExecutionProvider"]
            )
            tokenizer = Tokenizer.from_file(str(directory / TOKENIZER_FILE))
        except Exception as error:  # both libraries raise bare exceptions of their own
            raise HomeError("The exported embedding model is damaged.", hint=_HINT) from error
        tokenizer.enable_truncation(MAX_TOKENS)
        tokenizer.enable_padding(pad_id=0, pad_token="[PAD]")  # noqa: S106 - a token of the vocabulary
        return cls(session, tokenizer, digest)

    def embed(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One row of length one for each text; texts of like length share a batch, so that little is padded."""
        import numpy as np

        vectors = np.zeros((len(texts), DIMENSIONS), dtype=np.float32)
        order = sorted(range(len(texts)), key=lambda at: len(texts[at]))
        for start in range(0, len(order), _BATCH):
            rows = order[start : start + _BATCH]
            encoded = self._tokenizer.encode_batch([texts[row] for row in rows])
            ids = np.array([item.ids for item in encoded], dtype=np.int64)
            mask = np.array([item.attention_mask for item in encoded], dtype=np.int64)
            vectors[rows] = self._session.run(None, {"input_ids": ids, "attention_mask": mask})[0]
        return vectors

    def vocabulary(self) -> frozenset[str]:
        """The common words of the language: those that the model reads in one piece."""
        return frozenset(word for word in self._tokenizer.get_vocab() if word.isalpha())

    def embed_one(self, text: str) -> NDArray[np.float32]:
        """The vector of one text; questions that come again are remembered. Do not write into it."""
        vector: NDArray[np.float32] = self._remembered(text)
        return vector


def recorded_digest(directory: Path) -> str | None:
    """The digest of the export in a directory, or None when there is none that is whole.

    Sizes are compared and not contents: hashing 90 MB would cost more than answering.
    """
    try:
        record = json.loads((directory / RECORD_FILE).read_text(encoding="utf-8"))
        sizes = {name: (directory / name).stat().st_size for name in (MODEL_FILE, TOKENIZER_FILE)}
        return str(record["digest"]) if record["sizes"] == sizes else None
    except (OSError, ValueError, KeyError, TypeError):
        return None


def digest_of(directory: Path) -> str:
    """SHA-256 over the exported weights and the tokenizer."""
    sha = hashlib.sha256()
    for name in (MODEL_FILE, TOKENIZER_FILE):
        with (directory / name).open("rb") as file:
            while block := file.read(1 << 20):
                sha.update(block)
    return sha.hexdigest()

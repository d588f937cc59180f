"""Every prompt loads, and a prompt that disagrees with itself does not."""

from pathlib import Path

import pytest

from prompts.loader import FOLDER, load_prompt
from townlake.domain.errors import SettingsError

NAMES = sorted(f"{path.parent.name}/{path.stem}" for path in FOLDER.rglob("*.md"))


@pytest.mark.parametrize("name", NAMES)
def test_every_prompt_loads_and_can_be_filled(name: str) -> None:
    prompt = load_prompt(name)
    text = prompt.fill(**{each: f"<{each}>" for each in prompt.inputs})
    assert "$$" not in text
    assert all(f"<{each}>" in text for each in prompt.inputs)
    assert len(prompt.digest) == 32


def test_values_are_put_in_as_they_are(tmp_path: Path) -> None:
    write(tmp_path, "version: 1\ninputs: [sql]", "Mend: $sql")
    assert load_prompt("ask/mend", tmp_path).fill(sql="SELECT '$x' -- $sql {y}") == "Mend: SELECT '$x' -- $sql {y}"


@pytest.mark.parametrize("inputs", [{}, {"sql": "a", "more": "b"}, {"other": "a"}])
def test_missing_and_unknown_inputs_are_refused(tmp_path: Path, inputs: dict[str, str]) -> None:
    write(tmp_path, "version: 1\ninputs: [sql]", "Mend: $sql")
    with pytest.raises(SettingsError, match="filled wrongly"):
        load_prompt("ask/mend", tmp_path).fill(**inputs)


@pytest.mark.parametrize(
    ("head", "text"),
    [
        ("version: 1\ninputs: [sql]", "nothing is used"),
        ("version: 1", "an $unlisted input"),
        ("version: 1", "a price of 5$ alone"),
        ("inputs: []", "no version"),
        ("version: 1\nauthor: me", "a key that nobody knows"),
        ("version: [", "no YAML"),
    ],
)
def test_a_head_that_disagrees_with_the_text_is_refused(tmp_path: Path, head: str, text: str) -> None:
    write(tmp_path, head, text)
    with pytest.raises(SettingsError):
        load_prompt("ask/mend", tmp_path)


@pytest.mark.parametrize("name", ["ask/absent", "../secrets/key", "ask", "ask/mend/more", "/etc/passwd"])
def test_only_prompts_are_read(tmp_path: Path, name: str) -> None:
    with pytest.raises(SettingsError):
        load_prompt(name, tmp_path)


def test_the_digest_follows_the_text_and_not_the_note(tmp_path: Path) -> None:
    write(tmp_path, "version: 1\nnote: a", "same")
    first = load_prompt("ask/mend", tmp_path).digest
    load_prompt.cache_clear()
    write(tmp_path, "version: 1\nnote: b", "same")
    assert load_prompt("ask/mend", tmp_path).digest == first


def write(folder: Path, head: str, text: str) -> None:
    (folder / "ask").mkdir(exist_ok=True)
    (folder / "ask" / "mend.md").write_text(f"---\n{head}\n---\n{text}\n", encoding="utf-8")


def test_the_rules_that_go_with_every_question_stay_small() -> None:
    assert len(load_prompt("ask/write_sql").text.encode()) < 5_000

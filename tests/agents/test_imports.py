"""What a question that needs no model never imports."""

from __future__ import annotations

import subprocess
import sys

from tests.support.shared import ROOT


def test_the_short_way_imports_no_agent_framework() -> None:
    code = (
        "import sys\nimport agents.ask.asker\n"
        "heavy = ('langgraph', 'langchain_core', 'anthropic', 'chromadb', 'torch', 'pyarrow', 'onnxruntime')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    run = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"

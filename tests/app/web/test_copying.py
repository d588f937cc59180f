"""What a copy of rows is to a spreadsheet."""

from __future__ import annotations

from playwright.sync_api import expect

from tests.app.http.served import QUESTION
from tests.app.web.watched import Watched

CELLS = ["-1+cmd|' /C calc'!A0", "+1+1", "=1", '"=2+2"', "\uff1d3", "  @sum", "plain", 'a "b"', "-"]
COPIED = ["'-1+cmd|' /C calc'!A0", "'+1+1", "'=1", '"""=2+2"""', "'\uff1d3", "'  @sum", "plain", 'a "b"', "'-"]
SPY = "() => { navigator.clipboard.writeText = (text) => { window.copied = text; return Promise.resolve(); }; }"


def test_a_copy_has_no_formula_in_it(watched: Watched) -> None:
    values = ", ".join(f"({at}, '{cell.replace(chr(39), chr(39) * 2)}')" for at, cell in enumerate(CELLS * 2))
    page = watched.go()
    watched.ask(QUESTION)
    page.get_by_text("How this was made").click()
    page.get_by_role("button", name="Edit and run").click()
    page.get_by_role("textbox", name="SQL, editable").fill(
        f'SELECT -n AS n, v AS "=hyperlink(""x"")" FROM (VALUES {values}) AS t (n, v) ORDER BY t.n'
    )
    page.get_by_role("button", name="Run as yourself").click()
    page.get_by_text("18 rows").wait_for()
    page.get_by_role("button", name="Table", exact=True).last.click()
    button = page.get_by_label("Filter rows").locator("..").get_by_role("button")
    button.wait_for()
    page.evaluate(SPY)
    button.click()
    expect(button).to_have_text("Copied")
    head, *lines = str(page.evaluate("() => window.copied")).split("\n")
    assert head == 'n\t\'=hyperlink("x")'
    assert lines == [f"{-at}\t{cell}" for at, cell in enumerate(COPIED * 2)]

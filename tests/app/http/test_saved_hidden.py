"""What a saved question reads that its viewer may not even know of."""

from __future__ import annotations

from tests.app.http.served import serving
from tests.app.http.test_saved import EVERYBODY, bearer, result, save
from tests.app.shop import Home


def test_what_nobody_may_know_of_is_not_named(shop: Home) -> None:
    shop.ok("review", "approve", "shop.payslips", "--unscanned", "--to", "payroll")
    with serving(shop) as served:
        clerk, guest = bearer(shop, "clerk2", "--member-of", "payroll"), bearer(shop, "guest2")
        saved = save(served, clerk, sql="SELECT count(*) AS n FROM shop.payslips", sharing=EVERYBODY)
        hide(shop)
        told = [
            result(served, saved, guest).text,
            served.http.get(f"/v1/saved/{saved['id']}", headers=guest).text,
        ]
        assert result(served, saved, guest).status_code == 403
        assert not any("payslips" in text or "payroll" in text for text in told), told
        assert all("clerk2" in text for text in told)
        assert result(served, saved, clerk).json()["result"]["rows"] == [[1]]


def hide(home: Home) -> None:
    """Mark the payslips as restricted."""
    described = home.path.parent / "hidden.json"
    described.write_text('{"tables": [{"name": "payslips", "restricted": true}]}', encoding="utf-8")
    home.ok("ingest", "files", "--describe", str(described), "--schema", "shop")

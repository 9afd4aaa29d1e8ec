"""The two reference houses for the case files: the grocer's and the hospital's rules, with made-up public lists."""

import atexit
import json
import shutil
import tempfile
from functools import cache
from pathlib import Path

from jali.model.schema import KeyValue
from jali.policy.house import Policies, load_policies
from jali.policy.settings import load_settings

ROOT = Path(__file__).parents[2]
_EXAMPLE = ROOT / "src" / "jali" / "examples" / "complete_journey"
_FOLDERS = {"grocer": _EXAMPLE, "searching": _EXAMPLE, "hospital": ROOT / "tests" / "data" / "hospital"}
PUBLIC: dict[tuple[str, str], tuple[KeyValue, ...]] = {
    ("products", "department"): ("DELI", "DRUG GM", "GROCERY"),
    ("products", "brand"): ("National", "Private"),
    ("products", "product_category"): ("BREAD", "MILK"),
    ("products", "product_type"): ("RYE", "WHITE"),
    ("products", "product_id"): (1, 2, 3),
    ("campaign_descriptions", "campaign_id"): (1, 2),
    ("campaign_descriptions", "campaign_type"): ("Type A", "Type B"),
    ("postcode_areas", "area"): ("N1", "SW1"),
    ("postcode_areas", "region"): ("London", "Wales"),
}
_TOML = 'name = "cases"\n[users.ana]\nroles = ["analyst"]\n'


@cache
def policies(house: str, heartbeat: str = "2026-11-01T00:00:00+00:00") -> Policies:
    """Return the rules of a house, with a consent feed last heard of at `heartbeat`."""
    folder = Path(tempfile.mkdtemp(prefix="jali-cases-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    shutil.copytree(_FOLDERS[house], folder, dirs_exist_ok=True)
    if not (folder / "charter.yaml").exists():
        shutil.copy(_EXAMPLE / "charter.yaml", folder)
    if house == "searching":
        _search(folder / "contracts" / "complete-journey.odcs.yaml")
    (folder / "jali.toml").write_text(_TOML, encoding="utf-8")
    feed = {"source": "cases", "demo": True, "heartbeat": heartbeat}
    (folder / "consent").mkdir()
    (folder / "consent" / "feed.json").write_text(json.dumps(feed), encoding="utf-8")
    return load_policies(load_settings(folder))


def _search(contract: Path) -> None:
    """Make the grocer's contract say auto where it names numbers for one unit."""
    text = contract.read_text(encoding="utf-8")
    numbers = "maxGroups: 300, maxDistinct: {basket_id: 800, product_id: 3000}"
    found = "maxGroups: auto, joinRows: auto, maxDistinct: {basket_id: auto, product_id: auto}"
    for old, new in ((numbers, found), ("maxRows: 40, maxGroups: 10", "maxRows: 10, maxGroups: auto")):
        assert old in text
        text = text.replace(old, new)
    contract.write_text(text, encoding="utf-8")

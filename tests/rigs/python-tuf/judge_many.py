"""Runs python-tuf's own updater over one repository after the other, each given as a line of JSON, and says a line for each.

in:  anchor, files and cached (names to bytes, in base64), moment, lookups (target paths)
out: accepted, lookups ("found LENGTH SHA256", "nowhere" or "refused", none after a refusal), refusal (type and message, or null)
"""

import base64
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import datetime

from tuf.api.exceptions import DownloadHTTPError
from tuf.ngclient import FetcherInterface, Updater, UpdaterConfig

BASE = "memory:///"
# As much as we take ourselves: how much a client reads is its own choice, and no verdict on the repository.
LIMITS = UpdaterConfig(
    root_max_length=1 << 20, timestamp_max_length=1 << 20, snapshot_max_length=1 << 20, targets_max_length=1 << 20, max_delegations=1000
)


class Memory(FetcherInterface):
    """Serves the files of one case."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.files = files

    def _fetch(self, url: str) -> Iterator[bytes]:
        content = self.files.get(url.removeprefix(BASE))
        if content is None:
            raise DownloadHTTPError("not found", 404)
        yield content


def judge(case: dict) -> dict:
    files = {name: base64.b64decode(text) for name, text in case["files"].items()}
    with tempfile.TemporaryDirectory() as cache:
        for name, text in case["cached"].items():
            with open(os.path.join(cache, name), "wb") as file:
                file.write(base64.b64decode(text))
        try:
            updater = Updater(cache, BASE, fetcher=Memory(files), config=LIMITS, bootstrap=base64.b64decode(case["anchor"]))
            updater._trusted_set.reference_time = datetime.fromisoformat(case["moment"])  # the clock has no public setter
            updater.refresh()
        except Exception as error:  # whatever stops it, it did not accept
            return {"accepted": False, "lookups": [], "refusal": f"{type(error).__name__}: {error}"}
        return {"accepted": True, "lookups": [look_up(updater, path) for path in case["lookups"]], "refusal": None}


def look_up(updater: Updater, path: str) -> str:
    try:
        target = updater.get_targetinfo(path)
    except Exception:
        return "refused"
    return f"found {target.length} {target.hashes.get('sha256', '')}" if target else "nowhere"


def main() -> None:
    for line in sys.stdin:
        print(json.dumps(judge(json.loads(line))), flush=True)


main()

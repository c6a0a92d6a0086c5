"""Runs python-tuf's own updater once over a repository, from a given root and at a given moment, and prints its verdict.

usage: judge.py ROOT_FILE METADATA_URL MOMENT        (MOMENT as 2026-01-31T00:00:00Z)
prints one JSON object: accepted, versions (role to version, delegated roles too), found (each target that the search for it
comes to, with its length), refusal (type and message, or null)
"""

import json
import sys
import tempfile
from datetime import datetime

from tuf.api.exceptions import DownloadError, RepositoryError
from tuf.ngclient import Updater


def main() -> None:
    root_file, url, moment = sys.argv[1:]
    with open(root_file, "rb") as file:
        trusted = file.read()
    versions, found, refusal = {}, {}, None
    with tempfile.TemporaryDirectory() as cache:
        try:
            updater = Updater(cache, url, bootstrap=trusted)
            trusted_set = updater._trusted_set  # the clock has no public setter
            trusted_set.reference_time = datetime.fromisoformat(moment)
            try:
                updater.refresh()
                walk_delegations(updater)
                found = search(updater)
            finally:
                versions = {role: signed.version for role, signed in trusted_set._trusted_set.items()}
        except (DownloadError, RepositoryError, ValueError) as error:
            refusal = f"{type(error).__name__}: {error}"
    print(json.dumps({"accepted": refusal is None, "versions": versions, "found": found, "refusal": refusal}))


def walk_delegations(updater: Updater) -> None:
    """Loads every delegated role, which the updater itself would do only on the way to a target."""
    waiting, seen = ["targets"], {"targets"}
    while waiting:
        parent = waiting.pop()
        delegations = updater._trusted_set[parent].delegations
        if delegations and delegations.succinct_roles:
            names = list(delegations.succinct_roles.get_roles())
        else:
            names = list(delegations.roles or {}) if delegations else []
        for name in names:
            if name not in seen:
                seen.add(name)
                updater._load_targets(name, parent)
                waiting.append(name)


def search(updater: Updater) -> dict[str, int]:
    """Looks for every target that any role lists. One that no search comes to is not found."""
    listed = [signed.targets for signed in updater._trusted_set._trusted_set.values() if signed.type == "targets"]
    looked = {path: updater.get_targetinfo(path) for targets in listed for path in targets}
    return {path: target.length for path, target in looked.items() if target}


main()

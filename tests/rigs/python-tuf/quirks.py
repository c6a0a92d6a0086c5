"""Writes a root chain with every habit of real metadata that strict clients trip on, so that it can be tested without theirs.

usage: quirks.py FOLDER      root_history/1..6.root.json and, unversioned beside it, what six years of tools would have left
v1  expiry with offset and fraction; P-256 keys as hex points under `ecdsa-sha2-nistp256`; consistent_snapshot false; 3 of 5 everywhere
v2  expiry with nanoseconds; one key replaced
v3  the same five keys as PEM, so under new ids; consistent_snapshot true; signed under the old ids too, which the file does not list
v4  keytype `ecdsa` and fields of an owner's, so new ids again; signatures under the old ids
v5  one id that is no hash of its key: a field in the key has changed, its id has not
v6  one key replaced; one listed officer's signature empty; one signature under an id the file does not list
The delegated role has dots in its name; spec_version is `1.0`.
"""

import hashlib
import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

THRESHOLD = 3
ONLINE_EXPIRES = "2036-01-01T00:00:00Z"


class Officer:
    """A P-256 key, under whatever id and form the day's tools gave it."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.private = ec.derive_private_key(0x5EED + number, ec.SECP256R1())  # the same keys every time

    def entry(self, form: str, **more: object) -> dict:
        encodings = {
            "hex": lambda key: key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint).hex(),
            "pem": lambda key: key.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo).decode(),
        }
        keytype = "ecdsa" if form == "owned" else "ecdsa-sha2-nistp256"
        public = encodings["hex" if form == "hex" else "pem"](self.private.public_key())
        entry = {"keytype": keytype, "scheme": "ecdsa-sha2-nistp256", "keyval": {"public": public}, **more}
        if form == "owned":
            entry["x-rootward-owner"] = f"@officer_{self.number}"
        if form != "owned" or self.number % 2:
            entry["keyid_hash_algorithms"] = ["sha256", "sha512"]
        return entry

    def sign(self, signed: dict) -> str:
        return self.private.sign(canonical(signed), ec.ECDSA(SHA256())).hex()


def canonical(value: object) -> bytes:
    """Canonical JSON of what is written here: no character in it needs an escape but the line end in PEM, which stays raw."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False).replace("\\n", "\n").encode()


def keyid(entry: dict) -> str:
    return hashlib.sha256(canonical(entry)).hexdigest()


def root(version: int, expires: str, keys: dict[str, dict], consistent: bool) -> dict:
    role = {"keyids": list(keys), "threshold": THRESHOLD}
    return {
        "_type": "root", "spec_version": "1.0", "version": version, "expires": expires, "consistent_snapshot": consistent,
        "keys": keys, "roles": {name: role for name in ("root", "targets", "snapshot", "timestamp")},
    }  # fmt: skip


def write(path: Path, signed: dict, signatures: list[tuple[str, str]]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    listed = [{"keyid": keyid, "sig": sig} for keyid, sig in signatures]
    path.write_text(json.dumps({"signed": signed, "signatures": listed}, indent=1, ensure_ascii=False))


def main() -> None:
    folder = Path(sys.argv[1])
    officers = {number: Officer(number) for number in range(1, 8)}

    def keys(numbers: list[int], form: str) -> dict[int, tuple[str, dict]]:
        entries = {number: officers[number].entry(form) for number in numbers}
        return {number: (keyid(entry), entry) for number, entry in entries.items()}

    def publish(version: int, expires: str, own: dict, consistent: bool, signing: list[tuple[int, str]], empty: list[str]) -> None:
        signed = root(version, expires, dict(own.values()), consistent)
        signatures = [(name, officers[number].sign(signed)) for number, name in signing] + [(name, "") for name in empty]
        write(folder / "root_history" / f"{version}.root.json", signed, signatures)
        if version == 6:
            write(folder / "root.json", signed, signatures)

    def all_of(own: dict) -> list[tuple[int, str]]:
        return [(number, name) for number, (name, _) in own.items()]

    v1 = keys([1, 2, 3, 4, 5], "hex")
    v2 = keys([2, 3, 4, 5, 6], "hex")
    v3 = keys([2, 3, 4, 5, 6], "pem")
    v4 = keys([2, 3, 4, 5, 6], "owned")
    later = officers[3].entry("owned", **{"x-rootward-note": "moved"})
    v5 = {number: (name, later if number == 3 else entry) for number, (name, entry) in v4.items()}
    v6 = {**{number: pair for number, pair in v5.items() if number != 2}, **keys([7], "owned")}

    publish(1, "2021-12-18T13:28:12.99008-06:00", v1, False, all_of(v1)[:3], [])
    publish(2, "2022-05-11T19:09:02.663975009Z", v2, False, all_of(v1)[1:4] + all_of(v2)[4:], [])
    publish(3, "2023-04-18T18:13:43Z", v3, True, all_of(v3)[:4] + all_of(v2)[:4], [])
    publish(4, "2024-05-06T16:55:45Z", v4, True, all_of(v4) + all_of(v3), [])
    publish(5, "2025-02-19T18:04:32Z", v5, True, all_of(v5)[:3], [])
    stray = (2, v5[2][0])
    publish(6, ONLINE_EXPIRES, v6, True, [stray] + [pair for pair in all_of(v6) if pair[0] in (3, 4, 7)], [v6[5][0]])

    signing = [pair for pair in all_of(v6) if pair[0] != 5]

    def online(name: str, signed: dict) -> None:
        signed = {"spec_version": "1.0", "version": 1, "expires": ONLINE_EXPIRES, **signed}
        write(folder / name, signed, [(name, officers[number].sign(signed)) for number, name in signing])

    delegated = "registry.example.org"
    build = keys([1], "pem")[1]
    role = {"name": delegated, "keyids": [build[0]], "threshold": 1, "terminating": True, "paths": [f"{delegated}/*"]}
    online("targets.json", {"_type": "targets", "targets": {}, "delegations": {"keys": dict([build]), "roles": [role]}})
    signed = {"_type": "targets", "spec_version": "1.0", "version": 1, "expires": ONLINE_EXPIRES, "targets": {}}
    write(folder / f"{delegated}.json", signed, [(build[0], officers[1].sign(signed))])
    online("snapshot.json", {"_type": "snapshot", "meta": {"targets.json": {"version": 1}, f"{delegated}.json": {"version": 1}}})
    online("timestamp.json", {"_type": "timestamp", "meta": {"snapshot.json": {"version": 1}}})


main()

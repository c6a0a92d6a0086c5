"""Makes a small sound TUF repository with python-tuf's own code, so that the judge can be judged without ours.

usage: publish.py FOLDER EXPIRES [KEYS PASSPHRASE]
writes 1.root.json (2 of 3 keys), timestamp.json, 1.snapshot.json, 1.targets.json and 1.build-07.json into FOLDER, and the officers'
private keys with those of two more, officer_4.pem (Ed25519) and officer_5.pem (P-256), and those of the other roles, online.pem and
build-07.pem, as encrypted PKCS#8 into the folder KEYS
"""

import sys
from datetime import datetime
from pathlib import Path

from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, Encoding, PrivateFormat
from securesystemslib.signer import CryptoSigner
from tuf.api.metadata import DelegatedRole, Delegations, Key, Metadata, MetaFile, Root, Snapshot, Targets, Timestamp


def main() -> None:
    folder, expires = Path(sys.argv[1]), datetime.fromisoformat(sys.argv[2])
    officers = [CryptoSigner.generate_ed25519() for _ in range(3)]
    online, build = CryptoSigner.generate_ecdsa(), CryptoSigner.generate_ed25519()

    root = Root(expires=expires, consistent_snapshot=True)
    for officer in officers:
        root.add_key(officer.public_key, "root")
    root.roles["root"].threshold = 2
    for role in ("targets", "snapshot", "timestamp"):
        root.add_key(online.public_key, role)

    delegated = DelegatedRole("build-07", [build.public_key.keyid], 1, False, paths=["images/*"])
    keys: dict[str, Key] = {build.public_key.keyid: build.public_key}
    targets = Targets(expires=expires, delegations=Delegations(keys, {"build-07": delegated}))
    snapshot = Snapshot(expires=expires, meta={"targets.json": MetaFile(1), "build-07.json": MetaFile(1)})

    write(folder / "1.root.json", Metadata(root), officers[:2])
    write(folder / "1.targets.json", Metadata(targets), [online])
    write(folder / "1.build-07.json", Metadata(Targets(expires=expires)), [build])
    write(folder / "1.snapshot.json", Metadata(snapshot), [online])
    write(folder / "timestamp.json", Metadata(Timestamp(expires=expires)), [online])

    if len(sys.argv) > 3:
        spare = [CryptoSigner.generate_ed25519(), CryptoSigner.generate_ecdsa()]
        keep(Path(sys.argv[3]), officers + spare, sys.argv[4].encode())
        name(Path(sys.argv[3]), {"online": online, "build-07": build}, sys.argv[4].encode())


def write(path: Path, metadata: Metadata, signers: list[CryptoSigner]) -> None:
    for signer in signers:
        metadata.sign(signer, append=True)
    metadata.to_file(str(path))


def keep(folder: Path, officers: list[CryptoSigner], passphrase: bytes) -> None:
    name(folder, {f"officer_{number}": officer for number, officer in enumerate(officers, start=1)}, passphrase)


def name(folder: Path, signers: dict[str, CryptoSigner], passphrase: bytes) -> None:
    for called, signer in signers.items():
        form = Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(passphrase)
        (folder / f"{called}.pem").write_bytes(signer._private_key.private_bytes(*form))


main()

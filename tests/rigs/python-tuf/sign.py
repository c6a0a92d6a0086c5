"""Signs bytes with securesystemslib, as a person with python-tuf's tools would, and prints the detached signature.

usage: sign.py KEY_FILE PASSPHRASE MESSAGE_FILE      (KEY_FILE is encrypted PKCS#8 in PEM)
prints one JSON object: keyid, sig
"""

import json
import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import load_pem_private_key
from securesystemslib.signer import CryptoSigner

key_file, passphrase, message = sys.argv[1:]
private = load_pem_private_key(Path(key_file).read_bytes(), passphrase.encode())
print(json.dumps(CryptoSigner(private).sign(Path(message).read_bytes()).to_dict()))

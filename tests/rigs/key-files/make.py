"""Writes key files of other programs into a folder: make.py FOLDER PASSPHRASE.

securesystemslib writes its own. go-tuf and cosign are not at hand: their files are put together here from what their formats
say, with libsodium (PyNaCl), hashlib's scrypt and OpenSSL's keys.
"""

import base64
import hashlib
import json
import os
import sys

from cryptography.hazmat.backends import default_backend
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from nacl.secret import SecretBox
from securesystemslib import interface

folder, passphrase = sys.argv[1:]


def at(name):
    return os.path.join(folder, name)


def b64(data):
    return base64.b64encode(data).decode()


def write(name, text):
    with open(at(name), "w") as file:
        file.write(text)


def envelope(plain, n=32768, r=8, p=1):
    """What go-securesystemslib's package `encrypted` writes."""
    salt, nonce = os.urandom(32), os.urandom(24)
    key = hashlib.scrypt(passphrase.encode(), salt=salt, n=n, r=r, p=p, maxmem=1 << 28, dklen=32)
    sealed = SecretBox(key).encrypt(plain, nonce).ciphertext
    return {
        "kdf": {"name": "scrypt", "params": {"N": n, "r": r, "p": p}, "salt": b64(salt)},
        "cipher": {"name": "nacl/secretbox", "nonce": b64(nonce)},
        "ciphertext": b64(sealed),
    }


def der(private, form=serialization.PrivateFormat.PKCS8):
    return private.private_bytes(serialization.Encoding.DER, form, serialization.NoEncryption())


def pem(private, form=serialization.PrivateFormat.PKCS8):
    return private.private_bytes(serialization.Encoding.PEM, form, serialization.NoEncryption()).decode()


def public_pem(private):
    public = private.public_key()
    return public.public_bytes(serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo).decode()


def p256():
    return ec.generate_private_key(ec.SECP256R1(), default_backend())


def rsa_key():
    return rsa.generate_private_key(65537, 2048, default_backend())


def go_tuf_ed25519():
    private = ed25519.Ed25519PrivateKey.generate()
    seed = private.private_bytes(
        serialization.Encoding.Raw, serialization.PrivateFormat.Raw, serialization.NoEncryption()
    )
    public = private.public_key().public_bytes(serialization.Encoding.Raw, serialization.PublicFormat.Raw)
    return {
        "keytype": "ed25519",
        "scheme": "ed25519",
        "keyid_hash_algorithms": ["sha256", "sha512"],
        "keyval": {"public": public.hex(), "private": (seed + public).hex()},
    }


def go_tuf_pem(private, keytype, scheme, form):
    return {
        "keytype": keytype,
        "scheme": scheme,
        "keyid_hash_algorithms": ["sha256", "sha512"],
        "keyval": {"public": public_pem(private), "private": pem(private, form)},
    }


for kind in ["ed25519", "ecdsa"]:
    getattr(interface, f"_generate_and_write_{kind}_keypair")(at(f"python-{kind}"), password=passphrase)
    getattr(interface, f"_generate_and_write_{kind}_keypair")(at(f"python-{kind}-open"))
interface._generate_and_write_rsa_keypair(at("python-rsa"), bits=2048, password=passphrase)
interface._generate_and_write_rsa_keypair(at("python-rsa-open"), bits=2048)

traditional = serialization.PrivateFormat.TraditionalOpenSSL
keys = {
    "go-tuf-ed25519": [go_tuf_ed25519()],
    "go-tuf-ecdsa": [go_tuf_pem(p256(), "ecdsa", "ecdsa-sha2-nistp256", traditional)],
    "go-tuf-rsa": [go_tuf_pem(rsa_key(), "rsa", "rsassa-pss-sha256", traditional)],
    "go-tuf-two": [go_tuf_ed25519(), go_tuf_ed25519()],
}
lying = go_tuf_ed25519()
lying["keyval"]["public"] = go_tuf_ed25519()["keyval"]["public"]
keys["go-tuf-lying"] = [lying]
for name, data in keys.items():
    write(f"{name}.json", json.dumps({"encrypted": True, "data": envelope(json.dumps(data).encode())}))
    write(f"{name}-open.json", json.dumps({"encrypted": False, "data": data}, indent="\t"))

for name, label, n in [("cosign", "COSIGN", 32768), ("sigstore", "SIGSTORE", 65536)]:
    private = p256()
    lines = base64.encodebytes(json.dumps(envelope(der(private), n)).encode()).decode()
    lines = "".join(lines.split())
    lines = "\n".join(lines[i : i + 64] for i in range(0, len(lines), 64))
    write(f"{name}.key", f"-----BEGIN ENCRYPTED {label} PRIVATE KEY-----\n{lines}\n-----END ENCRYPTED {label} PRIVATE KEY-----\n")
    write(f"{name}.pub", public_pem(private))

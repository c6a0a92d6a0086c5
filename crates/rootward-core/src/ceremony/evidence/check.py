#!/usr/bin/env python3
"""Checks the evidence of a ceremony without the program that wrote it.

Needs Python 3.8 or newer and openssl 3 or newer, and nothing else. It computes again: the sums of all files, the chain of
the journal, every digest, every signature, the thresholds, the order of the steps, and the testimonies.

    python3 check.py [--head HASH] [--root SHA256]

--head is the head of the chain from the printed report; --root is SHA-256 of the root file you trusted before the ceremony.
Exit 0: everything holds. 1: something does not. 2: it could not be checked.
"""
import argparse
import base64
import hashlib
import json
import os
import subprocess
import sys
import tempfile


class Wrong(Exception):
    """Something does not hold."""


def sha256(data):
    return hashlib.sha256(data).hexdigest()


def need(holds, why):
    if not holds:
        raise Wrong(why)


def members(pairs):
    names = [name for name, _ in pairs]
    need(len(set(names)) == len(names), "an object names a member twice")
    return dict(pairs)


def read(text):
    try:
        # Documents are signed in canonical JSON, in which control characters stand as they are.
        return json.loads(text, object_pairs_hook=members, strict=False)
    except ValueError as error:
        raise Wrong(f"not JSON: {error}")


def canonical(value):
    """Canonical JSON as TUF signs it: members sorted, nothing between, strings raw but for \\" and \\\\."""
    if isinstance(value, dict):
        parts = [canonical(name) + b":" + canonical(value[name]) for name in sorted(value, key=lambda name: name.encode())]
        return b"{" + b",".join(parts) + b"}"
    if isinstance(value, list):
        return b"[" + b",".join(canonical(item) for item in value) + b"]"
    if isinstance(value, str):
        return b'"' + value.encode().replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'
    if value is None or isinstance(value, (bool, int)):
        return json.dumps(value).encode()
    raise Wrong("a number is not whole")


def openssl(*arguments):
    try:
        return subprocess.run(["openssl", *arguments], capture_output=True)
    except OSError as error:
        print(f"openssl cannot be run: {error}", file=sys.stderr)
        sys.exit(2)


def pem(der):
    return b"-----BEGIN PUBLIC KEY-----\n" + base64.encodebytes(der) + b"-----END PUBLIC KEY-----\n"


def der_of(armoured):
    lines = [line for line in armoured.splitlines() if not line.startswith(b"-----")]
    return base64.b64decode(b"".join(lines))


def public_key(key):
    """The SubjectPublicKeyInfo of a key as root lists it, in DER."""
    kind, text = key["keytype"], key["keyval"]["public"]
    if kind in ("ecdsa-x509", "rsa-x509"):
        with tempfile.TemporaryDirectory() as folder:
            path = os.path.join(folder, "certificate.pem")
            with open(path, "wb") as file:
                file.write(base64.b64decode(text))
            return der_of(openssl("x509", "-in", path, "-pubkey", "-noout").stdout)
    if text.startswith("-----"):
        return der_of(text.encode())
    if kind == "ed25519":
        raw = bytes.fromhex(text) if len(text) == 64 else base64.b64decode(text)
        return bytes.fromhex("302a300506032b6570032100") + raw
    if text.startswith("04") and len(text) == 130:
        return bytes.fromhex("3059301306072a8648ce3d020106082a8648ce3d030107034200" + text)
    return base64.b64decode(text)


def whole(number):
    data = number.to_bytes(number.bit_length() // 8 + 1, "big")
    return bytes([2, len(data)]) + data


def in_der(signature):
    """Notary writes r and s side by side; openssl reads them in DER."""
    half = len(signature) // 2
    body = whole(int.from_bytes(signature[:half], "big")) + whole(int.from_bytes(signature[half:], "big"))
    return (b"\x30" + bytes([len(body)]) if len(body) < 128 else b"\x30\x81" + bytes([len(body)])) + body


def verifies(spki, message, signature, raw_ecdsa, curve_hash):
    """Whether the holder of a key signed a message."""
    with tempfile.TemporaryDirectory() as folder:
        paths = [os.path.join(folder, name) for name in ("key.pem", "message", "signature")]
        if b"\x06\x03\x2b\x65\x70" in spki[:16]:
            how = ["pkeyutl", "-verify", "-pubin", "-rawin", "-inkey", paths[0], "-in", paths[1], "-sigfile", paths[2]]
        elif b"\x2a\x86\x48\x86\xf7\x0d\x01\x01\x01" in spki[:32]:
            pss = ["-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:auto"]
            how = ["dgst", "-sha256", *pss, "-verify", paths[0], "-signature", paths[2], paths[1]]
        else:
            is_384 = b"\x2b\x81\x04\x00\x22" in spki[:32]
            digest = "-sha384" if is_384 and curve_hash else "-sha256"
            how = ["dgst", digest, "-verify", paths[0], "-signature", paths[2], paths[1]]
            signature = in_der(signature) if raw_ecdsa else signature
        for path, data in zip(paths, (pem(spki), message, signature)):
            with open(path, "wb") as file:
                file.write(data)
        return openssl(*how).returncode == 0


def sums(folder):
    listed = {}
    with open(os.path.join(folder, "SHA256SUMS"), encoding="utf-8") as file:
        for line in file:
            digest, name = line.rstrip("\n").split("  ", 1)
            listed[name] = digest
    found = set()
    for place, _, names in os.walk(folder):
        for name in names:
            found.add(os.path.relpath(os.path.join(place, name), folder).replace(os.sep, "/"))
    found.discard("SHA256SUMS")
    need(found == set(listed), f"files are missing or added: {sorted(found ^ set(listed))}")
    for name, digest in listed.items():
        with open(os.path.join(folder, name), "rb") as file:
            need(sha256(file.read()) == digest, f"{name} was altered")
    print(f"files       {len(listed)}, each with its sum")


def chain(transcript):
    """Every line covers the one before it."""
    head, events = bytes(32), []
    for number, line in enumerate(transcript["journal"], 1):
        event = read(line)
        claimed = event.pop("hash", None)
        need(event.get("number") == number, f"event {number} is missing or moved")
        found = hashlib.sha256(head + canonical(event)).digest()
        need(found.hex() == claimed, f"event {number} was altered")
        head, events = found, events + [event]
    need(events and events[0]["kind"] == "begun", "it does not say how the ceremony began")
    need(events[0]["payload"]["ceremony"] == transcript["ceremony"], "it is another ceremony's journal")
    need(head.hex() == transcript["head"], "events are missing at the end")
    print(f"journal     {len(events)} events hang together")
    return events, head.hex()


def documents(transcript, events):
    """What the events name by digest, and nothing besides: by role, the files built on and the bytes that were frozen."""
    held = {}
    for document in transcript["documents"]:
        data = base64.b64decode(document["bytes"])
        held[sha256(data)] = data
    frozen = [event["payload"] for event in events if event["kind"] == "frozen"]
    named = events[0]["payload"]["builds_on"] + frozen
    need(set(held) == {document["sha256"] for document in named}, "documents are missing, added or altered")
    before = {document["role"]: held[document["sha256"]] for document in events[0]["payload"]["builds_on"]}
    after = {document["role"]: held[document["sha256"]] for document in frozen}
    need(before or begins(events), "it builds on nothing, and begins no repository")
    need(not (before and begins(events)), "it begins a repository, and builds on one")
    for document in frozen:
        role, content = document["role"], read(after[document["role"]])
        need(role in before or document["version"] == rebuilt_after(events, role) + 1, f"{role} is the first, and not v1")
        need(canonical(content) == after[role], f"{role} is not canonical")
        need(content["version"] == document["version"], f"{role} has another version")
        if role in before:
            earlier = read(before[role])["signed"]["version"]
            need(document["version"] > earlier, f"{role} does not come after the one it builds on")
    print(f"documents   {len(held)}, each with the digest on record")
    return before, after


def begins(events):
    """Whether a repository is begun: there is no root that it builds on."""
    return any(edit["kind"] == "begins" for edit in events[0]["payload"]["change"]["edits"])


def rebuilt_after(events, role):
    """The version behind which a document is built anew that cannot be built on; 0 for a first one."""
    edits = events[0]["payload"]["change"]["edits"]
    return next((edit["after"] for edit in edits if edit["kind"] == "rebuilds" and edit["role"] == role), 0)


def signed_part(role, before, after):
    return read(after[role]) if role in after else read(before[role])["signed"]


def delegations(document, role):
    """The keys and thresholds under which a targets document delegates to a role."""
    found = document.get("delegations") or {}
    listed = [entry for entry in found.get("roles") or [] if entry["name"] == role]
    bins = found.get("succinct_roles")
    if bins and role.startswith(bins["name_prefix"] + "-"):
        listed.append(bins)
    return [(found["keys"], entry) for entry in listed]


def who_speaks(role, before, after):
    """Who says whose signatures a role needs: for root the old root and the new, else root or whoever delegates."""
    new = signed_part("root", before, after)
    if role in new["roles"]:
        said = [("the new root", new["keys"], new["roles"][role])]
        if role != "root" or "root" not in before:
            return said
        old = read(before["root"])["signed"]
        return said + [("the old root", old["keys"], old["roles"][role])]
    by = [name for name in sorted(set(before) | set(after)) if name not in new["roles"] or name == "targets"]
    return [(name, *found) for name in by for found in delegations(signed_part(name, before, after), role)]


def handed_over(role, before, after):
    """Who spoke for a role before, where what is enough for the new keys may be too few for the old."""
    said, new = [], {which: (keys, listed) for which, keys, listed in who_speaks(role, before, after)}
    for which, keys, listed in who_speaks(role, before, {}):
        if which not in new:
            continue
        had, (table, now) = physical(keys, listed), new[which]
        if now["threshold"] < listed["threshold"] or not physical(table, now) <= had:
            said.append((f"{which} before", keys, listed))
    return said


def physical(keys, listed):
    return {sha256(public_key(keys[keyid])) for keyid in listed["keyids"] or [] if keyid in keys}


def counted(keys, listed, signers):
    """Physical keys that are listed for a role and signed; and how many are wanted."""
    return len(physical(keys, listed) & signers), listed["threshold"]


def every_key(before, after):
    """Keys of every document there is, old and new, by keyid."""
    contents = [read(data) for data in after.values()] + [read(data)["signed"] for data in before.values()]
    tables = [content.get("keys") or (content.get("delegations") or {}).get("keys") or {} for content in contents]
    found = {}
    for table in tables:
        for keyid, key in table.items():
            found.setdefault(keyid, []).append(key)
    return found


def signatures(events, before, after):
    notary = events[0]["payload"]["dialect"] == "notary"
    if "root" in before:
        own_root(before["root"], notary)
    keys, signers, taken = every_key(before, after), {}, 0
    for event in events:
        if event["kind"] != "signed":
            continue
        given = event["payload"]
        role, where = given["role"], f"event {event['number']}"
        message = after.get(role)
        need(message is not None and sha256(message) == given["sha256"], f"{where} signs other bytes")
        known = [public_key(key) for key in keys.get(given["keyid"], [])]
        known = [spki for spki in known if "sha256:" + sha256(spki) == given["physical_key"]]
        need(known, f"{where}: no document lists this key under the keyid {given['keyid']}")
        holds = verifies(known[0], message, bytes.fromhex(given["signature"]), notary, not notary)
        need(holds, f"{where}: the signature does not hold")
        signers.setdefault(role, set()).add(sha256(known[0]))
        taken += 1
    print(f"signatures  {taken}, each verified over the frozen bytes")
    if any(event["kind"] in ("rehearsed", "publishing-begun", "seen") for event in events):
        for role in after:
            said = who_speaks(role, before, after)
            need(said, f"nobody says who signs {role}")
            for which, table, listed in said:
                have, threshold = counted(table, listed, signers.get(role, set()))
                need(have >= threshold, f"{role} has {have} of {threshold} signatures that {which} wants")
                print(f"threshold   {role}: {have} keys, {threshold} wanted by {which}")


def own_root(file, notary):
    """The root that is built on, by its own keys."""
    old_file = read(file)
    old, own = old_file["signed"], set()
    for entry in old_file["signatures"]:
        key, text = old["keys"].get(entry["keyid"]), entry["sig"]
        if key is None or not text:
            continue
        spki, given = public_key(key), base64.b64decode(text) if notary else bytes.fromhex(text)
        if verifies(spki, canonical(old), given, notary, not notary):
            own.add(sha256(spki))
    have, threshold = counted(old["keys"], old["roles"]["root"], own)
    need(have >= threshold, f"the root it builds on has {have} of {threshold} signatures")


def wave(role):
    """Documents that name others by digest or version come after them."""
    return {"snapshot": 1, "timestamp": 2}.get(role, 0)


class Ceremony:
    """The steps of a ceremony: which may follow which. Whatever is not allowed where it stands is no ceremony's record."""

    # What each kind of event needs to stand after, but for those that look closer.
    PREPARING = ("certifying-begun", "certified", "certifying-failed", "certificate-stored")
    ASKING = ("server-key-asked", "server-key-given", "server-key-refused")
    TRYING = ("signing-begun", "signing-failed", "handed-out")

    def __init__(self, begun, before, after):
        self.before, self.after = before, after
        self.hands_over = begun["change"]["hands_over"]
        issued = [document["role"] for document in begun["builds_on"] if document["issued"]] + begun["first"]
        self.planned = issued if begun["builds_on"] else ["root", *issued]
        self.frozen, self.signers, self.stage, self.attempt, self.rehearsed = {}, {}, "drafting", None, None

    def is_complete(self, role):
        if role not in self.frozen or ("root" in self.planned and "root" not in self.frozen):
            return False
        said = who_speaks(role, self.before, self.frozen)
        if self.hands_over and role != "root":
            said = said + handed_over(role, self.before, self.frozen)
        met = (counted(keys, listed, self.signers.get(role, set())) for _, keys, listed in said)
        return bool(said) and all(have >= threshold for have, threshold in met)

    def collected(self):
        return "ready" if all(map(self.is_complete, self.planned)) else "collecting"

    def may_freeze(self, role):
        waiting = [other for other in self.planned if other not in self.frozen]
        earlier = [other for other in self.frozen if wave(other) < wave(role)]
        is_next = role in waiting and wave(role) == min(map(wave, waiting))
        return is_next and all(map(self.is_complete, earlier))

    def take(self, event):
        kind, given, stage = event["kind"], event.get("payload"), self.stage
        takes_signatures = stage in ("collecting", "ready", "rehearsed")
        has_ended = stage in ("published", "superseded", "abandoned")
        if kind in ("resumed", "line-cut"):
            return True
        if kind in self.PREPARING + self.ASKING:
            return stage == "drafting"
        if kind in self.TRYING:
            return takes_signatures
        if kind == "frozen":
            if stage not in ("drafting", "collecting") or not self.may_freeze(given["role"]):
                return False
            self.frozen[given["role"]] = self.after[given["role"]]
            self.stage = "collecting"
            return True
        if kind == "signed":
            role, signer = given["role"], given["physical_key"].removeprefix("sha256:")
            is_open = role in self.frozen and all(wave(other) <= wave(role) for other in self.frozen)
            has_root = "root" not in self.planned or "root" in self.frozen
            # One that was given up takes what comes late, as loose.
            is_taken = takes_signatures or (stage == "abandoned" and self.frozen)
            if not (is_taken and is_open and has_root) or signer in self.signers.get(role, set()):
                return False
            self.signers.setdefault(role, set()).add(signer)
            self.stage = stage if stage == "abandoned" else self.collected()
            return True
        if kind == "rehearsed":
            clients = given["clients"]
            is_accepted = bool(clients) and all(client["accepted"] for client in clients)
            self.stage, self.rehearsed = ("rehearsed", given["document"]) if is_accepted else ("ready", None)
            return stage in ("ready", "rehearsed")
        if kind == "publishing-begun":
            self.stage, self.attempt = "publishing", "begun"
            return stage in ("rehearsed", "publishing") and given["document"] == self.rehearsed
        if kind in ("written", "publishing-failed", "not-seen"):
            self.attempt = kind
            return stage == "publishing"
        if kind == "seen":
            met = {(document["role"], document["version"], document["sha256"]) for document in given["documents"]}
            self.stage = "published"
            issued = {(role, read(data)["version"], sha256(data)) for role, data in self.frozen.items()}
            return stage == "publishing" and issued <= met
        if kind == "superseded":
            self.stage = "superseded"
            return not has_ended
        if kind == "abandoned":
            self.stage = "abandoned"
            nobody_looked = stage == "publishing" and self.attempt in ("begun", "written")
            return not has_ended and not nobody_looked
        if kind == "reopened":
            self.stage = self.collected()
            return stage == "abandoned" and any(self.signers.values())
        return False


def steps(events, before, after):
    """Every event must be one that a ceremony allows where it stands."""
    ceremony = Ceremony(events[0]["payload"], before, after)
    for event in events[1:]:
        stood = ceremony.stage
        need(ceremony.take(event), f"event {event['number']} ({event['kind']}) cannot come while the ceremony is {stood}")
    print(f"steps       {len(events)}, each allowed where it stands; the ceremony is {ceremony.stage}")


def testimonies(folder, transcript_file, head):
    place = os.path.join(folder, "testimonies")
    for name in sorted(os.listdir(place)) if os.path.isdir(place) else []:
        with open(os.path.join(place, name), "rb") as file:
            content = read(file.read())
        who = "nobody signed it"
        if "payloadType" in content:
            payload, kind = base64.b64decode(content["payload"]), content["payloadType"]
            need(kind == "application/vnd.rootward.transcript+json", f"{name} is another kind of statement")
            signed, (signature,) = read(payload), content["signatures"]
            spki = base64.b64decode(signed["public_key"])
            need("sha256:" + sha256(spki) == signed["physical_key"], f"{name} names another key")
            message = f"DSSEv1 {len(kind)} {kind} {len(payload)} ".encode() + payload
            holds = verifies(spki, message, base64.b64decode(signature["sig"]), False, True)
            need(holds, f"{name}: the signature does not hold")
            content, who = signed, "signed by " + signed["physical_key"]
        need(content["head"] == head and content["transcript"] == sha256(transcript_file), f"{name} is about another transcript")
        saw = content.get("saw")
        what = f"met at {saw['source']} from root v{saw['trusted_version']}" if saw else "stood by"
        print(f"testimony   {name!r}: {what!r}, {content['at']}, {who}")


def main():
    parser = argparse.ArgumentParser(description="Checks the evidence of a ceremony.")
    parser.add_argument("--head", help="the head of the chain, from the printed report")
    parser.add_argument("--root", help="SHA-256 of the root file you trusted before the ceremony")
    given = parser.parse_args()
    folder = os.path.dirname(os.path.abspath(__file__))
    try:
        sums(folder)
        with open(os.path.join(folder, "ceremony.transcript"), "rb") as file:
            transcript_file = file.read()
        transcript = read(transcript_file)
        need(transcript.get("type") == "rootward-transcript" and transcript.get("format") == 1, "no transcript this script reads")
        events, head = chain(transcript)
        before, after = documents(transcript, events)
        signatures(events, before, after)
        steps(events, before, after)
        testimonies(folder, transcript_file, head)
        built_on = sha256(before["root"]) if "root" in before else None
        if given.root is not None and built_on is None:
            raise Wrong("it begins a repository: it builds on no root, and none leads to it")
        if given.root is not None:
            roots = [sha256(base64.b64decode(root)) for root in transcript["roots"]]
            need(given.root.replace(" ", "").lower() == built_on, "it builds on another root than yours"
                 + (" (yours is in it: have the way from there checked by rootwardctl transcript verify --root)" if given.root in roots else ""))
        print(f"head        {head}")
        if given.head is not None:
            need(given.head.replace(" ", "").lower() == head, "it does not end with the head you gave: it was cut off, or is another")
    except (Wrong, KeyError, TypeError, ValueError, AttributeError, IndexError, OSError) as why:
        print(f"REFUSED: {why if isinstance(why, Wrong) else repr(why)}", file=sys.stderr)
        return 1
    if built_on is None:
        print(f"begins      a repository with root v1, SHA-256 of its bytes {sha256(after['root']) if 'root' in after else 'not fixed'}")
    else:
        print(f"builds on   root file {built_on}" + ("" if given.root else ": compare it with one you trust"))
    print("holds" + ("" if given.head else "; that no event is missing at the end is only proven by the head in the printed report"))
    return 0


sys.exit(main())

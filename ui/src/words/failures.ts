// What happened and what to do, for every failure code a person can meet. A test compares the codes with the desk's.

export type FailureText = { what: string; todo: string };

export const failures: Record<string, FailureText> = {
  "already-imported": {
    what: "This key lies on this desk already.",
    todo: "Use the file that the details name. Nothing was copied.",
  },
  "already-registered": {
    what: "This repository is on the desk already.",
    todo: "Find it in the tree. To add it under another address, forget it first.",
  },
  "already-signed": {
    what: "This key has signed these bytes already.",
    todo: "Nothing is missing from this key. Ask the next one.",
  },
  "attestation-altered": {
    what: "The certificate says something of the key that no device says in this way.",
    todo: "Take it as altered. Ask its sender for both certificates again, and for the device to be looked at.",
  },
  "attestation-missing": {
    what: "The certificate is not one that a device makes of its keys.",
    todo: "Ask for the attestation of the slot, not for the certificate stored in it. The key's comes first, the device's second.",
  },
  "attestation-no-authority": {
    what: "One of the certificates was issued by somebody who may not vouch for devices.",
    todo: "Trust nothing of it. This is what a forged attestation looks like; ask its sender where it comes from.",
  },
  "attestation-other-key": {
    what: "The attestation is over another key than the one it was given for.",
    todo: "Ask for the attestation of this key's slot. Nothing was kept.",
  },
  "attestation-root-known": {
    what: "This root needs no adding: the program carries it as its maker's.",
    todo: "Hand the attestation in without it.",
  },
  "attestation-root-unknown": {
    what: "No such root was added on this machine.",
    todo: "Look at the list again: somebody may have taken it off.",
  },
  "attestation-unfit-key": {
    what: "The attested key is of a kind that signs no metadata, or its public half was altered.",
    todo: "Ask for the attestation of a P-256, P-384 or RSA key of at least 2048 bits.",
  },
  "attestation-unreadable": {
    what: "A certificate cannot be read.",
    todo: "Give certificates in PEM or DER, whole and without anything else. Nothing was kept.",
  },
  "attestation-wrong-issuer": {
    what: "A certificate names an issuer of which there is no certificate here.",
    todo: "Check that both belong to one device. If its maker issues by a newer authority, give that certificate with the device's; a root of your own is added on purpose.",
  },
  "attestation-wrong-signature": {
    what: "A certificate was not signed by the issuer it names.",
    todo: "It was altered, or belongs to another device. Ask its sender for both certificates again.",
  },
  "backup-conflicts": {
    what: "This desk and the backup disagree, and neither goes on from the other.",
    todo: "Restore into a fresh data folder (--data DIR) and compare. Nothing was changed.",
  },
  "backup-newer": {
    what: "A newer program made this backup.",
    todo: "Restore it with that program, or a newer one. Nothing was changed.",
  },
  "backup-unusable": {
    what: "The file is damaged, or no backup of this program.",
    todo: "Take another copy of the backup. Nothing was changed.",
  },
  "bad-source": {
    what: "The address or path does not name a source that can be read.",
    todo: "Give a folder, an https:// address of a metadata folder, or a Notary server with a GUN.",
  },
  "bad-usage": {
    what: "The request did not make sense to the desk.",
    todo: "Copy the details and report them; the state is unchanged.",
  },
  cancelled: {
    what: "The work was cancelled before it ended.",
    todo: "What was proven before stays proven. Start it again when you are ready.",
  },
  "ceremony-ended": {
    what: "This ceremony has ended; nothing more can be done in it.",
    todo: "Read its transcript, or begin a new ceremony.",
  },
  "ceremony-not-found": {
    what: "The desk knows no ceremony of this name.",
    todo: "Open the list of ceremonies and choose from there.",
  },
  "ceremony-open": {
    what: "A ceremony for this root is open already.",
    todo: "Go on with it, or abandon it with a reason before you begin another.",
  },
  "data-folder-locked": {
    what: "Another program works on this data folder.",
    todo: "Close the program that the details name, or choose another data folder with --data.",
  },
  "data-folder-newer": {
    what: "A newer version of this program has written the data folder.",
    todo: "Use that version or a newer one. This one leaves the folder as it is.",
  },
  "data-folder-unusable": {
    what: "The data folder cannot be read or written.",
    todo: "Check that the disk is there and the folder is yours; the details name the path.",
  },
  "dialect-unknown": {
    what: "The root file is neither a TUF nor a Notary root.",
    todo: "Check the path or address. Other formats cannot be opened.",
  },
  "digest-mismatch": {
    what: "The digest given is not the digest of this root file.",
    todo: "Trust nothing yet. Compare all groups again, and ask where the file or the digest came from.",
  },
  "disk-failed": {
    what: "The disk refused a read or a write.",
    todo: "Check free space and permissions, then try again. Nothing half-written is used.",
  },
  "draft-refused": {
    what: "The change asked for would make a root that cannot work.",
    todo: "Read which rule it breaks, and change the keys, the threshold or the expiry.",
  },
  "drill-not-begun": {
    what: "This drill was not begun on this desk.",
    todo: "Begin it first. Its task says what happened and what is wanted.",
  },
  "drill-place-taken": {
    what: "The server has a repository of this drill already.",
    todo: "Use a server that nobody relies on, and delete what an earlier drill left there, or practise without a server of your own.",
  },
  "drill-under-way": {
    what: "A drill is under way.",
    todo: "Bring it to its end, or give it up. One drill is practised at a time.",
  },
  "erase-not-confirmed": {
    what: "The token was not erased: its serial was not typed as it stands on the device.",
    todo: "Type the serial to erase it. Every key in it is then lost for ever; without that, nothing happens.",
  },
  "expected-other-key": {
    what: "The key file holds another key than the one asked for.",
    todo: "Choose the file of the key that the row names. No signature was made.",
  },
  "handoff-altered": {
    what: "The bytes in this request are not those it gives the digest of.",
    todo: "Sign nothing. Ask for the request again, by another way.",
  },
  "handoff-foreign": {
    what: "The file belongs to another ceremony, or to other bytes.",
    todo: "Nothing was taken. Check which ceremony it was made for, and ask for a response to the newest request.",
  },
  "handoff-newer": {
    what: "The file was written by a newer version of this program.",
    todo: "Use that version or a newer one on this machine as well.",
  },
  "handoff-not-compared": {
    what: "The digest read aloud is not this request's.",
    todo: "Sign nothing. Have it read again, digit by digit; if it still differs, the request is another one or was altered.",
  },
  "handoff-unproven": {
    what: "The request does not follow from a root that is trusted here.",
    todo: "Sign nothing. Give the newest root file you were handed, or ask for a request with every root since then.",
  },
  "handoff-unreadable": {
    what: "The file is no signing request or response that can be read.",
    todo: "Check that it is the right file and came over whole; ask for it again.",
  },
  "journal-broken": {
    what: "The journal of this ceremony was changed or cut: its hashes do not follow from each other.",
    todo: "Keep the folder as evidence and begin a new ceremony. Nothing in it can be published.",
  },
  "key-ambiguous": {
    what: "Two keys in this token have this label.",
    todo: "Name the key with its id as well, as the list of tokens shows it: LABEL;id=ID.",
  },
  "key-cannot-attest": {
    what: "The token tells nothing about where this key was born.",
    todo: "Only keys generated in the token can be attested. Generate a new key in an empty slot if you need that.",
  },
  "key-cannot-leave": {
    what: "This key cannot be copied in this form.",
    todo: "Keys in tokens never leave them. For Notary, choose an ECDSA or RSA key in a file.",
  },
  "key-cannot-sign": {
    what: "This key cannot sign here.",
    todo: "Give the key file that holds its private half.",
  },
  "key-file-unreadable": {
    what: "The key file cannot be read.",
    todo: "Give an encrypted PKCS#8 file or a Notary key file; the details name what was found.",
  },
  "key-gone": {
    what: "This key leaves because it was lost or stolen.",
    todo: "Sign with another key that counts. If the key is safe after all, end this ceremony and begin the change without saying so.",
  },
  "key-not-found": {
    what: "No key of this name is there.",
    todo: "Look again at the repository, or at the token: its keys may have changed since.",
  },
  "key-not-told": {
    what: "A key file tells whose key it is only with its secret.",
    todo: "Compute the consequences: its passphrase is asked for in a window of its own then.",
  },
  "key-without-public-half": {
    what: "The token holds the private half of this key only, so nobody can tell whose key it is.",
    todo: "Store its public key or its certificate beside it in the token, with the vendor's program, under the same id.",
  },
  "keychain-failed": {
    what: "The keychain did not do what it was asked.",
    todo: "Look whether it is unlocked, and whether it was asked for permission. The details have its own words.",
  },
  "keychain-missing": {
    what: "There is no keychain in this session.",
    todo: "Log in to a desktop session with one, or keep the key in an encrypted file or a token.",
  },
  "keychain-not-for-root": {
    what: "A root key does not belong into the keychain.",
    todo: "Keep it in a token or in an encrypted file. Whoever means it says --may-sign-root when the key is stored.",
  },
  "keychain-silent": {
    what: "The keychain does not answer.",
    todo: "Unlock it in the desktop's own program and try again. Everything else goes on working meanwhile.",
  },
  "last-try-declined": {
    what: "The last PIN try was not used.",
    todo: "Nothing was signed and the token is not blocked. Find out the PIN first, or set a new one with the PUK.",
  },
  "ledger-broken": {
    what: "The ledger of what keys on this desk have signed was altered, so nothing is signed.",
    todo: "Bring ledger.jsonl back from a backup of the data folder. Without one, move the file away and keep it: the journals of ceremonies still count.",
  },
  "loose-publishable": {
    what: "A version that was given up has enough signatures for anybody to publish it.",
    todo: "Take that ceremony up again and publish it, then make this change on top of it. Two documents of one version would split the clients.",
  },
  "map-unreadable": {
    what: "This is no map file, or one that no client can follow.",
    todo: "Put right what stands at the place that the details name. A map lists repositories, and mappings with paths, repositories, threshold and terminating.",
  },
  "mechanism-missing": {
    what: "The token cannot sign in the way this key must, or cannot make such a key.",
    todo: "Choose a key of another kind. The details name the mechanism that it lacks.",
  },
  "metadata-not-found": {
    what: "No TUF or Notary metadata was found there.",
    todo: "Give the folder or address that holds root.json or 1.root.json.",
  },
  "module-crashed": {
    what: "The vendor's PKCS#11 module crashed. It ran in a process of its own, so nothing else was harmed.",
    todo: "Try again: the next request starts it anew. If it stays, ask its vendor; the details name the signal.",
  },
  "module-hung": {
    what: "The vendor's PKCS#11 module did not answer in time and was ended.",
    todo: "Try again. Pull the token out and plug it in when it stays; no signature was made that counts.",
  },
  "module-lied": {
    what: "The vendor's PKCS#11 module answered what makes no sense.",
    todo: "Nothing it said was used. Make sure that the module is the one of the token's vendor and up to date.",
  },
  "module-not-allowed": {
    what: "This PKCS#11 module is not among those that may be loaded.",
    todo: "Allow it under Tokens, or with rootwardctl --module, if you know where it comes from: it is a program of somebody else.",
  },
  "module-unusable": {
    what: "The file is no PKCS#11 module that can be loaded here.",
    todo: "Check the path; install the vendor's module for this machine. The details say what was found.",
  },
  "network-failed": {
    what: "The network did not carry the request.",
    todo: "Check the address and the connection, then try again. The last proven state is kept.",
  },
  "new-secret-refused": {
    what: "The token did not take the new PIN or PUK. It still has the one it had.",
    todo: "Choose another: 6 to 8 characters, not the one it was delivered with, and not one as simple as 111111.",
  },
  "no-anchor": {
    what: "No root of this repository is trusted on this machine yet.",
    todo: "Compare its digest with a copy you already hold, and confirm it first.",
  },
  "no-server-keys": {
    what: "No server holds a key of this repository.",
    todo: "Only a Notary server can hold the key of snapshot or timestamp. Name a key of your own instead.",
  },
  "no-such-node": {
    what: "The thing that was selected is no longer there.",
    todo: "Choose another in the tree.",
  },
  "not-publishable-there": {
    what: "Nothing can be published to this source.",
    todo: "Publish into a folder and hand it on from there, or to a Notary server.",
  },
  "not-ready": {
    what: "This step is not allowed yet.",
    todo: "Finish the steps before it; the page names what is missing.",
  },
  panicked: {
    what: "The desk made a mistake of its own while it worked on this.",
    todo: "The state is unchanged. Copy the details with their reference and report them.",
  },
  "passphrase-not-set": {
    what: "No new passphrase was agreed on.",
    todo: "Type a passphrase of at least eight characters, twice the same. Nothing was written.",
  },
  "pin-blocked": {
    what: "The token's PIN is blocked: it was wrong too often.",
    todo: "Unblock it with the PUK, for example with ykman piv access unblock-pin, or with the SO PIN and its vendor's program. The keys in it are unharmed.",
  },
  "practice-only": {
    what: "This is for practice alone: throw-away keys and a server that nobody relies on.",
    todo: "Use a key of your own for a real repository. Practice keys, tokens and servers stay within practice.",
  },
  "prompt-closed": {
    what: "The window that asked for the passphrase was closed.",
    todo: "Nothing was signed. Ask again when the officer is ready.",
  },
  "publish-failed": {
    what: "Publishing stopped before the new root was seen from outside.",
    todo: "Nothing is called published. Resume from this page; what was written is checked first.",
  },
  "rehearsal-refused": {
    what: "A simulated client refused the result.",
    todo: "It cannot be published. Read why below, abandon this ceremony and begin another.",
  },
  "repository-exists": {
    what: "There is a repository already.",
    todo: "Change it, or choose a place where none is. Nothing was begun.",
  },
  "repository-not-found": {
    what: "The desk knows no such repository.",
    todo: "Choose one in the tree, or add its source.",
  },
  "root-refused": {
    what: "The root given does not hold for this repository.",
    todo: "Trust nothing yet. Ask for the root file that the owners published, or its digest.",
  },
  "rules-refused": {
    what: "The rules of this repository forbid this.",
    todo: "Read the rule below. Nothing was changed.",
  },
  "server-answered": {
    what: "The server answered, but not with the document asked for.",
    todo: "Check the address and your access; the details hold its answer.",
  },
  "server-failed": {
    what: "The server failed: its storage, its signer or what stands before it.",
    todo: "Nothing was changed as far as it says. Try again later; its operator finds the reason in its log.",
  },
  "server-lacks-key": {
    what: "The server must sign snapshot or timestamp itself and does not hold the key.",
    todo: "Rotate the key of that role to the server in the same change, or sign the snapshot with a key of your own.",
  },
  "server-misread": {
    what: "The server could not read what was sent.",
    todo: "Nothing was changed. Something on the way may have altered it: check proxies, then copy the details and report them.",
  },
  "server-refused-gun": {
    what: "The server does not serve repositories of this name.",
    todo: "Check the name. Its operator decides which names it serves.",
  },
  "server-refused-hierarchy": {
    what: "The server refuses the update: a document that another one needs is missing.",
    todo: "Nothing was changed. Refresh the repository and begin a new ceremony.",
  },
  "server-refused-role": {
    what: "The server knows no role of this name.",
    todo: "Nothing was changed. Names of delegated roles begin with targets/ and are in lower case.",
  },
  "server-refused-root": {
    what: "The server's rules refuse the new root.",
    todo: "Nothing was changed. Read why below: it wants the next version, signed by enough keys of the old root and of the new one.",
  },
  "server-refused-snapshot": {
    what: "The server's rules refuse the new snapshot.",
    todo: "Nothing was changed. Refresh the repository and begin a new ceremony; if the server holds the key, leave the snapshot to it.",
  },
  "server-refused-targets": {
    what: "The server's rules refuse the new targets.",
    todo: "Nothing was changed. Read why below: it wants the next version, signed by enough of the keys that root lists.",
  },
  "server-refused-update": {
    what: "The server's rules refuse the update.",
    todo: "Nothing was changed. Read why below, then refresh the repository and begin a new ceremony.",
  },
  "server-signer-failed": {
    what: "The server has no signer that could sign for it.",
    todo: "Nothing was changed. Its operator must bring the signing service back.",
  },
  "server-storage-failed": {
    what: "The server's storage takes and gives nothing.",
    todo: "Nothing was changed as far as it says. Try again later; its operator must look at the storage.",
  },
  "signature-refused": {
    what: "A signature in the file does not hold over the bytes that are signed here.",
    todo: "Nothing was taken. Ask the officer to answer the newest request of this ceremony.",
  },
  "signed-otherwise": {
    what: "This key has signed another document of this role and version.",
    todo: "Two documents of one version can both be served to clients. Have another key sign. If this key must, say why: the reason goes on record and into the transcript.",
  },
  "slot-empty": {
    what: "There is no key in this slot of the token.",
    todo: "Choose another slot, or generate a key in this one.",
  },
  "slot-occupied": {
    what: "There is something in this slot of the token already; nothing in a token is ever replaced.",
    todo: "Choose an empty slot.",
  },
  "source-unreadable": {
    what: "The source cannot be read.",
    todo: "Check that the folder or server is there. The last proven state is kept.",
  },
  "stale-answer": {
    what: "The server, or a cache on the way, shows an older document than the one that is there.",
    todo: "Wait five minutes and try again. If it stays, ask whoever runs the server whether the repository was put back.",
  },
  superseded: {
    what: "Somebody published a newer root meanwhile.",
    todo: "Nothing was overwritten. Refresh the repository and begin a new ceremony on top of it.",
  },
  "target-missing": {
    what: "The file is not at the place it should be served from.",
    todo: "Ask whoever runs the repository: its metadata vouches for a file that is not there.",
  },
  "target-path-unsafe": {
    what: "The name of the file would lead out of its folder.",
    todo: "Nothing was written. Ask whoever signed this target why it is named so.",
  },
  "target-refused": {
    what: "The file that came is not the one the metadata vouches for.",
    todo: "Nothing was written, and what was there stays. Somebody may have swapped the file.",
  },
  "testimony-refused": {
    what: "The testimony does not hold, or is about another transcript.",
    todo: "Believe neither until you know why. Ask whoever gave it for the transcript they looked at.",
  },
  "threshold-not-met": {
    what: "Too few keys have signed.",
    todo: "Collect the signatures that the two meters still miss.",
  },
  "token-absent": {
    what: "The token is not plugged in, or was pulled out.",
    todo: "Plug it in and try again. Nothing was signed.",
  },
  "token-ambiguous": {
    what: "Two tokens say that they have the same serial number, or the same label.",
    todo: "Unplug one of them, or name its serial number where there is one: nobody could tell which would sign. The details name both.",
  },
  "token-busy": {
    what: "Another program holds the token.",
    todo: "Close the program that uses it, such as gpg's scdaemon, and try again.",
  },
  "token-failed": {
    what: "The token answered what it must not, or stopped answering.",
    todo: "Pull it out, plug it in again and try once more. Nothing it said was used.",
  },
  "token-initialised": {
    what: "This token is initialised already; nothing in a token is ever erased.",
    todo: "Choose a token that is not, or erase this one with its vendor's program if you are sure.",
  },
  "token-other": {
    what: "Another token is plugged in than the one that is needed.",
    todo: "Plug in the token the details name.",
  },
  "token-service-missing": {
    what: "The smart card service of this machine does not answer, so no token can be seen.",
    todo: "Start it (on Linux: pcscd). Everything else works without it.",
  },
  "token-unsupported": {
    what: "This version does not know how to work with this token.",
    todo: "Use a YubiKey with firmware 4 or 5, or a token whose PIN is typed here. The details say what is in the way.",
  },
  "too-large": {
    what: "A document is larger than the limit.",
    todo: "Ask its owner why. The limits can be changed in Settings.",
  },
  "touch-missed": {
    what: "The token was not touched in time.",
    todo: "Nothing was signed. Try again and touch it while it blinks.",
  },
  "transcript-broken": {
    what: "The transcript was altered: an event, a document or a signature in it does not hold.",
    todo: "Rely on nothing it says. Ask the desk that led the ceremony for it again, and compare the head of the chain with a printed report.",
  },
  "transcript-cut-off": {
    what: "The transcript does not end with the head that was written down elsewhere.",
    todo: "Events are missing at its end, were added to it, or it is another ceremony's. Ask for it again, and for the report that was printed.",
  },
  "transcript-newer": {
    what: "The transcript was written by a newer version of this program.",
    todo: "Check it with that version or a newer one.",
  },
  "transcript-unproven": {
    what: "The transcript does not follow from the root that is trusted here.",
    todo: "Rely on nothing it says of this repository. Give the newest root file you were handed before the ceremony.",
  },
  "transcript-unreadable": {
    what: "The file is no transcript that can be read.",
    todo: "Check that it is the file ending in .transcript, not the page, and that it came over whole.",
  },
  unauthorized: {
    what: "The server does not let you do this.",
    todo: "Sign in with a user name of the server that may push to this repository and administer it.",
  },
  "witness-refused": {
    what: "The source does not show what the transcript tells of.",
    todo: "Testify to nothing. Ask the officers what was published, and whether the source shows everybody the same.",
  },
  "wrong-management-key": {
    what: "That is not the token's management key.",
    todo: "The slot is unchanged. Ask whoever set the token up for its management key.",
  },
  "wrong-passphrase": {
    what: "The passphrase does not open this key file.",
    todo: "Nothing was signed. Ask again; a key file counts no tries.",
  },
  "wrong-password": {
    what: "The server does not take this user name and password.",
    todo: "Nothing was changed. Try again; ask the server's operator when the password is lost.",
  },
  "wrong-pin": {
    what: "That is not the PIN of this token.",
    todo: "Nothing was signed. The details say how many tries are left before it blocks itself.",
  },
};

const UNKNOWN: FailureText = {
  what: "Something failed that this version has no words for.",
  todo: "Copy the details and report them.",
};

export function failureText(code: string): FailureText {
  return failures[code] ?? UNKNOWN;
}

export const failureWords = {
  kinds: { refusal: "Refused", interruption: "Interrupted", fault: "Failed" },
  happened: "What happened",
  means: "What it says",
  todo: "What to do",
  details: "Details",
  copy: "Copy details",
  copied: "Copied",
  tryAgain: "Try again",
  dismiss: "Close this message",
} as const;

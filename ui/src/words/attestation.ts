// Words of attestations: what an officer hands in for a key, and who may vouch for devices.
import { count, day } from "./format";

export const handIn = {
  open: "Hand in an attestation…",
  again: "Hand in another attestation…",
  title: "Where this key was born",
  lede: "Two certificates from whoever holds the device: what it says of the key, and its own. Every step up to a root is checked here. It proves where the key was born, not who holds the device.",
  key: "Certificate of the key",
  keyWhy: "The attestation of its slot, in PEM or DER.",
  device: "Certificate of the device",
  deviceWhy: "Slot f9; others may follow it in the file.",
  between: "A further certificate",
  betweenWhy: "Only if one stands between the device and a root, in a file of its own.",
  keyHint: "/media/stick/key_cert.pem",
  deviceHint: "/media/stick/device_cert.pem",
  choose: "Choose…",
  go: "Prove it and keep it",
  running: "Proving…",
  blocked: { key: "Prove it: choose the certificate of the key", device: "Prove it: choose the certificate of the device" },
  cancel: "Cancel",
  close: "Close",
  proven: (held: string, verdict: string) => `Proven and kept: ${held}; it ${verdict}.`,
} as const;

export const roots = {
  title: "Who may vouch for devices",
  why: "Attestations are proven up to one of these. The makers’ roots change with a release of this program alone. One of your own stands apart: whatever it vouches for reads “chains to a root added on this machine”.",
  reading: "Reading the roots…",
  makers: "Makers’ roots",
  added: "Added on this machine",
  none: "None.",
  keys: (n: number) => (n === 0 ? "vouches for no key here" : `vouches for ${count(n, "key")} here`),
  at: (at: string) => `added ${day(at)}`,
  file: "A root of your own",
  fileHint: "/media/stick/root.pem",
  fileWhy: "In PEM or DER. Compare its digest with whoever gave it to you, by another way.",
  choose: "Choose…",
  add: "Add this root",
  remove: (subject: string, keys: number) => (keys === 0 ? `Take ${subject} off` : `Take ${subject} off: ${count(keys, "key is", "keys are")} proven no more`),
} as const;

// A device's name with its serial in the voice of evidence: "YubiKey" speaks, "19 402 271" testifies.
export function Serial({ label }: { label: string }) {
  const found = /^(YubiKey )(\d[\d ]*\d)(.*)$/.exec(label);
  if (!found) return label;
  const [, name, serial, rest] = found;
  return (
    <>
      {name}
      <span className="ev">{serial}</span>
      {rest}
    </>
  );
}

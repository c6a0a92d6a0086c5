// A copy of a key file for Notary's command line: the role it is to be kept for, and where it goes.
import { useState } from "react";
import { useAct } from "../../border";
import { ActDialog } from "../../parts/act-dialog";
import { PathInput, TextInput } from "../../parts/fields";
import { exporting as words } from "../../words/key-folders";

/** `at` is where the key is: `file:PATH`. */
export function ExportKey({ at, role: used, onClose }: { at: string; role: string; onClose: () => void }) {
  const [role, setRole] = useState(used);
  const [gun, setGun] = useState("");
  const [path, setPath] = useState("");
  const [written, setWritten] = useState<string>();
  const work = useAct();
  const choose = () =>
    work.run({ kind: "choose", what: "newNotaryKeyFile" }, (outcome) => {
      if (outcome.kind === "chose" && outcome.path !== null) setPath(outcome.path);
    });
  const write = () =>
    work.run({ kind: "exportKey", key: at, role: role.trim(), gun: gun.trim() === "" ? null : gun.trim(), path: path.trim() }, (outcome) => {
      if (outcome.kind === "exportedKey") setWritten(outcome.key.file);
    });
  const blocked = role.trim() === "" ? words.blocked.role : path.trim() === "" ? words.blocked.file : undefined;
  return (
    <ActDialog
      title={words.title}
      leave={written ? words.close : words.cancel}
      go={words.go}
      blocked={blocked}
      running={work.running === "exportKey" ? words.running : undefined}
      done={written !== undefined}
      failure={work.failure}
      onDismiss={work.clear}
      onGo={write}
      onClose={onClose}
    >
      <p className="second measure">{words.lede}</p>
      {written ? (
        <p role="status" className="break">
          {words.done(written)}
        </p>
      ) : (
        <>
          <TextInput label={words.role} why={words.roleWhy} evidence value={role} onChange={setRole} />
          <TextInput label={words.gun} why={words.gunWhy} evidence value={gun} onChange={setGun} />
          <PathInput label={words.file} hint={words.fileHint} value={path} onChange={setPath} choose={words.choose} onChoose={choose} />
        </>
      )}
    </ActDialog>
  );
}

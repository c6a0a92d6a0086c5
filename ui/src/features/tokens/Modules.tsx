// PKCS#11 modules: which may be loaded, what each shows, and the switch for it. None is loaded unasked.
import { useId, useState } from "react";
import { type ModuleView, useAct } from "../../border";
import { Button } from "../../parts/button";
import { FailurePanel } from "../../parts/failure";
import { FailureInSight } from "../../parts/failure-in-sight";
import { TextInput } from "../../parts/fields";
import { tokens } from "../../words/tokens";

const words = tokens.modules;

export function Modules({ modules }: { modules: ModuleView[] }) {
  const id = useId();
  const work = useAct();
  const [path, setPath] = useState("");
  const set = (module: string, allowed: boolean, then?: () => void) => {
    if (work.running === undefined) work.run({ kind: "setModule", module, allowed }, then);
  };
  return (
    <section className="stack tight" aria-labelledby={id}>
      <h2 id={id}>{words.title}</h2>
      <p className="why measure">{words.why}</p>
      {modules.length > 0 ? (
        <table className="roomy" aria-labelledby={id}>
          <thead>
            <tr>
              <th>{words.columns.module}</th>
              <th>{words.columns.library}</th>
              <th>{words.columns.state}</th>
              <td />
            </tr>
          </thead>
          <tbody>
            {modules.map((module) => (
              <tr key={module.module}>
                <th scope="row" className="tight break">
                  {module.module}
                </th>
                <td className="ev small break">{module.path ?? words.absent}</td>
                <td className="small">{module.failure ? <FailurePanel failure={module.failure} /> : module.allowed ? words.tokens(module.tokens) : words.off}</td>
                <td>
                  <Button onPress={() => set(module.module, !module.allowed)}>{module.allowed ? words.forbid(module.module) : words.allow(module.module)}</Button>
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      ) : null}
      <div className="with-button joining">
        <TextInput label={words.other} hint={words.otherWhy} value={path} onChange={setPath} evidence />
        <Button isDisabled={path.trim() === "" || work.running !== undefined} onPress={() => set(path.trim(), true, () => setPath(""))}>
          {words.add}
        </Button>
      </div>
      <FailureInSight failure={work.failure} onDismiss={work.clear} />
    </section>
  );
}

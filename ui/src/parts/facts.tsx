// Name and value pairs; values that are evidence are set in mono.
import type { ReactNode } from "react";

export type Fact = { name: string; value: ReactNode; evidence?: boolean };

export function Facts({ facts }: { facts: Fact[] }) {
  return (
    <dl className="facts">
      {facts.map((fact) => (
        <FactRow key={fact.name} {...fact} />
      ))}
    </dl>
  );
}

function FactRow({ name, value, evidence = false }: Fact) {
  return (
    <>
      <dt>{name}</dt>
      <dd className={evidence ? "ev" : ""}>{value}</dd>
    </>
  );
}

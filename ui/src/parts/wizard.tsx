// The frame of every wizard: a rail of steps, a page, a footer with abandon on the left, back and forward on the right.
import type { ReactNode } from "react";
import { Button } from "react-aria-components";
import { wizardWords } from "../words/parts";
import { Breakable } from "./breakable";
import { Icon } from "./icon";

export type RailStep = { id: string; name: string; summary: string; state: "past" | "now" | "toCome"; open: boolean };

export function WizardFrame({
  of,
  what,
  steps,
  shown,
  rest,
  onStep,
  foot,
  children,
}: {
  of: ReactNode;
  what: string;
  steps: RailStep[];
  shown: string;
  rest: ReactNode;
  onStep: (id: string) => void;
  foot: ReactNode;
  children: ReactNode;
}) {
  return (
    <div className="wizard">
      <nav className="rail" aria-label={wizardWords.steps}>
        <p className="of">{of}</p>
        <p className="what">
          <Breakable text={what} />
        </p>
        <ol>
          {steps.map((step, index) => (
            <li key={step.id} className={[step.state, step.id === shown ? "shown" : ""].join(" ")}>
              <Button
                className="step"
                isDisabled={!step.open}
                onPress={() => onStep(step.id)}
                {...(step.id === shown ? { "aria-current": "step" } : {})}
              >
                <span className="dot">
                  {step.state === "past" ? <Icon name="a-done" /> : <span aria-hidden="true">{index + 1}</span>}
                </span>
                <span>
                  <span className="hidden-words">{wizardWords.number(index + 1)}</span>
                  {step.name}
                  <span className="hidden-words">{wizardWords.state(step.state)}</span>
                  <small>{step.summary}</small>
                </span>
              </Button>
            </li>
          ))}
        </ol>
        <div className="rest">{rest}</div>
      </nav>
      <div className="page">
        <div className="in">{children}</div>
        <div className="foot">{foot}</div>
      </div>
    </div>
  );
}

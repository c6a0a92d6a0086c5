// Fields with their labels: text, number, tick, one of several, a list to choose from, a path with its dialog.
import type { ReactNode } from "react";
import {
  Button as AriaButton,
  Checkbox,
  FieldError,
  Input,
  Label,
  ListBox,
  ListBoxItem,
  Popover,
  Radio,
  RadioGroup,
  Select,
  SelectValue,
  Text,
  TextArea,
  TextField,
} from "react-aria-components";
import { Button } from "./button";
import { Icon } from "./icon";

type TextProps = {
  label: string;
  value: string;
  onChange: (value: string) => void;
  why?: string;
  hint?: string;
  evidence?: boolean;
  required?: boolean;
  long?: boolean;
  number?: boolean;
  problem?: string | undefined;
};

export function TextInput({ label, value, onChange, why, hint, evidence, required, long, number, problem }: TextProps) {
  const className = evidence ? "input evidence" : "input";
  const shown = hint ? { placeholder: hint } : {};
  return (
    <TextField className="field" value={value} onChange={onChange} isRequired={required ?? false} isInvalid={Boolean(problem)} validationBehavior="aria">
      <Label>{label}</Label>
      {long ? (
        <TextArea className={className} rows={3} {...shown} />
      ) : (
        <Input className={className} spellCheck={false} autoComplete="off" inputMode={number ? "numeric" : "text"} {...shown} />
      )}
      {why ? (
        <Text slot="description" className="why">
          {why}
        </Text>
      ) : null}
      <FieldError className="problem">{problem}</FieldError>
    </TextField>
  );
}

export function PathInput({ choose, onChoose, ...rest }: TextProps & { choose: string; onChoose: () => void }) {
  const { label, value, onChange, why, hint, required, problem } = rest;
  return (
    <TextField className="field" value={value} onChange={onChange} isRequired={required ?? false} isInvalid={Boolean(problem)} validationBehavior="aria">
      <Label>{label}</Label>
      <div className="with-button">
        <Input className="input evidence" spellCheck={false} autoComplete="off" {...(hint ? { placeholder: hint } : {})} />
        <Button icon="src-folder" onPress={onChoose}>
          {choose}
        </Button>
      </div>
      {why ? (
        <Text slot="description" className="why">
          {why}
        </Text>
      ) : null}
      <FieldError className="problem">{problem}</FieldError>
    </TextField>
  );
}

export function Check({ checked, onChange, disabled, children }: { checked: boolean; onChange: (checked: boolean) => void; disabled?: boolean; children: ReactNode }) {
  return (
    <Checkbox className="check" isSelected={checked} onChange={onChange} isDisabled={disabled ?? false}>
      <span className="mark">
        <Icon name="a-done" />
      </span>
      <span>{children}</span>
    </Checkbox>
  );
}

export type Option<T extends string> = { id: T; name: ReactNode; text: string };

export function Choice<T extends string>({ label, value, options, onChange }: { label: string; value: T; options: Option<T>[]; onChange: (value: T) => void }) {
  return (
    <RadioGroup className="field" value={value} onChange={(id) => onChange(id as T)}>
      <Label>{label}</Label>
      <div className="radios">
        {options.map((option) => (
          <Radio key={option.id} value={option.id} className="radio" aria-label={option.text}>
            <span className="mark" />
            <span>{option.name}</span>
          </Radio>
        ))}
      </div>
    </RadioGroup>
  );
}

export function Choose<T extends string>({ label, value, options, onChange, before }: { label: ReactNode; value: T; options: Option<T>[]; onChange: (value: T) => void; before?: ReactNode }) {
  return (
    <Select className="select" value={value} onChange={(id) => id !== null && onChange(String(id) as T)}>
      {before}
      <Label>{label}</Label>
      <AriaButton className="btn">
        <SelectValue />
        <Icon name="a-open" size="s" />
      </AriaButton>
      <Popover className="popover">
        <ListBox items={options}>
          {(option) => (
            <ListBoxItem id={option.id} textValue={option.text} className="option">
              {option.name}
            </ListBoxItem>
          )}
        </ListBox>
      </Popover>
    </Select>
  );
}

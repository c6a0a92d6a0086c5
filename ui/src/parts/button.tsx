// Buttons. The filled one is the safe thing, one a screen; a dangerous one carries its consequence in its words.
import type { ReactNode } from "react";
import { Button as AriaButton, type ButtonProps, ToggleButton, Tooltip, TooltipTrigger } from "react-aria-components";
import { Icon } from "./icon";

export type Look = "plain" | "primary" | "danger" | "quiet";

type Props = Omit<ButtonProps, "className" | "children"> & { look?: Look; large?: boolean; wide?: boolean; icon?: string; after?: string; children: ReactNode };

export function Button({ look = "plain", large = false, wide = false, icon, after, children, ...rest }: Props) {
  const classes = ["btn", look === "plain" ? "" : look, large ? "large" : "", wide ? "wide" : ""].filter(Boolean).join(" ");
  // Ctrl+Enter presses the filled button of a screen, never a dangerous one.
  const filled = look === "primary" ? { "data-filled": "" } : {};
  return (
    <AriaButton {...rest} {...filled} className={classes}>
      {icon ? <Icon name={icon} size="s" /> : null}
      {children}
      {after ? <Icon name={after} size="s" /> : null}
    </AriaButton>
  );
}

export function LinkButton({ children, ...rest }: Omit<ButtonProps, "className" | "children"> & { children: ReactNode }) {
  return (
    <AriaButton {...rest} className="link">
      {children}
    </AriaButton>
  );
}

export function IconButton({ icon, label, ...rest }: Omit<ButtonProps, "className" | "children"> & { icon: string; label: string }) {
  return (
    <TooltipTrigger delay={600}>
      <AriaButton {...rest} className="iconbtn" aria-label={label}>
        <Icon name={icon} />
      </AriaButton>
      <Tooltip className="popover tip" offset={4}>
        {label}
      </Tooltip>
    </TooltipTrigger>
  );
}

export function IconToggle({
  icon,
  label,
  pressed,
  onToggle,
  className = "iconbtn",
}: {
  icon: string;
  label: string;
  pressed: boolean;
  onToggle: () => void;
  className?: string;
}) {
  return (
    <ToggleButton className={className} aria-label={label} isSelected={pressed} onChange={onToggle}>
      <Icon name={icon} />
    </ToggleButton>
  );
}

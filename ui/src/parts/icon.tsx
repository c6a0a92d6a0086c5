// One icon out of the sprite in index.html. Without a label it is decoration.
export type IconSize = "xs" | "s" | "m" | "l";

export function Icon({ name, size = "m", label, className }: { name: string; size?: IconSize; label?: string; className?: string }) {
  const classes = ["i", size === "m" ? "" : size, className ?? ""].filter(Boolean).join(" ");
  const use = <use href={`#${name}`} />;
  return label ? (
    <svg className={classes} role="img" aria-label={label}>
      {use}
    </svg>
  ) : (
    <svg className={classes} aria-hidden="true">
      {use}
    </svg>
  );
}

/** The product's mark, redrawn for small sizes. */
export function Mark() {
  return (
    <svg viewBox="0 0 16 16" aria-hidden="true">
      <rect width="16" height="16" rx="3" fill="#243f87" />
      <g fill="none" stroke="#fcfbf9" strokeWidth="1.2">
        <path d="M8 4v5" />
        <path d="M3.5 4.5v.7c0 2.2 1.8 2.8 3 4M12.5 4.5v.7c0 2.2-1.8 2.8-3 4" />
      </g>
      <g fill="#fcfbf9">
        <circle cx="3.5" cy="4" r="1.5" />
        <circle cx="8" cy="3.5" r="1.5" />
        <circle cx="12.5" cy="4" r="1.5" />
        <circle cx="8" cy="11" r="3.2" />
      </g>
      <path d="M7.3 9.5h1.4v3H7.3z" fill="#243f87" />
    </svg>
  );
}

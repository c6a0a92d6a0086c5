// Which theme is shown: the officer's wish, else the system's. Kept for as long as the window's storage is.
export type ThemeWish = "system" | "light" | "dark" | "contrast";

const PLACE = "rootward.theme";

export function startTheme(): void {
  show(wishedTheme());
  for (const query of [DARK, CONTRAST]) matchMedia(query).addEventListener("change", () => show(wishedTheme()));
}

export function wishedTheme(): ThemeWish {
  const asked = new URLSearchParams(location.search).get("theme") ?? localStorage.getItem(PLACE);
  return asked === "light" || asked === "dark" || asked === "contrast" ? asked : "system";
}

export function wishTheme(wish: ThemeWish): void {
  localStorage.setItem(PLACE, wish);
  show(wish);
}

const DARK = "(prefers-color-scheme: dark)";
const CONTRAST = "(prefers-contrast: more)";

function show(wish: ThemeWish): void {
  document.documentElement.dataset.theme = wish === "system" ? ofSystem() : wish;
}

function ofSystem(): string {
  if (matchMedia(CONTRAST).matches) return "contrast";
  return matchMedia(DARK).matches ? "dark" : "light";
}

// Finds the first visible thing of a role and name; with `tell` set, says role and name of what has the focus.
const tags = {
  button: "button, input[type=button], input[type=submit], summary",
  link: "a[href]",
  textbox: "input:not([type]), input[type=text], input[type=password], input[type=number], input[type=date], textarea",
  searchbox: "input[type=search]",
  checkbox: "input[type=checkbox]",
  radio: "input[type=radio]",
  heading: "h1, h2, h3, h4, h5, h6",
  dialog: "dialog",
  main: "main",
  navigation: "nav",
  table: "table",
  row: "tr",
  image: "svg[role=img], img",
};
const tidy = (text) => text.replace(/\s+/g, " ").trim();
const nameOf = (element) => {
  const by = element.getAttribute("aria-labelledby");
  if (by) return tidy(by.split(/\s+/).map((id) => document.getElementById(id)?.textContent ?? "").join(" "));
  if (element.hasAttribute("aria-label")) return tidy(element.getAttribute("aria-label"));
  const label = element.labels?.[0] ?? element.closest("label");
  if (label) return tidy(label.textContent);
  return tidy(element.textContent || element.title || "");
};
const roleOf = (element) =>
  element.getAttribute("role") ?? Object.keys(tags).find((role) => element.matches(tags[role])) ?? element.localName;
if (typeof tell !== "undefined") {
  const owner = document.activeElement;
  const active = document.getElementById(owner.getAttribute("aria-activedescendant")) ?? owner;
  return `${roleOf(active)} ${nameOf(active)}`;
}
const [role, wanted] = arguments;
const pattern = new RegExp(`^${wanted.split("*").map((part) => part.replace(/[.+?^${}()|[\]\\]/g, "\\$&")).join(".*")}$`);
const found = [...document.querySelectorAll(`[role=${role}]${tags[role] ? `, ${tags[role]}` : ""}`)].find(
  (element) => element.checkVisibility() && roleOf(element) === role && pattern.test(nameOf(element)),
);
// A box that is drawn by its label is pressed there.
const box = found?.matches("input[type=radio], input[type=checkbox]") ? found.closest("label") : null;
return box ?? found ?? null;

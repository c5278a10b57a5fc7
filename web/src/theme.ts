// Light or dark: the user's choice if there is one, else what the system says. Sets `data-theme` on the document.
import type { ThemeChoice } from "./state.ts";

const KEY = "naturalcad.theme";

export type Theme = "light" | "dark";

export function storedTheme(): ThemeChoice {
  const stored = localStorage.getItem(KEY);
  return stored === "light" || stored === "dark" ? stored : "auto";
}

export function applyTheme(choice: ThemeChoice): Theme {
  if (choice === "auto") localStorage.removeItem(KEY);
  else localStorage.setItem(KEY, choice);
  const theme = choice === "auto" ? (darkSystem().matches ? "dark" : "light") : choice;
  document.documentElement.dataset["theme"] = theme;
  return theme;
}

export function onSystemTheme(changed: () => void): void {
  darkSystem().addEventListener("change", changed);
}

function darkSystem(): MediaQueryList {
  return matchMedia("(prefers-color-scheme: dark)");
}

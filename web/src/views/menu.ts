// A button in the header with a panel that hangs from it. Escape, a click elsewhere and leaving it by keyboard close it.
import { button, el, show } from "../dom.ts";

export interface Menu {
  root: HTMLElement;
  button: HTMLButtonElement;
  panel: HTMLElement;
  /** Closes it and goes back to its button. */
  close(): void;
}

export function menu(name: string, text: string, opened: () => void): Menu {
  const panel = el("div", { class: `menu-panel ${name}-panel`, id: `${name}-panel`, hidden: true });
  const opener = button(
    text,
    { class: "quiet", "aria-expanded": "false", "aria-controls": panel.id },
    () => setOpen(panel.hidden !== false),
  );
  const root = el("div", { class: `menu ${name}-menu` }, opener, panel);

  function setOpen(open: boolean): void {
    show(panel, open);
    opener.setAttribute("aria-expanded", String(open));
    if (open) opened();
  }
  function leaveTo(target: EventTarget | null): void {
    if (!panel.hidden && target instanceof Node && !root.contains(target)) setOpen(false);
  }
  function close(): void {
    setOpen(false);
    opener.focus();
  }
  document.addEventListener("pointerdown", (event) => leaveTo(event.target));
  root.addEventListener("focusout", (event) => leaveTo(event.relatedTarget));
  root.addEventListener("keydown", (event) => {
    if (event.key === "Escape" && !panel.hidden) close();
  });
  return { root, button: opener, panel, close };
}

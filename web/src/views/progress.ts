// A bar with its text, for what takes long. Without a share it says only that something goes on.
import { el, setText, show } from "../dom.ts";

export interface ProgressRow {
  root: HTMLElement;
  /** `share` from 0 to 1. */
  update(text: string | null, share: number | null): void;
}

export function progressRow(label: string): ProgressRow {
  const words = el("span", {});
  const percent = el("span", { class: "progress-percent" });
  const bar = el("progress", { max: "1", "aria-label": label });
  const root = el("div", { class: "progress-row", hidden: true }, words, percent, bar);
  return {
    root,
    update(text, share) {
      show(root, text !== null);
      if (text === null) return;
      setText(words, text);
      setText(percent, share === null ? "" : `${Math.floor(share * 100)} %`);
      if (share === null) bar.removeAttribute("value");
      else bar.value = share;
    },
  };
}

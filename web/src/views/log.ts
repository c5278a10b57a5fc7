// What the program printed and what the appliance said, line by line. Follows the end unless the user scrolled up.
import { button, el, setText, show } from "../dom.ts";
import type { LogLine, State } from "../state.ts";

const NEAR_END_PX = 24;

export function logView(root: HTMLElement): (state: State) => void {
  const list = el("ol", { class: "log-lines" });
  const scroller = el(
    "div",
    { class: "log-scroller", tabindex: "0", role: "log", "aria-label": "Log", "aria-live": "off" },
    list,
  );
  const empty = el("p", { class: "hint log-empty" }, "What a program prints appears here, as it happens.");
  const count = el("span", { class: "hint" });
  const toEnd = button("To the end", { class: "quiet", hidden: true }, () => {
    following = true;
    scroller.scrollTop = scroller.scrollHeight;
    show(toEnd, false);
  });
  let following = true;
  let firstKey = 0;
  let nextKey = 0;
  let drawn: readonly LogLine[] = [];

  scroller.addEventListener("scroll", () => {
    following = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < NEAR_END_PX;
    show(toEnd, !following);
  });
  root.append(el("div", { class: "panel-head" }, el("h2", {}, "Log"), count, toEnd), scroller, empty);

  return (state) => {
    if (state.log === drawn) return;
    drawn = state.log;
    const first = state.log[0]?.key ?? nextKey;
    // Keys only grow: what lies before the first line was dropped, what lies after the last drawn one is new.
    for (; firstKey < first && list.firstElementChild !== null; firstKey += 1)
      list.firstElementChild.remove();
    firstKey = first;
    const added = document.createDocumentFragment();
    for (const line of state.log) {
      if (line.key < nextKey) continue;
      added.append(el("li", { "data-level": line.level }, line.text));
    }
    nextKey = Math.max(nextKey, first + state.log.length);
    list.append(added);
    show(empty, state.log.length === 0);
    show(scroller, state.log.length > 0);
    setText(count, state.logDropped > 0 ? `first ${state.logDropped} lines left out` : "");
    if (following) scroller.scrollTop = scroller.scrollHeight;
  };
}

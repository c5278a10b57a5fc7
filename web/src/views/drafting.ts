// What a model writes, as it writes it, with what takes long and what had to be repaired. Once the job has ended it folds into
// one line of what it cost.
import { button, el, keyed, setText, show } from "../dom.ts";
import { type Asked, costText, isTold, type Repair, share, summary } from "../drafting.ts";
import type { State } from "../state.ts";
import { isBlocked } from "../store.ts";
import { progressRow } from "./progress.ts";

const NEAR_END_PX = 24;

export function draftingView(root: HTMLElement): (state: State) => void {
  const progress = progressRow("Progress of the draft");
  const line = el("summary", {});
  const stream = streamBox();
  const gone = el("p", { class: "hint" }, "The text of this job is no longer kept.");
  const repairs = el("ol", { class: "repairs", "aria-label": "Repairs", "aria-live": "polite" });
  const cost = el("p", { class: "hint" });
  const box = el("details", {}, line, stream.root, gone, repairs, cost);
  root.append(progress.root, box);
  let job: string | null = null;
  let wasWorking = false;

  return (state) => {
    const drafting = state.job?.drafting;
    show(root, drafting !== undefined && isTold(drafting));
    if (state.job === null || drafting === undefined) return;
    const working = isBlocked(state);
    // From the first word on it is open, at the end it folds; between and after, it is as the user left it.
    if (working !== wasWorking || state.job.id !== job) setOpen(working);
    wasWorking = working;
    job = state.job.id;
    const { asked, text, usage } = drafting;
    const told = drafting.progress;
    progress.update(told === null ? null : told.what, told === null ? null : share(told));
    show(box, asked !== null || drafting.repairs.length > 0 || usage !== null);
    const busyLine = asked === null ? "What is tried" : "What the model writes";
    setText(line, working ? busyLine : summary(drafting));
    stream.update(asked, text, drafting.dropped);
    show(gone, !working && text === "" && usage !== null);
    keyed(repairs, numbered(drafting.repairs), ({ key }) => key, repairRow);
    show(repairs, drafting.repairs.length > 0);
    show(cost, !working && usage !== null);
    setText(cost, usage === null ? "" : costText(usage));
  };

  function setOpen(open: boolean): void {
    // What is folded away cannot have the focus.
    if (!open && box.contains(document.activeElement)) line.focus();
    box.open = open;
  }
}

function numbered(repairs: Repair[]): { key: string; repair: Repair }[] {
  return repairs.map((repair, index) => ({ key: `${index} ${repair.why} ${repair.how}`, repair }));
}

function repairRow({ repair: { why, how } }: { repair: Repair }): HTMLElement {
  return el(
    "li",
    {},
    el("span", { class: "repair-why" }, why),
    el("span", { "aria-label": "so it is tried to" }, " → "),
    el("span", { class: "repair-how" }, how),
  );
}

interface StreamBox {
  root: HTMLElement;
  update(asked: Asked | null, text: string, dropped: number): void;
}

/** Only what is new is added to the text on the screen. Follows the end unless the user scrolled up. */
function streamBox(): StreamBox {
  const text = document.createTextNode("");
  const left = el("span", { class: "hint" });
  const toEnd = button("To the end", { class: "quiet", hidden: true }, () => {
    following = true;
    box.scrollTop = box.scrollHeight;
    show(toEnd, false);
  });
  const box = el("pre", {
    class: "stream",
    tabindex: "0",
    role: "log",
    "aria-label": "What the model writes",
    "aria-live": "off",
  });
  box.append(text);
  const foot = el("div", { class: "stream-foot" }, left, toEnd);
  const root = el("div", { class: "stream-box" }, box, foot);
  let following = true;
  let drawn: { asked: Asked | null; total: number } = { asked: null, total: 0 };
  box.addEventListener("scroll", () => {
    following = box.scrollHeight - box.scrollTop - box.clientHeight < NEAR_END_PX;
    show(toEnd, !following);
    show(foot, !following || left.textContent !== "");
  });

  return {
    root,
    update(asked, kept, dropped) {
      const total = dropped + kept.length;
      const fresh = total - drawn.total;
      show(root, asked !== null && total > 0);
      if (asked === drawn.asked && fresh === 0) return;
      if (asked === drawn.asked && fresh > 0 && fresh < kept.length) {
        text.appendData(kept.slice(-fresh));
        text.deleteData(0, text.length - kept.length);
      } else {
        if (asked !== drawn.asked) following = true;
        text.data = kept;
      }
      drawn = { asked, total };
      setText(left, dropped > 0 ? `first ${dropped} characters left out` : "");
      show(toEnd, !following);
      show(foot, !following || dropped > 0);
      if (following) box.scrollTop = box.scrollHeight;
    },
  };
}

// The model picker: how the model stands, what it means for the next prompt, and the files that can be loaded.
import { el, keyed, setProse, setText, show } from "../dom.ts";
import { stop } from "../format.ts";
import type { Intents } from "../intents.ts";
import { modelWords } from "../models.ts";
import type { State } from "../state.ts";
import type { ModelFile, Models } from "../wire.ts";
import { modelRow, type ModelRow } from "./model-row.ts";
import { progressRow } from "./progress.ts";

const TIER: Record<NonNullable<Models["tier"]>, string> = { avx2: "AVX2", avx512: "AVX-512" };

const REMOTE_MEANS = "What goes to it leaves this machine; nothing else does.";

export function modelsView(root: HTMLElement, intents: Intents): (state: State) => void {
  const text = el("p", { class: "model-text" });
  const meaning = el("p", {});
  const hint = el("p", { class: "hint" });
  const words = el("div", { class: "model-words", role: "status" }, text, meaning, hint);
  const progress = progressRow("Loading the model");
  const failure = el("p", { class: "model-failure", role: "alert" });
  const list = el("ul", { class: "models", "aria-label": "Model files" });
  const remote = el("p", { class: "model-remote" });
  const foot = el("p", { class: "hint" });
  root.append(el("h2", {}, "Model"), words, progress.root, failure, list, remote, foot);
  const rows = new Map<string, ModelRow>();

  function make(file: ModelFile): HTMLElement {
    const row = modelRow(file.name, intents);
    rows.set(file.file, row);
    return row.root;
  }

  return (state) => {
    const said = modelWords(state);
    words.dataset["tone"] = said.tone;
    setProse(text, said.text);
    setText(meaning, said.meaning);
    setProse(hint, said.hint ?? "");
    show(hint, said.hint !== null);
    const { models, modelsFailure } = state;
    const loading = models?.state === "loading";
    const share = models?.percent == null ? null : models.percent / 100;
    progress.update(loading ? (models.model ?? "Loading") : null, share);
    // Before anything is known of the models the words above tell it.
    const refused = models === null ? null : modelsFailure;
    const told = [refused?.message, refused?.hint].filter((one) => typeof one === "string");
    setProse(failure, told.map(stop).join(" "));
    show(failure, refused !== null);

    const files = models?.models ?? [];
    keyed(list, files, ({ file }) => file, make);
    const known = new Set(files.map(({ file }) => file));
    for (const key of rows.keys()) if (!known.has(key)) rows.delete(key);
    if (models !== null) for (const file of files) rows.get(file.file)?.update(file, models);
    show(list, files.length > 0);

    const server = models?.remote ?? null;
    show(remote, server !== null);
    setProse(
      remote,
      server === null
        ? ""
        : `Remote: \`${server.model}\` at \`${server.url}\`. ${REMOTE_MEANS}`,
    );
    const more = [
      files.length > 0 ? `Files from \`${models?.folder}\`` : null,
      models?.tier == null ? null : `computed with ${TIER[models.tier]}`,
    ].filter((one) => one !== null);
    setProse(foot, more.join(", "));
    show(foot, more.length > 0);
  };
}

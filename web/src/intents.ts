// What the user can ask for, and the work behind it: calls the appliance and dispatches what came of it.
// Views call these; they never fetch themselves.
import * as api from "./api.ts";
import { storeEngine } from "./engine-choice.ts";
import { isBusy } from "./events.ts";
import { hashOfJob, jobFromHash } from "./route.ts";
import { engineOf } from "./lanes.ts";
import { createModelIntents, type ModelIntents } from "./model-intents.ts";
import { type Failure, parentOf, type Target, type ThemeChoice } from "./state.ts";
import { isBlocked, isWorking, type Store } from "./store.ts";
import { isText, nextValues, unwritten } from "./tuning.ts";
import { goodBefore } from "./versions.ts";
import type { Conversation, Engine, JobRecord, ParameterValue } from "./wire.ts";

const POLL_WARMING_MS = 300;
const POLL_READY_MS = 5000;
const POLL_UNREACHABLE_MS = 1000;
const JOBS_SHOWN = 30;

export interface Intents extends ModelIntents {
  editPrompt(text: string): void;
  editProgram(text: string): void;
  restoreProgram(): void;
  submitPrompt(text: string): Promise<void>;
  runProgram(): Promise<void>;
  cancel(): Promise<void>;
  openJob(id: string): Promise<void>;
  refreshJobs(): Promise<void>;
  chooseTarget(target: Target): void;
  chooseEngine(engine: Engine): void;
  moveParameter(name: string, value: ParameterValue): void;
  resetParameters(names: string[]): void;
  /** Writes the values of the sliders into the program text, and runs that. */
  writeParameters(): Promise<void>;
  exportPart(format: string): Promise<void>;
  toggleBody(name: string): void;
  chooseTheme(theme: ThemeChoice): void;
}

export function createIntents(store: Store): Intents & { start(): void } {
  const models = createModelIntents(store);
  let stopFollowing = (): void => {};
  let opening = "";
  /** What the user asked for while a slider's job was under way: the part it will leave is the one they mean. */
  let waiting: (() => Promise<void>) | null = null;

  function follow(id: string): void {
    stopFollowing();
    stopFollowing = api.followJob(id, {
      opened: () => store.dispatch({ type: "streamOpened", job: id }),
      event: (number, event) => {
        store.dispatch({ type: "eventArrived", job: id, id: number, event });
        if (event.event === "complete") ended();
      },
      unread: (name) => store.dispatch({ type: "eventUnread", job: id, name }),
      lost: () => store.dispatch({ type: "streamLost", job: id }),
      refused: () => void recover(id),
    });
  }

  function ended(): void {
    const { job } = store.state();
    const next = waiting;
    waiting = null;
    if (next !== null) return void next();
    // What the sliders were moved to meanwhile goes first: its mesh is waited for.
    tune();
    if (isWorking(store.state())) return;
    if (job?.values === null) {
      void intents.refreshJobs();
      void models.refreshModels();
    }
    if (job?.conversation != null) void loadConversation(job.conversation);
    void showValues();
  }

  /** A planned part keeps its text while its sliders move: the editor shows the text that builds what is on the screen. */
  async function showValues(): Promise<void> {
    const { part } = store.state();
    if (part === null || part.program === null || isText(part.lane)) return;
    const values = unwritten(part);
    if (Object.keys(values).length === 0) return;
    try {
      const text = await api.writeParameters(part.job, part.program, values);
      if (store.state().part?.job === part.job) store.dispatch({ type: "programShown", text });
    } catch {
      // The text stays the one of the part before its sliders were moved.
    }
  }

  async function whenSettled(run: () => Promise<void>): Promise<void> {
    const state = store.state();
    if (isWorking(state) && !isBlocked(state)) waiting = run;
    else await run();
  }

  /** Sends what the sliders want, if nothing is under way; each end of a job asks again. */
  function tune(): void {
    const state = store.state();
    const parameters = nextValues(state, isWorking(state));
    if (parameters !== null)
      void submit({ prompt: null, program: null, parameters, parent: state.part?.job ?? null });
  }

  async function loadConversation(id: string): Promise<Conversation | null> {
    try {
      const conversation = await api.fetchConversation(id);
      store.dispatch({ type: "conversationArrived", conversation });
      return conversation;
    } catch {
      // The part and its sliders work without the list of versions.
      return null;
    }
  }

  /** The record whose part stays on the screen when this job built none. */
  async function goodRecord(record: JobRecord, versions: Conversation | null): Promise<JobRecord | null> {
    if (record.state === "built" || versions === null) return null;
    const good = goodBefore(versions, record.id);
    return good === null || good === record.id ? null : api.fetchJob(good);
  }

  /** The stream was refused: the record says how the job stands, or that the appliance no longer knows it. */
  async function recover(id: string): Promise<void> {
    try {
      const record = await api.fetchJob(id);
      if (store.state().job?.id !== id) return;
      if (isBusy(record.state)) {
        store.dispatch({ type: "streamLost", job: id });
        setTimeout(() => store.state().job?.id === id && follow(id), POLL_UNREACHABLE_MS);
      } else if (isWorking(store.state())) {
        store.dispatch({ type: "recordArrived", record, at: Date.now() });
        ended();
      }
    } catch (error) {
      store.dispatch({ type: "streamEnded", job: id, failure: api.failureOf(error) });
      ended();
    }
  }

  async function submit(asked: api.Submission): Promise<void> {
    if (isWorking(store.state())) return;
    stopFollowing();
    opening = "";
    store.dispatch({ type: "submitted", ...asked, at: Date.now() });
    try {
      const { id, conversation } = await api.submitJob(asked);
      store.dispatch({ type: "accepted", id, conversation });
      follow(id);
      if (asked.parameters === null) {
        location.hash = hashOfJob(id);
        void intents.refreshJobs();
      } else {
        // A slider passes many values: they are no places to come back to with the browser's own button.
        history.replaceState(null, "", hashOfJob(id));
      }
    } catch (error) {
      store.dispatch({ type: "refused", failure: api.failureOf(error) });
      ended();
    }
  }

  async function writeParameters(): Promise<void> {
    const { part, program } = store.state();
    if (part === null || isWorking(store.state())) return;
    store.dispatch({ type: "writingStarted" });
    try {
      const written = await api.writeParameters(part.job, program.text, unwritten(part));
      store.dispatch({ type: "writingEnded", program: written });
      // The part on the screen is then the text's own, and the next values are written into that.
      await submit({ prompt: null, program: written, parameters: null, parent: part.job });
    } catch (error) {
      store.dispatch({ type: "writingFailed", failure: writingFailure(error) });
    }
  }

  async function pollHealth(): Promise<void> {
    let wait = POLL_UNREACHABLE_MS;
    try {
      const wasReachable = store.state().health !== null && !store.state().unreachable;
      const health = await api.fetchHealth();
      store.dispatch({ type: "healthArrived", health });
      if (!wasReachable) void loadWhatStays();
      wait = health.status === "warming" ? POLL_WARMING_MS : POLL_READY_MS;
    } catch {
      store.dispatch({ type: "healthLost" });
    }
    setTimeout(() => void pollHealth(), wait);
  }

  async function loadWhatStays(): Promise<void> {
    const [catalog, system] = await Promise.allSettled([
      api.fetchCatalog(),
      api.fetchSystem(),
      intents.refreshJobs(),
      models.refreshModels(),
    ]);
    if (catalog.status === "fulfilled") store.dispatch({ type: "catalogArrived", steps: catalog.value });
    if (system.status === "fulfilled") store.dispatch({ type: "systemArrived", system: system.value });
  }

  function openFromAddress(): void {
    const id = jobFromHash(location.hash);
    if (id !== null && id !== store.state().job?.id && id !== opening) void intents.openJob(id);
  }

  const intents: Intents & { start(): void } = {
    ...models,
    editPrompt: (text) => store.dispatch({ type: "promptEdited", text }),
    editProgram: (text) => store.dispatch({ type: "programEdited", text }),
    restoreProgram: () => store.dispatch({ type: "programRestored" }),
    submitPrompt: (text) => {
      store.dispatch({ type: "promptEdited", text });
      // The appliance trims too: the offsets in its reading count from the first word.
      return whenSettled(() => {
        const state = store.state();
        const [parent, engine] = [parentOf(state), engineOf(state)];
        return submit({ prompt: text.trim(), program: null, parameters: null, parent, engine });
      });
    },
    runProgram: () =>
      whenSettled(() => {
        const state = store.state();
        return submit({
          prompt: null,
          program: state.program.text,
          parameters: null,
          parent: parentOf(state),
        });
      }),
    chooseTarget: (target) => store.dispatch({ type: "targetChosen", target }),
    chooseEngine(engine) {
      storeEngine(engine);
      store.dispatch({ type: "engineChosen", engine });
    },

    moveParameter(name, value) {
      store.dispatch({ type: "parameterMoved", name, value });
      tune();
    },
    resetParameters(names) {
      store.dispatch({ type: "parametersReset", names });
      tune();
    },

    writeParameters: () => whenSettled(writeParameters),

    async cancel() {
      const id = store.state().job?.id;
      if (id === undefined || id === null || !isWorking(store.state())) return;
      store.dispatch({ type: "cancelAsked", job: id });
      try {
        await api.cancelJob(id);
      } catch (error) {
        store.dispatch({ type: "refused", failure: api.failureOf(error) });
      }
    },

    async openJob(id) {
      opening = id;
      waiting = null;
      try {
        const record = await api.fetchJob(id);
        const versions = record.conversation === null ? null : await loadConversation(record.conversation);
        const good = await goodRecord(record, versions);
        if (opening !== id) return;
        store.dispatch({ type: "recordArrived", record, good, at: Date.now() });
        void showValues();
        location.hash = hashOfJob(id);
        // Also for a finished job: the replay brings its log.
        follow(id);
      } catch (error) {
        store.dispatch({ type: "refused", failure: api.failureOf(error) });
      } finally {
        if (opening === id) opening = "";
      }
    },

    async refreshJobs() {
      try {
        store.dispatch({ type: "jobsArrived", jobs: await api.fetchJobs(JOBS_SHOWN) });
      } catch {
        // The list is a convenience; that the appliance is away is told by the health poll.
      }
    },

    async exportPart(format) {
      const job = store.state().part?.job;
      if (job === undefined) return;
      store.dispatch({ type: "exportStarted", job, format });
      try {
        const path = await api.exportJob(job, format);
        store.dispatch({ type: "exportMade", job, format, path });
      } catch (error) {
        store.dispatch({ type: "exportFailed", job, format, failure: api.failureOf(error) });
      }
    },

    toggleBody: (name) => store.dispatch({ type: "bodyToggled", name }),
    chooseTheme: (theme) => store.dispatch({ type: "themeChosen", theme }),

    start() {
      void pollHealth();
      openFromAddress();
      addEventListener("hashchange", openFromAddress);
    },
  };
  return intents;
}

function writingFailure(error: unknown): Failure {
  if (!(error instanceof api.ApiError) || error.status !== 409) return api.failureOf(error);
  return {
    code: "changed",
    message: "The text of the program was changed since this part was built",
    hint: "Run it first, or take your changes back",
  };
}

// What the user can ask for, and the work behind it: calls the appliance and dispatches what came of it.
// Views call these; they never fetch themselves.
import * as api from "./api.ts";
import { isBusy } from "./events.ts";
import { hashOfJob, jobFromHash } from "./route.ts";
import { isWorking, type Store } from "./store.ts";
import type { ThemeChoice } from "./state.ts";

const POLL_WARMING_MS = 300;
const POLL_READY_MS = 5000;
const POLL_UNREACHABLE_MS = 1000;
const JOBS_SHOWN = 30;

export interface Intents {
  editPrompt(text: string): void;
  editProgram(text: string): void;
  restoreProgram(): void;
  submitPrompt(text: string): Promise<void>;
  runProgram(): Promise<void>;
  cancel(): Promise<void>;
  openJob(id: string): Promise<void>;
  refreshJobs(): Promise<void>;
  exportPart(format: string): Promise<void>;
  toggleBody(name: string): void;
  chooseTheme(theme: ThemeChoice): void;
}

export function createIntents(store: Store): Intents & { start(): void } {
  let stopFollowing = (): void => {};
  let opening = "";

  function follow(id: string): void {
    stopFollowing();
    stopFollowing = api.followJob(id, {
      opened: () => store.dispatch({ type: "streamOpened", job: id }),
      event: (number, event) => {
        store.dispatch({ type: "eventArrived", job: id, id: number, event });
        if (event.event === "complete") void intents.refreshJobs();
      },
      unread: (name) => store.dispatch({ type: "eventUnread", job: id, name }),
      lost: () => store.dispatch({ type: "streamLost", job: id }),
      refused: () => void recover(id),
    });
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
      }
    } catch (error) {
      store.dispatch({ type: "streamEnded", job: id, failure: api.failureOf(error) });
    }
  }

  async function submit(prompt: string | null, program: string | null): Promise<void> {
    if (isWorking(store.state())) return;
    stopFollowing();
    opening = "";
    store.dispatch({ type: "submitted", prompt, program, at: Date.now() });
    try {
      const id = await api.submitJob(prompt === null ? { program: program ?? "" } : { prompt });
      store.dispatch({ type: "accepted", id });
      follow(id);
      location.hash = hashOfJob(id);
      void intents.refreshJobs();
    } catch (error) {
      store.dispatch({ type: "refused", failure: api.failureOf(error) });
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
    ]);
    if (catalog.status === "fulfilled") store.dispatch({ type: "catalogArrived", steps: catalog.value });
    if (system.status === "fulfilled") store.dispatch({ type: "systemArrived", system: system.value });
  }

  function openFromAddress(): void {
    const id = jobFromHash(location.hash);
    if (id !== null && id !== store.state().job?.id && id !== opening) void intents.openJob(id);
  }

  const intents: Intents & { start(): void } = {
    editPrompt: (text) => store.dispatch({ type: "promptEdited", text }),
    editProgram: (text) => store.dispatch({ type: "programEdited", text }),
    restoreProgram: () => store.dispatch({ type: "programRestored" }),
    submitPrompt: (text) => {
      store.dispatch({ type: "promptEdited", text });
      // The appliance trims too: the offsets in its reading count from the first word.
      return submit(text.trim(), null);
    },
    runProgram: () => submit(null, store.state().program.text),

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
      try {
        const record = await api.fetchJob(id);
        if (opening !== id) return;
        store.dispatch({ type: "recordArrived", record, at: Date.now() });
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

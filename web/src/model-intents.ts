// What the user can ask for about the models. While one is being loaded the appliance is asked again each second.
import * as api from "./api.ts";
import type { Store } from "./store.ts";

const POLL_LOADING_MS = 1000;

export interface ModelIntents {
  refreshModels(): Promise<void>;
  loadModel(name: string): Promise<void>;
  unloadModel(): Promise<void>;
  /** What was refused was read: the panel was opened anew. */
  forgetModelsFailure(): void;
}

export function createModelIntents(store: Store): ModelIntents {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let latest = 0;

  async function refreshModels(): Promise<void> {
    clearTimeout(timer);
    latest += 1;
    const mine = latest;
    try {
      const models = await api.fetchModels();
      if (mine !== latest) return;
      store.dispatch({ type: "modelsArrived", models });
      if (models.state === "loading") timer = setTimeout(() => void refreshModels(), POLL_LOADING_MS);
    } catch (error) {
      // Once they are known, an appliance that is away is told by the health poll, which asks again when it is back.
      if (mine === latest && store.state().models === null)
        store.dispatch({ type: "modelsFailed", failure: api.failureOf(error) });
    }
  }

  async function change(request: () => Promise<void>): Promise<void> {
    store.dispatch({ type: "modelsAsked" });
    try {
      await request();
    } catch (error) {
      store.dispatch({ type: "modelsFailed", failure: api.failureOf(error) });
    }
    await refreshModels();
  }

  return {
    refreshModels,
    loadModel: (name) => change(() => api.loadModel(name)),
    unloadModel: () => change(api.unloadModel),
    forgetModelsFailure: () => store.dispatch({ type: "modelsAsked" }),
  };
}

// Browser tests: the built page in a real Chromium, against the mock appliance and, when NATURALCAD_URL is set, against the
// real one. They live in ../tests/web/browser and run one file at a time, since a software renderer takes every core.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  cacheDir: fileURLToPath(new URL("node_modules/.vite", import.meta.url)),
  resolve: {
    alias: {
      "playwright-core": fileURLToPath(new URL("node_modules/playwright-core/index.mjs", import.meta.url)),
    },
  },
  test: {
    include: ["tests/web/browser/**/*.test.ts"],
    globalSetup: ["tests/web/browser/announce.ts"],
    environment: "node",
    fileParallelism: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // A picture takes the software renderer half a second; the default second would be one or two of them.
    expect: { poll: { timeout: 20_000 } },
  },
});

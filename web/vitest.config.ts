// Unit tests: pure code only, no document, no network. They live in ../tests/web/unit.
import { fileURLToPath } from "node:url";
import { defineConfig } from "vitest/config";

export default defineConfig({
  root: fileURLToPath(new URL("..", import.meta.url)),
  cacheDir: fileURLToPath(new URL("node_modules/.vite", import.meta.url)),
  test: {
    include: ["tests/web/unit/**/*.test.ts"],
    environment: "node",
  },
});

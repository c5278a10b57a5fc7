// How the page is built: one small entry, the editor and the viewer as chunks that load behind it.
// Nothing may end up inline in index.html, because the content-security policy forbids inline script and style.
import { defineConfig } from "vite";

export default defineConfig({
  build: {
    target: "es2022",
    outDir: "dist",
    assetsDir: "assets",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    sourcemap: false,
    reportCompressedSize: false,
    chunkSizeWarningLimit: 800,
  },
  server: {
    host: "127.0.0.1",
    // `npm run dev` beside a running appliance (or the mock): the page from here, the data from there.
    proxy: Object.fromEntries(
      ["/api", "/artifacts"].map((path) => [path, process.env["NATURALCAD_URL"] ?? "http://127.0.0.1:8123"]),
    ),
  },
});

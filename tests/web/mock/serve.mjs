// @ts-check
// Starts the mock appliance by hand: `npm --prefix web run mock` (after a build), then open the address it prints.
import { startMock } from "./server.mjs";

const mock = await startMock({
  port: Number(process.env["PORT"] ?? 8123),
  settings: { beat: 40, warm: false, loading: 600 },
});
mock.models.fill({ remote: { url: "http://127.0.0.1:9000/v1", model: "big-coder" } });
setTimeout(() => {
  mock.settings.warm = true;
}, 3000);
process.stdout.write(`The mock appliance listens on ${mock.url}\n`);

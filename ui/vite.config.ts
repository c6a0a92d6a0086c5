// Builds the page that the shell embeds. Under its content policy nothing may be inline: no script, no style, no data URL.
import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  clearScreen: false,
  server: { port: 1420, strictPort: true, fs: { allow: [".."] } },
  build: {
    target: "safari16.4", // WebKitGTK 2.40
    modulePreload: { polyfill: false },
    assetsInlineLimit: 0,
    chunkSizeWarningLimit: 900,
  },
  test: {
    environment: "happy-dom",
    environmentOptions: { happyDOM: { width: 1280, height: 800 } },
    include: ["src/**/*.test.{ts,tsx}"],
    setupFiles: ["src/setup.test-env.ts"],
    restoreMocks: true,
    testTimeout: 60_000,
  },
});

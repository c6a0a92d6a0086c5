// The real host. The only file that imports Tauri; it knows command names and nothing else.
import { invoke } from "@tauri-apps/api/core";
import { listen } from "@tauri-apps/api/event";
import type { Host } from "./host";
import type { Notice, Outcome, View } from "./types";

export const live: Host = {
  query: (query) => invoke<View>("query", { query }),
  act: (action) => invoke<Outcome>("act", { action }),
  listen(hear) {
    const ending = listen<Notice>("notice", (event) => hear(event.payload));
    return () => void ending.then((end) => end());
  },
  drops(hear) {
    // Tauri's own event: the page gets paths, and only the desk reads what lies there.
    const ending = listen<{ paths: string[] }>("tauri://drag-drop", (event) => hear(event.payload.paths));
    return () => void ending.then((end) => end());
  },
};

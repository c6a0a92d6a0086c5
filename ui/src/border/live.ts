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
};

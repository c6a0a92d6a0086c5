// Starts the page: the theme before the first paint, then the host, then the screens.
import { StrictMode } from "react";
import { createRoot } from "react-dom/client";
import { App } from "./app/App";
import { startTheme } from "./app/theme";
import { connect } from "./border";
import { live } from "./border/live";
import "./look/index.css";

async function start() {
  startTheme();
  if (import.meta.env.MODE === "production") connect(live);
  else if ("__TAURI_INTERNALS__" in window) connect(live);
  else connect(await recordedHost());
  const place = document.getElementById("root");
  if (!place) throw new Error("index.html has no #root");
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

/** In a plain browser: what the desk recorded of itself, or with `?invented` a larger estate made up by hand. */
async function recordedHost() {
  const { recorded, replay, replayOf } = await import("./border/replay");
  return recorded.length === 0 || new URLSearchParams(location.search).has("invented") ? replay : replayOf(recorded);
}

void start();

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
  else connect((await import("./border/replay")).replay);
  const place = document.getElementById("root");
  if (!place) throw new Error("index.html has no #root");
  createRoot(place).render(
    <StrictMode>
      <App />
    </StrictMode>,
  );
}

void start();

// The window: top bar, navigator, detail, inspector, status line, and which screen is in the middle.
import { useCallback, useRef, useState } from "react";
import { act, type TreeRow } from "../border";
import { AddSource } from "../features/add-source/AddSource";
import { Inspector } from "../features/inspector/Inspector";
import { KeyInspector } from "../features/keys/KeyInspector";
import { isSection, Navigator } from "../features/navigator/Navigator";
import { Palette, type PaletteAction } from "../features/palette/Palette";
import { Status } from "../features/status/Status";
import { frame } from "../words/frame";
import { Boundary } from "./Boundary";
import { useKeys } from "./keys";
import { usePlaces } from "./place";
import { Screen } from "./Screen";
import { TopBar } from "./TopBar";
import { useWide } from "./wide";

export function App() {
  const places = usePlaces({ kind: "attention" });
  const { place, go } = places;
  const [node, setNode] = useState<string | null>(null);
  const [physicalKey, setPhysicalKey] = useState<string | null>(null);
  const [reveal, setReveal] = useState<{ node: string } | null>(null);
  const [palette, setPalette] = useState(false);
  const [adding, setAdding] = useState(false);
  const wide = useWide();
  const [inspecting, setInspecting] = useState(wide.inspector);
  const [navigating, setNavigating] = useState(wide.navigator);
  const searchField = useRef<HTMLInputElement>(null);

  const inspect = useCallback(
    (node: string) => {
      setNode(node);
      if (wide.inspector) setInspecting(true);
    },
    [wide.inspector],
  );
  // Which repository the inspected node belongs to; one that was opened another way is inspected as a whole.
  const inspected = useRef<string | null>(null);
  const here = "repository" in place ? place.repository : null;
  const known = useCallback(
    (node: string) => {
      if (inspected.current === here) return;
      inspected.current = here;
      setNode(node);
      setReveal({ node });
    },
    [here],
  );
  const open = (row: TreeRow) => {
    inspected.current = row.repository;
    inspect(row.id);
    if (row.repository === null) return go({ kind: "source", node: row.id });
    // Another thing of the repository that is open: the page stays where it is.
    if (place.kind === "repository" && place.repository === row.repository) return;
    go({ kind: "repository", repository: row.repository, tab: "overview" });
  };
  const show = (repository: string, node: string) => {
    inspected.current = repository;
    inspect(node);
    setReveal({ node });
    go({ kind: "repository", repository, tab: "overview" });
  };
  const perform = (action: PaletteAction) => {
    switch (action) {
      case "attention":
        return go({ kind: "attention" });
      case "keys":
        return go({ kind: "keys" });
      case "tokens":
        return go({ kind: "tokens" });
      case "ceremonies":
        return go({ kind: "ceremonies" });
      case "practice":
        return go({ kind: "practice" });
      case "request":
        return go({ kind: "request" });
      case "settings":
        return go({ kind: "settings" });
      case "map":
        return go({ kind: "map" });
      case "keyFolders":
        return go({ kind: "keyFolders" });
      case "add":
        return setAdding(true);
      case "begin":
        return go({ kind: "begin" });
      case "refreshAll":
        return void act({ kind: "refreshAll" }).catch(() => undefined); // each repository shows its own failure
      case "inspector":
        return setInspecting((shown) => !shown);
      case "navigator":
        return setNavigating((shown) => !shown);
    }
  };

  useKeys({
    palette: () => setPalette(true),
    search: () => {
      setNavigating(true);
      requestAnimationFrame(() => searchField.current?.focus());
    },
    attention: () => go({ kind: "attention" }),
    repositories: () => {
      setNavigating(true);
      requestAnimationFrame(() => document.querySelector<HTMLElement>('[role="tree"]')?.focus());
    },
    keyring: () => go({ kind: "keys" }),
    tokens: () => go({ kind: "tokens" }),
    ceremonies: () => go({ kind: "ceremonies" }),
    inspector: () => perform("inspector"),
    navigator: () => perform("navigator"),
    back: places.back,
    forward: places.forward,
    refresh: () => {
      if ("repository" in place) void act({ kind: "refresh", repository: place.repository }).catch(() => undefined); // its page shows the failure
      else perform("refreshAll");
    },
    refreshAll: () => perform("refreshAll"),
  });

  const inWizard = place.kind === "begin" || place.kind === "change" || place.kind === "ceremony" || place.kind === "provisioning";
  const withInspector = inspecting && (place.kind === "repository" || place.kind === "source" || (node !== null && (place.kind === "attention" || place.kind === "ceremonies")));
  const withKey = inspecting && place.kind === "keys" && (physicalKey !== null || wide.inspector);
  const classes = ["app", inWizard || !navigating ? "no-nav" : "", !wide.navigator && navigating && !inWizard ? "nav-over" : ""].filter(Boolean).join(" ");
  return (
    <div className={classes}>
      <TopBar
        places={places}
        inspecting={inspecting}
        navigating={navigating}
        onInspector={() => setInspecting(!inspecting)}
        onNavigator={() => setNavigating(!navigating)}
        onPalette={() => setPalette(true)}
        onSettings={() => go({ kind: "settings" })}
      />
      <Navigator
        section={isSection(place.kind) ? place.kind : null}
        selected={node}
        reveal={reveal}
        searchField={searchField}
        onSection={(kind) => go({ kind })}
        onOpen={open}
        onInspect={inspect}
        onAdd={() => setAdding(true)}
        onBegin={() => go({ kind: "begin" })}
      />
      <main className={withInspector || withKey ? "main with-inspector" : "main"} aria-label={frame.parts.main}>
        <div className="detail" data-part="">
          <Boundary place={place}>
            <Screen
              places={places}
              node={node}
              physicalKey={physicalKey}
              onKey={(key) => {
                setPhysicalKey(key);
                setInspecting(true);
              }}
              onInspect={inspect}
              onShow={show}
              onKnown={known}
              onAdd={() => setAdding(true)}
            />
          </Boundary>
        </div>
        {withKey ? (
          <KeyInspector
            physicalKey={physicalKey}
            onClose={() => setInspecting(false)}
            onChange={(repository, opening) => go({ kind: "change", repository, opening })}
            onCeremony={(ceremony) => go({ kind: "ceremony", ceremony, step: null })}
            onStolen={(repository, key) => go({ kind: "blast", repository, keys: [key] })}
            onRevoke={(physicalKey) => go({ kind: "revocation", physicalKey })}
          />
        ) : withInspector ? (
          <Inspector
            node={node}
            onClose={() => setInspecting(false)}
            onChange={(repository, opening) => go({ kind: "change", repository, opening })}
            onTrust={(repository) => go({ kind: "trust", repository })}
            onStolen={(repository, key) => go({ kind: "blast", repository, keys: [key] })}
          />
        ) : null}
      </main>
      <Status onTokens={() => go({ kind: "tokens" })} />
      {palette ? (
        <Palette
          repository={here}
          onAction={perform}
          onChange={(repository, opening) => go({ kind: "change", repository, opening })}
          onRollCall={(repository) => go({ kind: "rollCall", repository })}
          onOpen={(row) => {
            setReveal({ node: row.id });
            open(row);
          }}
          onClose={() => setPalette(false)}
        />
      ) : null}
      {adding ? (
        <AddSource
          onClose={() => setAdding(false)}
          onBegin={() => {
            setAdding(false);
            go({ kind: "begin" });
          }}
          onRegistered={([first, ...more]) => {
            setAdding(false);
            // Several wait for their first-trust step in Attention; a single one is shown at once.
            if (first !== undefined) go(more.length > 0 ? { kind: "attention" } : { kind: "trust", repository: first });
          }}
        />
      ) : null}
    </div>
  );
}

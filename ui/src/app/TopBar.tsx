// The top bar: where one is, the way back, the palette, what is shown beside.
import { Button as AriaButton } from "react-aria-components";
import { useView } from "../border";
import { IconButton, IconToggle } from "../parts/button";
import { Icon, Mark } from "../parts/icon";
import { beginning } from "../words/beginning";
import { blast } from "../words/blast";
import { ceremony } from "../words/ceremony";
import { frame } from "../words/frame";
import { request } from "../words/handoff";
import { keyFolders } from "../words/key-folders";
import { keys, rollCall } from "../words/keys";
import { map } from "../words/map";
import { repository as words } from "../words/repository";
import { provisioning } from "../words/provisioning";
import { revocation } from "../words/revocation";
import { tokens } from "../words/tokens";
import { trust } from "../words/trust";
import type { Place, Places } from "./place";

export function TopBar({
  places,
  inspecting,
  navigating,
  onInspector,
  onNavigator,
  onPalette,
  onSettings,
}: {
  places: Places;
  inspecting: boolean;
  navigating: boolean;
  onInspector: () => void;
  onNavigator: () => void;
  onPalette: () => void;
  onSettings: () => void;
}) {
  return (
    <header className="top" data-part="">
      <div className="brand">
        <Mark />
        <span>{frame.product}</span>
      </div>
      <IconButton icon="a-back" label={frame.back} isDisabled={!places.back} onPress={() => places.back?.()} />
      <IconButton icon="a-forward" label={frame.forward} isDisabled={!places.forward} onPress={() => places.forward?.()} />
      <Crumbs place={places.place} />
      <AriaButton className="palette-field" aria-keyshortcuts="Control+K" onPress={onPalette}>
        <Icon name="a-search" size="s" />
        <span className="cut">{frame.paletteHint}</span>
        <kbd>{frame.paletteKeys}</kbd>
      </AriaButton>
      <IconToggle icon="src-estate" label={frame.toggleNavigator} pressed={navigating} onToggle={onNavigator} />
      <IconToggle icon="a-inspector" label={frame.toggleInspector} pressed={inspecting} onToggle={onInspector} />
      <IconButton icon="a-more" label={frame.settings} onPress={onSettings} />
    </header>
  );
}

function Crumbs({ place }: { place: Place }) {
  switch (place.kind) {
    case "attention":
      return <Trail names={[frame.attention]} />;
    case "keys":
      return <Trail names={[keys.title]} />;
    case "keyFolders":
      return <Trail names={[keys.title, keyFolders.crumb]} />;
    case "tokens":
      return <Trail names={[tokens.title]} />;
    case "provisioning":
      return <Trail names={[tokens.title, provisioning.crumb]} />;
    case "revocation":
      return <Trail names={[keys.title, revocation.crumb]} />;
    case "ceremonies":
      return <Trail names={[frame.ceremonies]} />;
    case "request":
      return <Trail names={[frame.ceremonies, request.title]} />;
    case "map":
      return <Trail names={[map.title]} />;
    case "settings":
      return <Trail names={[frame.settings]} />;
    case "source":
      return <OfNode node={place.node} />;
    case "repository":
      return <OfRepository repository={place.repository} last={words.tabs[place.tab]} />;
    case "trust":
      return <OfRepository repository={place.repository} last={trust.crumb} />;
    case "blast":
      return <OfRepository repository={place.repository} last={blast.crumb} />;
    case "rollCall":
      return <OfRepository repository={place.repository} last={rollCall.crumb} />;
    case "begin":
      return <Trail names={[beginning.title]} />;
    case "change":
      return <OfRepository repository={place.repository} last={ceremony.newName} />;
    case "ceremony":
      return <Trail names={[frame.ceremonies, place.ceremony, ...(place.step ? [ceremony.steps[place.step]] : [])]} />;
  }
}

function OfRepository({ repository, last }: { repository: string; last: string }) {
  const asked = useView({ kind: "repository", repository });
  return <Trail names={asked.state === "known" ? [asked.view.name, last] : [last]} />;
}

function OfNode({ node }: { node: string }) {
  const asked = useView({ kind: "node", node });
  return <Trail names={asked.state === "known" ? [asked.view.name] : []} />;
}

function Trail({ names }: { names: string[] }) {
  return (
    <nav className="crumbs" aria-label={frame.breadcrumb}>
      <ol>
        {names.map((name, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: a trail is its places in order
          <li key={index} {...(index === names.length - 1 ? { "aria-current": "page" as const } : {})}>
            {index > 0 ? <Icon name="a-closed" /> : null}
            <span className="cut">{name}</span>
          </li>
        ))}
      </ol>
    </nav>
  );
}

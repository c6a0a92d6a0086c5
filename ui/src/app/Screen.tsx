// Which screen is in the middle. Screens do not know each other; this hands them their ways out.
import { useState } from "react";
import { useView } from "../border";
import { Attention } from "../features/attention/Attention";
import { Blast } from "../features/blast/Blast";
import { Ceremonies } from "../features/ceremonies/Ceremonies";
import { Beginning } from "../features/ceremony/Beginning";
import { Ceremony } from "../features/ceremony/Ceremony";
import { Change } from "../features/ceremony/Change";
import { Revocation } from "../features/ceremony/Revocation";
import { FirstTrust } from "../features/first-trust/FirstTrust";
import { History } from "../features/history/History";
import { KeyFolders } from "../features/key-folders/KeyFolders";
import { Keys } from "../features/keys/Keys";
import { MapFile } from "../features/map/MapFile";
import { Practice } from "../features/practice/Practice";
import { Provisioning } from "../features/provisioning/Provisioning";
import { Repository } from "../features/repository/Repository";
import { RollCall } from "../features/roll-call/RollCall";
import { Settings } from "../features/settings/Settings";
import { SigningRequest } from "../features/signing-request/SigningRequest";
import { Source } from "../features/source/Source";
import { Tokens } from "../features/tokens/Tokens";
import type { Places } from "./place";
import { wishedTheme, wishTheme } from "./theme";
import { Welcome } from "./Welcome";

export function Screen({
  places,
  node,
  physicalKey,
  onKey,
  onInspect,
  onShow,
  onKnown,
  onAdd,
}: {
  places: Places;
  node: string | null;
  /** The key that the inspector shows. */
  physicalKey: string | null;
  onKey: (physicalKey: string) => void;
  onInspect: (node: string) => void;
  onShow: (repository: string, node: string) => void;
  onKnown: (node: string) => void;
  onAdd: () => void;
}) {
  const { place, go, back } = places;
  const estate = useView({ kind: "estate" });
  const [theme, setTheme] = useState(wishedTheme);
  switch (place.kind) {
    case "attention":
      if (estate.state === "known" && estate.view.repositories === 0) return <Welcome onAdd={onAdd} onBegin={() => go({ kind: "begin" })} />;
      return <Attention onOpen={onShow} onCeremony={(ceremony) => go({ kind: "ceremony", ceremony, step: null })} onRollCall={(repository) => go({ kind: "rollCall", repository })} onChange={(repository, opening) => go({ kind: "change", repository, opening })} />;
    case "keys":
      return <Keys chosen={physicalKey} onChoose={onKey} onImport={() => go({ kind: "keyFolders" })} />;
    case "keyFolders":
      return <KeyFolders onKeys={() => go({ kind: "keys" })} />;
    case "tokens":
      return (
        <Tokens
          onRepository={(repository) => go({ kind: "repository", repository, tab: "roles" })}
          onProvision={(token) => go({ kind: "provisioning", token })}
        />
      );
    case "provisioning":
      return <Provisioning key={place.token} token={place.token} onLeave={() => go({ kind: "tokens" })} />;
    case "ceremonies":
      return <Ceremonies onOpen={(ceremony) => go({ kind: "ceremony", ceremony, step: null })} onRequest={() => go({ kind: "request" })} />;
    case "practice":
      return <Practice onRepository={(repository) => go({ kind: "repository", repository, tab: "overview" })} />;
    case "request":
      return <SigningRequest />;
    case "map":
      return <MapFile />;
    case "settings":
      return (
        <Settings
          theme={theme}
          onTheme={(wish) => {
            wishTheme(wish);
            setTheme(wish);
          }}
        />
      );
    case "source":
      return <Source key={place.node} node={place.node} />;
    case "repository": {
      const { repository } = place;
      return (
        <Repository
          key={repository}
          repository={repository}
          tab={place.tab}
          selected={node}
          history={<History repository={repository} />}
          onTab={(tab) => go({ kind: "repository", repository, tab })}
          onInspect={onInspect}
          onChange={(opening) => go({ kind: "change", repository, opening })}
          onTrust={() => go({ kind: "trust", repository })}
          onStolen={() => go({ kind: "blast", repository, keys: [] })}
          onForgotten={() => go({ kind: "attention" })}
          onCeremony={(ceremony) => go({ kind: "ceremony", ceremony, step: null })}
          onBegin={() => go({ kind: "begin" })}
          onDoubled={(double) => go({ kind: "repository", repository: double, tab: "overview" })}
          onKnown={onKnown}
        />
      );
    }
    case "trust": {
      const { repository } = place;
      const open = () => go({ kind: "repository", repository, tab: "overview" });
      return <FirstTrust key={repository} repository={repository} onTrusted={open} onLater={open} />;
    }
    case "blast": {
      const { repository, keys } = place;
      return (
        <Blast
          key={repository}
          repository={repository}
          keys={keys}
          onKeys={(keys) => go({ kind: "blast", repository, keys })}
          onBack={() => go({ kind: "repository", repository, tab: "roles" })}
          onChange={(opening) => go({ kind: "change", repository, opening })}
        />
      );
    }
    case "revocation":
      return (
        <Revocation
          key={place.physicalKey}
          physicalKey={place.physicalKey}
          onChange={(repository, opening) => go({ kind: "change", repository, opening })}
          onCeremony={(ceremony) => go({ kind: "ceremony", ceremony, step: null })}
        />
      );
    case "rollCall": {
      const { repository } = place;
      return <RollCall key={repository} repository={repository} onRepository={() => go({ kind: "repository", repository, tab: "roles" })} />;
    }
    case "begin":
      return <Beginning onBegun={(ceremony) => go({ kind: "ceremony", ceremony, step: "consequences" })} onCancel={() => (back ? back() : go({ kind: "attention" }))} />;
    case "change": {
      const { repository, opening } = place;
      return (
        <Change
          key={`${repository} ${JSON.stringify(opening)}`}
          repository={repository}
          opening={opening}
          onBegun={(ceremony) => go({ kind: "ceremony", ceremony, step: "consequences" })}
          onCeremony={(ceremony) => go({ kind: "ceremony", ceremony, step: null })}
          onCancel={() => (back ? back() : go({ kind: "repository", repository, tab: "overview" }))}
        />
      );
    }
    case "ceremony": {
      const { ceremony } = place;
      return (
        <Ceremony
          key={ceremony}
          ceremony={ceremony}
          step={place.step}
          onStep={(step) => go({ kind: "ceremony", ceremony, step })}
          onRepository={(repository) => go({ kind: "repository", repository, tab: "overview" })}
          onRotate={(repository, role) => go({ kind: "change", repository, opening: { form: "keys", role } })}
          onBegin={() => go({ kind: "begin" })}
        />
      );
    }
  }
}

// One repository in full: where it stands, its roles and keys, who may sign what, and what needs a person.
import { type ReactNode, useEffect } from "react";
import { Tab, TabList, TabPanel, Tabs } from "react-aria-components";
import { type RepositoryView, useAct, useView } from "../../border";
import { Reading } from "../../parts/empty";
import { FailurePanel } from "../../parts/failure";
import { focusNext, useChord } from "../../parts/keys";
import { PracticeLine } from "../../parts/practice";
import type { Opening } from "../../words/change";
import { repository as words } from "../../words/repository";
import { Delegations } from "./Delegations";
import { Findings } from "./Findings";
import { Head } from "./Head";
import { Overview } from "./Overview";
import { Roles } from "./Roles";
import { Unbegun } from "./Unbegun";

export const TABS = ["overview", "roles", "delegations", "history", "findings"] as const;
export type RepositoryTab = (typeof TABS)[number];

export type RepositoryProps = {
  repository: string;
  tab: RepositoryTab;
  selected: string | null;
  history: ReactNode;
  onTab: (tab: RepositoryTab) => void;
  onInspect: (node: string) => void;
  onChange: (opening: Opening) => void;
  onTrust: () => void;
  /** Asks what stolen keys would come to. */
  onStolen: () => void;
  onForgotten: () => void;
  onCeremony: (ceremony: string) => void;
  /** Begins a repository where one was to be begun. */
  onBegin: () => void;
  /** A double to practise on was made. */
  onDoubled: (repository: string) => void;
  /** The node of the repository itself, once it is known. */
  onKnown: (node: string) => void;
};

export function Repository(props: RepositoryProps) {
  const asked = useView({ kind: "repository", repository: props.repository });
  useChord({ key: "j" }, () => focusNext("[data-finding]", 1));
  useChord({ key: "k" }, () => focusNext("[data-finding]", -1));
  // Held here: a repository that is forgotten is gone before the answer comes.
  const forgetting = useAct();
  const forget = () => forgetting.run({ kind: "forget", repository: props.repository }, props.onForgotten);
  switch (asked.state) {
    case "waiting":
      return <Reading what={words.reading} />;
    case "failed":
      return (
        <div className="body">
          <FailurePanel failure={asked.failure} />
        </div>
      );
    case "known":
      return (
        <>
          {forgetting.failure ? <FailurePanel failure={forgetting.failure} onDismiss={forgetting.clear} /> : null}
          <Known view={asked.view} {...props} onForget={forget} />
        </>
      );
  }
}

function Known({ view, onForget, ...props }: RepositoryProps & { view: RepositoryView; onForget: () => void }) {
  const { onKnown } = props;
  useEffect(() => onKnown(view.node), [view.node, onKnown]);
  const counts: Record<RepositoryTab, number | null> = {
    overview: null,
    roles: null,
    delegations: view.delegations.length,
    history: view.rootVersions,
    findings: view.findings.length,
  };
  const onChange = view.allowed.includes("rotateRoot") ? props.onChange : undefined;
  if (view.unbegun) {
    return (
      <>
        <Head view={view} onChange={props.onChange} onTrust={props.onTrust} onDoubled={props.onDoubled} />
        <Unbegun view={view} unbegun={view.unbegun} onCeremony={props.onCeremony} onBegin={props.onBegin} onForget={onForget} />
      </>
    );
  }
  return (
    <>
      {view.practice ? <PracticeLine /> : null}
      <Head view={view} onChange={props.onChange} onTrust={props.onTrust} onDoubled={props.onDoubled} />
      <Tabs className="tabs" selectedKey={props.tab} onSelectionChange={(tab) => props.onTab(tab as RepositoryTab)}>
        <TabList className="tablist" aria-label={words.tabsName(view.name)}>
          {TABS.map((tab) => (
            <Tab key={tab} id={tab} className="tab">
              {words.tabs[tab]} {counts[tab] === null ? null : <span className="ev">{counts[tab]}</span>}
            </Tab>
          ))}
        </TabList>
        <TabPanel id="overview" className="tabpanel">
          <Overview view={view} selected={props.selected} onInspect={props.onInspect} onTrust={props.onTrust} onForget={onForget} />
        </TabPanel>
        <TabPanel id="roles" className="tabpanel">
          <Roles roles={view.roles} onInspect={props.onInspect} onChange={onChange} onStolen={props.onStolen} />
        </TabPanel>
        <TabPanel id="delegations" className="tabpanel">
          <Delegations onChange={onChange} rows={view.delegations} selected={props.selected} onInspect={props.onInspect} />
        </TabPanel>
        <TabPanel id="history" className="tabpanel">
          {props.history}
        </TabPanel>
        <TabPanel id="findings" className="tabpanel">
          <Findings view={view} onInspect={props.onInspect} />
        </TabPanel>
      </Tabs>
    </>
  );
}

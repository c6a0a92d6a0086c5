// Findings of a repository, in the order the desk gave them: worst first.
import type { RepositoryView } from "../../border";
import { Button } from "../../parts/button";
import { Empty } from "../../parts/empty";
import { FindingRow } from "../../parts/finding";
import { repository as words } from "../../words/repository";

export function Findings({ view, onInspect }: { view: RepositoryView; onInspect: (node: string) => void }) {
  if (view.findings.length === 0) return <Empty say={words.nothing} {...(view.walked ? { why: words.nothingMore(view.walked.at) } : {})} />;
  return <FindingList view={view} onInspect={onInspect} />;
}

export function FindingList({ view, onInspect }: { view: RepositoryView; onInspect: (node: string) => void }) {
  const nodes = new Map(view.roles.map((role) => [role.role, role.node]));
  return (
    <ul>
      {view.findings.map((finding, index) => {
        const node = nodes.get(finding.role);
        return (
          // One code may be found twice in a role; the order is the desk's.
          // biome-ignore lint/suspicious/noArrayIndexKey: see above
          <FindingRow key={index} standing={finding.standing} claim={finding.message} why={finding.next}>
            {node ? (
              <Button aria-label={words.showRole(finding.role)} onPress={() => onInspect(node)}>
                {words.show}
              </Button>
            ) : null}
          </FindingRow>
        );
      })}
    </ul>
  );
}

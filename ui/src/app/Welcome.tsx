// The first run without a repository: what this is, and what to do first.
import { Button } from "../parts/button";
import { Icon } from "../parts/icon";
import { beginning } from "../words/beginning";
import { welcome as words } from "../words/frame";

export function Welcome({ onAdd, onBegin }: { onAdd: () => void; onBegin: () => void }) {
  return (
    <div className="welcome">
      <h1>{words.title}</h1>
      <p className="lede">{words.lede}</p>
      <div className="offer">
        <Icon name="src-tuf" size="l" />
        <div>
          <h2>{words.add}</h2>
          <p className="second measure">{words.addWhy}</p>
        </div>
        <Button look="primary" onPress={onAdd}>
          {words.addButton}
        </Button>
      </div>
      <div className="offer">
        <Icon name="a-begin" size="l" />
        <div>
          <h2>{beginning.title}</h2>
          <p className="second measure">{words.beginWhy}</p>
        </div>
        <Button onPress={onBegin}>{beginning.ways.begin}</Button>
      </div>
    </div>
  );
}

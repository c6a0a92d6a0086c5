// Taking a repository off the desk, after it was said what that drops.
import { useState } from "react";
import type { RepositoryView } from "../../border";
import { Button } from "../../parts/button";
import { ConfirmButton } from "../../parts/confirm";
import { DialogFrame } from "../../parts/dialog";
import { repository as words } from "../../words/repository";

export function Forget({ view, onForget }: { view: RepositoryView; onForget: () => void }) {
  const [asking, setAsking] = useState(false);
  return (
    <p className="gap-above">
      <Button look="quiet" onPress={() => setAsking(true)}>
        {words.forget}
      </Button>
      {asking ? (
        <DialogFrame
          title={words.forgetTitle(view.name)}
          onClose={() => setAsking(false)}
          foot={
            <>
              <Button look="quiet" onPress={() => setAsking(false)}>
                {words.forgetNot}
              </Button>
              <span className="right" />
              <ConfirmButton
                look="danger"
                words={words.forgetDo(view.name)}
                onConfirm={() => {
                  setAsking(false);
                  onForget();
                }}
              />
            </>
          }
        >
          <p className="measure">{words.forgetWhy}</p>
        </DialogFrame>
      ) : null}
    </p>
  );
}

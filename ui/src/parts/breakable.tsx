// Names with slashes, as repositories have them, break after a slash before they break inside a word.
import { Fragment } from "react";

export function Breakable({ text }: { text: string }) {
  return text.split(/(?<=\/)/).map((piece, place) => (
    // biome-ignore lint/suspicious/noArrayIndexKey: the pieces of one text never change places
    <Fragment key={place}>
      {place > 0 ? <wbr /> : null}
      {piece}
    </Fragment>
  ));
}

// How much room there is: below 1120 the inspector slides over, below 960 the navigator too.
import { useEffect, useState } from "react";

const INSPECTOR = "(min-width: 70rem)";
const NAVIGATOR = "(min-width: 60rem)";

export function useWide(): { inspector: boolean; navigator: boolean } {
  const [wide, setWide] = useState(measure);
  useEffect(() => {
    const queries = [matchMedia(INSPECTOR), matchMedia(NAVIGATOR)];
    const look = () => setWide(measure());
    for (const query of queries) query.addEventListener("change", look);
    return () => {
      for (const query of queries) query.removeEventListener("change", look);
    };
  }, []);
  return wide;
}

function measure() {
  return { inspector: matchMedia(INSPECTOR).matches, navigator: matchMedia(NAVIGATOR).matches };
}

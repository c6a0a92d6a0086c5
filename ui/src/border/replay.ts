import type { Host } from "./host";
export const replay: Host = { query: () => Promise.reject(new Error("x")), act: () => Promise.reject(new Error("x")), listen: () => () => undefined };

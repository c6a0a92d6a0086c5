// What the simulated page of the tests lacks.
import { cleanup, configure } from "@testing-library/react";
import { afterEach } from "vitest";

// A machine that builds something else meanwhile is slow, not wrong.
configure({ asyncUtilTimeout: 15_000 });

afterEach(cleanup);

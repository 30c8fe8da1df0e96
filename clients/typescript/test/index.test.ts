import assert from "node:assert/strict";
import { readdirSync } from "node:fs";
import { test } from "node:test";

import * as index from "../src/index.js";

const GENERATED = new URL("../src/gen/personalize_gateway/v1/", import.meta.url);

test("The package exports all that is generated from the protos.", async () => {
    const files = readdirSync(GENERATED).filter((name) => name.endsWith(".js"));
    const modules = await Promise.all(files.map((name) => import(new URL(name, GENERATED).href) as Promise<object>));
    const missing = modules.flatMap((module) => Object.keys(module)).filter((name) => !(name in index));
    assert.deepEqual(missing, []);
});

import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, before, test } from "node:test";

import { type Metadata, ServerCredentials } from "@grpc/grpc-js";

import { Credentials, GatewayClient, GatewayError } from "../src/index.js";
import { FakeGateway, PATIENCE_MS } from "./fake_gateway.js";

const directory = mkdtempSync(join(tmpdir(), "tls-"));
const seen: Metadata[] = [];
let gateway: FakeGateway;

function openssl(...args: string[]): void {
    execFileSync("openssl", args, { cwd: directory, stdio: ["ignore", "ignore", "pipe"] });
}

function file(name: string): Buffer {
    return readFileSync(join(directory, name));
}

function issue(name: string, extension: string): void {
    openssl(
        "req",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        `/CN=${name}`,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
    );
    writeFileSync(join(directory, "extension"), extension);
    openssl(
        "x509",
        "-req",
        "-in",
        `${name}.csr`,
        "-CA",
        "ca.crt",
        "-CAkey",
        "ca.key",
        "-CAcreateserial",
        "-days",
        "1",
        "-extfile",
        "extension",
        "-out",
        `${name}.crt`,
    );
}

before(async () => {
    openssl(
        "req",
        "-x509",
        "-newkey",
        "ec",
        "-pkeyopt",
        "ec_paramgen_curve:P-256",
        "-nodes",
        "-subj",
        "/CN=ca",
        "-days",
        "1",
        "-keyout",
        "ca.key",
        "-out",
        "ca.crt",
    );
    issue("gateway", "subjectAltName=DNS:gateway.example.org");
    issue("web", "subjectAltName=URI:spiffe://example.org/ns/shop/sa/web");
    const pair = { private_key: file("gateway.key"), cert_chain: file("gateway.crt") };
    const putItems = (_: never, metadata: Metadata): object => {
        seen.push(metadata);
        return {};
    };
    gateway = await FakeGateway.start(
        { unary: { putItems } },
        { credentials: ServerCredentials.createSsl(file("ca.crt"), [pair], true) },
    );
});

after(() => {
    gateway.stop();
    rmSync(directory, { recursive: true });
});

async function put(credentials: Credentials, serverName = "gateway.example.org"): Promise<void> {
    const options = { serverName, retries: false, timeoutMs: PATIENCE_MS };
    const client = new GatewayClient(gateway.target, credentials, options);
    try {
        await client.putItems([{ itemId: "i" }]);
    } finally {
        client.close();
    }
}

function web(): { ca: Buffer; certificate: Buffer; key: Buffer } {
    return { ca: file("ca.crt"), certificate: file("web.crt"), key: file("web.key") };
}

test("A client with a certificate is served, and brings a token that is new for each call.", async () => {
    seen.length = 0;
    let count = 0;
    const credentials = Credentials.tls({ ...web(), token: async () => `token-${++count}` });
    await put(credentials);
    await put(credentials);
    assert.deepEqual(
        seen.flatMap((metadata) => metadata.get("authorization")),
        ["Bearer token-1", "Bearer token-2"],
    );
});

test("A client without a certificate is not served.", async () => {
    await assert.rejects(put(Credentials.tls({ ca: file("ca.crt") })), { code: "UNAVAILABLE" });
});

test("A gateway that is not trusted gets nothing.", async () => {
    await assert.rejects(put(Credentials.tls({ ...web(), ca: file("web.crt") })), { code: "UNAVAILABLE" });
});

test("A gateway of another name gets nothing.", async () => {
    await assert.rejects(put(Credentials.tls(web()), "other.example.org"), { code: "UNAVAILABLE" });
});

test("A token that cannot be had is an error of the call.", async () => {
    const token = (): never => {
        throw new Error("no token today");
    };
    await assert.rejects(put(Credentials.tls({ ...web(), token })), (error) => error instanceof GatewayError);
});

test("A certificate without its key is refused.", () => {
    assert.throws(() => Credentials.tls({ certificate: file("web.crt") }), TypeError);
});

import type { DescMethod, DescService, MessageInitShape } from "@bufbuild/protobuf";
import { create, fromBinary, toBinary } from "@bufbuild/protobuf";
import { anyPack } from "@bufbuild/protobuf/wkt";
import {
    Metadata,
    Server,
    ServerCredentials,
    type ServerDuplexStream,
    type ServiceDefinition,
    type ServiceError,
    status,
    type UntypedServiceImplementation,
} from "@grpc/grpc-js";

import { BadRequestSchema, ErrorInfoSchema, RetryInfoSchema } from "../src/gen/google/rpc/error_details_pb.js";
import { StatusSchema } from "../src/gen/google/rpc/status_pb.js";
import {
    type Code,
    CatalogService,
    Credentials,
    EventService,
    GatewayClient,
    type ClientOptions,
    IngestService,
    type IngestRequest,
    type IngestResponseSchema,
} from "../src/index.js";

/** What a fake gateway does with a unary call: returns its response or throws its error. */
export type Handler = (request: never, metadata: Metadata) => object | Promise<object>;

export type Stream = ServerDuplexStream<IngestRequest, MessageInitShape<typeof IngestResponseSchema>>;

export interface Handlers {
    readonly unary?: Readonly<Record<string, Handler>>;
    readonly ingest?: (stream: Stream) => void;
}

/** A gateway whose every answer is a test's. */
export class FakeGateway {
    private constructor(
        readonly server: Server,
        readonly target: string,
    ) {}

    /** Starts one: on a port that is free, unless there is an address. */
    static async start(
        handlers: Handlers,
        options: { credentials?: ServerCredentials; address?: string } = {},
    ): Promise<FakeGateway> {
        const server = new Server({ "grpc.max_receive_message_length": 16 * 1024 * 1024 });
        for (const service of [EventService, CatalogService, IngestService] as unknown as DescService[]) {
            server.addService(...implemented(service, handlers));
        }
        const { address, credentials = ServerCredentials.createInsecure() } = options;
        const port = await new Promise<number>((resolve, reject) => {
            server.bindAsync(address ?? "127.0.0.1:0", credentials, (error, bound) => {
                if (error) reject(error);
                else resolve(bound);
            });
        });
        return new FakeGateway(server, address ?? `127.0.0.1:${port}`);
    }

    stop(): void {
        this.server.forceShutdown();
    }
}

/** How long a call may take that has to be answered, however busy the machine is. */
export const PATIENCE_MS = 60_000;

/** Runs a test with a fake gateway and a client of it, which waits as long as it takes unless it is told. */
export async function withGateway(
    handlers: Handlers,
    test: (client: GatewayClient, gateway: FakeGateway) => Promise<void>,
    options: ClientOptions = {},
): Promise<void> {
    const gateway = await FakeGateway.start(handlers);
    const patient = { timeoutMs: PATIENCE_MS, ...options };
    const client = new GatewayClient(gateway.target, Credentials.insecure({ caller: "web" }), patient);
    try {
        await test(client, gateway);
    } finally {
        client.close();
        gateway.stop();
    }
}

function implemented(
    service: DescService,
    { unary = {}, ingest }: Handlers,
): [ServiceDefinition, UntypedServiceImplementation] {
    const definitions = service.methods.map((method) => [method.localName, definition(method)]);
    const implementations = service.methods.map((method) => {
        if (method.methodKind === "bidi_streaming") return [method.localName, ingest ?? (() => {})];
        const handler = unary[method.localName];
        return [
            method.localName,
            (call: { request: never; metadata: Metadata }, callback: (error: unknown, response?: object) => void) => {
                if (handler === undefined) return callback(refusal("UNIMPLEMENTED"));
                Promise.resolve()
                    .then(() => handler(call.request, call.metadata))
                    .then((response) => callback(null, response), callback);
            },
        ];
    });
    return [Object.fromEntries(definitions), Object.fromEntries(implementations)];
}

function definition(method: DescMethod): ServiceDefinition[string] {
    return {
        path: `/${method.parent.typeName}/${method.name}`,
        requestStream: method.methodKind === "bidi_streaming",
        responseStream: method.methodKind !== "unary",
        requestSerialize: () => Buffer.alloc(0),
        requestDeserialize: (bytes: Buffer) => fromBinary(method.input, bytes),
        responseSerialize: (response: Record<string, unknown>) =>
            Buffer.from(toBinary(method.output, create(method.output, response))),
        responseDeserialize: () => ({}),
    };
}

/** The error with which a gateway answers. */
export function refusal(
    code: Code,
    facts: {
        reason?: string;
        domain?: string;
        metadata?: Record<string, string>;
        violations?: { field: string; reason: string; description: string }[];
        retryDelayMs?: number;
    } = {},
): Partial<ServiceError> {
    const details = [];
    if (facts.reason !== undefined) {
        const { reason, domain = "personalize-gateway", metadata = {} } = facts;
        details.push(anyPack(ErrorInfoSchema, create(ErrorInfoSchema, { reason, domain, metadata })));
    }
    if (facts.violations !== undefined) {
        details.push(anyPack(BadRequestSchema, create(BadRequestSchema, { fieldViolations: facts.violations })));
    }
    if (facts.retryDelayMs !== undefined) {
        const nanos = (facts.retryDelayMs % 1_000) * 1e6;
        const retryDelay = { seconds: BigInt(Math.floor(facts.retryDelayMs / 1_000)), nanos };
        details.push(anyPack(RetryInfoSchema, create(RetryInfoSchema, { retryDelay })));
    }
    const metadata = new Metadata();
    const told = create(StatusSchema, { code: status[code], message: "told", details });
    metadata.set("grpc-status-details-bin", Buffer.from(toBinary(StatusSchema, told)));
    return { code: status[code], details: "told", metadata };
}

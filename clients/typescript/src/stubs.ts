import type { DescMessage, DescService, MessageInitShape, MessageShape } from "@bufbuild/protobuf";
import type { ClientDuplexStream } from "@grpc/grpc-js";

import type { Calls, Method } from "./calls.js";
import type { CallOptions } from "./options.js";

type Call<M> = M extends {
    methodKind: infer Kind;
    input: infer I extends DescMessage;
    output: infer O extends DescMessage;
}
    ? Kind extends "unary"
        ? (request: MessageInitShape<I>, options?: CallOptions) => Promise<MessageShape<O>>
        : Kind extends "server_streaming"
          ? (request: MessageInitShape<I>, options?: CallOptions) => AsyncGenerator<MessageShape<O>, void, undefined>
          : (options?: CallOptions) => ClientDuplexStream<MessageShape<I>, MessageShape<O>>
    : never;

/** A method for each RPC of a service. */
export type Stub<Service extends { method: object }> = {
    readonly [Name in keyof Service["method"]]: Call<Service["method"][Name]>;
};

/** The stub of a service: its requests are sent as they are. */
export function stub<Service extends { method: object }>(service: Service, calls: Calls): Stub<Service> {
    const methods = Object.values((service as unknown as DescService).method);
    return Object.fromEntries(methods.map((method) => [method.localName, call(method, calls)])) as Stub<Service>;
}

function call(method: Method<DescMessage, DescMessage>, calls: Calls): unknown {
    switch (method.methodKind) {
        case "unary":
            return calls.unary.bind(calls, method);
        case "server_streaming":
            return calls.serverStream.bind(calls, method);
        default:
            return (options?: CallOptions) => calls.duplex(method, options);
    }
}

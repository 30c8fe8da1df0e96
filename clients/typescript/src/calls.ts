import { setTimeout as sleep } from "node:timers/promises";

import {
    create,
    type DescMessage,
    type DescMethod,
    fromBinary,
    type MessageInitShape,
    type MessageShape,
} from "@bufbuild/protobuf";
import { type CallCredentials, Client, type ClientDuplexStream, Metadata, type ServiceError } from "@grpc/grpc-js";

import type { Credentials } from "./credentials.js";
import { GatewayError } from "./errors.js";
import { type CallOptions, channelOptions, type ClientOptions } from "./options.js";
import { waitBeforeRetry } from "./retry.js";
import { serialize } from "./serialization.js";

/** What is known of an RPC, with the types of its messages. */
export type Method<Input extends DescMessage, Output extends DescMessage> = Omit<DescMethod, "input" | "output"> & {
    readonly input: Input;
    readonly output: Output;
};

/** Makes calls on one connection: gRPC under the messages of protobuf-es. */
export class Calls {
    readonly #client: Client;
    readonly #credentials: Credentials;
    readonly #timeoutMs: number;
    readonly #retries: boolean;

    constructor(target: string, credentials: Credentials, options: ClientOptions) {
        this.#client = new Client(target, credentials.channel, channelOptions(options));
        this.#credentials = credentials;
        this.#timeoutMs = options.timeoutMs ?? 5_000;
        this.#retries = options.retries ?? true;
    }

    /**
     * Makes a call with one request and one response.
     *
     * UNAVAILABLE is tried again by gRPC. RESOURCE_EXHAUSTED is tried again here, where the gateway says
     * when: a service config does not see a RetryInfo.
     *
     * @throws GatewayError
     */
    async unary<Input extends DescMessage, Output extends DescMessage>(
        method: Method<Input, Output>,
        request: MessageInitShape<Input>,
        options: CallOptions = {},
    ): Promise<MessageShape<Output>> {
        const bytes = serialize(method.input, create(method.input, request));
        const deadline = Date.now() + (options.timeoutMs ?? this.#timeoutMs);
        for (let attempt = 1; ; attempt++) {
            try {
                return await this.#attempt(method, bytes, deadline, options);
            } catch (error) {
                const wait = this.#retries && waitBeforeRetry(error, attempt, deadline - Date.now());
                if (wait === false) throw error;
                await sleep(wait, undefined, options.signal && { signal: options.signal }).catch((aborted: unknown) => {
                    throw new GatewayError("CANCELLED", "the call was aborted", { local: true, cause: aborted });
                });
            }
        }
    }

    #attempt<Output extends DescMessage>(
        method: Method<DescMessage, Output>,
        request: Buffer,
        deadline: number,
        { signal, headers }: CallOptions,
    ): Promise<MessageShape<Output>> {
        return new Promise((resolve, reject) => {
            const done = (error: ServiceError | null, response?: MessageShape<Output>): void => {
                signal?.removeEventListener("abort", cancel);
                if (error) reject(GatewayError.from(error));
                else resolve(response!);
            };
            const call = this.#client.makeUnaryRequest(
                path(method),
                (bytes: Buffer) => bytes,
                (bytes) => fromBinary(method.output, bytes),
                request,
                this.#metadata(headers),
                { deadline, credentials: this.#credentials.call },
                done,
            );
            const cancel = (): void => call.cancel();
            whenAborted(signal, cancel);
        });
    }

    /** Makes a call with one request and a stream of responses. Errors are those of `unary`. */
    async *serverStream<Input extends DescMessage, Output extends DescMessage>(
        method: Method<Input, Output>,
        request: MessageInitShape<Input>,
        options: CallOptions = {},
    ): AsyncGenerator<MessageShape<Output>, void, undefined> {
        const call = this.#client.makeServerStreamRequest(
            path(method),
            (bytes: Buffer) => bytes,
            (bytes) => fromBinary(method.output, bytes),
            serialize(method.input, create(method.input, request)),
            this.#metadata(options.headers),
            this.#options(options),
        );
        const cancel = (): void => call.cancel();
        whenAborted(options.signal, cancel);
        try {
            yield* call as AsyncIterable<MessageShape<Output>>;
        } catch (error) {
            throw GatewayError.from(error);
        } finally {
            options.signal?.removeEventListener("abort", cancel);
            cancel();
        }
    }

    /**
     * Opens a stream both ways.
     *
     * @param write makes the bytes of a request; by default those of the message.
     */
    duplex<Input extends DescMessage, Output extends DescMessage, Request = MessageShape<Input>>(
        method: Method<Input, Output>,
        options: CallOptions = {},
        write: (request: Request) => Buffer = (request) => serialize(method.input, request as MessageShape<Input>),
    ): ClientDuplexStream<Request, MessageShape<Output>> {
        const call = this.#client.makeBidiStreamRequest(
            path(method),
            write,
            (bytes) => fromBinary(method.output, bytes),
            this.#metadata(options.headers),
            this.#options(options),
        );
        const cancel = (): void => call.cancel();
        whenAborted(options.signal, cancel);
        call.once("status", () => options.signal?.removeEventListener("abort", cancel));
        return call;
    }

    /** Resolves when there is a connection. @throws GatewayError DEADLINE_EXCEEDED */
    async ready(timeoutMs: number): Promise<void> {
        await new Promise<void>((resolve, reject) => {
            this.#client.waitForReady(Date.now() + timeoutMs, (error) => {
                if (error)
                    reject(new GatewayError("DEADLINE_EXCEEDED", "no connection", { local: true, cause: error }));
                else resolve();
            });
        });
    }

    /** Ends the connection once the calls under way have ended. */
    close(): void {
        this.#client.close();
    }

    #options({ timeoutMs }: CallOptions): { deadline?: number; credentials: CallCredentials } {
        return {
            credentials: this.#credentials.call,
            ...(timeoutMs !== undefined && { deadline: Date.now() + timeoutMs }),
        };
    }

    #metadata(headers: Readonly<Record<string, string>> = {}): Metadata {
        const metadata = new Metadata();
        for (const [name, value] of Object.entries({ ...this.#credentials.headers, ...headers }))
            metadata.set(name, value);
        return metadata;
    }
}

function path(method: Pick<DescMethod, "name" | "parent">): string {
    return `/${method.parent.typeName}/${method.name}`;
}

function whenAborted(signal: AbortSignal | undefined, cancel: () => void): void {
    if (signal?.aborted) cancel();
    else signal?.addEventListener("abort", cancel, { once: true });
}

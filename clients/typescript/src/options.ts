import type { ChannelOptions } from "@grpc/grpc-js";

/** How a client behaves. */
export interface ClientOptions {
    /** How long a call may take, with its retries; 5,000 by default. Streams have no limit. */
    readonly timeoutMs?: number;

    /** Whether what the gateway says may be sent again is sent again; true by default. */
    readonly retries?: boolean;

    /**
     * How long a connection may be silent, while calls are under way, before it is asked whether it
     * lives; 310,000 by default. A gateway may close connections that ask more often than every five
     * minutes.
     */
    readonly keepaliveMs?: number;

    /** How long the answer to that may take; 20,000 by default. */
    readonly keepaliveTimeoutMs?: number;

    /** The name in the gateway's certificate, where it is not that of the target. */
    readonly serverName?: string;

    /** Options of @grpc/grpc-js. They take precedence over those above. */
    readonly channel?: ChannelOptions;
}

/** How one call behaves. */
export interface CallOptions {
    /** Instead of the client's. */
    readonly timeoutMs?: number;

    /** Ends the call with CANCELLED. */
    readonly signal?: AbortSignal;

    /** Headers to send. */
    readonly headers?: Readonly<Record<string, string>>;
}

const PACKAGE = "personalize_gateway.v1";

// UNAVAILABLE means that nothing was stored; where a connection is lost, event IDs make it harmless to
// send again. What changes trackers or dead letters is left to its caller.
const RETRIED = [
    { service: `${PACKAGE}.EventService` },
    { service: `${PACKAGE}.CatalogService` },
    { service: `${PACKAGE}.IngestService`, method: "IngestBatch" },
    { service: `${PACKAGE}.RouteService` },
];

const RETRY_POLICY = {
    maxAttempts: 5,
    initialBackoff: "0.2s",
    maxBackoff: "1s",
    backoffMultiplier: 2,
    retryableStatusCodes: ["UNAVAILABLE"],
};

const MIB = 1024 * 1024;

/** What gRPC is told for a client. */
export function channelOptions(options: ClientOptions): ChannelOptions {
    const methodConfig = options.retries === false ? [] : [{ name: RETRIED, retryPolicy: RETRY_POLICY }];
    return {
        "grpc.service_config": JSON.stringify({ loadBalancingConfig: [], methodConfig }),
        "grpc.service_config_disable_resolution": 1,
        // A call is only sent again while all of it is kept: 256 KiB without this.
        "grpc.per_rpc_retry_buffer_size": 8 * MIB,
        "grpc.retry_buffer_size": 64 * MIB,
        // A page of dead letters is larger than gRPC's own limit of 4 MiB.
        "grpc.max_receive_message_length": 16 * MIB,
        // A gateway that restarts is there again within seconds.
        "grpc.initial_reconnect_backoff_ms": 100,
        "grpc.max_reconnect_backoff_ms": 2_000,
        "grpc.keepalive_time_ms": options.keepaliveMs ?? 310_000,
        "grpc.keepalive_timeout_ms": options.keepaliveTimeoutMs ?? 20_000,
        ...(options.serverName !== undefined && {
            "grpc.ssl_target_name_override": options.serverName,
            "grpc.default_authority": options.serverName,
        }),
        ...options.channel,
    };
}

import { type CallCredentials, type ChannelCredentials, credentials as grpc, Metadata } from "@grpc/grpc-js";

/** Gives the token of a call: anew for each, so that an expiring one can be replaced. */
export type TokenSource = string | (() => string | Promise<string>);

/** How a connection is secured, and who calls. Made by `insecure` and `tls`. */
export class Credentials {
    /** @internal */
    private constructor(
        readonly channel: ChannelCredentials,
        readonly call: CallCredentials,
        readonly headers: Readonly<Record<string, string>> = {},
    ) {}

    /**
     * No TLS: for a gateway on loopback, or where a sidecar secures the connection.
     *
     * @param options `caller` is the name to be known by, which a gateway believes on loopback. `token` is
     *     sent as a bearer token with each call, for all on the way to read.
     */
    static insecure(options: { caller?: string; token?: TokenSource } = {}): Credentials {
        const { caller, token } = options;
        return new Credentials(
            grpc.createInsecure(),
            bearer(token),
            caller === undefined ? {} : { "x-caller": caller },
        );
    }

    /**
     * TLS.
     *
     * @param options all in PEM. `ca` issued the gateway's certificate; without it the authorities that
     *     Node.js comes with are trusted. `certificate` and `key` are the client's own, for mTLS.
     *     `token` is sent as a bearer token with each call.
     * @throws TypeError one of `certificate` and `key` is missing.
     */
    static tls(
        options: {
            ca?: string | Uint8Array;
            certificate?: string | Uint8Array;
            key?: string | Uint8Array;
            token?: TokenSource;
        } = {},
    ): Credentials {
        const { ca, certificate, key, token } = options;
        if ((certificate === undefined) !== (key === undefined)) {
            throw new TypeError("mTLS takes a certificate and its key: one of them is missing");
        }
        return new Credentials(grpc.createSsl(bytes(ca), bytes(key), bytes(certificate)), bearer(token));
    }
}

function bytes(pem: string | Uint8Array | undefined): Buffer | null {
    return pem === undefined ? null : Buffer.from(pem);
}

function bearer(token: TokenSource | undefined): CallCredentials {
    if (token === undefined) return grpc.createEmpty();
    const header = async (): Promise<Metadata> => {
        const metadata = new Metadata();
        metadata.set("authorization", `Bearer ${typeof token === "string" ? token : await token()}`);
        return metadata;
    };
    return grpc.createFromMetadataGenerator((_, callback) => {
        header().then(
            (metadata) => callback(null, metadata),
            (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
        );
    });
}

import { type DescMessage, type MessageShape, toBinary } from "@bufbuild/protobuf";

import { GatewayError } from "./errors.js";

/**
 * The bytes of a message.
 *
 * @throws GatewayError `local`, INVALID_ARGUMENT: a value is not of its field's type
 */
export function serialize<Schema extends DescMessage>(schema: Schema, message: MessageShape<Schema>): Buffer {
    try {
        return asBuffer(toBinary(schema, message));
    } catch (error) {
        throw new GatewayError("INVALID_ARGUMENT", (error as Error).message, { local: true, cause: error });
    }
}

/** The same bytes as gRPC takes them. */
export function asBuffer(bytes: Uint8Array): Buffer {
    return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}

package com.personalizegateway.client;

import io.grpc.CallCredentials;
import io.grpc.Grpc;
import io.grpc.Metadata;
import io.grpc.SecurityLevel;
import io.grpc.Status;
import java.net.InetSocketAddress;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/** A token in the header {@code authorization} of each call. */
final class BearerToken extends CallCredentials {
    private static final Metadata.Key<String> AUTHORIZATION =
            Metadata.Key.of("authorization", Metadata.ASCII_STRING_MARSHALLER);

    private final Supplier<String> token;

    BearerToken(Supplier<String> token) {
        this.token = token;
    }

    @Override
    public void applyRequestMetadata(RequestInfo call, Executor executor, MetadataApplier applier) {
        if (!isPrivate(call)) {
            applier.fail(Status.UNAUTHENTICATED.withDescription(
                    "a bearer token is sent over TLS or to the same machine only"));
            return;
        }
        executor.execute(() -> apply(applier));
    }

    private void apply(MetadataApplier applier) {
        Metadata headers = new Metadata();
        try {
            headers.put(AUTHORIZATION, "Bearer " + token.get());
        } catch (RuntimeException failure) {
            // The same call may find a token the next time, and nothing was sent.
            applier.fail(Status.UNAVAILABLE.withDescription("there is no bearer token").withCause(failure));
            return;
        }
        applier.apply(headers);
    }

    private static boolean isPrivate(RequestInfo call) {
        if (call.getSecurityLevel() == SecurityLevel.PRIVACY_AND_INTEGRITY) {
            return true;
        }
        return call.getTransportAttrs().get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR) instanceof InetSocketAddress remote
                && remote.getAddress() != null
                && remote.getAddress().isLoopbackAddress();
    }
}

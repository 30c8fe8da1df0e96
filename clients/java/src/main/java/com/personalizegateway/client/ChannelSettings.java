package com.personalizegateway.client;

import com.personalizegateway.v1.CatalogServiceGrpc;
import com.personalizegateway.v1.EventServiceGrpc;
import com.personalizegateway.v1.IngestServiceGrpc;
import com.personalizegateway.v1.RouteServiceGrpc;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.ClientInterceptor;
import io.grpc.ManagedChannelBuilder;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** How options become settings of a channel. */
final class ChannelSettings {
    /** A page of dead letters is larger than gRPC's own limit of 4 MiB. */
    private static final int MAX_RESPONSE_BYTES = 16 << 20;

    /** gRPC repeats only what it still holds, and its own limit of 1 MiB is below that of a request. */
    private static final long MAX_REPEATED_BYTES = 5 << 20;

    private static final long ALL_REPEATED_BYTES = 64 << 20;

    private ChannelSettings() {}

    static <B extends ManagedChannelBuilder<?>> B apply(B channel, Options options) {
        channel.keepAliveTime(options.keepAliveTime().toNanos(), TimeUnit.NANOSECONDS)
                .keepAliveTimeout(options.keepAliveTimeout().toNanos(), TimeUnit.NANOSECONDS);
        channel.maxInboundMessageSize(MAX_RESPONSE_BYTES);
        // The proxy of the system is for the way out of a network, and a gateway is in it.
        channel.proxyDetector(target -> null);
        if (options.retries()) {
            channel.enableRetry().defaultServiceConfig(serviceConfig());
            channel.perRpcBufferLimit(MAX_REPEATED_BYTES).retryBufferSize(ALL_REPEATED_BYTES);
        } else {
            channel.disableRetry();
        }
        return channel;
    }

    /**
     * UNAVAILABLE is repeated where it says that nothing was stored, or where it does no harm because
     * the connection was lost in the middle. What changes trackers or dead letters is left to its caller,
     * and a stream to the publisher.
     */
    private static Map<String, ?> serviceConfig() {
        List<Map<String, String>> names = List.of(
                Map.of("service", EventServiceGrpc.SERVICE_NAME),
                Map.of("service", CatalogServiceGrpc.SERVICE_NAME),
                Map.of("service", IngestServiceGrpc.SERVICE_NAME, "method", "IngestBatch"),
                Map.of("service", RouteServiceGrpc.SERVICE_NAME));
        Map<String, Object> policy = Map.of(
                "maxAttempts", 5.0,
                "initialBackoff", "0.2s",
                "maxBackoff", "1s",
                "backoffMultiplier", 2.0,
                "retryableStatusCodes", List.of("UNAVAILABLE"));
        return Map.of("methodConfig", List.of(Map.of("name", names, "retryPolicy", policy)));
    }

    /** Gives unary calls a deadline that have none. */
    record DefaultDeadline(Options options) implements ClientInterceptor {
        @Override
        public <Q, R> ClientCall<Q, R> interceptCall(
                MethodDescriptor<Q, R> method, CallOptions call, Channel next) {
            boolean isUnlimited = method.getType() == MethodType.UNARY && call.getDeadline() == null;
            long limit = options.deadline().toNanos();
            return next.newCall(method, isUnlimited ? call.withDeadlineAfter(limit, TimeUnit.NANOSECONDS) : call);
        }
    }
}

package com.personalizegateway.client;

import com.google.protobuf.Message;
import com.personalizegateway.v1.CatalogServiceGrpc;
import com.personalizegateway.v1.EventServiceGrpc;
import com.personalizegateway.v1.IngestBatchRequest;
import com.personalizegateway.v1.IngestBatchResponse;
import com.personalizegateway.v1.IngestServiceGrpc;
import com.personalizegateway.v1.PutActionInteractionsRequest;
import com.personalizegateway.v1.PutActionInteractionsResponse;
import com.personalizegateway.v1.PutActionsRequest;
import com.personalizegateway.v1.PutActionsResponse;
import com.personalizegateway.v1.PutEventsRequest;
import com.personalizegateway.v1.PutEventsResponse;
import com.personalizegateway.v1.PutItemsRequest;
import com.personalizegateway.v1.PutItemsResponse;
import com.personalizegateway.v1.PutUsersRequest;
import com.personalizegateway.v1.PutUsersResponse;
import io.grpc.Channel;
import io.grpc.ClientInterceptor;
import io.grpc.ClientInterceptors;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;

/**
 * A client of the gateway. Thread-safe; make one for each gateway and keep it.
 *
 * <p>Each call has a deadline and is repeated where that is safe: when the gateway is UNAVAILABLE, and when
 * it says after how long there is room again. Events and action interactions get an {@code event_id} before
 * the first attempt where they have none, so that the same event sent twice is one event to Personalize.
 *
 * <p>Methods throw {@link GatewayException}. Those whose names end in {@code Async} return at once with a
 * future that fails with it; cancelling the future cancels the call.
 */
public final class GatewayClient implements AutoCloseable {
    private static final long CLOSE_S = 5;

    private final ManagedChannel managed;
    private final Channel channel;
    private final Options options;

    /**
     * Makes a client. It connects when it is first used.
     *
     * @param target {@code HOST:PORT}, or another name that gRPC knows: {@code dns:///HOST:PORT}
     * @param credentials who it is and whom it trusts
     * @param options what it does unless told otherwise
     */
    public GatewayClient(String target, Credentials credentials, Options options) {
        this(
                ChannelSettings.apply(Grpc.newChannelBuilder(target, credentials.channel()), options).build(),
                credentials,
                options);
    }

    /**
     * Makes a client with the {@linkplain Options#defaults() default options}.
     *
     * @param target {@code HOST:PORT}, or another name that gRPC knows: {@code dns:///HOST:PORT}
     * @param credentials who it is and whom it trusts
     */
    public GatewayClient(String target, Credentials credentials) {
        this(target, credentials, Options.defaults());
    }

    GatewayClient(ManagedChannel managed, Credentials credentials, Options options) {
        this(managed, intercepted(managed, credentials, options), options);
        Reconnection.keepPrompt(managed);
    }

    private GatewayClient(ManagedChannel managed, Channel channel, Options options) {
        this.managed = managed;
        this.channel = channel;
        this.options = options;
    }

    private static Channel intercepted(ManagedChannel managed, Credentials credentials, Options options) {
        List<ClientInterceptor> interceptors = new ArrayList<>(credentials.interceptors());
        interceptors.add(new ChannelSettings.DefaultDeadline(options));
        return ClientInterceptors.intercept(managed, interceptors);
    }

    /**
     * The same client with another deadline, for example for calls that wait until records are delivered.
     * Both share the connection: closing one closes the other.
     *
     * @param deadline how long a call may take, with its retries
     * @return the client
     */
    public GatewayClient withDeadline(Duration deadline) {
        Options changed =
                new Options(deadline, options.retries(), options.keepAliveTime(), options.keepAliveTimeout());
        return new GatewayClient(managed, channel, changed);
    }

    /**
     * The channel, for stubs of all services: {@code RouteServiceGrpc.newBlockingStub(client.channel())}.
     * It has the credentials and, for unary calls, the deadline; UNAVAILABLE is repeated for what can be.
     * Event IDs, the search for broken texts and typed exceptions are of this class alone.
     *
     * @return the channel, which is closed with the client
     */
    public Channel channel() {
        return channel;
    }

    /**
     * Puts 1 to 500 events, all or none.
     *
     * @param request the events
     * @return the ID of each event
     * @throws GatewayException if none was taken
     */
    public PutEventsResponse putEvents(PutEventsRequest request) {
        return result(putEventsAsync(request));
    }

    /**
     * Puts 1 to 500 events, all or none.
     *
     * @param request the events
     * @return the ID of each event
     */
    public CompletableFuture<PutEventsResponse> putEventsAsync(PutEventsRequest request) {
        return call(EventServiceGrpc.getPutEventsMethod(), EventIds.in(request));
    }

    /**
     * Puts 1 to 500 action interactions, all or none.
     *
     * @param request the action interactions
     * @return the ID of each
     * @throws GatewayException if none was taken
     */
    public PutActionInteractionsResponse putActionInteractions(PutActionInteractionsRequest request) {
        return result(putActionInteractionsAsync(request));
    }

    /**
     * Puts 1 to 500 action interactions, all or none.
     *
     * @param request the action interactions
     * @return the ID of each
     */
    public CompletableFuture<PutActionInteractionsResponse> putActionInteractionsAsync(
            PutActionInteractionsRequest request) {
        return call(EventServiceGrpc.getPutActionInteractionsMethod(), EventIds.in(request));
    }

    /**
     * Puts 1 to 500 items, all or none.
     *
     * @param request the items
     * @return what was reached
     * @throws GatewayException if none was taken
     */
    public PutItemsResponse putItems(PutItemsRequest request) {
        return result(putItemsAsync(request));
    }

    /**
     * Puts 1 to 500 items, all or none.
     *
     * @param request the items
     * @return what was reached
     */
    public CompletableFuture<PutItemsResponse> putItemsAsync(PutItemsRequest request) {
        return call(CatalogServiceGrpc.getPutItemsMethod(), request);
    }

    /**
     * Puts 1 to 500 users, all or none.
     *
     * @param request the users
     * @return what was reached
     * @throws GatewayException if none was taken
     */
    public PutUsersResponse putUsers(PutUsersRequest request) {
        return result(putUsersAsync(request));
    }

    /**
     * Puts 1 to 500 users, all or none.
     *
     * @param request the users
     * @return what was reached
     */
    public CompletableFuture<PutUsersResponse> putUsersAsync(PutUsersRequest request) {
        return call(CatalogServiceGrpc.getPutUsersMethod(), request);
    }

    /**
     * Puts 1 to 500 actions, all or none.
     *
     * @param request the actions
     * @return what was reached
     * @throws GatewayException if none was taken
     */
    public PutActionsResponse putActions(PutActionsRequest request) {
        return result(putActionsAsync(request));
    }

    /**
     * Puts 1 to 500 actions, all or none.
     *
     * @param request the actions
     * @return what was reached
     */
    public CompletableFuture<PutActionsResponse> putActionsAsync(PutActionsRequest request) {
        return call(CatalogServiceGrpc.getPutActionsMethod(), request);
    }

    /**
     * Puts 1 to 500 records of any kinds, each taken or refused for itself.
     *
     * @param request the records
     * @return the IDs of those that were taken, and the refusals of the others
     * @throws GatewayException if the request as a whole was refused
     */
    public IngestBatchResponse ingestBatch(IngestBatchRequest request) {
        return result(ingestBatchAsync(request));
    }

    /**
     * Puts 1 to 500 records of any kinds, each taken or refused for itself.
     *
     * @param request the records
     * @return the IDs of those that were taken, and the refusals of the others
     */
    public CompletableFuture<IngestBatchResponse> ingestBatchAsync(IngestBatchRequest request) {
        return call(IngestServiceGrpc.getIngestBatchMethod(), EventIds.in(request));
    }

    /** Ends the connection once the calls under way have ended, or after five seconds. */
    @Override
    public void close() {
        managed.shutdown();
        try {
            managed.awaitTermination(CLOSE_S, TimeUnit.SECONDS);
        } catch (InterruptedException interrupted) {
            Thread.currentThread().interrupt();
        }
        managed.shutdownNow();
    }

    private <Q extends Message, R> CompletableFuture<R> call(MethodDescriptor<Q, R> method, Q request) {
        try {
            return new RetryingCall<>(channel, method, LoneSurrogates.refuse(request), options).start();
        } catch (GatewayException refused) {
            return CompletableFuture.failedFuture(refused);
        }
    }

    private static <R> R result(CompletableFuture<R> call) {
        try {
            return call.get();
        } catch (ExecutionException failed) {
            throw here(failed.getCause());
        } catch (InterruptedException interrupted) {
            call.cancel(true);
            Thread.currentThread().interrupt();
            Status status = Status.CANCELLED.withDescription("the thread was interrupted");
            throw GatewayException.of(status.withCause(interrupted).asRuntimeException());
        }
    }

    /** The exception with the stack of the thread that called, and not that of one of gRPC's. */
    private static GatewayException here(Throwable failure) {
        boolean isOurs = failure instanceof GatewayException;
        if (isOurs && failure.getCause() == null) {
            return (GatewayException) failure;
        }
        return GatewayException.of(isOurs ? failure.getCause() : failure);
    }
}

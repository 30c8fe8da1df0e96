package com.personalizegateway.client;

import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.ClientCall;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;

/**
 * A unary call that is made again when the gateway says after how long it may be.
 *
 * <p>gRPC's service config repeats UNAVAILABLE. It cannot see the RetryInfo that tells a limit, which
 * passes, from a message that is too large and always will be. The deadline is of all attempts together.
 */
final class RetryingCall<Q, R> extends CompletableFuture<R> {
    private static final long MIN_JITTER_NANOS = Duration.ofMillis(50).toNanos();
    private static final long MAX_JITTER_NANOS = Duration.ofSeconds(1).toNanos();

    private final Channel channel;
    private final MethodDescriptor<Q, R> method;
    private final Q request;
    private final Deadline deadline;
    private final boolean retries;
    private final Context context = Context.current();
    private volatile ClientCall<Q, R> call;
    private int attempts;

    RetryingCall(Channel channel, MethodDescriptor<Q, R> method, Q request, Options options) {
        this.channel = channel;
        this.method = method;
        this.request = request;
        this.retries = options.retries();
        Deadline own = Deadline.after(options.deadline().toNanos(), TimeUnit.NANOSECONDS);
        Deadline outer = context.getDeadline();
        this.deadline = outer == null ? own : own.minimum(outer);
    }

    RetryingCall<Q, R> start() {
        attempts++;
        call = channel.newCall(method, CallOptions.DEFAULT.withDeadline(deadline));
        ClientCalls.asyncUnaryCall(call, request, new Answer());
        if (isCancelled()) {
            cancelCall();
        }
        return this;
    }

    @Override
    public boolean cancel(boolean mayInterruptIfRunning) {
        boolean isNew = super.cancel(mayInterruptIfRunning);
        if (isNew) {
            cancelCall();
        }
        return isNew;
    }

    private void cancelCall() {
        ClientCall<Q, R> current = call;
        if (current != null) {
            current.cancel("its caller lost interest", null);
        }
    }

    private void failed(GatewayException error) {
        long delay = delayNanos(error);
        if (delay < 0 || delay >= deadline.timeRemaining(TimeUnit.NANOSECONDS) || isDone()) {
            completeExceptionally(error);
            return;
        }
        Runnable again = this::start;
        delayedExecutor(delay, TimeUnit.NANOSECONDS).execute(context.wrap(again));
    }

    /** What the gateway asked for and some jitter, which grows; below zero for never. */
    private long delayNanos(GatewayException error) {
        if (!retries || error.code() != Status.Code.RESOURCE_EXHAUSTED || error.retryDelay().isEmpty()) {
            return -1;
        }
        long jitter = Math.min(MIN_JITTER_NANOS << Math.min(attempts, 10), MAX_JITTER_NANOS);
        return error.retryDelay().get().toNanos() + ThreadLocalRandom.current().nextLong(jitter);
    }

    private final class Answer implements StreamObserver<R> {
        private R value;

        @Override
        public void onNext(R response) {
            value = response;
        }

        @Override
        public void onError(Throwable error) {
            failed(GatewayException.of(error));
        }

        @Override
        public void onCompleted() {
            complete(value);
        }
    }
}

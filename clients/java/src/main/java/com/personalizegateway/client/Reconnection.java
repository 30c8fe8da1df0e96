package com.personalizegateway.client;

import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;

/**
 * Tries to connect at least every second or two.
 *
 * <p>gRPC for Java waits up to two minutes between attempts, and calls fail meanwhile without one. After
 * a restart that took a while a gateway would be back, and its clients not.
 */
final class Reconnection {
    private final ManagedChannel channel;
    private final Executor later;

    /**
     * Makes one that does nothing yet.
     *
     * @param channel what is to connect
     * @param later runs what it is given after the time between attempts
     */
    Reconnection(ManagedChannel channel, Executor later) {
        this.channel = channel;
        this.later = later;
    }

    static void keepPrompt(ManagedChannel channel) {
        new Reconnection(channel, CompletableFuture.delayedExecutor(1, TimeUnit.SECONDS)).watch();
    }

    /** Watches the channel until it is closed. */
    void watch() {
        ConnectivityState state = channel.getState(false);
        switch (state) {
            case SHUTDOWN -> { }
            case TRANSIENT_FAILURE -> later.execute(this::tryAgain);
            default -> channel.notifyWhenStateChanged(state, this::watch);
        }
    }

    private void tryAgain() {
        if (channel.getState(false) == ConnectivityState.TRANSIENT_FAILURE) {
            channel.resetConnectBackoff();
        }
        watch();
    }
}

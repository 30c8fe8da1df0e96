package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ReconnectionTest {
    private final Deque<Runnable> later = new ArrayDeque<>();
    private final Connecting channel = new Connecting();

    @BeforeEach
    void watch() {
        new Reconnection(channel, later::add).watch();
    }

    @Test
    void aChannelThatFailsIsToldToTryAgainUntilItDoesNot() {
        channel.become(ConnectivityState.TRANSIENT_FAILURE);
        later.remove().run();
        later.remove().run();
        assertEquals(2, channel.resets);

        channel.state = ConnectivityState.READY;
        later.remove().run();
        assertEquals(2, channel.resets);
        assertEquals(0, later.size());

        channel.become(ConnectivityState.TRANSIENT_FAILURE);
        later.remove().run();
        assertEquals(3, channel.resets);
    }

    @Test
    void aChannelThatWorksIsLeftAlone() {
        channel.become(ConnectivityState.CONNECTING);
        channel.become(ConnectivityState.READY);

        assertEquals(0, later.size());
        assertEquals(0, channel.resets);
    }

    @Test
    void aClosedChannelIsWatchedNoMore() {
        channel.become(ConnectivityState.TRANSIENT_FAILURE);
        channel.state = ConnectivityState.SHUTDOWN;
        later.remove().run();

        assertEquals(0, channel.resets);
        assertEquals(0, later.size());
        assertNull(channel.watcher);
    }

    /** A channel that has a state and nothing else. */
    private static final class Connecting extends ManagedChannel {
        private ConnectivityState state = ConnectivityState.IDLE;
        private Runnable watcher;
        private int resets;

        void become(ConnectivityState next) {
            Runnable told = watcher;
            state = next;
            watcher = null;
            told.run();
        }

        @Override
        public ConnectivityState getState(boolean requestConnection) {
            return state;
        }

        @Override
        public void notifyWhenStateChanged(ConnectivityState source, Runnable callback) {
            watcher = callback;
        }

        @Override
        public void resetConnectBackoff() {
            resets++;
        }

        @Override
        public ManagedChannel shutdown() {
            return this;
        }

        @Override
        public ManagedChannel shutdownNow() {
            return this;
        }

        @Override
        public boolean isShutdown() {
            return false;
        }

        @Override
        public boolean isTerminated() {
            return false;
        }

        @Override
        public boolean awaitTermination(long timeout, TimeUnit unit) {
            return true;
        }

        @Override
        public <Q, R> ClientCall<Q, R> newCall(MethodDescriptor<Q, R> method, CallOptions options) {
            throw new UnsupportedOperationException();
        }

        @Override
        public String authority() {
            return "gateway";
        }
    }
}

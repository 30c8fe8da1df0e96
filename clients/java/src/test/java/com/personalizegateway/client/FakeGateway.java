package com.personalizegateway.client;

import com.personalizegateway.v1.EventServiceGrpc.EventServiceImplBase;
import com.personalizegateway.v1.IngestRequest;
import com.personalizegateway.v1.IngestResponse;
import com.personalizegateway.v1.IngestServiceGrpc.IngestServiceImplBase;
import com.personalizegateway.v1.PutEventsRequest;
import com.personalizegateway.v1.PutEventsResponse;
import com.personalizegateway.v1.Refusal;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;

/** A gateway in the test's process that answers what the test says. */
final class FakeGateway implements AutoCloseable {
    /** So long at most a test waits for what has to come. */
    static final long PATIENCE_S = 50;

    final List<PutEventsRequest> puts = new CopyOnWriteArrayList<>();
    final List<Metadata> headers = new CopyOnWriteArrayList<>();
    final List<Deadline> deadlines = new CopyOnWriteArrayList<>();
    final BlockingQueue<Stream> streams = new LinkedBlockingQueue<>();
    final CountDownLatch cancelled = new CountDownLatch(1);

    private final Queue<StatusRuntimeException> failures = new ArrayDeque<>();
    private final String name = UUID.randomUUID().toString();
    private final Server server;
    private volatile boolean isSilent;

    FakeGateway() throws IOException {
        server = InProcessServerBuilder.forName(name)
                .addService(new Events())
                .addService(new Ingest())
                .intercept(new Headers())
                .build()
                .start();
    }

    /** The next puts fail so, one after the other. */
    FakeGateway failing(StatusRuntimeException... errors) {
        failures.addAll(List.of(errors));
        return this;
    }

    /** Puts are never answered. */
    FakeGateway silent() {
        isSilent = true;
        return this;
    }

    /** A client that waits as long as it takes. */
    GatewayClient client() {
        return client(patient().build());
    }

    static Options.Builder patient() {
        return Options.builder().deadline(Duration.ofSeconds(PATIENCE_S));
    }

    GatewayClient client(Options options) {
        return client(Credentials.insecure(), options);
    }

    GatewayClient client(Credentials credentials, Options options) {
        var channel = ChannelSettings.apply(InProcessChannelBuilder.forName(name), options).build();
        return new GatewayClient(channel, credentials, options);
    }

    Stream stream() throws InterruptedException {
        return arrived(streams, "a stream");
    }

    @Override
    public void close() throws InterruptedException {
        server.shutdownNow().awaitTermination(PATIENCE_S, TimeUnit.SECONDS);
    }

    private static <T> T arrived(BlockingQueue<T> queue, String what) throws InterruptedException {
        T found = queue.poll(PATIENCE_S, TimeUnit.SECONDS);
        if (found == null) {
            throw new AssertionError(what + " did not come");
        }
        return found;
    }

    private final class Events extends EventServiceImplBase {
        @Override
        public void putEvents(PutEventsRequest request, StreamObserver<PutEventsResponse> response) {
            puts.add(request);
            deadlines.add(Context.current().getDeadline());
            Context.current().addListener(context -> cancelled.countDown(), Runnable::run);
            StatusRuntimeException failure = failures.poll();
            if (failure != null) {
                response.onError(failure);
            } else if (!isSilent) {
                response.onNext(PutEventsResponse.newBuilder()
                        .addAllEventIds(request.getEventsList().stream().map(one -> one.getEventId()).toList())
                        .build());
                response.onCompleted();
            }
        }
    }

    private final class Ingest extends IngestServiceImplBase {
        @Override
        public StreamObserver<IngestRequest> ingest(StreamObserver<IngestResponse> responses) {
            Stream stream = new Stream(responses);
            streams.add(stream);
            return stream;
        }
    }

    private final class Headers implements ServerInterceptor {
        @Override
        public <Q, R> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, R> call, Metadata sent, ServerCallHandler<Q, R> next) {
            headers.add(sent);
            return next.startCall(call, sent);
        }
    }

    /** A stream as the gateway sees it. */
    static final class Stream implements StreamObserver<IngestRequest> {
        private final StreamObserver<IngestResponse> responses;
        private final BlockingQueue<IngestRequest> requests = new LinkedBlockingQueue<>();
        private final CountDownLatch ended = new CountDownLatch(1);

        Stream(StreamObserver<IngestResponse> responses) {
            this.responses = responses;
        }

        IngestRequest request() throws InterruptedException {
            return arrived(requests, "a request");
        }

        boolean hasNoMore() {
            return requests.isEmpty();
        }

        void acknowledge(long sequence, Refusal... refusals) {
            responses.onNext(IngestResponse.newBuilder()
                    .setAcknowledgedSequence(sequence)
                    .addAllRefusals(List.of(refusals))
                    .build());
        }

        void fail(StatusRuntimeException error) {
            responses.onError(error);
        }

        void awaitEnd() throws InterruptedException {
            if (!ended.await(PATIENCE_S, TimeUnit.SECONDS)) {
                throw new AssertionError("the client did not end the stream");
            }
        }

        @Override
        public void onNext(IngestRequest request) {
            requests.add(request);
        }

        @Override
        public void onError(Throwable error) {
            ended.countDown();
        }

        @Override
        public void onCompleted() {
            responses.onCompleted();
            ended.countDown();
        }
    }
}

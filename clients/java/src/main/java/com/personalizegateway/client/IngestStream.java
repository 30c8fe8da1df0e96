package com.personalizegateway.client;

import com.personalizegateway.v1.IngestRequest;
import com.personalizegateway.v1.IngestResponse;
import com.personalizegateway.v1.IngestServiceGrpc;
import io.grpc.Channel;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;

/** One Ingest stream. Requests are sent by one thread; what it tells its listener comes on gRPC's. */
final class IngestStream implements ClientResponseObserver<IngestRequest, IngestResponse> {
    private final Listener listener;
    private ClientCallStreamObserver<IngestRequest> requests;

    private IngestStream(Listener listener) {
        this.listener = listener;
    }

    static IngestStream open(Channel channel, Listener listener) {
        IngestStream stream = new IngestStream(listener);
        IngestServiceGrpc.newStub(channel).ingest(stream);
        return stream;
    }

    void send(IngestRequest request) {
        requests.onNext(request);
    }

    /** Whether the connection takes a request at once. */
    boolean isReady() {
        return requests.isReady();
    }

    void halfClose() {
        requests.onCompleted();
    }

    void cancel() {
        requests.cancel("the publisher was closed", null);
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<IngestRequest> requestStream) {
        requests = requestStream;
        requests.setOnReadyHandler(listener::ready);
    }

    @Override
    public void onNext(IngestResponse response) {
        listener.responded(this, response);
    }

    @Override
    public void onError(Throwable error) {
        listener.ended(this, GatewayException.of(error));
    }

    @Override
    public void onCompleted() {
        listener.ended(this, null);
    }

    /** What a stream tells of itself. No method may block. */
    interface Listener {
        /** There may be room for a request. */
        void ready();

        /** The gateway answered. */
        void responded(IngestStream stream, IngestResponse response);

        /** The stream is over; the error is null where it ended as it should. */
        void ended(IngestStream stream, GatewayException error);
    }
}

package com.personalizegateway.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.personalizegateway.v1.EventServiceGrpc.EventServiceImplBase;
import com.personalizegateway.v1.PutEventsRequest;
import com.personalizegateway.v1.PutEventsResponse;
import io.grpc.Attributes;
import io.grpc.CallCredentials.MetadataApplier;
import io.grpc.CallCredentials.RequestInfo;
import io.grpc.Grpc;
import io.grpc.InsecureServerCredentials;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.SecurityLevel;
import io.grpc.Server;
import io.grpc.ServerCredentials;
import io.grpc.Status;
import io.grpc.TlsServerCredentials;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class CredentialsTest {
    @TempDir
    private Path directory;

    @Test
    void tokensAreSentToTheSameMachineWithoutTls() throws Exception {
        try (Serving serving = new Serving(InsecureServerCredentials.create())) {
            assertEquals(
                    Status.Code.OK, serving.code(Credentials.insecure().withBearerToken(() -> "t")));
        }
    }

    @Test
    void aTokenThatCannotBeHadIsAPassingFault() throws Exception {
        try (Serving serving = new Serving(InsecureServerCredentials.create())) {
            Credentials credentials = Credentials.insecure().withBearerToken(() -> {
                throw new IllegalStateException("no token");
            });

            assertEquals(Status.Code.UNAVAILABLE, serving.code(credentials));
        }
    }

    @Test
    void tokensAreNotSentElsewhereWithoutTls() throws IOException {
        List<Object> told = new ArrayList<>();
        MetadataApplier applier = new MetadataApplier() {
            @Override
            public void apply(Metadata headers) {
                told.add(headers.keys());
            }

            @Override
            public void fail(Status status) {
                told.add(status.getCode());
            }
        };
        BearerToken token = new BearerToken(() -> "t");
        InetAddress elsewhere = InetAddress.getByAddress(new byte[] {10, 0, 0, 1});

        token.applyRequestMetadata(new Call(elsewhere, SecurityLevel.NONE), Runnable::run, applier);
        token.applyRequestMetadata(
                new Call(elsewhere, SecurityLevel.PRIVACY_AND_INTEGRITY), Runnable::run, applier);
        token.applyRequestMetadata(
                new Call(InetAddress.getLoopbackAddress(), SecurityLevel.NONE), Runnable::run, applier);

        assertEquals(
                List.of(Status.Code.UNAUTHENTICATED, Set.of("authorization"), Set.of("authorization")), told);
    }

    @Test
    void bothSidesShowTheirCertificates() throws Exception {
        Certificate server = Certificate.in(directory, "server");
        Certificate caller = Certificate.in(directory, "caller");
        ServerCredentials credentials = TlsServerCredentials.newBuilder()
                .keyManager(server.chain().toFile(), server.key().toFile())
                .trustManager(caller.chain().toFile())
                .clientAuth(TlsServerCredentials.ClientAuth.REQUIRE)
                .build();
        try (Serving serving = new Serving(credentials)) {
            Credentials known = Credentials.mutualTls(server.chain(), caller.chain(), caller.key());
            assertEquals(Status.Code.OK, serving.code(known.withBearerToken(() -> "t")));
            assertEquals(Status.Code.UNAVAILABLE, serving.code(Credentials.tls(server.chain())));
            assertEquals(Status.Code.UNAVAILABLE, serving.code(Credentials.tls()));
        }
    }

    @Test
    void aFileThatIsNotThereIsToldAtOnce() {
        assertThrows(IOException.class, () -> Credentials.tls(directory.resolve("nothing.pem")));
    }

    @Test
    void whatItPrintsIsNotTheToken() {
        Credentials credentials = Credentials.insecure().withBearerToken(() -> "secret");

        assertFalse(credentials.toString().contains("secret"));
    }

    /** A server on the loopback that takes all events. */
    private static final class Serving extends EventServiceImplBase implements AutoCloseable {
        private final Server server;

        Serving(ServerCredentials credentials) throws IOException {
            server = Grpc.newServerBuilderForPort(0, credentials).addService(this).build().start();
        }

        Status.Code code(Credentials credentials) {
            Options options = Options.builder()
                    .retries(false)
                    .deadline(Duration.ofSeconds(FakeGateway.PATIENCE_S))
                    .build();
            try (GatewayClient client = new GatewayClient("localhost:" + server.getPort(), credentials, options)) {
                client.putEvents(Records.putOf(Records.event("e-1")));
                return Status.Code.OK;
            } catch (GatewayException error) {
                return error.code();
            }
        }

        @Override
        public void putEvents(PutEventsRequest request, StreamObserver<PutEventsResponse> response) {
            response.onNext(PutEventsResponse.getDefaultInstance());
            response.onCompleted();
        }

        @Override
        public void close() throws InterruptedException {
            server.shutdownNow().awaitTermination(FakeGateway.PATIENCE_S, TimeUnit.SECONDS);
        }
    }

    /** A call to an address. */
    private static final class Call extends RequestInfo {
        private final Attributes attributes;
        private final SecurityLevel level;

        Call(InetAddress address, SecurityLevel level) {
            this.attributes = Attributes.newBuilder()
                    .set(Grpc.TRANSPORT_ATTR_REMOTE_ADDR, new InetSocketAddress(address, 1))
                    .build();
            this.level = level;
        }

        @Override
        public MethodDescriptor<?, ?> getMethodDescriptor() {
            throw new UnsupportedOperationException();
        }

        @Override
        public SecurityLevel getSecurityLevel() {
            return level;
        }

        @Override
        public String getAuthority() {
            return "gateway";
        }

        @Override
        public Attributes getTransportAttrs() {
            return attributes;
        }
    }
}

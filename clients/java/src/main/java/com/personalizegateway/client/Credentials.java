package com.personalizegateway.client;

import io.grpc.CallCredentials;
import io.grpc.CallOptions;
import io.grpc.ChannelCredentials;
import io.grpc.ClientInterceptor;
import io.grpc.InsecureChannelCredentials;
import io.grpc.Metadata;
import io.grpc.TlsChannelCredentials;
import io.grpc.stub.MetadataUtils;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.Supplier;

/** How a client proves who it is, and whom it trusts. Immutable; files are read when it is made. */
public final class Credentials {
    private static final Metadata.Key<String> CALLER =
            Metadata.Key.of("x-caller", Metadata.ASCII_STRING_MARSHALLER);

    private final ChannelCredentials channel;
    private final List<ClientInterceptor> interceptors;

    private Credentials(ChannelCredentials channel, List<ClientInterceptor> interceptors) {
        this.channel = channel;
        this.interceptors = List.copyOf(interceptors);
    }

    /**
     * No TLS: for a gateway or a sidecar on the same machine.
     *
     * @return the credentials
     */
    public static Credentials insecure() {
        return new Credentials(InsecureChannelCredentials.create(), List.of());
    }

    /**
     * TLS with the authorities that the Java runtime trusts.
     *
     * @return the credentials
     */
    public static Credentials tls() {
        return new Credentials(TlsChannelCredentials.create(), List.of());
    }

    /**
     * TLS with a certificate authority of your own.
     *
     * @param authorities a PEM file with certificates
     * @return the credentials
     * @throws IOException if the file cannot be read
     */
    public static Credentials tls(Path authorities) throws IOException {
        return new Credentials(trusting(authorities).build(), List.of());
    }

    /**
     * TLS in which the client shows a certificate, too.
     *
     * @param authorities a PEM file with the certificates that are trusted
     * @param certificateChain a PEM file with the client's certificate and what leads from it to an
     *     authority
     * @param privateKey a PEM file with its key, PKCS #8
     * @return the credentials
     * @throws IOException if a file cannot be read
     */
    public static Credentials mutualTls(Path authorities, Path certificateChain, Path privateKey)
            throws IOException {
        ChannelCredentials channel = trusting(authorities)
                .keyManager(certificateChain.toFile(), privateKey.toFile())
                .build();
        return new Credentials(channel, List.of());
    }

    /**
     * The same with a bearer token on every call. It is sent over TLS or to the same machine; elsewhere
     * the call fails with UNAUTHENTICATED.
     *
     * @param token asked at every call for the token that is valid at that time; may block
     * @return new credentials
     */
    public Credentials withBearerToken(Supplier<String> token) {
        CallCredentials credentials = new BearerToken(Objects.requireNonNull(token, "token"));
        return with(new OnEveryCall(credentials));
    }

    /**
     * The same with a name for the caller, in the header {@code x-caller}. A gateway believes it on
     * loopback, and elsewhere only where its configuration says so.
     *
     * @param name whom the gateway is to take the client for
     * @return new credentials
     */
    public Credentials withCaller(String name) {
        Metadata headers = new Metadata();
        headers.put(CALLER, Objects.requireNonNull(name, "name"));
        return with(MetadataUtils.newAttachHeadersInterceptor(headers));
    }

    ChannelCredentials channel() {
        return channel;
    }

    List<ClientInterceptor> interceptors() {
        return interceptors;
    }

    private Credentials with(ClientInterceptor interceptor) {
        List<ClientInterceptor> all = new ArrayList<>(interceptors);
        all.add(interceptor);
        return new Credentials(channel, all);
    }

    private static TlsChannelCredentials.Builder trusting(Path authorities) throws IOException {
        return TlsChannelCredentials.newBuilder().trustManager(authorities.toFile());
    }

    /** No record, whose text would show what it holds. */
    private static final class OnEveryCall implements ClientInterceptor {
        private final CallCredentials credentials;

        OnEveryCall(CallCredentials credentials) {
            this.credentials = credentials;
        }

        @Override
        public <Q, R> io.grpc.ClientCall<Q, R> interceptCall(
                io.grpc.MethodDescriptor<Q, R> method, CallOptions options, io.grpc.Channel next) {
            return next.newCall(method, options.withCallCredentials(credentials));
        }
    }
}

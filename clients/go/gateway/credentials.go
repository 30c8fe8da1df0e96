package gateway

import (
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"net"
	"os"
	"strings"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/credentials"
	"google.golang.org/grpc/credentials/insecure"
	"google.golang.org/grpc/status"
)

// Credentials say how the connection is secured, and who calls. Make them with [Insecure], [TLS] or
// [TLSFiles].
type Credentials struct {
	config *tls.Config // nil without TLS
	caller string
	token  TokenSource
	err    error
}

// A TokenSource returns the bearer token of a call. It is asked before each call, so it keeps the
// token for as long as it holds. Where it fails the call is UNAVAILABLE.
type TokenSource func(ctx context.Context) (string, error)

// Insecure connects without TLS: for loopback, or where a sidecar secures the connection.
func Insecure() Credentials {
	return Credentials{}
}

// TLS connects by TLS. The config may be nil, which trusts the certificates that the system trusts.
func TLS(config *tls.Config) Credentials {
	if config == nil {
		config = &tls.Config{}
	}
	return Credentials{config: config}
}

// TLSFiles connects by TLS, with PEM files. An empty caFile trusts the certificates that the system
// trusts. With certFile and keyFile the client shows its certificate (mTLS); they are read for each
// connection, so they may be replaced meanwhile.
func TLSFiles(caFile, certFile, keyFile string) Credentials {
	config, err := tlsConfig(caFile, certFile, keyFile)
	return Credentials{config: config, err: err}
}

// WithToken sends a bearer token with each call.
func (c Credentials) WithToken(source TokenSource) Credentials {
	c.token = source
	return c
}

// WithCaller names the caller in the header x-caller, which proves nothing: a gateway believes it on
// loopback, or where its configuration says so.
func (c Credentials) WithCaller(name string) Credentials {
	c.caller = name
	return c
}

func tlsConfig(caFile, certFile, keyFile string) (*tls.Config, error) {
	config := &tls.Config{}
	if caFile != "" {
		pem, err := os.ReadFile(caFile)
		if err != nil {
			return nil, err
		}
		config.RootCAs = x509.NewCertPool()
		if !config.RootCAs.AppendCertsFromPEM(pem) {
			return nil, fmt.Errorf("%s holds no certificate in PEM form", caFile)
		}
	}
	if certFile == "" && keyFile == "" {
		return config, nil
	}
	load := func() (*tls.Certificate, error) {
		certificate, err := tls.LoadX509KeyPair(certFile, keyFile)
		return &certificate, err
	}
	config.GetClientCertificate = func(*tls.CertificateRequestInfo) (*tls.Certificate, error) { return load() }
	_, err := load() // What is wrong already is said at once.
	return config, err
}

func (c Credentials) dialOptions(target string) ([]grpc.DialOption, error) {
	if c.err != nil {
		return nil, fmt.Errorf("gateway: credentials: %w", c.err)
	}
	if c.token != nil && c.config == nil && !isLoopback(target) {
		return nil, errors.New("gateway: credentials: a token is not sent to another machine without TLS")
	}
	transport := insecure.NewCredentials()
	if c.config != nil {
		transport = credentials.NewTLS(c.config)
	}
	options := []grpc.DialOption{grpc.WithTransportCredentials(transport)}
	if c.caller != "" || c.token != nil {
		options = append(options, grpc.WithPerRPCCredentials(callMetadata(c)))
	}
	return options, nil
}

// callMetadata is what each call says of the caller.
type callMetadata Credentials

func (m callMetadata) GetRequestMetadata(ctx context.Context, _ ...string) (map[string]string, error) {
	metadata := map[string]string{}
	if m.caller != "" {
		metadata["x-caller"] = m.caller
	}
	if m.token != nil {
		token, err := m.token(ctx)
		if err != nil {
			return nil, status.Errorf(codes.Unavailable, "the token source failed: %v", err)
		}
		metadata["authorization"] = "Bearer " + strings.TrimSpace(token)
	}
	return metadata, nil
}

func (m callMetadata) RequireTransportSecurity() bool {
	return m.token != nil && m.config != nil
}

// isLoopback says whether a target of gRPC is this machine for sure.
func isLoopback(target string) bool {
	scheme, rest, hasScheme := strings.Cut(target, ":")
	if hasScheme && (scheme == "unix" || scheme == "unix-abstract") {
		return true
	}
	if hasScheme && strings.HasPrefix(rest, "//") {
		target = rest[strings.LastIndex(rest, "/")+1:]
	}
	host, _, err := net.SplitHostPort(target)
	return err == nil && (host == "localhost" || net.ParseIP(host).IsLoopback())
}

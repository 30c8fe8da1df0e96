package gateway

import (
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/backoff"
	"google.golang.org/grpc/keepalive"
)

// An Option of [NewClient].
type Option func(*settings)

// WithTimeout sets how long a call may take, with its retries, where its context has no deadline; 5 s
// without this option. Zero means no limit. Streams have none.
func WithTimeout(timeout time.Duration) Option {
	return func(s *settings) { s.timeout = timeout }
}

// WithoutRetries makes every error the caller's at once.
func WithoutRetries() Option {
	return func(s *settings) { s.retries = false }
}

// WithKeepalive sets how long a connection may be silent, while calls are under way, before it is asked
// whether it lives, and how long the answer may take. On Linux, sent bytes that nobody confirms for as
// long as the timeout end the connection, too.
//
// Without this option they are 310 s and 20 s. A gateway, or what stands before it, may close
// connections that ask more often than every five minutes.
func WithKeepalive(interval, timeout time.Duration) Option {
	return func(s *settings) { s.keepalive = keepalive.ClientParameters{Time: interval, Timeout: timeout} }
}

// WithDialOptions adds options of gRPC. They come last, and so take precedence over the client's own; a
// default service config replaces the retries.
func WithDialOptions(options ...grpc.DialOption) Option {
	return func(s *settings) { s.dial = append(s.dial, options...) }
}

type settings struct {
	timeout   time.Duration
	retries   bool
	keepalive keepalive.ClientParameters
	dial      []grpc.DialOption
}

func defaultSettings() settings {
	return settings{
		timeout:   5 * time.Second,
		retries:   true,
		keepalive: keepalive.ClientParameters{Time: 310 * time.Second, Timeout: 20 * time.Second},
	}
}

// A page of dead letters is larger than gRPC's own limit of 4 MiB.
const maxResponseBytes = 16 << 20

// When UNAVAILABLE is answered nothing was stored; when a connection is lost, event IDs make it
// harmless to send again. What changes trackers or dead letters is left to its caller.
const retryConfig = `{"methodConfig": [{
	"name": [
		{"service": "personalize_gateway.v1.EventService"},
		{"service": "personalize_gateway.v1.CatalogService"},
		{"service": "personalize_gateway.v1.IngestService", "method": "IngestBatch"},
		{"service": "personalize_gateway.v1.RouteService"}
	],
	"retryPolicy": {
		"maxAttempts": 5,
		"initialBackoff": "0.2s",
		"maxBackoff": "1s",
		"backoffMultiplier": 2,
		"retryableStatusCodes": ["UNAVAILABLE"]
	}
}]}`

func (s settings) dialOptions() []grpc.DialOption {
	interceptor := interceptor{timeout: s.timeout, retries: s.retries}
	options := []grpc.DialOption{
		grpc.WithChainUnaryInterceptor(interceptor.unary),
		grpc.WithChainStreamInterceptor(interceptor.stream),
		grpc.WithKeepaliveParams(s.keepalive),
		grpc.WithConnectParams(grpc.ConnectParams{
			Backoff: backoff.Config{
				BaseDelay: 100 * time.Millisecond, Multiplier: 1.6, Jitter: 0.2, MaxDelay: 2 * time.Second,
			},
			MinConnectTimeout: 5 * time.Second,
		}),
		grpc.WithDefaultCallOptions(grpc.MaxCallRecvMsgSize(maxResponseBytes)),
		// The proxy of the environment is for the way out of a network, and a gateway is in it.
		grpc.WithNoProxy(),
	}
	if s.retries {
		options = append(options, grpc.WithDefaultServiceConfig(retryConfig))
	} else {
		options = append(options, grpc.WithDisableRetry())
	}
	return append(options, s.dial...)
}

package gateway

import (
	"context"
	"errors"
	"io"
	"math/rand/v2"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"
)

// An interceptor gives each call its deadline, its retries and its errors.
type interceptor struct {
	timeout time.Duration
	retries bool
}

// unary retries what the gateway said to send again later, which a service config cannot see:
// UNAVAILABLE is retried below this, by gRPC.
func (i interceptor) unary(
	ctx context.Context, method string, request, response any, connection *grpc.ClientConn,
	invoke grpc.UnaryInvoker, options ...grpc.CallOption,
) error {
	if _, has := ctx.Deadline(); !has && i.timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, i.timeout)
		defer cancel()
	}
	for {
		err := invoke(ctx, method, request, response, connection, options...)
		if err == nil {
			return nil
		}
		told := errorOf(err, request)
		isThrottled := told.Code == codes.ResourceExhausted && told.hasRetryDelay
		if !i.retries || !isThrottled || !waitFor(ctx, jittered(told.RetryDelay)) {
			return told
		}
	}
}

func (i interceptor) stream(
	ctx context.Context, description *grpc.StreamDesc, connection *grpc.ClientConn, method string,
	open grpc.Streamer, options ...grpc.CallOption,
) (grpc.ClientStream, error) {
	stream, err := open(ctx, description, connection, method, options...)
	if err != nil {
		return nil, errorOf(err, nil)
	}
	return typedStream{stream}, nil
}

// A typedStream ends with an *Error.
type typedStream struct{ grpc.ClientStream }

func (s typedStream) SendMsg(message any) error {
	return typed(s.ClientStream.SendMsg(message), message)
}

func (s typedStream) RecvMsg(message any) error {
	return typed(s.ClientStream.RecvMsg(message), nil)
}

func typed(err error, request any) error {
	if err == nil || errors.Is(err, io.EOF) {
		return err
	}
	return errorOf(err, request)
}

// errorOf returns the error of a call. gRPC calls it INTERNAL if a request cannot be encoded, but it
// is the caller's fault: nearly always a string that is not UTF-8.
func errorOf(err error, request any) *Error {
	told := newError(err)
	if told.Code != codes.Internal || told.Reason != "" {
		return told
	}
	message, isMessage := request.(proto.Message)
	if !isMessage {
		return told
	}
	if _, fault := proto.Marshal(message); fault != nil {
		return malformed(fault)
	}
	return told
}

const minRetryDelay = 10 * time.Millisecond

// jittered returns a time that is no shorter, and up to a quarter longer, so that callers that were
// told the same do not come back at once.
func jittered(delay time.Duration) time.Duration {
	delay = max(delay, minRetryDelay)
	return delay + rand.N(delay/4)
}

// waitFor waits so long and returns true, or returns false where the context would end before: at
// once, if its deadline says so.
func waitFor(ctx context.Context, delay time.Duration) bool {
	if deadline, has := ctx.Deadline(); has && time.Until(deadline) <= delay {
		return false
	}
	timer := time.NewTimer(delay)
	defer timer.Stop()
	select {
	case <-timer.C:
		return true
	case <-ctx.Done():
		return false
	}
}

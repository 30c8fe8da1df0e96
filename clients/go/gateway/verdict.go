package gateway

import (
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// maxUnclearEnds is how often streams may end at a request for a reason that may be its fault or may
// pass.
const maxUnclearEnds = 5

// A recovery decides what follows when a stream has ended.
type recovery struct {
	fruitless int // so many streams have ended in succession without an acknowledgement
	unclear   int // so many have ended for a reason that is unclear since a request was settled
}

// after returns how many of the requests that a stream has left unanswered are refused, the first or all;
// the others are sent again. And how long to wait before the next stream: between half and all of a time
// that doubles, and no less than the gateway said.
func (r *recovery) after(
	err *Error, unanswered int, hasProgressed bool, options PublisherOptions,
) (int, time.Duration) {
	if hasProgressed {
		*r = recovery{}
	}
	pause := options.MinBackoff
	for range r.fruitless {
		pause = min(2*pause, options.MaxBackoff)
	}
	r.fruitless++
	refused := 0
	if unanswered > 0 {
		refused = r.judge(err, unanswered)
	}
	if refused > 0 {
		r.unclear = 0
	}
	return refused, max(pause/2+rand.N(pause/2+1), err.RetryDelay)
}

// judge returns how many are refused, by the error with which the stream ended.
func (r *recovery) judge(err *Error, unanswered int) int {
	switch err.Code {
	case codes.Unavailable:
		return 0
	case codes.Unauthenticated, codes.PermissionDenied, codes.NotFound, codes.Unimplemented:
		return unanswered // Who calls, or where to, is wrong.
	case codes.InvalidArgument, codes.FailedPrecondition, codes.OutOfRange:
		return 1 // Those before it were acknowledged, so it is about the first.
	case codes.Internal, codes.Unknown, codes.Canceled:
		if err.Reason == "" {
			return 0 // A connection's, or a proxy's: a gateway says a reason.
		}
	case codes.ResourceExhausted:
		if err.hasRetryDelay {
			return 0
		}
		if err.Reason == reasonName(pb.ErrorReason_ERROR_REASON_MESSAGE_TOO_LARGE) {
			return 1
		}
	}
	r.unclear++
	if r.unclear < maxUnclearEnds {
		return 0
	}
	return 1
}

package gateway

import (
	"math/rand/v2"
	"time"

	"google.golang.org/grpc/codes"
)

// A verdict is what becomes of the requests that were sent on a stream and not acknowledged, once it
// has ended.
type verdict int

const (
	// resend sends all of them again.
	resend verdict = iota
	// refuseFirst gives up the first: those before it were acknowledged, so the error is about it.
	refuseFirst
	// refuseSent gives up all: the error is about the caller.
	refuseSent
)

// maxUnclearEnds is how often in succession a request is sent again after an error that may be the
// fault of the request or of something that passes.
const maxUnclearEnds = 5

// judge decides by the error with which a stream ended.
//
// unclearEnds counts the streams that have ended with an unclear error since the last acknowledgement,
// this one included.
func judge(err *Error, unclearEnds int) verdict {
	switch {
	case err.IsRetryable():
		return resend
	case isUnclear(err):
		if unclearEnds < maxUnclearEnds {
			return resend
		}
		return refuseFirst
	case isAboutCaller(err):
		return refuseSent
	default:
		return refuseFirst
	}
}

func isUnclear(err *Error) bool {
	switch err.Code {
	case codes.Canceled, codes.Unknown, codes.DeadlineExceeded, codes.Aborted, codes.Internal:
		return true
	case codes.ResourceExhausted:
		return err.Reason == "" // A proxy's limit; a gateway says which and when.
	default:
		return false
	}
}

func isAboutCaller(err *Error) bool {
	switch err.Code {
	case codes.Unauthenticated, codes.PermissionDenied, codes.Unimplemented:
		return true
	default:
		return false
	}
}

// A recovery counts how streams have ended in succession, without an acknowledgement between.
type recovery struct {
	fruitless int
	unclear   int
}

// after returns what becomes of the requests of a stream that has ended, and how long to wait before
// the next: between half and all of a time that doubles, and no less than the gateway said.
func (r *recovery) after(
	err *Error, hasProgressed bool, options PublisherOptions,
) (verdict, time.Duration) {
	if hasProgressed {
		*r = recovery{}
	}
	pause := options.MinBackoff
	for range r.fruitless {
		pause = min(2*pause, options.MaxBackoff)
	}
	r.fruitless++
	if isUnclear(err) {
		r.unclear++
	}
	decided := judge(err, r.unclear)
	if decided != resend {
		r.unclear = 0
	}
	return decided, max(pause/2+rand.N(pause/2+1), err.RetryDelay)
}

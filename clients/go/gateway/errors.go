package gateway

import (
	"context"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// The domain of every ErrorInfo of a gateway.
const errorDomain = "personalize-gateway"

// An Error is why a request was not served. All methods of a client return it; find it with
// [errors.As].
type Error struct {
	// Code is the kind of error.
	Code codes.Code
	// Reason is the name of a value of the enum ErrorReason, without its prefix: "INVALID_FIELDS". It
	// is empty where the error comes from elsewhere: from a proxy, the connection or the deadline.
	Reason string
	// Message says what happened and what to do, for a developer.
	Message string
	// Violations are the fields at fault, 20 at most.
	Violations []Violation
	// ViolationCount is how many there are in all.
	ViolationCount int
	// RetryDelay is how long to wait before the same is sent again; zero where the gateway did not
	// say.
	RetryDelay time.Duration
	// Metadata is that of the ErrorInfo; the comments of ErrorReason tell of it.
	Metadata map[string]string

	hasRetryDelay bool
	status        *status.Status
}

// A Violation is a place where a request breaks a rule.
type Violation struct {
	// Field is the path of the field: `events[3].properties["timestamp"]`.
	Field string
	// Rule is the name of a value of the enum Rule, without its prefix: "REQUIRED". Where
	// Personalize refused a request, it is the error code of AWS.
	Rule string
	// Description says what is wrong and what to send instead, for a developer.
	Description string
}

// Error returns code, reason and message.
func (e *Error) Error() string {
	if e.Reason == "" {
		return fmt.Sprintf("gateway: %v: %s", e.Code, e.Message)
	}
	return fmt.Sprintf("gateway: %v (%s): %s", e.Code, e.Reason, e.Message)
}

// GRPCStatus returns the status of the call, for [status.FromError] and [status.Code].
func (e *Error) GRPCStatus() *status.Status {
	if e.status == nil {
		return status.New(e.Code, e.Message)
	}
	return e.status
}

// Unwrap returns the context's error where a deadline passed or the call was cancelled.
func (e *Error) Unwrap() error {
	switch e.Code {
	case codes.DeadlineExceeded:
		return context.DeadlineExceeded
	case codes.Canceled:
		return context.Canceled
	default:
		return nil
	}
}

// IsRetryable says whether the same request may be served later: nothing of it was stored, or event
// IDs make it harmless.
func (e *Error) IsRetryable() bool {
	return e.Code == codes.Unavailable || e.hasRetryDelay
}

// newError reads the status of an error and its details.
func newError(err error) *Error {
	var known *Error
	if errors.As(err, &known) {
		return known
	}
	told, isStatus := status.FromError(err)
	if !isStatus {
		told = status.FromContextError(err)
	}
	found := &Error{Code: told.Code(), Message: told.Message(), status: told}
	for _, detail := range told.Details() {
		found.read(detail)
	}
	found.ViolationCount = len(found.Violations)
	if total, err := strconv.Atoi(found.Metadata["violations"]); err == nil {
		found.ViolationCount = total
	}
	return found
}

func (e *Error) read(detail any) {
	switch detail := detail.(type) {
	case *errdetails.ErrorInfo:
		if detail.GetDomain() == errorDomain {
			e.Reason, e.Metadata = detail.GetReason(), detail.GetMetadata()
		}
	case *errdetails.BadRequest:
		for _, violation := range detail.GetFieldViolations() {
			e.Violations = append(e.Violations, Violation{
				violation.GetField(), violation.GetReason(), violation.GetDescription(),
			})
		}
	case *errdetails.RetryInfo:
		e.RetryDelay, e.hasRetryDelay = detail.GetRetryDelay().AsDuration(), true
	}
}

// refused returns what a gateway would answer to fields that break rules.
func refused(violations []Violation) *Error {
	first := violations[0]
	return &Error{
		Code:           codes.InvalidArgument,
		Reason:         reasonName(pb.ErrorReason_ERROR_REASON_INVALID_FIELDS),
		Message:        first.Field + ": " + first.Description,
		Violations:     violations,
		ViolationCount: len(violations),
	}
}

// malformed returns what a gateway would answer to bytes that are no message.
func malformed(cause error) *Error {
	return &Error{
		Code:    codes.InvalidArgument,
		Reason:  reasonName(pb.ErrorReason_ERROR_REASON_MALFORMED_MESSAGE),
		Message: "it cannot be encoded: " + cause.Error(),
	}
}

func reasonName(reason pb.ErrorReason) string {
	return strings.TrimPrefix(reason.String(), "ERROR_REASON_")
}

func ruleName(rule pb.Rule) string {
	return strings.TrimPrefix(rule.String(), "RULE_")
}

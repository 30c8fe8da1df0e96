package gateway

import (
	"context"
	"errors"
	"reflect"
	"regexp"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/status"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

var uuid4 = regexp.MustCompile(`^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$`)

func oneEvent() *pb.PutEventsRequest {
	return &pb.PutEventsRequest{Events: []*pb.Event{{SessionId: "s-1", EventType: "View"}}}
}

// An event without an ID has the same one at each attempt.
func TestEventIDBeforeTheFirstAttempt(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fake{puts: []error{answer(codes.Unavailable, "OUTBOX_UNAVAILABLE", "not now")}}
		client := fake.serve(t)
		if _, err := client.PutEvents(t.Context(), oneEvent()); err != nil {
			t.Fatal(err)
		}
		if len(fake.requests) != 2 {
			t.Fatalf("%d attempts", len(fake.requests))
		}
		first, second := fake.requests[0].Events[0].GetEventId(), fake.requests[1].Events[0].GetEventId()
		if first != second || !uuid4.MatchString(first) {
			t.Errorf("event IDs %q and %q", first, second)
		}
	})
}

// Only what has no event ID gets one, and each another.
func TestEventIDsOfEveryKind(t *testing.T) {
	own := "own"
	records := []*pb.IngestRecord{
		{Kind: &pb.IngestRecord_Event{Event: &pb.Event{}}},
		{Kind: &pb.IngestRecord_Event{Event: &pb.Event{EventId: &own}}},
		{Kind: &pb.IngestRecord_ActionInteraction{ActionInteraction: &pb.ActionInteraction{}}},
		{Kind: &pb.IngestRecord_Item{Item: &pb.Item{ItemId: "i-1"}}},
		{},
		nil,
	}
	for _, record := range records {
		identify(record)
	}
	event, interaction := records[0].GetEvent().GetEventId(), records[2].GetActionInteraction().GetEventId()
	if !uuid4.MatchString(event) || !uuid4.MatchString(interaction) || event == interaction {
		t.Errorf("event IDs %q and %q", event, interaction)
	}
	if kept := records[1].GetEvent().GetEventId(); kept != own {
		t.Errorf("the caller's event ID became %q", kept)
	}
}

// UNAVAILABLE is retried four times.
func TestUnavailableIsRetried(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		down := answer(codes.Unavailable, "DRAINING", "stopping")
		fake := &fake{puts: []error{down, down, down, down, down, down}}
		_, err := fake.serve(t).PutEvents(t.Context(), oneEvent())
		expectError(t, err, codes.Unavailable, "DRAINING")
		if len(fake.requests) != 5 {
			t.Errorf("%d attempts", len(fake.requests))
		}
	})
}

// RESOURCE_EXHAUSTED is retried after the time that the gateway named, and not long after it.
func TestRetryDelayIsTheLeast(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		limit := answer(codes.ResourceExhausted, "CALLER_LIMIT_REACHED", "too many", retryAfter(2*time.Second))
		fake := &fake{puts: []error{limit}}
		client := fake.serve(t)
		begin := time.Now()
		if _, err := client.PutEvents(t.Context(), oneEvent()); err != nil {
			t.Fatal(err)
		}
		if took := time.Since(begin); took < 2*time.Second || took > 2500*time.Millisecond {
			t.Errorf("it took %v", took)
		}
		if len(fake.requests) != 2 {
			t.Errorf("%d attempts", len(fake.requests))
		}
	})
}

// The caller gets at once what cannot be served within the deadline, and what is not retried.
func TestErrorsAtOnce(t *testing.T) {
	limit := answer(codes.ResourceExhausted, "BUDGET_EXHAUSTED", "full", retryAfter(6*time.Second))
	soon := answer(codes.ResourceExhausted, "BUDGET_EXHAUSTED", "full", retryAfter(time.Second))
	cases := map[string]struct {
		err     error
		options []Option
	}{
		"delay beyond the deadline": {limit, nil},
		"no delay named":            {answer(codes.ResourceExhausted, "MESSAGE_TOO_LARGE", "large"), nil},
		"another code":              {answer(codes.Internal, "INTERNAL", "unforeseen"), nil},
		"no retries wanted":         {soon, []Option{WithoutRetries()}},
		"no retries of UNAVAILABLE": {answer(codes.Unavailable, "DRAINING", "stopping"), []Option{WithoutRetries()}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &fake{puts: []error{c.err}}
				client := fake.serve(t, c.options...)
				begin := time.Now()
				_, err := client.PutEvents(t.Context(), oneEvent())
				if took := time.Since(begin); err == nil || took != 0 || len(fake.requests) != 1 {
					t.Errorf("%v after %v and %d attempts", err, took, len(fake.requests))
				}
			})
		})
	}
}

// A call has five seconds, unless client or context say otherwise.
func TestDeadline(t *testing.T) {
	cases := map[string]struct {
		options []Option
		context time.Duration
		want    time.Duration
	}{
		"by default": {nil, 0, 5 * time.Second},
		"by option":  {[]Option{WithTimeout(time.Second)}, 0, time.Second},
		"by context": {nil, time.Minute, time.Minute},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				ctx := t.Context()
				if c.context > 0 {
					var cancel context.CancelFunc
					ctx, cancel = context.WithTimeout(ctx, c.context)
					defer cancel()
				}
				client := (&fake{hold: true}).serve(t, c.options...)
				begin := time.Now()
				_, err := client.PutEvents(ctx, oneEvent())
				expectError(t, err, codes.DeadlineExceeded, "")
				if took := time.Since(begin); took != c.want || !errors.Is(err, context.DeadlineExceeded) {
					t.Errorf("%v after %v", err, took)
				}
			})
		})
	}
}

// All that a status says is in the error, which still is that status.
func TestErrorHasTheDetails(t *testing.T) {
	told, err := status.New(codes.InvalidArgument, "events[0].user_id: is empty (and 24 more)").WithDetails(
		&errdetails.ErrorInfo{
			Reason: "INVALID_FIELDS", Domain: errorDomain, Metadata: map[string]string{"violations": "25"},
		},
		&errdetails.BadRequest{FieldViolations: []*errdetails.BadRequest_FieldViolation{
			{Field: "events[0].user_id", Reason: "MIN_LENGTH", Description: "is empty"},
		}},
		retryAfter(time.Second),
	)
	if err != nil {
		t.Fatal(err)
	}
	found := newError(told.Err())
	want := &Error{
		Code:           codes.InvalidArgument,
		Reason:         "INVALID_FIELDS",
		Message:        "events[0].user_id: is empty (and 24 more)",
		Violations:     []Violation{{"events[0].user_id", "MIN_LENGTH", "is empty"}},
		ViolationCount: 25,
		RetryDelay:     time.Second,
		Metadata:       map[string]string{"violations": "25"},
		hasRetryDelay:  true,
		status:         found.status,
	}
	if !reflect.DeepEqual(found, want) {
		t.Errorf(" got %#v\nwant %#v", found, want)
	}
	if status.Code(found) != codes.InvalidArgument || len(status.Convert(found).Details()) != 3 {
		t.Errorf("its status is %v", status.Convert(found))
	}
}

// A reason of another domain is not the gateway's.
func TestForeignReason(t *testing.T) {
	told, _ := status.New(codes.PermissionDenied, "no").WithDetails(
		&errdetails.ErrorInfo{Reason: "RBAC", Domain: "proxy.example"},
	)
	if found := newError(told.Err()); found.Reason != "" || found.Metadata != nil {
		t.Errorf("%#v", found)
	}
}

// A text that is not UTF-8 is the caller's mistake, not an INTERNAL error.
func TestTextThatIsNotUTF8(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		client := (&fake{}).serve(t)
		_, err := client.PutEvents(t.Context(), &pb.PutEventsRequest{Events: []*pb.Event{{SessionId: "\xff"}}})
		expectError(t, err, codes.InvalidArgument, "MALFORMED_MESSAGE")
	})
}

// The stubs and their streams have the client's errors, too.
func TestErrorsOfTheStubs(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fake{ingest: func(int, pb.IngestService_IngestServer) error {
			return answer(codes.Unauthenticated, "CALLER_UNKNOWN", "who?")
		}}
		client := fake.serve(t)
		stream, err := client.Ingest.Ingest(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		_, err = stream.Recv()
		expectError(t, err, codes.Unauthenticated, "CALLER_UNKNOWN")
		_, err = client.Trackers.ListEventTrackers(t.Context(), &pb.ListEventTrackersRequest{})
		expectError(t, err, codes.Unimplemented, "")
	})
}

func expectError(t *testing.T, err error, code codes.Code, reason string) {
	t.Helper()
	var found *Error
	if !errors.As(err, &found) {
		t.Fatalf("not an *Error: %v", err)
	}
	if found.Code != code || found.Reason != reason {
		t.Errorf("got %v, want %v (%s)", found, code, reason)
	}
}

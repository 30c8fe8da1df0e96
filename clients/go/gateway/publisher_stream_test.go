package gateway

import (
	"fmt"
	"math/rand/v2"
	"reflect"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/protoadapt"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

func TestRefusals(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fake{ingest: func(_ int, stream pb.IngestService_IngestServer) error {
			stream.Recv()
			return stream.Send(&pb.IngestResponse{AcknowledgedSequence: 1, Refusals: []*pb.Refusal{
				{
					Sequence: 1, RecordIndex: 1, Reason: pb.ErrorReason_ERROR_REASON_INVALID_FIELDS, Message: "it is empty",
					Violations: []*pb.Violation{
						{Field: "records[1].event.user_id", Rule: pb.Rule_RULE_MIN_LENGTH, Description: "empty"},
						{Field: "records[1]", Rule: pb.Rule_RULE_KIND, Description: "none"},
					},
				},
				{Sequence: 1, RecordIndex: 2, Reason: pb.ErrorReason_ERROR_REASON_ROUTE_MISSING, Message: "no route"},
			}})
		}}
		var told outlet
		publisher := newPublisher(t, fake.serve(t), told.options(PublisherOptions{}))
		publish(t, publisher, 1, 4)
		if err := publisher.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "confirmed", told.confirmed, []string{"e-1", "e-4"})
		expectEqual(t, "refused", told.refusedIDs(), []string{"e-2", "e-3"})
		for i, want := range []Refusal{
			{Reason: "INVALID_FIELDS", Message: "it is empty", Violations: []Violation{
				{"event.user_id", "MIN_LENGTH", "empty"}, {"", "KIND", "none"},
			}},
			{Reason: "ROUTE_MISSING", Message: "no route"},
		} {
			got := told.refused[i]
			got.Record = nil
			if !reflect.DeepEqual(got, want) {
				t.Errorf("got %+v, want %+v", got, want)
			}
		}
	})
}

func TestDraining(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var received requestLog
		fake := &fake{ingest: func(number int, stream pb.IngestService_IngestServer) error {
			if number > 0 {
				return acknowledgeAll(stream, &received)
			}
			for range 3 {
				stream.Recv()
			}
			stream.Send(&pb.IngestResponse{AcknowledgedSequence: 1})
			return answer(codes.Unavailable, "DRAINING", "stopping")
		}}
		var told outlet
		publisher := newPublisher(t, fake.serve(t), told.options(PublisherOptions{RequestRecords: 2}))
		publish(t, publisher, 1, 6)
		if err := publisher.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "requests", sent(received.all()), []string{"1 [e-3 e-4]", "2 [e-5 e-6]"})
		expectEqual(t, "confirmed", told.confirmed, numbered(1, 6))
		if stats := publisher.Stats(); stats.Streams != 2 || stats.LastError == nil {
			t.Errorf("%+v", stats)
		}
	})
}

func TestUnacknowledgedRequestsAreBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		received := 0
		fake := &fake{ingest: func(_ int, stream pb.IngestService_IngestServer) error {
			for {
				if _, err := stream.Recv(); err != nil {
					return nil
				}
				received++
			}
		}}
		publisher := newPublisher(t, fake.serve(t), PublisherOptions{RequestRecords: 1, Unacknowledged: 3})
		publish(t, publisher, 1, 10)
		time.Sleep(time.Minute)
		synctest.Wait()
		if received != 3 {
			t.Errorf("%d requests", received)
		}
	})
}

func TestFinalErrors(t *testing.T) {
	cases := map[string]struct {
		err     error
		refused []string
		fails   int // so many streams, one after the other
		streams uint64
	}{
		"of the request": {answer(codes.InvalidArgument, "INVALID_FIELDS", "dataset_group"), []string{"e-2"}, 1, 2},
		"too large":      {answer(codes.ResourceExhausted, "MESSAGE_TOO_LARGE", "large"), []string{"e-2"}, 1, 2},
		"of the token":   {answer(codes.Unauthenticated, "CALLER_UNKNOWN", "expired"), []string{"e-2", "e-3"}, 1, 1},
		"of a proxy":     {answer(codes.PermissionDenied, "", "no"), []string{"e-2", "e-3"}, 1, 1},
		"of its limit":   {answer(codes.ResourceExhausted, "", "slow down"), []string{"e-2"}, 5, 6},
		"unforeseen":     {answer(codes.Internal, "INTERNAL", "error 1"), []string{"e-2"}, 5, 6},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				var received requestLog
				fake := &fake{ingest: func(number int, stream pb.IngestService_IngestServer) error {
					if number == c.fails {
						return acknowledgeAll(stream, &received)
					}
					if number == 0 { // All are under way: then the first is stored.
						for range 3 {
							stream.Recv()
						}
						stream.Send(&pb.IngestResponse{AcknowledgedSequence: 1})
					}
					return c.err
				}}
				var told outlet
				publisher := newPublisher(t, fake.serve(t), told.options(PublisherOptions{RequestRecords: 1}))
				publish(t, publisher, 1, 3)
				if err := publisher.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				expectEqual(t, "refused", told.refusedIDs(), c.refused)
				if got := publisher.Stats(); got.Streams != c.streams || got.Confirmed != 3-uint64(len(c.refused)) {
					t.Errorf("%+v", got)
				}
				if got := told.refused[0]; got.Reason != newError(c.err).Reason || got.Message != newError(c.err).Error() {
					t.Errorf("%+v", got)
				}
			})
		})
	}
}

// The table of docs/clients.md: how many of three requests are refused at each of six such ends.
func TestWhatTheEndOfAStreamRefuses(t *testing.T) {
	again, all, first, fifth := [6]int{}, [6]int{3, 3, 3, 3, 3, 3}, [6]int{1, 1, 1, 1, 1, 1}, [6]int{4: 1}
	for _, c := range []struct {
		code    codes.Code
		reason  string
		details []protoadapt.MessageV1
		want    [6]int
	}{
		{codes.Unavailable, "", nil, again},
		{codes.Unavailable, "DRAINING", nil, again},
		{codes.ResourceExhausted, "OVERLOADED", []protoadapt.MessageV1{retryAfter(0)}, again},
		{codes.Internal, "", nil, again},
		{codes.Unknown, "", nil, again},
		{codes.Canceled, "", nil, again},
		{codes.Unauthenticated, "CALLER_UNKNOWN", nil, all},
		{codes.PermissionDenied, "ROUTE_MISSING", nil, all},
		{codes.NotFound, "DATASET_GROUP_UNKNOWN", nil, all},
		{codes.Unimplemented, "", nil, all},
		{codes.InvalidArgument, "MALFORMED_MESSAGE", nil, first},
		{codes.FailedPrecondition, "KIND_NOT_AVAILABLE", nil, first},
		{codes.OutOfRange, "", nil, first},
		{codes.ResourceExhausted, "MESSAGE_TOO_LARGE", nil, first},
		{codes.Internal, "INTERNAL", nil, fifth},
		{codes.DeadlineExceeded, "", nil, fifth},
		{codes.Aborted, "", nil, fifth},
		{codes.DataLoss, "", nil, fifth},
		{codes.ResourceExhausted, "", nil, fifth},
		{codes.ResourceExhausted, "OVERLOADED", nil, fifth},
	} {
		var recovery recovery
		var got [6]int
		for i := range got {
			err := newError(answer(c.code, c.reason, "told", c.details...))
			got[i], _ = recovery.after(err, 3, false, PublisherOptions{})
		}
		if got != c.want {
			t.Errorf("%v %q: %v, want %v", c.code, c.reason, got, c.want)
		}
	}
}

// Another request is the first when one is settled; what ends with another error between them is not.
func TestUnclearEndsAreCountedAnew(t *testing.T) {
	unclear := &Error{Code: codes.Aborted}
	var recovery recovery
	var got []int
	for _, step := range []struct {
		err           *Error
		unanswered    int
		hasProgressed bool
		times         int
	}{
		{unclear, 2, false, 4},
		{&Error{Code: codes.InvalidArgument}, 2, false, 1},
		{unclear, 2, false, 4},
		{unclear, 2, true, 1},
		{unclear, 0, false, 9},
		{unclear, 2, false, 3},
		{&Error{Code: codes.Unavailable}, 2, false, 9},
		{unclear, 2, false, 1},
	} {
		refused := 0
		for range step.times {
			one, _ := recovery.after(step.err, step.unanswered, step.hasProgressed, PublisherOptions{})
			refused += one
		}
		got = append(got, refused)
	}
	expectEqual(t, "refused", got, []int{0, 1, 0, 0, 0, 0, 0, 1})
}

// The end of a stream that owes nothing refuses nothing: what is published later goes on the next.
func TestAnIdleStreamThatEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fake{ingest: func(_ int, stream pb.IngestService_IngestServer) error {
			request, err := stream.Recv()
			if err != nil {
				return nil
			}
			stream.Send(&pb.IngestResponse{AcknowledgedSequence: request.GetSequence()})
			time.Sleep(time.Second)
			return answer(codes.PermissionDenied, "ROUTE_MISSING", "no route")
		}}
		var told outlet
		publisher := newPublisher(t, fake.serve(t), told.options(PublisherOptions{}))
		for number := 1; number <= 3; number++ {
			publish(t, publisher, number, number)
			time.Sleep(time.Minute)
		}
		synctest.Wait()
		expectEqual(t, "confirmed", told.confirmed, numbered(1, 3))
		expectEqual(t, "refused", told.refusedIDs(), nil)
	})
}

func TestBackoff(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var received requestLog
		var at []time.Duration
		begin := time.Now()
		fake := &fake{ingest: func(number int, stream pb.IngestService_IngestServer) error {
			at = append(at, time.Since(begin))
			switch {
			case number < 20:
				return answer(codes.Unavailable, "DRAINING", "stopping")
			case number == 20:
				return answer(codes.Unavailable, "OUTBOX_UNAVAILABLE", "full", retryAfter(time.Minute))
			default:
				return acknowledgeAll(stream, &received)
			}
		}}
		publisher := newPublisher(t, fake.serve(t), PublisherOptions{Linger: -1})
		publish(t, publisher, 1, 1)
		if err := publisher.Flush(t.Context()); err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "requests", sent(received.all()), []string{"1 [e-1]"})
		longest := 100 * time.Millisecond
		for i := 1; i < 21; i++ {
			if pause := at[i] - at[i-1]; pause < longest/2 || pause > longest {
				t.Errorf("pause %d is %v, not about %v", i, pause, longest)
			}
			longest = min(2*longest, 5*time.Second)
		}
		if pause := at[21] - at[20]; pause < time.Minute || pause > 75*time.Second {
			t.Errorf("the pause that the gateway named became %v", pause)
		}
	})
}

func TestStreamsThatEndAnywhere(t *testing.T) {
	const count = 200
	for seed := range uint64(50) {
		t.Run(fmt.Sprint(seed), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				random := rand.New(rand.NewPCG(seed, 0))
				var stored []string
				fake := &fake{ingest: func(_ int, stream pb.IngestService_IngestServer) error {
					return failing(random, stream, &stored)
				}}
				var told outlet
				options := PublisherOptions{
					BufferRecords: 1 + random.IntN(50), RequestRecords: 1 + random.IntN(9), Unacknowledged: 1 + random.IntN(5),
				}
				publisher := newPublisher(t, fake.serve(t), told.options(options))
				publish(t, publisher, 1, count)
				if err := publisher.Close(t.Context()); err != nil {
					t.Fatal(err)
				}
				expectEqual(t, "confirmed", told.confirmed, numbered(1, count))
				expectEqual(t, "stored", firsts(stored), numbered(1, count))
			})
		})
	}
}

func failing(random *rand.Rand, stream pb.IngestService_IngestServer, stored *[]string) error {
	for {
		if random.IntN(8) == 0 {
			return answer(codes.Unavailable, "DRAINING", "stopping")
		}
		request, err := stream.Recv()
		if err != nil {
			return nil
		}
		*stored = append(*stored, eventIDs(request.GetRecords())...)
		if random.IntN(8) == 0 {
			return nil // As OK: the end of a stream that a proxy has closed.
		}
		err = stream.Send(&pb.IngestResponse{AcknowledgedSequence: request.GetSequence()})
		if err != nil {
			return err
		}
	}
}

func firsts(entries []string) []string {
	var found []string
	for _, entry := range entries {
		if !slices.Contains(found, entry) {
			found = append(found, entry)
		}
	}
	return found
}

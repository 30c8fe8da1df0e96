package gateway

import (
	"context"
	"errors"
	"testing"
	"testing/synctest"
	"time"

	"google.golang.org/grpc/codes"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// An outlet is what a publisher's callbacks were told.
type outlet struct {
	confirmed []string
	refused   []Refusal
}

func (o *outlet) options(options PublisherOptions) PublisherOptions {
	options.OnConfirmed = func(record *pb.IngestRecord) { o.confirmed = append(o.confirmed, eventID(record)) }
	options.OnRefused = func(refusal Refusal) { o.refused = append(o.refused, refusal) }
	return options
}

func (o *outlet) refusedIDs() []string {
	var ids []string
	for _, refusal := range o.refused {
		ids = append(ids, eventID(refusal.Record))
	}
	return ids
}

func newPublisher(t *testing.T, client *Client, options PublisherOptions) *EventPublisher {
	t.Helper()
	publisher, err := client.NewPublisher(options)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ended, cancel := context.WithCancel(context.Background())
		cancel()
		publisher.Close(ended)
	})
	return publisher
}

func publish(t *testing.T, publisher *EventPublisher, first, last int) {
	t.Helper()
	for number := first; number <= last; number++ {
		if err := publisher.Publish(t.Context(), event(number)); err != nil {
			t.Fatal(err)
		}
	}
}

// storing is a gateway that stores everything.

func storing(received *requestLog) *fake {
	return &fake{ingest: func(_ int, stream pb.IngestService_IngestServer) error {
		return acknowledgeAll(stream, received)
	}}
}

// Close sends everything, ends the stream, and tells of each record once and in order.

func TestPublishAndClose(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var received requestLog
		var told outlet
		options := told.options(PublisherOptions{RequestRecords: 2, DatasetGroup: "shop"})
		publisher := newPublisher(t, storing(&received).serve(t), options)
		publish(t, publisher, 1, 5)
		if err := publisher.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		expectEqual(t, "requests", sent(received.all()), []string{"1 [e-1 e-2]", "2 [e-3 e-4]", "3 [e-5]"})
		expectEqual(t, "confirmed", told.confirmed, numbered(1, 5))
		if group := received.all()[0].GetDatasetGroup(); group != "shop" {
			t.Errorf("dataset group %q", group)
		}
		if got, want := publisher.Stats(), (Stats{Accepted: 5, Confirmed: 5, Streams: 1}); got != want {
			t.Errorf("got %+v, want %+v", got, want)
		}
		if err := publisher.Publish(t.Context(), event(6)); !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		if err := publisher.Close(t.Context()); err != nil {
			t.Error(err)
		}
	})
}

// What is published is sent once it has lingered, without another word; the stream stays open.

func TestLinger(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var received requestLog
		publisher := newPublisher(t, storing(&received).serve(t), PublisherOptions{Linger: time.Second})
		publish(t, publisher, 1, 2)
		time.Sleep(999 * time.Millisecond)
		synctest.Wait()
		expectEqual(t, "requests", sent(received.all()), nil)
		time.Sleep(time.Millisecond)
		synctest.Wait()
		expectEqual(t, "requests", sent(received.all()), []string{"1 [e-1 e-2]"})
		time.Sleep(time.Hour)
		publish(t, publisher, 3, 3)
		time.Sleep(time.Second)
		synctest.Wait()
		expectEqual(t, "requests", sent(received.all()), []string{"1 [e-1 e-2]", "2 [e-3]"})
	})
}

// Flush does not wait for the linger, and returns once the callbacks have.

func TestFlush(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var received requestLog
		var told outlet
		publisher := newPublisher(t, storing(&received).serve(t), told.options(PublisherOptions{Linger: time.Hour}))
		publish(t, publisher, 1, 3)
		begin := time.Now()
		if err := publisher.Flush(t.Context()); err != nil || time.Since(begin) != 0 {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		expectEqual(t, "confirmed", told.confirmed, numbered(1, 3))
	})
}

// A flush ends with its context, or with the publisher.

func TestFlushThatCannotSucceed(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fake{ingest: func(_ int, stream pb.IngestService_IngestServer) error {
			<-stream.Context().Done()
			return nil
		}}
		publisher := newPublisher(t, fake.serve(t), PublisherOptions{})
		publish(t, publisher, 1, 1)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		if err := publisher.Flush(ctx); !errors.Is(err, context.DeadlineExceeded) {
			t.Error(err)
		}
		flushed := make(chan error)
		go func() { flushed <- publisher.Flush(context.Background()) }()
		synctest.Wait()
		publisher.Close(ctx)
		if err := <-flushed; !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
	})
}

// A refused record comes back with its rules, their paths beginning at the record; the rest of its

// request is confirmed.

// What a draining gateway has not acknowledged goes to the next: the same requests in the same order,

// numbered from 1.

// No more requests are under way than may be, however long the gateway takes.

// What the buffer has no room for waits, is dropped, or is the caller's to deal with; each is counted.

func TestWhenFull(t *testing.T) {
	cases := map[string]struct {
		whenFull WhenFull
		err      error
		stats    Stats
	}{
		"block": {Block, context.DeadlineExceeded, Stats{Blocked: 1}},
		"drop":  {DropNewest, nil, Stats{Dropped: 1}},
		"fail":  {Fail, ErrBufferFull, Stats{Failed: 1}},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				fake := &fake{ingest: func(_ int, stream pb.IngestService_IngestServer) error {
					<-stream.Context().Done()
					return nil
				}}
				options := PublisherOptions{BufferRecords: 2, WhenFull: c.whenFull}
				publisher := newPublisher(t, fake.serve(t), options)
				publish(t, publisher, 1, 2)
				ctx, cancel := context.WithTimeout(t.Context(), time.Second)
				defer cancel()
				if err := publisher.Publish(ctx, event(3)); !errors.Is(err, c.err) {
					t.Error(err)
				}
				got, want := publisher.Stats(), c.stats
				want.Accepted, want.Waiting, want.WaitingBytes = 2, 2, got.WaitingBytes
				want.Streams = got.Streams
				if got != want {
					t.Errorf("got %+v, want %+v", got, want)
				}
			})
		})
	}
}

// Whoever waits for room does not wait for the linger, gets it when records are confirmed, and an error when the publisher closes.

func TestBlockEnds(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		release := make(chan struct{})
		fake := &fake{ingest: func(_ int, stream pb.IngestService_IngestServer) error {
			for sequence := int64(1); ; sequence++ {
				if _, err := stream.Recv(); err != nil {
					return nil
				}
				<-release
				stream.Send(&pb.IngestResponse{AcknowledgedSequence: sequence})
			}
		}}
		publisher := newPublisher(t, fake.serve(t), PublisherOptions{BufferRecords: 1, Linger: time.Hour})
		publish(t, publisher, 1, 1)
		published := make(chan error)
		for number := 2; number <= 3; number++ {
			go func() { published <- publisher.Publish(context.Background(), event(number)) }()
		}
		synctest.Wait()
		begin := time.Now()
		release <- struct{}{}
		if err := <-published; err != nil || time.Since(begin) != 0 {
			t.Errorf("%v after %v", err, time.Since(begin))
		}
		closed := make(chan error)
		go func() { closed <- publisher.Close(context.Background()) }()
		if err := <-published; !errors.Is(err, ErrClosed) {
			t.Error(err)
		}
		close(release)
		if err := <-closed; err != nil {
			t.Error(err)
		}
	})
}

// An error that is final refuses what it is about, and the rest goes on.

// A gateway that is away is tried again, ever more slowly, for as long as it takes; the pause that it

// names is the least.

// Close gives back what could not be confirmed.

func TestCloseInVain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		fake := &fake{ingest: func(number int, stream pb.IngestService_IngestServer) error {
			return answer(codes.Unavailable, "DRAINING", "stopping")
		}}
		publisher := newPublisher(t, fake.serve(t), PublisherOptions{RequestRecords: 2, Unacknowledged: 1})
		publish(t, publisher, 1, 5)
		ctx, cancel := context.WithTimeout(t.Context(), time.Minute)
		defer cancel()
		var left *Unconfirmed
		if err := publisher.Close(ctx); !errors.As(err, &left) {
			t.Fatal(err)
		}
		expectEqual(t, "records", eventIDs(left.Records), numbered(1, 5))
	})
}

// What can never be sent is refused before it is in the buffer.

func TestPublishOfWhatCannotBeSent(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		publisher := newPublisher(t, (&fake{}).serve(t), PublisherOptions{})
		err := publisher.Publish(t.Context(), &pb.Event{SessionId: "\xff"})
		expectError(t, err, codes.InvalidArgument, "MALFORMED_MESSAGE")
		err = publisher.Publish(t.Context(), &pb.Event{SessionId: string(make([]byte, 5<<20))})
		expectError(t, err, codes.ResourceExhausted, "MESSAGE_TOO_LARGE")
		if got := publisher.Stats(); got != (Stats{}) {
			t.Errorf("%+v", got)
		}
	})
}

// The event is the caller's again when Publish has returned, and has no event ID that it did not have.

func TestPublishCopies(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		var received requestLog
		publisher := newPublisher(t, storing(&received).serve(t), PublisherOptions{})
		published := &pb.Event{SessionId: "before"}
		if err := publisher.Publish(t.Context(), published); err != nil {
			t.Fatal(err)
		}
		published.SessionId = "after"
		if err := publisher.Close(t.Context()); err != nil {
			t.Fatal(err)
		}
		got := received.all()[0].Records[0].GetEvent()
		if got.GetSessionId() != "before" || !uuid4.MatchString(got.GetEventId()) || published.EventId != nil {
			t.Errorf("%v, %v", got, published)
		}
	})
}

func TestPublisherOptionsThatAreRefused(t *testing.T) {
	for _, options := range []PublisherOptions{
		{RequestRecords: 501},
		{RequestBytes: 4 << 20},
		{BufferRecords: -1},
		{MinBackoff: time.Minute},
		{WhenFull: 3},
	} {
		if _, err := (&Client{}).NewPublisher(options); err == nil {
			t.Errorf("%+v was taken", options)
		}
	}
}

// However streams end, each record is confirmed once, in order, and only if a gateway has stored it.

// failing stores requests, acknowledges some of them, and ends the stream at some time.

// firsts returns the entries without those that were there before.

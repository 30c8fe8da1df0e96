package gateway

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"google.golang.org/grpc/codes"
	"google.golang.org/protobuf/proto"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

var (
	// ErrClosed is returned for what is published after Close.
	ErrClosed = errors.New("gateway: the publisher is closed")
	// ErrBufferFull is returned with the option Fail.
	ErrBufferFull = errors.New("gateway: the publisher's buffer is full")
)

// An Unconfirmed error is what [EventPublisher.Close] returns if records are left that were neither
// confirmed nor refused. Some of them may be stored: those with event IDs can be published again
// without harm.
type Unconfirmed struct {
	Records []*pb.IngestRecord
}

// Error says how many there are.
func (e *Unconfirmed) Error() string {
	return fmt.Sprintf("gateway: %d records were not confirmed before the publisher closed", len(e.Records))
}

// Stats are what a publisher has done so far, in records.
type Stats struct {
	// Accepted were taken into the buffer. Each becomes Confirmed or Refused, or is still Waiting.
	Accepted, Confirmed, Refused uint64
	// Blocked had to wait for room; Dropped and Failed found none.
	Blocked, Dropped, Failed uint64
	// Waiting and WaitingBytes are what the buffer holds.
	Waiting, WaitingBytes int
	// Streams is how often one was opened.
	Streams uint64
	// LastError is what ended the last one; nil where none has failed.
	LastError error
}

// An EventPublisher sends events and other records in the background: over one stream, in the order in
// which they were published, again after a reconnect until the gateway has acknowledged them. It may
// be used by several goroutines at once.
//
// Event IDs are given before the first attempt, so that an event that is sent twice counts once. What
// is in the buffer when the program ends is lost: Close it.
type EventPublisher struct {
	ingest  pb.IngestServiceClient
	options PublisherOptions

	ctx    context.Context // of everything that is sent; ends the publisher
	cancel context.CancelFunc
	done   chan struct{} // closed when nothing is sent any more
	wake   chan struct{} // holds one while there is something new for the goroutine that sends

	mu       sync.Mutex // guards what follows
	buffer   buffer
	stats    Stats
	settled  uint64
	progress chan struct{} // closed, and made anew, whenever records are settled
	closed   bool
}

// NewPublisher returns a publisher. Close it before the client.
func (c *Client) NewPublisher(options PublisherOptions) (*EventPublisher, error) {
	options, err := options.withDefaults()
	if err != nil {
		return nil, err
	}
	ctx, cancel := context.WithCancel(context.Background())
	p := &EventPublisher{
		ingest:   c.Ingest,
		options:  options,
		ctx:      ctx,
		cancel:   cancel,
		done:     make(chan struct{}),
		wake:     make(chan struct{}, 1),
		buffer:   buffer{options: options},
		progress: make(chan struct{}),
	}
	go p.run()
	return p, nil
}

// Publish takes an event into the buffer and returns at once; with Block, when there is room for it.
// The event is copied.
//
// The error is ErrClosed, ErrBufferFull, that of the context, or an *[Error] where the event can never
// be sent. Nothing was taken then. With DropNewest, nil is returned for an event that is dropped.
func (p *EventPublisher) Publish(ctx context.Context, event *pb.Event) error {
	return p.PublishRecord(ctx, &pb.IngestRecord{Kind: &pb.IngestRecord_Event{Event: event}})
}

// PublishRecord is Publish for records of any kind.
func (p *EventPublisher) PublishRecord(ctx context.Context, record *pb.IngestRecord) error {
	record = proto.CloneOf(record)
	identify(record)
	bytes, err := sizeOf(record)
	if err != nil {
		return err
	}
	if isIn, err := p.room(ctx, record, bytes); !isIn {
		return err
	}
	p.notify()
	return nil
}

// sizeOf returns how much the record adds to a request.
func sizeOf(record *pb.IngestRecord) (int, error) {
	encoded, err := proto.Marshal(record)
	if err != nil {
		return 0, malformed(err)
	}
	bytes := entryBytes(len(encoded))
	if bytes > maxRecordsBytes {
		return 0, &Error{
			Code:    codes.ResourceExhausted,
			Reason:  reasonName(pb.ErrorReason_ERROR_REASON_MESSAGE_TOO_LARGE),
			Message: fmt.Sprintf("the record has %d bytes; a gateway takes %d", bytes, maxRecordsBytes),
		}
	}
	return bytes, nil
}

// room puts the record into the buffer; or returns false, and why.
func (p *EventPublisher) room(ctx context.Context, record *pb.IngestRecord, bytes int) (bool, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if err := ctx.Err(); err != nil {
		return false, err
	}
	if !p.closed && !p.buffer.hasRoom(bytes) {
		p.buffer.hurry()
		p.notify()
		switch p.options.WhenFull {
		case DropNewest:
			p.stats.Dropped++
			return false, nil
		case Fail:
			p.stats.Failed++
			return false, ErrBufferFull
		default:
			p.stats.Blocked++
		}
	}
	for !p.closed && !p.buffer.hasRoom(bytes) {
		if err := p.awaitProgress(ctx); err != nil {
			return false, err
		}
	}
	if p.closed {
		return false, ErrClosed
	}
	p.buffer.add(record, bytes, time.Now())
	p.stats.Accepted++
	return true, nil
}

// awaitProgress lets go of the lock until records were settled or the publisher was closed.
func (p *EventPublisher) awaitProgress(ctx context.Context) error {
	progress := p.progress
	p.mu.Unlock()
	defer p.mu.Lock()
	select {
	case <-progress:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// Flush sends at once, and returns when everything that was published before is confirmed or refused,
// and its callbacks have returned. The error is that of the context, which should have a deadline: a
// gateway may be away for long. Or it is ErrClosed, where Close came before the end.
func (p *EventPublisher) Flush(ctx context.Context) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.buffer.hurry()
	p.notify()
	for target := p.stats.Accepted; p.settled < target; {
		if p.ctx.Err() != nil {
			return ErrClosed
		}
		if err := p.awaitProgress(ctx); err != nil {
			return err
		}
	}
	return nil
}

// Close takes no more records, sends those that it has, and ends the stream. If the context ends
// before, an *[Unconfirmed] error has what is left.
func (p *EventPublisher) Close(ctx context.Context) error {
	p.mu.Lock()
	p.closed = true
	p.buffer.ending = true
	p.announceProgress()
	p.mu.Unlock()
	p.notify()
	select {
	case <-p.done:
	case <-ctx.Done():
	}
	p.cancel()
	<-p.done
	p.mu.Lock()
	defer p.mu.Unlock()
	p.announceProgress()
	if left := p.buffer.records(); len(left) > 0 {
		return &Unconfirmed{left}
	}
	return nil
}

// Stats returns what was done so far.
func (p *EventPublisher) Stats() Stats {
	p.mu.Lock()
	defer p.mu.Unlock()
	stats := p.stats
	stats.Waiting, stats.WaitingBytes = p.buffer.count, p.buffer.bytes
	return stats
}

// notify wakes the goroutine that sends.
func (p *EventPublisher) notify() {
	select {
	case p.wake <- struct{}{}:
	default: // It is to wake already.
	}
}

func (p *EventPublisher) announceProgress() {
	close(p.progress)
	p.progress = make(chan struct{})
}

package gateway

import (
	"context"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

type ingestStream = grpc.BidiStreamingClient[pb.IngestRequest, pb.IngestResponse]

// run serves one stream after the other, until the publisher is closed and nothing is left, or it is
// cancelled.
func (p *EventPublisher) run() {
	defer close(p.done)
	var recovery recovery
	for p.awaitRequest() {
		before := p.settledSoFar()
		err := p.serveStream()
		if err == nil || p.ctx.Err() != nil {
			continue
		}
		refused, pause := recovery.after(err, p.unanswered(), p.settledSoFar() > before, p.options)
		p.endStream(refused, err)
		waitFor(p.ctx, pause)
	}
}

// awaitRequest returns true once there is a request to send, and false when there will be none.
func (p *EventPublisher) awaitRequest() bool {
	for p.ctx.Err() == nil {
		p.mu.Lock()
		wait := p.buffer.fill(time.Now())
		isOver := p.buffer.ending && p.buffer.count == 0
		p.mu.Unlock()
		if wait == 0 || isOver {
			return wait == 0
		}
		p.rest(wait, p.ctx.Done())
	}
	return false
}

// rest returns when there may be something new to send, or the channel is closed.
func (p *EventPublisher) rest(wait time.Duration, end <-chan struct{}) {
	var elapsed <-chan time.Time
	if wait != never {
		timer := time.NewTimer(wait)
		defer timer.Stop()
		elapsed = timer.C
	}
	select {
	case <-p.wake:
	case <-elapsed:
	case <-end:
	}
}

// serveStream sends and receives over one stream. It returns nil if the publisher ended it, and it
// was answered whole.
func (p *EventPublisher) serveStream() *Error {
	ctx, cancel := context.WithCancel(p.ctx)
	defer cancel()
	p.countStream()
	stream, err := p.ingest.Ingest(ctx)
	if err != nil {
		return newError(err)
	}
	var received error
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		received = p.receive(stream)
	}()
	if err := p.send(stream, ended); err != nil {
		cancel()
		<-ended
		return newError(err)
	}
	<-ended
	return p.endOf(received)
}

// send returns when the stream has ended, or will once everything is answered. The error is not nil
// if a request could not be sent for another reason.
func (p *EventPublisher) send(stream ingestStream, ended <-chan struct{}) error {
	for {
		message, wait, isOver := p.nextRequest()
		switch {
		case message != nil:
			if err := stream.Send(message); errors.Is(err, io.EOF) {
				return nil // Why, the receiver is told.
			} else if err != nil {
				return err
			}
		case isOver:
			return stream.CloseSend()
		default:
			p.rest(wait, ended)
			if isClosed(ended) {
				return nil
			}
		}
	}
}

func isClosed(channel <-chan struct{}) bool {
	select {
	case <-channel:
		return true
	default:
		return false
	}
}

// nextRequest returns the request that is to be sent now; or how long until there may be one, and
// whether there will be none.
func (p *EventPublisher) nextRequest() (*pb.IngestRequest, time.Duration, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	message, wait := p.buffer.next(time.Now())
	return message, wait, p.buffer.ending && len(p.buffer.queue) == 0
}

// receive takes answers until the stream ends, and returns why.
func (p *EventPublisher) receive(stream ingestStream) error {
	for {
		response, err := stream.Recv()
		if err != nil {
			return err
		}
		p.mu.Lock()
		settled := p.buffer.acknowledge(response)
		p.mu.Unlock()
		p.notify() // The window has room.
		p.settle(settled, nil)
	}
}

// endOf returns the error with which a stream ended, nil if everything was answered.
func (p *EventPublisher) endOf(received error) *Error {
	if !errors.Is(received, io.EOF) {
		return newError(received)
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.buffer.ending && p.buffer.count == 0 {
		return nil
	}
	return &Error{Code: codes.Unavailable, Message: "the gateway ended the stream"}
}

func (p *EventPublisher) countStream() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.stats.Streams++
}

func (p *EventPublisher) settledSoFar() uint64 {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.settled
}

func (p *EventPublisher) unanswered() int {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.buffer.unanswered()
}

// endStream gives up so many requests, and makes ready for the next stream.
func (p *EventPublisher) endStream(refused int, err *Error) {
	p.mu.Lock()
	p.stats.LastError = err
	givenUp := p.buffer.take(refused)
	p.buffer.rewind()
	p.mu.Unlock()
	p.settle(givenUp, err)
}

// settle tells of requests that have left the buffer. Where there is an error, it is why none of their
// records was taken.
func (p *EventPublisher) settle(requests []*request, err *Error) {
	for _, one := range requests {
		refused := 0
		for index, record := range one.message.Records {
			refusal := one.refusal(index, record, err)
			if refusal != nil {
				refused++
			}
			p.tell(record, refusal)
		}
		p.count(len(one.message.Records), refused)
	}
}

func (p *EventPublisher) tell(record *pb.IngestRecord, refusal *Refusal) {
	switch {
	case refusal == nil && p.options.OnConfirmed != nil:
		p.options.OnConfirmed(record)
	case refusal != nil && p.options.OnRefused != nil:
		p.options.OnRefused(*refusal)
	}
}

func (p *EventPublisher) count(settled, refused int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.settled += uint64(settled)
	p.stats.Confirmed += uint64(settled - refused)
	p.stats.Refused += uint64(refused)
	p.announceProgress()
}

// refusal returns why the record was not taken; nil if it was.
func (r *request) refusal(index int, record *pb.IngestRecord, err *Error) *Refusal {
	if err != nil {
		return &Refusal{Record: record, Reason: err.Reason, Message: err.Error(), Violations: err.Violations}
	}
	said, isRefused := r.refusals[int32(index)]
	if !isRefused {
		return nil
	}
	refusal := &Refusal{Record: record, Reason: reasonName(said.GetReason()), Message: said.GetMessage()}
	here := fmt.Sprintf("records[%d]", index)
	for _, violation := range said.GetViolations() {
		path := strings.TrimPrefix(strings.TrimPrefix(violation.GetField(), here), ".")
		refusal.Violations = append(refusal.Violations, Violation{
			path, ruleName(violation.GetRule()), violation.GetDescription(),
		})
	}
	return refusal
}

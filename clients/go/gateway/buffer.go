package gateway

import (
	"time"

	"google.golang.org/protobuf/encoding/protowire"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// A buffer holds the records that are not yet settled, in the order of publishing: first those of
// the window, which are in requests, then those of the queue. It decides what is to be sent, and when;
// it sends nothing, and knows the time only from its caller. Its owner guards it against use by
// several goroutines at once.
type buffer struct {
	options PublisherOptions

	queue      []waiting
	queueBytes int
	window     []*request
	sent       int   // of the window, on the stream that is open
	sequence   int64 // of the last request on it

	count int // of the records in queue and window
	bytes int

	urgent int  // so many records at the head of the queue are not to linger
	ending bool // none of them are
}

// waiting is a record in the queue.
type waiting struct {
	record *pb.IngestRecord
	bytes  int
	since  time.Time
}

// A request is in the window from when it is made until it is settled. Over several streams it stays
// the same but for its sequence.
type request struct {
	message  *pb.IngestRequest
	refusals map[int32]*pb.Refusal
	bytes    int
}

// never is how long to wait for what only a change can bring.
const never = time.Duration(-1)

// entryBytes returns how much a record of so many bytes adds to a request.
func entryBytes(recordBytes int) int {
	const recordsField = 3
	return protowire.SizeTag(recordsField) + protowire.SizeBytes(recordBytes)
}

// hasRoom says whether a record of so many bytes may be added.
func (b *buffer) hasRoom(bytes int) bool {
	if b.count == 0 {
		return true
	}
	return b.count < b.options.BufferRecords && b.bytes+bytes <= b.options.BufferBytes
}

func (b *buffer) add(record *pb.IngestRecord, bytes int, now time.Time) {
	b.queue = append(b.queue, waiting{record, bytes, now})
	b.queueBytes += bytes
	b.count++
	b.bytes += bytes
}

// hurry lets none of the records that are there linger.
func (b *buffer) hurry() {
	b.urgent = len(b.queue)
}

// next returns the request that is to be sent now; or nil, and how long until there may be one.
func (b *buffer) next(now time.Time) (*pb.IngestRequest, time.Duration) {
	if wait := b.fill(now); wait != 0 {
		return nil, wait
	}
	b.sequence++
	message := b.window[b.sent].message
	message.Sequence = b.sequence
	b.sent++
	return message, 0
}

// fill makes a request of the queue, if the window has none to send. It returns 0 once there is one,
// or how long until it is due.
func (b *buffer) fill(now time.Time) time.Duration {
	if b.sent < len(b.window) {
		return 0
	}
	if len(b.queue) == 0 || len(b.window) >= b.options.Unacknowledged {
		return never
	}
	isFull := len(b.queue) >= b.options.RequestRecords || b.queueBytes >= b.options.RequestBytes
	lingered := now.Sub(b.queue[0].since)
	if !isFull && !b.ending && b.urgent == 0 && lingered < b.options.Linger {
		return b.options.Linger - lingered
	}
	b.makeRequest()
	return 0
}

func (b *buffer) makeRequest() {
	made := &request{message: &pb.IngestRequest{DatasetGroup: b.options.DatasetGroup}}
	for _, one := range b.queue {
		count := len(made.message.Records)
		isFull := count == b.options.RequestRecords || made.bytes+one.bytes > b.options.RequestBytes
		if count > 0 && isFull {
			break
		}
		made.message.Records = append(made.message.Records, one.record)
		made.bytes += one.bytes
	}
	count := len(made.message.Records)
	clear(b.queue[:count])
	b.queue = b.queue[count:]
	b.queueBytes -= made.bytes
	b.urgent = max(0, b.urgent-count)
	b.window = append(b.window, made)
}

// acknowledge takes an answer of the stream and removes the requests that it settles.
func (b *buffer) acknowledge(response *pb.IngestResponse) []*request {
	// Every request from the last one of the window that was sent has the sequence one below.
	first := b.sequence - int64(b.sent) + 1
	for _, refusal := range response.GetRefusals() {
		if index := refusal.GetSequence() - first; 0 <= index && index < int64(b.sent) {
			b.window[index].refuse(refusal)
		}
	}
	settled := response.GetAcknowledgedSequence() - first + 1
	return b.take(int(min(max(settled, 0), int64(b.sent))))
}

func (r *request) refuse(refusal *pb.Refusal) {
	if r.refusals == nil {
		r.refusals = map[int32]*pb.Refusal{}
	}
	r.refusals[refusal.GetRecordIndex()] = refusal
}

// take removes so many requests from the head of the window.
func (b *buffer) take(count int) []*request {
	taken := b.window[:count:count]
	b.window = b.window[count:]
	b.sent = max(0, b.sent-count)
	for _, one := range taken {
		b.count -= len(one.message.Records)
		b.bytes -= one.bytes
	}
	return taken
}

// unanswered returns how many requests of the window the end of the stream is about: those that are sent
// on it; the next, where none was.
func (b *buffer) unanswered() int {
	if b.sequence == 0 {
		return min(1, len(b.window))
	}
	return b.sent
}

// rewind begins a new stream: everything in the window is to be sent, from sequence 1 on.
func (b *buffer) rewind() {
	b.sent, b.sequence = 0, 0
}

// records returns what is not settled.
func (b *buffer) records() []*pb.IngestRecord {
	records := make([]*pb.IngestRecord, 0, b.count)
	for _, one := range b.window {
		records = append(records, one.message.Records...)
	}
	for _, one := range b.queue {
		records = append(records, one.record)
	}
	return records
}

package gateway

import (
	"fmt"
	"time"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// WhenFull says what [EventPublisher.Publish] does while the buffer is full.
type WhenFull int

const (
	// Block waits for room, or for the end of the context.
	Block WhenFull = iota
	// DropNewest drops the record, and counts it.
	DropNewest
	// Fail returns ErrBufferFull.
	Fail
)

// What a gateway takes in one request: 500 records, and 4 MiB with the fields beside them.
const (
	maxRequestRecords = 500
	maxRecordsBytes   = 4<<20 - 128
)

// PublisherOptions say how a publisher works. The zero value of a field stands for its default.
type PublisherOptions struct {
	// DatasetGroup is where the records go. It may be left out where the caller has one choice.
	DatasetGroup string

	// BufferRecords and BufferBytes bound the records that are not yet settled; 10,000 and 16 MiB.
	// A record larger than BufferBytes is taken while there is no other.
	BufferRecords int
	BufferBytes   int
	// WhenFull is what happens beyond: Block.
	WhenFull WhenFull

	// RequestRecords and RequestBytes are when a request is full; 200 and 1 MiB. More than 500 and
	// nearly 4 MiB no gateway takes; one that is configured for less refuses what is larger.
	RequestRecords int
	RequestBytes   int
	// Linger is how long a record waits for others of its request; 10 ms. A negative one means not at
	// all.
	Linger time.Duration
	// Unacknowledged is how many requests may wait for their acknowledgement; 16.
	Unacknowledged int

	// MinBackoff and MaxBackoff bound the pause after a stream that has ended without a single
	// acknowledgement; 100 ms and 5 s. It doubles each time.
	MinBackoff time.Duration
	MaxBackoff time.Duration

	// OnConfirmed is told of each record that the gateway has stored, OnRefused of each that it will
	// not take. They are called in the order of publishing, one at a time, and hold up the
	// acknowledgements behind them. With Block they must not publish to the same publisher, unless
	// with a context that ends.
	OnConfirmed func(*pb.IngestRecord)
	OnRefused   func(Refusal)
}

// A Refusal is a record that the gateway will not take.
type Refusal struct {
	Record *pb.IngestRecord
	// Reason is as in [Error].
	Reason string
	// Message says what happened and what to do, for a developer.
	Message string
	// Violations are all rules that the record breaks. Paths begin at the record: `event.user_id`.
	Violations []Violation
}

// withDefaults returns the options with every default in its place.
func (o PublisherOptions) withDefaults() (PublisherOptions, error) {
	setDefault(&o.BufferRecords, 10_000)
	setDefault(&o.BufferBytes, 16<<20)
	setDefault(&o.RequestRecords, 200)
	setDefault(&o.RequestBytes, 1<<20)
	setDefault(&o.Linger, 10*time.Millisecond)
	setDefault(&o.Unacknowledged, 16)
	setDefault(&o.MinBackoff, 100*time.Millisecond)
	setDefault(&o.MaxBackoff, 5*time.Second)
	switch {
	case min(o.BufferRecords, o.BufferBytes, o.RequestRecords, o.RequestBytes, o.Unacknowledged) < 0:
		return o, fmt.Errorf("gateway: publisher: a bound is negative")
	case o.RequestRecords > maxRequestRecords || o.RequestBytes > maxRecordsBytes:
		return o, fmt.Errorf("gateway: publisher: a gateway takes %d records and %d bytes in a request",
			maxRequestRecords, maxRecordsBytes)
	case o.MinBackoff < 0 || o.MaxBackoff < o.MinBackoff:
		return o, fmt.Errorf("gateway: publisher: MaxBackoff is shorter than MinBackoff")
	case o.WhenFull < Block || o.WhenFull > Fail:
		return o, fmt.Errorf("gateway: publisher: WhenFull has no such value: %d", o.WhenFull)
	}
	return o, nil
}

func setDefault[T comparable](field *T, value T) {
	var unset T
	if *field == unset {
		*field = value
	}
}

package gateway

import (
	"testing"
	"time"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

var begin = time.Unix(1_700_000_000, 0)

// filled returns a buffer with so many records of ten bytes.
func filled(t *testing.T, options PublisherOptions, count int) *buffer {
	t.Helper()
	options, err := options.withDefaults()
	if err != nil {
		t.Fatal(err)
	}
	b := &buffer{options: options}
	for number := 1; number <= count; number++ {
		b.add(eventRecord(number), 10, begin)
	}
	return b
}

// send returns all requests that are to be sent now, and how long until there is another.
func (b *buffer) send(now time.Time) ([]string, time.Duration) {
	var requests []*pb.IngestRequest
	for {
		request, wait := b.next(now)
		if request == nil {
			return sent(requests), wait
		}
		requests = append(requests, request)
	}
}

func TestRequestsByCountLingerAndWindow(t *testing.T) {
	cases := map[string]struct {
		options PublisherOptions
		after   time.Duration
		want    []string
		wait    time.Duration
	}{
		"full ones at once":     {PublisherOptions{RequestRecords: 2}, 0, []string{"1 [e-1 e-2]", "2 [e-3 e-4]"}, 10 * time.Millisecond},
		"by bytes":              {PublisherOptions{RequestBytes: 39}, 0, []string{"1 [e-1 e-2 e-3]"}, 10 * time.Millisecond},
		"a record beyond bytes": {PublisherOptions{RequestBytes: 9}, 0, []string{"1 [e-1]", "2 [e-2]", "3 [e-3]", "4 [e-4]", "5 [e-5]"}, never},
		"the rest lingers":      {PublisherOptions{}, 4 * time.Millisecond, nil, 6 * time.Millisecond},
		"the rest has lingered": {PublisherOptions{}, 10 * time.Millisecond, []string{"1 [e-1 e-2 e-3 e-4 e-5]"}, never},
		"no linger":             {PublisherOptions{Linger: -1}, 0, []string{"1 [e-1 e-2 e-3 e-4 e-5]"}, never},
		"a full window":         {PublisherOptions{RequestRecords: 1, Unacknowledged: 2}, time.Hour, []string{"1 [e-1]", "2 [e-2]"}, never},
	}
	for name, c := range cases {
		t.Run(name, func(t *testing.T) {
			got, wait := filled(t, c.options, 5).send(begin.Add(c.after))
			expectEqual(t, "requests", got, c.want)
			if wait != c.wait {
				t.Errorf("wait %v, want %v", wait, c.wait)
			}
		})
	}
}

// A flush hurries what is there, not what comes after it.
func TestHurry(t *testing.T) {
	b := filled(t, PublisherOptions{RequestRecords: 4}, 5)
	b.hurry()
	got, _ := b.send(begin)
	expectEqual(t, "requests", got, []string{"1 [e-1 e-2 e-3 e-4]", "2 [e-5]"})
	b.add(eventRecord(6), 10, begin)
	if got, wait := b.send(begin); got != nil || wait != 10*time.Millisecond {
		t.Errorf("%v, %v", got, wait)
	}
}

// An acknowledgement settles every request up to it, and only what was sent.
func TestAcknowledgementsAreCumulative(t *testing.T) {
	b := filled(t, PublisherOptions{RequestRecords: 1, Unacknowledged: 4}, 6)
	b.send(begin)
	for _, step := range []struct{ acknowledged, settled, left int }{{0, 0, 6}, {3, 3, 3}, {3, 0, 3}, {99, 1, 2}} {
		settled := b.acknowledge(&pb.IngestResponse{AcknowledgedSequence: int64(step.acknowledged)})
		if len(settled) != step.settled || b.count != step.left || b.bytes != 10*step.left {
			t.Errorf("%+v: %d settled, %d records and %d bytes left", step, len(settled), b.count, b.bytes)
		}
	}
	got, _ := b.send(begin)
	expectEqual(t, "requests", got, []string{"5 [e-5]", "6 [e-6]"})
}

// A refusal finds its request by the sequence of this stream.
func TestRefusalsFindTheirRequest(t *testing.T) {
	b := filled(t, PublisherOptions{RequestRecords: 2}, 6)
	b.send(begin)
	b.acknowledge(&pb.IngestResponse{AcknowledgedSequence: 1})
	settled := b.acknowledge(&pb.IngestResponse{AcknowledgedSequence: 3, Refusals: []*pb.Refusal{
		{Sequence: 3, RecordIndex: 1}, {Sequence: 1, RecordIndex: 0}, {Sequence: 4, RecordIndex: 0},
	}})
	refused := [][]int{{}, {1}}
	for i, one := range settled {
		if len(one.refusals) != len(refused[i]) {
			t.Errorf("request %d: %v", i, one.refusals)
		}
		for _, index := range refused[i] {
			if one.refusals[int32(index)] == nil {
				t.Errorf("request %d: record %d was not refused", i, index)
			}
		}
	}
}

// On a new stream the same requests go again, numbered from 1.
func TestRewind(t *testing.T) {
	b := filled(t, PublisherOptions{RequestRecords: 2}, 6)
	b.send(begin)
	b.acknowledge(&pb.IngestResponse{AcknowledgedSequence: 1})
	b.rewind()
	b.add(eventRecord(7), 10, begin)
	b.hurry()
	got, _ := b.send(begin)
	expectEqual(t, "requests", got, []string{"1 [e-3 e-4]", "2 [e-5 e-6]", "3 [e-7]"})
	expectEqual(t, "records", eventIDs(b.records()), numbered(3, 7))
}

func TestRoom(t *testing.T) {
	cases := map[string]struct {
		options PublisherOptions
		count   int
		bytes   int
		want    bool
	}{
		"room":                     {PublisherOptions{BufferRecords: 2}, 1, 10, true},
		"as many records":          {PublisherOptions{BufferRecords: 2}, 2, 10, false},
		"as many bytes":            {PublisherOptions{BufferBytes: 30}, 2, 10, true},
		"too many bytes":           {PublisherOptions{BufferBytes: 30}, 2, 11, false},
		"one that is larger alone": {PublisherOptions{BufferBytes: 30}, 0, 31, true},
	}
	for name, c := range cases {
		if got := filled(t, c.options, c.count).hasRoom(c.bytes); got != c.want {
			t.Errorf("%s: %v", name, got)
		}
	}
}

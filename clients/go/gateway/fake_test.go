package gateway

import (
	"context"
	"fmt"
	"net"
	"slices"
	"sync"
	"testing"
	"time"

	"google.golang.org/genproto/googleapis/rpc/errdetails"
	"google.golang.org/grpc"
	"google.golang.org/grpc/codes"
	"google.golang.org/grpc/metadata"
	"google.golang.org/grpc/status"
	"google.golang.org/grpc/test/bufconn"
	"google.golang.org/protobuf/protoadapt"
	"google.golang.org/protobuf/types/known/durationpb"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// A fake is a gateway in memory that answers as it is told, and keeps what it got.
type fake struct {
	pb.UnimplementedEventServiceServer
	pb.UnimplementedIngestServiceServer

	// puts are the answers to PutEvents, in order; OK for those beyond.
	puts []error
	// hold makes PutEvents wait for the end of its call.
	hold bool
	// ingest serves the streams, by their number from 0.
	ingest func(number int, stream pb.IngestService_IngestServer) error

	requests []*pb.PutEventsRequest
	metadata []metadata.MD
	streams  int
}

func (f *fake) PutEvents(ctx context.Context, request *pb.PutEventsRequest) (*pb.PutEventsResponse, error) {
	f.requests = append(f.requests, request)
	headers, _ := metadata.FromIncomingContext(ctx)
	f.metadata = append(f.metadata, headers)
	if f.hold {
		<-ctx.Done()
		return nil, status.FromContextError(ctx.Err()).Err()
	}
	if len(f.requests) <= len(f.puts) {
		if err := f.puts[len(f.requests)-1]; err != nil {
			return nil, err
		}
	}
	return &pb.PutEventsResponse{AckLevel: pb.AckLevel_ACK_LEVEL_DURABLE}, nil
}

func (f *fake) Ingest(stream pb.IngestService_IngestServer) error {
	f.streams++
	return f.ingest(f.streams-1, stream)
}

// serve starts the fake and returns a client of it; both end with the test.
func (f *fake) serve(t *testing.T, options ...Option) *Client {
	t.Helper()
	listener := bufconn.Listen(1 << 20)
	server := grpc.NewServer()
	pb.RegisterEventServiceServer(server, f)
	pb.RegisterIngestServiceServer(server, f)
	go server.Serve(listener)
	dial := WithDialOptions(grpc.WithContextDialer(func(ctx context.Context, _ string) (net.Conn, error) {
		return listener.DialContext(ctx)
	}))
	client, err := NewClient("passthrough:///fake", Insecure(), append(options, dial)...)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		client.Close()
		server.Stop()
	})
	return client
}

// answer returns an error as a gateway gives it.
func answer(code codes.Code, reason, message string, details ...protoadapt.MessageV1) error {
	info := &errdetails.ErrorInfo{Reason: reason, Domain: errorDomain}
	told, err := status.New(code, message).WithDetails(append([]protoadapt.MessageV1{info}, details...)...)
	if err != nil {
		panic(err)
	}
	return told.Err()
}

func retryAfter(delay time.Duration) *errdetails.RetryInfo {
	return &errdetails.RetryInfo{RetryDelay: durationpb.New(delay)}
}

// A requestLog is what fakes write and tests read.
type requestLog struct {
	mu       sync.Mutex
	requests []*pb.IngestRequest
}

func (l *requestLog) add(request *pb.IngestRequest) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.requests = append(l.requests, request)
}

func (l *requestLog) all() []*pb.IngestRequest {
	l.mu.Lock()
	defer l.mu.Unlock()
	return slices.Clone(l.requests)
}

// acknowledgeAll answers each request as a gateway does that stores everything.
func acknowledgeAll(stream pb.IngestService_IngestServer, received *requestLog) error {
	for {
		request, err := stream.Recv()
		if err != nil {
			return nil // The client has ended its side.
		}
		received.add(request)
		err = stream.Send(&pb.IngestResponse{AcknowledgedSequence: request.GetSequence()})
		if err != nil {
			return err
		}
	}
}

// event returns an event that can be told from others.
func event(number int) *pb.Event {
	id := fmt.Sprintf("e-%d", number)
	return &pb.Event{SessionId: "s-1", EventType: "View", EventId: &id}
}

func eventRecord(number int) *pb.IngestRecord {
	return &pb.IngestRecord{Kind: &pb.IngestRecord_Event{Event: event(number)}}
}

func eventID(record *pb.IngestRecord) string {
	return record.GetEvent().GetEventId()
}

// numbered returns the event IDs from e-FIRST to e-LAST.
func numbered(first, last int) []string {
	var ids []string
	for number := first; number <= last; number++ {
		ids = append(ids, fmt.Sprintf("e-%d", number))
	}
	return ids
}

func eventIDs(records []*pb.IngestRecord) []string {
	var ids []string
	for _, record := range records {
		ids = append(ids, eventID(record))
	}
	return ids
}

// sent shows requests as sequence and event IDs.
func sent(requests []*pb.IngestRequest) []string {
	var shown []string
	for _, request := range requests {
		shown = append(shown, fmt.Sprint(request.GetSequence(), eventIDs(request.GetRecords())))
	}
	return shown
}

func expectEqual[T comparable](t *testing.T, what string, got, want []T) {
	t.Helper()
	if !slices.Equal(got, want) {
		t.Errorf("%s:\n got %v\nwant %v", what, got, want)
	}
}

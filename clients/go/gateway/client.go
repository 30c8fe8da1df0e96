package gateway

import (
	"context"

	"google.golang.org/grpc"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// A Client calls one gateway. It may be used by several goroutines at once.
//
// The stubs are there for what has no method: they have the client's deadline, retries and errors,
// but give no event IDs.
type Client struct {
	Events      pb.EventServiceClient
	Catalog     pb.CatalogServiceClient
	Ingest      pb.IngestServiceClient
	Trackers    pb.TrackerServiceClient
	Routes      pb.RouteServiceClient
	DeadLetters pb.DeadLetterServiceClient

	connection *grpc.ClientConn
}

// NewClient returns a client of the gateway at target, for example "gateway.internal:50051" or any
// other name of gRPC. It connects with the first call. Close it after use.
//
// The error is not nil where the credentials cannot be used, or are a token that another machine
// would get without TLS.
func NewClient(target string, credentials Credentials, options ...Option) (*Client, error) {
	settings := defaultSettings()
	for _, option := range options {
		option(&settings)
	}
	authentication, err := credentials.dialOptions(target)
	if err != nil {
		return nil, err
	}
	connection, err := grpc.NewClient(target, append(authentication, settings.dialOptions()...)...)
	if err != nil {
		return nil, err
	}
	return &Client{
		Events:      pb.NewEventServiceClient(connection),
		Catalog:     pb.NewCatalogServiceClient(connection),
		Ingest:      pb.NewIngestServiceClient(connection),
		Trackers:    pb.NewTrackerServiceClient(connection),
		Routes:      pb.NewRouteServiceClient(connection),
		DeadLetters: pb.NewDeadLetterServiceClient(connection),
		connection:  connection,
	}, nil
}

// Close ends the connection, and with it what is under way. Close publishers before their client.
func (c *Client) Close() error {
	return c.connection.Close()
}

// PutEvents sends 1–500 events; they are taken all, or none.
//
// An event without an ID gets one, in the request itself: to send the same request again after an
// error is harmless. Errors are of type *[Error].
func (c *Client) PutEvents(
	ctx context.Context, request *pb.PutEventsRequest, options ...grpc.CallOption,
) (*pb.PutEventsResponse, error) {
	for _, event := range request.GetEvents() {
		identifyEvent(event)
	}
	return c.Events.PutEvents(ctx, request, options...)
}

// PutActionInteractions sends 1–500 action interactions; they are taken all, or none. They get IDs as
// events do.
func (c *Client) PutActionInteractions(
	ctx context.Context, request *pb.PutActionInteractionsRequest, options ...grpc.CallOption,
) (*pb.PutActionInteractionsResponse, error) {
	for _, interaction := range request.GetActionInteractions() {
		identifyActionInteraction(interaction)
	}
	return c.Events.PutActionInteractions(ctx, request, options...)
}

// PutItems sends 1–500 items; they are taken all, or none.
func (c *Client) PutItems(
	ctx context.Context, request *pb.PutItemsRequest, options ...grpc.CallOption,
) (*pb.PutItemsResponse, error) {
	return c.Catalog.PutItems(ctx, request, options...)
}

// PutUsers sends 1–500 users; they are taken all, or none.
func (c *Client) PutUsers(
	ctx context.Context, request *pb.PutUsersRequest, options ...grpc.CallOption,
) (*pb.PutUsersResponse, error) {
	return c.Catalog.PutUsers(ctx, request, options...)
}

// PutActions sends 1–500 actions; they are taken all, or none.
func (c *Client) PutActions(
	ctx context.Context, request *pb.PutActionsRequest, options ...grpc.CallOption,
) (*pb.PutActionsResponse, error) {
	return c.Catalog.PutActions(ctx, request, options...)
}

// IngestBatch sends 1–500 records of any kind. Each is taken or refused for itself: look at the
// Refusals of the response. Events and action interactions get IDs.
func (c *Client) IngestBatch(
	ctx context.Context, request *pb.IngestBatchRequest, options ...grpc.CallOption,
) (*pb.IngestBatchResponse, error) {
	for _, record := range request.GetRecords() {
		identify(record)
	}
	return c.Ingest.IngestBatch(ctx, request, options...)
}

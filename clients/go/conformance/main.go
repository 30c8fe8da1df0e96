// Command conformance sends the cases of tests/vectors to a gateway with this client, and prints what
// became of each as a line of JSON. The README of the vectors describes both.
package main

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"google.golang.org/genproto/googleapis/rpc/code"
	"google.golang.org/grpc"
	"google.golang.org/protobuf/encoding/protojson"
	"google.golang.org/protobuf/proto"

	"example.org/personalize-gateway/clients/go/gateway"
	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// timeout is how long a busy machine may take over a call.
const timeout = 30 * time.Second

type vectors struct {
	Name  string       `json:"name"`
	Cases []vectorCase `json:"cases"`
}

type vectorCase struct {
	Name        string          `json:"name"`
	RPC         string          `json:"rpc"`
	Request     json.RawMessage `json:"request"`
	RequestWire string          `json:"request_wire"`
}

type result struct {
	Name       string      `json:"name"`
	Code       string      `json:"code"`
	Reason     string      `json:"reason"`
	Violations []violation `json:"violations"`
	Refused    []refused   `json:"refused"`
	Error      string      `json:"error"`
}

type violation struct {
	Field string `json:"field"`
	Rule  string `json:"rule"`
}

type refused struct {
	RecordIndex int32  `json:"record_index"`
	Reason      string `json:"reason"`
}

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: conformance TARGET VECTORS_DIR")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(target, directory string) error {
	client, err := gateway.NewClient(target, gateway.Insecure(), gateway.WithTimeout(timeout))
	if err != nil {
		return err
	}
	defer client.Close()
	files, err := filepath.Glob(filepath.Join(directory, "*.json"))
	if err != nil {
		return err
	}
	if len(files) == 0 {
		return fmt.Errorf("%s holds no vectors", directory)
	}
	for _, file := range files { // Sorted by name.
		if err := runFile(client, file); err != nil {
			return fmt.Errorf("%s: %w", file, err)
		}
	}
	return nil
}

func runFile(client *gateway.Client, file string) error {
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	var found vectors
	if err := json.Unmarshal(text, &found); err != nil {
		return err
	}
	lines := json.NewEncoder(os.Stdout)
	lines.SetEscapeHTML(false)
	for _, one := range found.Cases {
		result, err := one.send(client)
		if err != nil {
			return fmt.Errorf("%s: %w", one.Name, err)
		}
		result.Name = found.Name + "/" + one.Name
		if err := lines.Encode(result); err != nil {
			return err
		}
	}
	return nil
}

// send returns an error where the case is none that this command knows.
func (c vectorCase) send(client *gateway.Client) (result, error) {
	switch c.RPC {
	case "PutEvents":
		return sendWith(c, client.PutEvents, &pb.PutEventsRequest{})
	case "PutActionInteractions":
		return sendWith(c, client.PutActionInteractions, &pb.PutActionInteractionsRequest{})
	case "PutItems":
		return sendWith(c, client.PutItems, &pb.PutItemsRequest{})
	case "PutUsers":
		return sendWith(c, client.PutUsers, &pb.PutUsersRequest{})
	case "PutActions":
		return sendWith(c, client.PutActions, &pb.PutActionsRequest{})
	case "IngestBatch":
		return sendWith(c, client.IngestBatch, &pb.IngestBatchRequest{})
	default:
		return result{}, fmt.Errorf("there is no RPC %q", c.RPC)
	}
}

type method[Request, Response any] func(context.Context, Request, ...grpc.CallOption) (Response, error)

func sendWith[Request proto.Message, Response any](
	c vectorCase, send method[Request, Response], request Request,
) (result, error) {
	if err := c.parse(request); err != nil {
		return newResult("CLIENT", "", err.Error()), nil
	}
	response, err := send(context.Background(), request)
	if err != nil {
		return failed(err), nil
	}
	return taken(response), nil
}

func (c vectorCase) parse(request proto.Message) error {
	if c.Request != nil {
		return protojson.Unmarshal(c.Request, request)
	}
	wire, err := base64.StdEncoding.DecodeString(c.RequestWire)
	if err != nil {
		return err
	}
	return proto.Unmarshal(wire, request)
}

func newResult(code, reason, text string) result {
	// Lists that are empty, not null.
	return result{Code: code, Reason: reason, Violations: []violation{}, Refused: []refused{}, Error: text}
}

func failed(err error) result {
	var told *gateway.Error
	if !errors.As(err, &told) {
		return newResult("CLIENT", "", err.Error())
	}
	shown := newResult(code.Code(told.Code).String(), told.Reason, told.Message)
	for _, one := range told.Violations {
		shown.Violations = append(shown.Violations, violation{one.Field, one.Rule})
	}
	return shown
}

func taken(response any) result {
	shown := newResult("OK", "", "")
	batch, isBatch := response.(*pb.IngestBatchResponse)
	if !isBatch {
		return shown
	}
	for _, refusal := range batch.GetRefusals() {
		reason := strings.TrimPrefix(refusal.GetReason().String(), "ERROR_REASON_")
		shown.Refused = append(shown.Refused, refused{refusal.GetRecordIndex(), reason})
		for _, one := range refusal.GetViolations() {
			rule := strings.TrimPrefix(one.GetRule().String(), "RULE_")
			shown.Violations = append(shown.Violations, violation{one.GetField(), rule})
		}
	}
	return shown
}

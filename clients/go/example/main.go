// Command example sends an item and some events to a gateway, and shows what a refusal says. It goes
// with `personalize-gateway serve` without a configuration, whose Items have price and category:
//
//	go run ./example 127.0.0.1:50051
package main

import (
	"context"
	"errors"
	"fmt"
	"log"
	"os"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"example.org/personalize-gateway/clients/go/gateway"
	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

func main() {
	if len(os.Args) != 2 {
		log.Fatal("usage: example HOST:PORT")
	}
	client, err := gateway.NewClient(os.Args[1], gateway.Insecure().WithCaller("example"))
	if err != nil {
		log.Fatal(err)
	}
	defer client.Close()
	ctx := context.Background()
	for _, step := range []func(context.Context, *gateway.Client) error{putItem, refused, publish} {
		if err := step(ctx, client); err != nil {
			log.Fatal(err)
		}
	}
}

func putItem(ctx context.Context, client *gateway.Client) error {
	properties, err := gateway.Properties(map[string]any{
		"price":    12.5,
		"category": []string{"Shoes", "Boots"},
	})
	if err != nil {
		return err
	}
	_, err = client.PutItems(ctx, &pb.PutItemsRequest{Items: []*pb.Item{{ItemId: "i-42", Properties: properties}}})
	return err
}

// refused sends an event that breaks rules.
func refused(ctx context.Context, client *gateway.Client) error {
	empty := ""
	_, err := client.PutEvents(ctx, &pb.PutEventsRequest{Events: []*pb.Event{{UserId: &empty, EventType: "View"}}})
	var told *gateway.Error
	if !errors.As(err, &told) {
		return errors.New("it was not refused")
	}
	fmt.Printf("%v (%s):\n", told.Code, told.Reason)
	for _, violation := range told.Violations {
		fmt.Printf("  %s breaks %s: %s\n", violation.Field, violation.Rule, violation.Description)
	}
	return nil
}

// publish sends events in the background.
func publish(ctx context.Context, client *gateway.Client) error {
	publisher, err := client.NewPublisher(gateway.PublisherOptions{
		OnRefused: func(refusal gateway.Refusal) {
			log.Printf("%s: %s", refusal.Reason, refusal.Message)
		},
	})
	if err != nil {
		return err
	}
	for number := range 1000 {
		event := &pb.Event{
			SessionId: fmt.Sprintf("s-%d", number%10),
			EventType: "View",
			EventTime: timestamppb.Now(),
			ItemId:    gateway.NonEmpty("i-42"),
		}
		if err := publisher.Publish(ctx, event); err != nil {
			return err
		}
	}
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	if err := publisher.Close(ctx); err != nil {
		return err
	}
	fmt.Printf("%d events are stored\n", publisher.Stats().Confirmed)
	return nil
}

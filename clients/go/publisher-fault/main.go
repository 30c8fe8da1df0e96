// Command publisher-fault publishes events at a steady rate and prints a line for each that the gateway
// confirmed or refused, while somebody else kills and restarts the gateway:
//
//	confirmed EVENT_ID
//	refused EVENT_ID REASON
package main

import (
	"bufio"
	"context"
	"fmt"
	"os"
	"strconv"
	"time"

	"google.golang.org/protobuf/types/known/timestamppb"

	"example.org/personalize-gateway/clients/go/gateway"
	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// closeTimeout is how long a gateway may stay away at the end.
const closeTimeout = 2 * time.Minute

func main() {
	if len(os.Args) != 4 {
		fmt.Fprintln(os.Stderr, "usage: publisher-fault TARGET SECONDS RATE")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2], os.Args[3]); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run(target, secondsText, rateText string) error {
	seconds, err := strconv.ParseFloat(secondsText, 64)
	if err != nil {
		return err
	}
	rate, err := strconv.ParseFloat(rateText, 64)
	if err != nil {
		return err
	}
	client, err := gateway.NewClient(target, gateway.Insecure())
	if err != nil {
		return err
	}
	defer client.Close()
	publisher, err := client.NewPublisher(printing())
	if err != nil {
		return err
	}
	if err := publish(publisher, int(seconds*rate), time.Duration(float64(time.Second)/rate)); err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(context.Background(), closeTimeout)
	defer cancel()
	if err := publisher.Flush(ctx); err != nil {
		return err
	}
	err = publisher.Close(ctx)
	fmt.Fprintf(os.Stderr, "%+v\n", publisher.Stats())
	return err
}

// printing returns options with callbacks that print each line whole and at once, so that a reader sees
// what is confirmed by now.
func printing() gateway.PublisherOptions {
	out := bufio.NewWriter(os.Stdout)
	line := func(text string) {
		fmt.Fprintln(out, text)
		out.Flush()
	}
	return gateway.PublisherOptions{
		OnConfirmed: func(record *pb.IngestRecord) { line("confirmed " + record.GetEvent().GetEventId()) },
		OnRefused: func(refusal gateway.Refusal) {
			line("refused " + refusal.Record.GetEvent().GetEventId() + " " + refusal.Reason)
		},
	}
}

func publish(publisher *gateway.EventPublisher, count int, interval time.Duration) error {
	prefix := fmt.Sprintf("go-%d", time.Now().UnixNano())
	begin := time.Now()
	for number := range count {
		time.Sleep(time.Until(begin.Add(time.Duration(number) * interval)))
		id := fmt.Sprintf("%s-%d", prefix, number)
		event := &pb.Event{
			SessionId: fmt.Sprintf("s-%d", number%100),
			EventId:   &id,
			EventType: "View",
			EventTime: timestamppb.Now(),
			ItemId:    gateway.NonEmpty(fmt.Sprintf("i-%d", number%50)),
		}
		if err := publisher.Publish(context.Background(), event); err != nil {
			return err
		}
	}
	return nil
}

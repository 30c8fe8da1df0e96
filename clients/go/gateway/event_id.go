package gateway

import (
	"crypto/rand"
	"fmt"

	pb "example.org/personalize-gateway/clients/go/personalizegatewayv1"
)

// identify gives the record an event ID, where its kind has one and it is unset.
func identify(record *pb.IngestRecord) {
	identifyEvent(record.GetEvent())
	identifyActionInteraction(record.GetActionInteraction())
}

func identifyEvent(event *pb.Event) {
	if event != nil && event.EventId == nil {
		event.EventId = newEventID()
	}
}

func identifyActionInteraction(interaction *pb.ActionInteraction) {
	if interaction != nil && interaction.EventId == nil {
		interaction.EventId = newEventID()
	}
}

// newEventID returns a random UUID (version 4 of RFC 9562).
func newEventID() *string {
	var b [16]byte
	rand.Read(b[:]) // It ends the program rather than fail.
	b[6] = b[6]&0x0f | 0x40
	b[8] = b[8]&0x3f | 0x80
	id := fmt.Sprintf("%x-%x-%x-%x-%x", b[:4], b[4:6], b[6:8], b[8:10], b[10:])
	return &id
}

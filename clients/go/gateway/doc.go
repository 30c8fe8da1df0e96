// Package gateway is a client of the Personalize gateway: calls with deadlines, retries and typed
// errors, and a publisher that sends events in the background.
//
// Messages and raw stubs are in the package personalizegatewayv1. Optional fields are pointers: a nil
// is unset, and an empty string is refused. [NonEmpty] makes the one of the other.
package gateway

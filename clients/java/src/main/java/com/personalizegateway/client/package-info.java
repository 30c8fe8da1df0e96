/**
 * A client of the Personalize gateway: {@link com.personalizegateway.client.GatewayClient} for calls,
 * {@link com.personalizegateway.client.EventPublisher} for a flow of events.
 */
package com.personalizegateway.client;

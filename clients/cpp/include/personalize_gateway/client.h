#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <string>

#include <grpcpp/channel.h>
#include <grpcpp/client_context.h>
#include <grpcpp/support/status.h>

#include "personalize_gateway/credentials.h"
#include "personalize_gateway/error.h"
#include "personalize_gateway/options.h"
#include "personalize_gateway/v1/catalog_service.grpc.pb.h"
#include "personalize_gateway/v1/dead_letter_service.grpc.pb.h"
#include "personalize_gateway/v1/event_service.grpc.pb.h"
#include "personalize_gateway/v1/ingest_service.grpc.pb.h"
#include "personalize_gateway/v1/route_service.grpc.pb.h"
#include "personalize_gateway/v1/tracker_service.grpc.pb.h"

namespace personalize_gateway {

// Calls one gateway. Several threads may use it at once; copies share the connection.
//
// The methods that put block until there is an answer, and throw GatewayError. An event or an action
// interaction without an ID gets one, in the request itself: to send the same request again after an
// error is harmless.
class GatewayClient {
 public:
  // A client of the gateway at `target`, for example "gateway.internal:50051" or any other name of
  // gRPC. It connects with the first call.
  //
  // Throws std::invalid_argument where the credentials cannot be used, or are a token that another
  // machine would get without TLS.
  GatewayClient(const std::string& target, Credentials credentials, Options options = {});

  // Sends 1–500 events; they are taken all, or none.
  v1::PutEventsResponse PutEvents(v1::PutEventsRequest* request) const;

  // Sends 1–500 action interactions; they are taken all, or none.
  v1::PutActionInteractionsResponse PutActionInteractions(
      v1::PutActionInteractionsRequest* request) const;

  // Send 1–500 items, users or actions; they are taken all, or none.
  v1::PutItemsResponse PutItems(const v1::PutItemsRequest& request) const;
  v1::PutUsersResponse PutUsers(const v1::PutUsersRequest& request) const;
  v1::PutActionsResponse PutActions(const v1::PutActionsRequest& request) const;

  // Sends 1–500 records of any kind. Each is taken or refused for itself: look at the refusals of the
  // response.
  v1::IngestBatchResponse IngestBatch(v1::IngestBatchRequest* request) const;

  // The same client, over the same connection, but with another time that a call may take.
  GatewayClient WithTimeout(std::chrono::milliseconds timeout) const;

  // The raw stubs, for all else. They take a context of NewContext or NewStreamContext and return a
  // status of which a GatewayError can be made.
  v1::EventService::StubInterface& events() const { return *stubs_->events; }
  v1::CatalogService::StubInterface& catalog() const { return *stubs_->catalog; }
  v1::IngestService::StubInterface& ingest() const { return *stubs_->ingest; }
  v1::TrackerService::StubInterface& trackers() const { return *stubs_->trackers; }
  v1::RouteService::StubInterface& routes() const { return *stubs_->routes; }
  v1::DeadLetterService::StubInterface& dead_letters() const { return *stubs_->dead_letters; }

  // A context for one call by a raw stub, with the client's headers and deadline. Throws GatewayError
  // where there is no token.
  std::unique_ptr<grpc::ClientContext> NewContext() const;

  // The same without a deadline.
  std::unique_ptr<grpc::ClientContext> NewStreamContext() const;

 private:
  struct Stubs {
    std::unique_ptr<v1::EventService::Stub> events;
    std::unique_ptr<v1::CatalogService::Stub> catalog;
    std::unique_ptr<v1::IngestService::Stub> ingest;
    std::unique_ptr<v1::TrackerService::Stub> trackers;
    std::unique_ptr<v1::RouteService::Stub> routes;
    std::unique_ptr<v1::DeadLetterService::Stub> dead_letters;
  };

  void Call(const std::function<grpc::Status(grpc::ClientContext*)>& send) const;
  std::chrono::system_clock::time_point Deadline() const;

  Credentials credentials_;
  std::chrono::milliseconds timeout_;
  bool retries_;
  std::shared_ptr<const Stubs> stubs_;
};

}  // namespace personalize_gateway

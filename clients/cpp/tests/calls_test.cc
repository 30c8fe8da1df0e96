// What a client makes of calls: event IDs, retries, deadlines, headers.

#include <chrono>
#include <regex>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "fake.h"
#include "personalize_gateway/client.h"

namespace personalize_gateway {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using std::chrono::steady_clock;

bool IsUuid4(const std::string& id) {
  static const std::regex kUuid4("[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
  return std::regex_match(id, kUuid4);
}

grpc::Status Unavailable() {
  return Answer(grpc::StatusCode::UNAVAILABLE, "stopping", Details("DRAINING"));
}

// An event without an ID has the same one at each attempt, and in the caller's request.
TEST(Calls, EventIdBeforeTheFirstAttempt) {
  const Fake fake({Unavailable()});
  auto request = OneEvent();
  fake.client().PutEvents(&request);
  const auto received = fake.requests();
  ASSERT_EQ(received.size(), 2u);
  EXPECT_TRUE(IsUuid4(request.events(0).event_id())) << request.events(0).event_id();
  EXPECT_EQ(received[0].SerializeAsString(), request.SerializeAsString());
  EXPECT_EQ(received[1].SerializeAsString(), request.SerializeAsString());
}

// Only what has no event ID gets one, and each another.
TEST(Calls, EventIdsOfEveryKind) {
  v1::IngestBatchRequest request;
  request.add_records()->mutable_event();
  request.add_records()->mutable_event()->set_event_id("own");
  request.add_records()->mutable_action_interaction();
  request.add_records()->mutable_item();
  request.add_records();
  const Fake fake;
  const auto error = ErrorOf([&] { fake.client().IngestBatch(&request); });
  EXPECT_EQ(error.code(), grpc::StatusCode::UNIMPLEMENTED);
  const std::string event = request.records(0).event().event_id();
  const std::string interaction = request.records(2).action_interaction().event_id();
  EXPECT_TRUE(IsUuid4(event)) << event;
  EXPECT_TRUE(IsUuid4(interaction)) << interaction;
  EXPECT_NE(event, interaction);
  EXPECT_EQ(request.records(1).event().event_id(), "own");
  EXPECT_TRUE(request.records(3).has_item());
  EXPECT_EQ(request.records(4).kind_case(), v1::IngestRecord::KIND_NOT_SET);
}

// UNAVAILABLE is retried four times.
TEST(Calls, UnavailableIsRetried) {
  const Fake fake({Unavailable(), Unavailable(), Unavailable(), Unavailable(), Unavailable(), Unavailable()});
  auto request = OneEvent();
  const auto error = ErrorOf([&] { fake.client().PutEvents(&request); });
  EXPECT_EQ(error.code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(error.reason(), "DRAINING");
  EXPECT_TRUE(error.is_retryable());
  EXPECT_EQ(fake.requests().size(), 5u);
}

// RESOURCE_EXHAUSTED is retried no sooner than the gateway said.
TEST(Calls, RetryDelayIsTheLeast) {
  const Fake fake({Throttled(milliseconds(300))});
  auto request = OneEvent();
  const auto begin = steady_clock::now();
  fake.client().PutEvents(&request);
  EXPECT_GE(steady_clock::now() - begin, milliseconds(300));
  EXPECT_EQ(fake.requests().size(), 2u);
}

// The caller gets what cannot be served within the deadline, and what is not retried, after one attempt.
TEST(Calls, ErrorsAtOnce) {
  Options without_retries = Patient();
  without_retries.retries = false;
  const struct {
    const char* name;
    grpc::Status status;
    Options options;
  } cases[] = {
      {"delay beyond the deadline", Throttled(seconds(61)), Patient()},
      {"no delay named",
       Answer(grpc::StatusCode::RESOURCE_EXHAUSTED, "large", Details("MESSAGE_TOO_LARGE")), Patient()},
      {"another code", Answer(grpc::StatusCode::INTERNAL, "unforeseen", Details("INTERNAL")), Patient()},
      {"no retries wanted", Throttled(milliseconds(10)), without_retries},
      {"no retries of UNAVAILABLE", Unavailable(), without_retries},
  };
  for (const auto& one : cases) {
    const Fake fake({one.status});
    auto request = OneEvent();
    const auto error = ErrorOf([&] { fake.client(one.options).PutEvents(&request); });
    EXPECT_EQ(error.code(), one.status.error_code()) << one.name;
    EXPECT_EQ(fake.requests().size(), 1u) << one.name;
  }
}

// A call ends with its deadline; so does one by a raw stub.
TEST(Calls, Deadline) {
  Fake fake;
  fake.Hold();
  const auto client = fake.client().WithTimeout(milliseconds(300));
  auto request = OneEvent();
  EXPECT_EQ(ErrorOf([&] { client.PutEvents(&request); }).code(), grpc::StatusCode::DEADLINE_EXCEEDED);
  v1::PutEventsResponse response;
  const auto status = client.events().PutEvents(client.NewContext().get(), request, &response);
  EXPECT_EQ(status.error_code(), grpc::StatusCode::DEADLINE_EXCEEDED);
}

// A call has five seconds, a stream none.
TEST(Calls, DeadlineByDefault) {
  const Fake fake;
  const auto client = fake.client(Options());
  const auto before = std::chrono::system_clock::now() + seconds(5);
  const auto deadline = client.NewContext()->deadline();
  EXPECT_GE(deadline, before - milliseconds(1));
  EXPECT_LE(deadline, std::chrono::system_clock::now() + seconds(5));
  EXPECT_EQ(client.NewStreamContext()->deadline(), std::chrono::system_clock::time_point::max());
}

// Each call says who calls.
TEST(Calls, Headers) {
  const Fake fake;
  const auto credentials =
      Credentials::Insecure().WithCaller("shop").WithToken([] { return " secret\n"; });
  auto request = OneEvent();
  GatewayClient(fake.target(), credentials, Patient()).PutEvents(&request);
  const auto headers = fake.headers().at(0);
  EXPECT_EQ(headers.find("x-caller")->second, "shop");
  EXPECT_EQ(headers.find("authorization")->second, "Bearer secret");
}

// Where there is no token, nothing is sent.
TEST(Calls, TokenSourceThatFails) {
  const Fake fake;
  const auto credentials = Credentials::Insecure().WithToken(
      []() -> std::string { throw std::runtime_error("no such file"); });
  auto request = OneEvent();
  const auto error = ErrorOf([&] { GatewayClient(fake.target(), credentials, Patient()).PutEvents(&request); });
  EXPECT_EQ(error.code(), grpc::StatusCode::UNAVAILABLE);
  EXPECT_EQ(error.message(), "the token source failed: no such file");
  EXPECT_TRUE(fake.requests().empty());
}

// A token goes to another machine by TLS only.
TEST(Calls, TokenWithoutTls) {
  const auto token = [] { return "secret"; };
  const auto insecure = Credentials::Insecure().WithToken(token);
  for (const char* target : {"gateway.internal:50051", "127.0.0.1.example.org:50051", "10.0.0.1:50051"}) {
    EXPECT_THROW(GatewayClient(target, insecure), std::invalid_argument) << target;
  }
  for (const char* target : {"localhost:50051", "127.0.0.2:50051", "[::1]:50051", "unix:/run/gateway.sock"}) {
    EXPECT_NO_THROW(GatewayClient(target, insecure)) << target;
  }
  EXPECT_NO_THROW(GatewayClient("gateway.internal:50051", Credentials::Tls().WithToken(token)));
}

}  // namespace
}  // namespace personalize_gateway

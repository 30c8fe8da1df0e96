// Sends the cases of tests/vectors to a gateway with this client, and prints what became of each as a
// line of JSON. The README of the vectors describes both.

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

#include <google/protobuf/util/json_util.h>

#include "personalize_gateway/client.h"
#include "vectors.pb.h"

namespace {

namespace json = google::protobuf::util;
namespace v1 = personalize_gateway::v1;
using personalize_gateway::GatewayClient;
using personalize_gateway::GatewayError;
using personalize_gateway::conformance::Case;
using personalize_gateway::conformance::Fate;
using personalize_gateway::conformance::Vectors;

// Why a request cannot be sent.
struct NotSent : std::runtime_error {
  using std::runtime_error::runtime_error;
};

void Require(bool is_good, const std::string& otherwise) {
  if (!is_good) {
    throw NotSent(otherwise);
  }
}

template <typename Request>
Request Parsed(const Case& one) {
  Request request;
  if (!one.has_request()) {
    Require(request.ParseFromString(one.request_wire()), "the bytes are no message");
    return request;
  }
  std::string text;
  const auto written = json::MessageToJsonString(one.request(), &text);
  Require(written.ok(), written.ToString());
  const auto read = json::JsonStringToMessage(text, &request);
  Require(read.ok(), read.ToString());
  return request;
}

std::string WithoutPrefix(const std::string& name, const std::string& prefix) {
  return name.compare(0, prefix.size(), prefix) == 0 ? name.substr(prefix.size()) : name;
}

void AddRefusals(const v1::IngestBatchResponse& response, Fate* fate) {
  for (const auto& refusal : response.refusals()) {
    auto* refused = fate->add_refused();
    refused->set_record_index(refusal.record_index());
    refused->set_reason(WithoutPrefix(v1::ErrorReason_Name(refusal.reason()), "ERROR_REASON_"));
    for (const auto& one : refusal.violations()) {
      auto* violation = fate->add_violations();
      violation->set_field(one.field());
      violation->set_rule(WithoutPrefix(v1::Rule_Name(one.rule()), "RULE_"));
    }
  }
}

// Throws std::invalid_argument where the case is none that this program knows.
void Send(const GatewayClient& client, const Case& one, Fate* fate) {
  if (one.rpc() == "PutEvents") {
    auto request = Parsed<v1::PutEventsRequest>(one);
    client.PutEvents(&request);
  } else if (one.rpc() == "PutActionInteractions") {
    auto request = Parsed<v1::PutActionInteractionsRequest>(one);
    client.PutActionInteractions(&request);
  } else if (one.rpc() == "PutItems") {
    client.PutItems(Parsed<v1::PutItemsRequest>(one));
  } else if (one.rpc() == "PutUsers") {
    client.PutUsers(Parsed<v1::PutUsersRequest>(one));
  } else if (one.rpc() == "PutActions") {
    client.PutActions(Parsed<v1::PutActionsRequest>(one));
  } else if (one.rpc() == "IngestBatch") {
    auto request = Parsed<v1::IngestBatchRequest>(one);
    AddRefusals(client.IngestBatch(&request), fate);
  } else {
    throw std::invalid_argument(one.name() + ": there is no RPC " + one.rpc());
  }
  fate->set_code("OK");
}

void Refuse(const GatewayError& error, Fate* fate) {
  fate->set_code(personalize_gateway::CodeName(error.code()));
  fate->set_reason(error.reason());
  fate->set_error(error.message());
  for (const auto& one : error.violations()) {
    auto* violation = fate->add_violations();
    violation->set_field(one.field);
    violation->set_rule(one.rule);
  }
}

Fate FateOf(const GatewayClient& client, const Case& one) {
  Fate fate;
  try {
    Send(client, one, &fate);
  } catch (const GatewayError& error) {
    Refuse(error, &fate);
  } catch (const NotSent& error) {
    fate.set_code("CLIENT");
    fate.set_error(error.what());
  }
  return fate;
}

void Run(const GatewayClient& client, const std::filesystem::path& file) {
  std::ifstream stream(file);
  const std::string text{std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
  json::JsonParseOptions parse;
  parse.ignore_unknown_fields = true;
  Vectors vectors;
  const auto read = json::JsonStringToMessage(text, &vectors, parse);
  if (!read.ok()) {
    throw std::invalid_argument(file.string() + ": " + read.ToString());
  }
  json::JsonPrintOptions print;
  print.always_print_primitive_fields = true;
  print.preserve_proto_field_names = true;
  for (const auto& one : vectors.cases()) {
    Fate fate = FateOf(client, one);
    fate.set_name(vectors.name() + "/" + one.name());
    std::string line;
    if (!json::MessageToJsonString(fate, &line, print).ok()) {
      throw std::invalid_argument(fate.name() + ": its fate cannot be printed");
    }
    std::cout << line << std::endl;
  }
}

void RunAll(const std::string& target, const std::filesystem::path& directory) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(directory)) {
    if (entry.path().extension() == ".json") {
      files.push_back(entry.path());
    }
  }
  if (files.empty()) {
    throw std::invalid_argument(directory.string() + " holds no vectors");
  }
  std::sort(files.begin(), files.end());
  personalize_gateway::Options options;
  options.timeout = std::chrono::seconds(30);
  const GatewayClient client(target, personalize_gateway::Credentials::Insecure(), options);
  for (const auto& file : files) {
    Run(client, file);
  }
}

}  // namespace

int main(int argc, char* argv[]) {
  if (argc != 3) {
    std::cerr << "usage: conformance TARGET VECTORS_DIR\n";
    return 2;
  }
  try {
    RunAll(argv[1], argv[2]);
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}

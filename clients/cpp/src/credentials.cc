#include "personalize_gateway/credentials.h"

#include <stdexcept>
#include <utility>

#include "personalize_gateway/error.h"

namespace personalize_gateway {
namespace {

bool StartsWith(const std::string& text, const std::string& start) {
  return text.compare(0, start.size(), start) == 0;
}

// Whether a target of gRPC is this machine for sure.
bool IsLoopback(const std::string& target) {
  if (StartsWith(target, "unix:") || StartsWith(target, "unix-abstract:")) {
    return true;
  }
  const std::string host = target.substr(0, target.rfind(':'));
  if (host == "localhost" || host == "[::1]") {
    return true;
  }
  // An address, not a name such as 127.example.org.
  return StartsWith(host, "127.") && host.find_first_not_of("0123456789.") == std::string::npos;
}

std::string Stripped(const std::string& text) {
  constexpr char kSpaces[] = " \t\r\n";
  const auto first = text.find_first_not_of(kSpaces);
  if (first == std::string::npos) {
    return "";
  }
  return text.substr(first, text.find_last_not_of(kSpaces) - first + 1);
}

std::string TokenOf(const TokenSource& source) {
  try {
    return source();
  } catch (const std::exception& error) {
    throw GatewayError(grpc::Status(grpc::StatusCode::UNAVAILABLE,
                                    std::string("the token source failed: ") + error.what()));
  }
}

}  // namespace

Credentials::Credentials(std::shared_ptr<grpc::ChannelCredentials> channel, bool is_secure)
    : channel_(std::move(channel)), is_secure_(is_secure) {}

Credentials Credentials::Insecure() { return Credentials(grpc::InsecureChannelCredentials(), false); }

Credentials Credentials::Tls(std::string ca, std::string certificate, std::string key) {
  grpc::SslCredentialsOptions options;
  options.pem_root_certs = std::move(ca);
  options.pem_cert_chain = std::move(certificate);
  options.pem_private_key = std::move(key);
  return Credentials(grpc::SslCredentials(options), true);
}

Credentials Credentials::Channel(std::shared_ptr<grpc::ChannelCredentials> channel) {
  return Credentials(std::move(channel), true);
}

Credentials Credentials::WithToken(TokenSource source) const {
  Credentials with = *this;
  with.token_ = std::move(source);
  return with;
}

Credentials Credentials::WithCaller(std::string name) const {
  Credentials with = *this;
  with.caller_ = std::move(name);
  return with;
}

void Credentials::Check(const std::string& target) const {
  if (channel_ == nullptr) {
    throw std::invalid_argument("gateway: credentials: the certificates cannot be used");
  }
  if (token_ && !is_secure_ && !IsLoopback(target)) {
    throw std::invalid_argument(
        "gateway: credentials: a token is not sent to another machine without TLS");
  }
}

void Credentials::Apply(grpc::ClientContext* context) const {
  if (!caller_.empty()) {
    context->AddMetadata("x-caller", caller_);
  }
  if (token_) {
    context->AddMetadata("authorization", "Bearer " + Stripped(TokenOf(token_)));
  }
}

}  // namespace personalize_gateway

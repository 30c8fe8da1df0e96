// Real connections: one that cannot be made, and TLS.

#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "fake.h"
#include "personalize_gateway/client.h"

namespace personalize_gateway {
namespace {

// A file that CMake had made: a certificate for localhost, signed by itself, and its key.
std::string File(const std::string& name) {
  std::ifstream stream(std::string(CERTIFICATES) + "/" + name);
  return {std::istreambuf_iterator<char>(stream), std::istreambuf_iterator<char>()};
}

Options WithoutRetries() {
  Options options = Patient();
  options.retries = false;
  return options;
}

// A connection that cannot be made is UNAVAILABLE.
TEST(Connection, NobodyListens) {
  auto request = OneEvent();
  const GatewayClient client("unix:/nowhere/gateway.sock", Credentials::Insecure(), WithoutRetries());
  EXPECT_EQ(ErrorOf([&] { client.PutEvents(&request); }).code(), grpc::StatusCode::UNAVAILABLE);
}

// TLS trusts the CA that it was given, and shows the certificate that it was given.
TEST(Connection, Tls) {
  const std::string certificate = File("certificate.pem");
  const std::string key = File("key.pem");
  ASSERT_FALSE(certificate.empty());
  grpc::SslServerCredentialsOptions options(
      GRPC_SSL_REQUEST_AND_REQUIRE_CLIENT_CERTIFICATE_AND_VERIFY);
  options.pem_root_certs = certificate;
  options.pem_key_cert_pairs.push_back({key, certificate});
  const Fake fake({}, grpc::SslServerCredentials(options));

  auto request = OneEvent();
  GatewayClient(fake.target(), Credentials::Tls(certificate, certificate, key), Patient())
      .PutEvents(&request);
  for (const auto& credentials : {Credentials::Tls(certificate), Credentials::Tls()}) {
    const GatewayClient client(fake.target(), credentials, WithoutRetries());
    EXPECT_EQ(ErrorOf([&] { client.PutEvents(&request); }).code(), grpc::StatusCode::UNAVAILABLE);
  }
  EXPECT_EQ(fake.requests().size(), 1u);
}

}  // namespace
}  // namespace personalize_gateway

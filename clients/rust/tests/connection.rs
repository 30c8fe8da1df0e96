//! Real connections: one that is lost, and TLS.

mod fake;

use std::time::Duration;

use fake::Fake;
use personalize_gateway_client::v1::{Event, IngestRequest, PutEventsRequest};
use personalize_gateway_client::{Credentials, GatewayClient, GatewayError, Options};
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};
use tokio::io::copy_bidirectional;
use tokio::net::{TcpListener, TcpSocket, TcpStream};
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Code;
use tonic::transport::{Certificate, ClientTlsConfig, Identity, Server, ServerTlsConfig};

/// How long a call may take on a machine that is busy.
const PATIENCE: Duration = Duration::from_secs(60);

async fn put(target: &str, credentials: &Credentials, retries: bool) -> Result<(), GatewayError> {
    let options = Options { timeout: Some(PATIENCE), retries, ..Options::default() };
    let client = GatewayClient::new(target, credentials, options).unwrap();
    let mut request = PutEventsRequest { events: vec![Event::default()], ..PutEventsRequest::default() };
    client.put_events(&mut request).await.map(drop)
}

async fn listen() -> (TcpListener, String) {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let target = listener.local_addr().unwrap().to_string();
    (listener, target)
}

/// A connection that cannot be made, or is lost under a call, is UNAVAILABLE.
#[tokio::test]
async fn connection_lost() {
    let (listener, target) = listen().await;
    tokio::spawn(async move {
        let (mut connection, _) = listener.accept().await.unwrap();
        let mut preface = [0; 64];
        tokio::io::AsyncReadExt::read(&mut connection, &mut preface).await.unwrap();
    });
    let nobody = TcpSocket::new_v4().unwrap(); // It has its port, but does not listen.
    nobody.bind("127.0.0.1:0".parse().unwrap()).unwrap();
    for target in [target, nobody.local_addr().unwrap().to_string()] {
        let error = put(&target, &Credentials::insecure(), false).await.unwrap_err();
        assert_eq!(error.code, Code::Unavailable, "{error}");
    }
}

/// A stream that loses its connection ends with UNAVAILABLE.
#[tokio::test]
async fn connection_lost_under_a_stream() {
    let (behind, behind_target) = listen().await;
    let (listener, target) = listen().await;
    tokio::spawn(Fake::silent().router(Server::builder()).serve_with_incoming(TcpListenerStream::new(behind)));
    let proxy = tokio::spawn(async move {
        let (mut near, _) = listener.accept().await.unwrap();
        let mut far = TcpStream::connect(behind_target).await.unwrap();
        copy_bidirectional(&mut near, &mut far).await
    });
    let client = GatewayClient::new(&target, &Credentials::insecure(), Options::default()).unwrap();
    let requests = tokio_stream::pending::<IngestRequest>();
    let mut responses = client.ingest().ingest(requests).await.unwrap().into_inner();
    proxy.abort();
    let error = GatewayError::from(responses.message().await.unwrap_err());
    assert_eq!(error.code, Code::Unavailable, "{error}");
}

/// A gateway that comes back is found again.
#[tokio::test]
async fn gateway_that_returns() {
    let (listener, target) = listen().await;
    let fake = Fake::default();
    let server = fake.router(Server::builder());
    tokio::spawn(async move {
        drop(listener.accept().await.unwrap());
        server.serve_with_incoming(TcpListenerStream::new(listener)).await
    });
    put(&target, &Credentials::insecure(), true).await.unwrap();
    assert_eq!(fake.attempts(), 1);
}

fn authority() -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(Vec::new()).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

fn identity(authority: &CertifiedIssuer<'static, KeyPair>) -> Identity {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(vec!["localhost".into()]).unwrap();
    Identity::from_pem(params.signed_by(&key, authority).unwrap().pem(), key.serialize_pem())
}

/// TLS trusts the CA that it was given, and shows the certificate that it was given.
#[tokio::test]
async fn tls() {
    let (listener, target) = listen().await;
    let authority = authority();
    let ca = Certificate::from_pem(authority.pem());
    let tls = ServerTlsConfig::new().identity(identity(&authority)).client_ca_root(ca.clone());
    let fake = Fake::default();
    let server = fake.router(Server::builder().tls_config(tls).unwrap());
    tokio::spawn(server.serve_with_incoming(TcpListenerStream::new(listener)));

    let target = target.replace("127.0.0.1", "localhost");
    let trusting = ClientTlsConfig::new().ca_certificate(ca);
    let known = trusting.clone().identity(identity(&authority));
    put(&target, &Credentials::tls_config(known), false).await.unwrap();
    for config in [trusting, ClientTlsConfig::new()] {
        let error = put(&target, &Credentials::tls_config(config), false).await.unwrap_err();
        assert_eq!(error.code, Code::Unavailable, "{error}");
    }
    assert_eq!(fake.attempts(), 1);
}

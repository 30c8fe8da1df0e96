use std::error::Error;
use std::fmt;
use std::net::IpAddr;
use std::sync::Arc;

use tonic::metadata::{Ascii, MetadataValue};
use tonic::transport::ClientTlsConfig;

use crate::error::InvalidSetting;

/// Why a source of tokens has none.
pub type TokenError = Box<dyn Error + Send + Sync>;

pub(crate) type TokenSource = Arc<dyn Fn() -> Result<String, TokenError> + Send + Sync>;

/// How the connection is secured, and who calls.
#[derive(Clone, Default)]
pub struct Credentials {
    pub(crate) tls: Option<ClientTlsConfig>,
    pub(crate) caller: Option<MetadataValue<Ascii>>,
    pub(crate) token: Option<TokenSource>,
}

impl Credentials {
    /// No TLS: for loopback, or where a sidecar secures the connection.
    #[must_use]
    pub fn insecure() -> Self {
        Self::default()
    }

    /// TLS that trusts the certificates that the system trusts.
    #[must_use]
    pub fn tls() -> Self {
        Self::tls_config(ClientTlsConfig::new().with_native_roots())
    }

    /// TLS as the config says: with a CA of its own, a certificate to show (mTLS), another name to
    /// expect.
    ///
    /// A client keeps the certificates that it was made with. Make a new one when they are renewed.
    #[must_use]
    pub fn tls_config(config: ClientTlsConfig) -> Self {
        Self { tls: Some(config), ..Self::default() }
    }

    /// Sends a bearer token with each call.
    ///
    /// The source is asked before each attempt and must not block: keep the token for as long as it
    /// holds. Where it fails, the call is UNAVAILABLE.
    #[must_use]
    pub fn with_token<F>(mut self, source: F) -> Self
    where
        F: Fn() -> Result<String, TokenError> + Send + Sync + 'static,
    {
        self.token = Some(Arc::new(source));
        self
    }

    /// Names the caller in the header `x-caller`, which proves nothing: a gateway believes it on
    /// loopback, or where its configuration says so.
    pub fn with_caller(mut self, name: &str) -> Result<Self, InvalidSetting> {
        let name =
            name.parse().map_err(|error| InvalidSetting::of("credentials: a caller's name is visible ASCII", error))?;
        self.caller = Some(name);
        Ok(self)
    }

    /// Fails where a token would go to another machine without TLS.
    pub(crate) fn check(&self, target: &str) -> Result<(), InvalidSetting> {
        if self.token.is_some() && self.tls.is_none() && !is_loopback(target) {
            return Err(InvalidSetting::new("credentials: a token is not sent to another machine without TLS"));
        }
        Ok(())
    }
}

impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Credentials")
            .field("tls", &self.tls.is_some())
            .field("caller", &self.caller)
            .field("token", &self.token.is_some())
            .finish()
    }
}

/// Says whether a target is this machine for sure.
fn is_loopback(target: &str) -> bool {
    if target.starts_with("unix:") {
        return true;
    }
    let Some((host, _port)) = target.rsplit_once(':') else {
        return false;
    };
    let address = host.trim_start_matches('[').trim_end_matches(']');
    host == "localhost" || address.parse().is_ok_and(|address: IpAddr| address.is_loopback())
}

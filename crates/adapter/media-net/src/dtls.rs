//! DTLS with one configuration for all sessions: building one per session costs most of a millisecond, as each validates its provider. Keys
//! of sessions that watch go to us: a [`Tap`] takes them where str0m would.

use std::cell::RefCell;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use str0m::config::{CryptoProvider, DtlsCert, DtlsVersion};
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, ProtocolVersion};

use crate::srtp::noting::Noting;
use crate::srtp::seal::Keys;

thread_local! {
    static TAP: RefCell<Option<Tap>> = const { RefCell::new(None) };
}

/// The keys of one handshake. Where they are of a profile that we seal with ourselves, str0m has none, so that it neither seals nor opens.
///
/// They are there before the peer's certificate is known to be the one that its offer named: use them only after str0m says that it is
/// connected.
#[derive(Debug, Clone, Default)]
pub(crate) struct Tap(Arc<OnceLock<Option<Keys>>>);

impl Tap {
    /// The keys, or none where str0m has them; none at all where both sides agreed on no profile.
    pub(crate) fn keys(&self) -> Option<Option<&Keys>> {
        self.0.get().map(Option::as_ref)
    }
}

/// What `build` makes a DTLS instance for gives its keys to the tap, if there is one.
pub(crate) fn tapped<R>(tap: Option<Tap>, build: impl FnOnce() -> R) -> R {
    TAP.set(tap);
    let built = build();
    TAP.take();
    built
}

/// The crypto of every session: str0m's, with a shared DTLS configuration and ciphers that note what they open.
pub(crate) fn provider() -> Arc<CryptoProvider> {
    static PROVIDER: OnceLock<Arc<CryptoProvider>> = OnceLock::new();
    static DTLS: OneConfig = OneConfig { config: OnceLock::new() };
    PROVIDER
        .get_or_init(|| {
            let mut provider = str0m::crypto::from_feature_flags();
            provider.dtls_provider = &DTLS;
            provider.srtp_provider = &Noting;
            Arc::new(provider)
        })
        .clone()
}

#[derive(Debug)]
struct OneConfig {
    config: OnceLock<Arc<dimpl::Config>>,
}

impl OneConfig {
    /// The configuration. All sessions have the same `mtu`, so the first one's is everybody's.
    fn config(&self, mtu: Option<usize>) -> Result<Arc<dimpl::Config>, CryptoError> {
        if let Some(config) = self.config.get() {
            return Ok(Arc::clone(config));
        }
        // ICE has shown that the peer is where it says it is, so no cookie is needed.
        let mut builder = dimpl::Config::builder().use_server_cookie(false);
        if let Some(mtu) = mtu {
            builder = builder.mtu(mtu);
        }
        let built = builder.build().map_err(|error| CryptoError::Other(error.to_string()))?;
        Ok(Arc::clone(self.config.get_or_init(|| Arc::new(built))))
    }
}

impl DtlsProvider for OneConfig {
    fn generate_certificate(&self) -> Option<DtlsCert> {
        str0m::crypto::from_feature_flags().dtls_provider.generate_certificate()
    }

    fn new_dtls(
        &self,
        cert: &DtlsCert,
        now: Instant,
        version: DtlsVersion,
        mtu: Option<usize>,
    ) -> Result<Box<dyn DtlsInstance>, CryptoError> {
        let config = self.config(mtu)?;
        let cert = dimpl::DtlsCertificate {
            certificate: cert.certificate.clone(),
            private_key: cert.private_key.clone(),
        };
        let dtls = match version {
            DtlsVersion::Dtls12 => dimpl::Dtls::new_12(config, cert, now),
            DtlsVersion::Dtls13 => dimpl::Dtls::new_13(config, cert, now),
            DtlsVersion::Auto => dimpl::Dtls::new_auto(config, cert, now),
            other => return Err(CryptoError::Other(format!("DTLS version {other} is not known"))),
        };
        Ok(Box::new(Instance { dtls, tap: TAP.take() }))
    }
}

struct Instance {
    dtls: dimpl::Dtls,
    tap: Option<Tap>,
}

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Instance")
    }
}

impl DtlsInstance for Instance {
    fn set_active(&mut self, active: bool) {
        self.dtls.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.dtls.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        let output = self.dtls.poll_output(buf);
        if let (DtlsOutput::KeyingMaterial(material, profile), Some(Tap(tap))) = (&output, &self.tap) {
            // There is one handshake to an instance.
            if tap.get_or_init(|| Keys::new(*profile, material)).is_some() {
                // It has said so before the keys, and str0m takes no notice of the second time.
                return DtlsOutput::Connected;
            }
        }
        output
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.dtls.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.dtls.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.dtls.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.dtls.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.dtls.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.dtls.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.dtls.close()
    }
}

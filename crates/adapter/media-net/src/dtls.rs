//! DTLS with one configuration for all sessions: building one per session costs most of a millisecond, as each validates its provider.

use std::borrow::Cow;
use std::sync::{Arc, OnceLock};
use std::time::Instant;

use str0m::config::{CryptoProvider, DtlsCert, DtlsVersion};
use str0m::crypto::CryptoError;
use str0m::crypto::dtls::{DtlsImplError, DtlsInstance, DtlsOutput, DtlsProvider, ProtocolVersion};

use crate::srtp::Noting;

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

/// A datagram less the alerts that it bears in the clear, and the description of the last fatal one among them (RFC 6347 §4.1, RFC 5246
/// §7.2). Whoever knows a peer's address can send such an alert, and dimpl would end the handshake by it.
pub(crate) fn without_clear_alerts(datagram: &[u8]) -> (Cow<'_, [u8]>, Option<u8>) {
    const ALERT: u8 = 21;
    const FATAL: u8 = 2;
    let (mut kept, mut alert) = (Cow::Borrowed(datagram), None);
    let mut at = 0;
    // Type, version, epoch, sequence number, length, then the record's body.
    while let Some([kind, _, _, epoch @ .., _, _, _, _, _, _, high, low]) = kept.get(at..at + 13) {
        let end = at + 13 + usize::from(u16::from_be_bytes([*high, *low]));
        let clear = *kind == ALERT && *epoch == [0, 0];
        let Some(record) = kept.get(at..end) else { break };
        if !clear {
            at = end;
            continue;
        }
        if let [FATAL, description, ..] = record[13..] {
            alert = Some(description);
        }
        kept.to_mut().drain(at..end);
    }
    (kept, alert)
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
        Ok(Box::new(Instance(dtls)))
    }
}

struct Instance(dimpl::Dtls);

impl std::fmt::Debug for Instance {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Instance")
    }
}

impl DtlsInstance for Instance {
    fn set_active(&mut self, active: bool) {
        self.0.set_active(active);
    }

    fn handle_packet(&mut self, packet: &[u8]) -> Result<(), DtlsImplError> {
        self.0.handle_packet(packet)
    }

    fn poll_output<'a>(&mut self, buf: &'a mut [u8]) -> DtlsOutput<'a> {
        self.0.poll_output(buf)
    }

    fn handle_timeout(&mut self, now: Instant) -> Result<(), DtlsImplError> {
        self.0.handle_timeout(now)
    }

    fn send_application_data(&mut self, data: &[u8]) -> Result<usize, DtlsImplError> {
        self.0.send_application_data(data)
    }

    fn is_active(&self) -> bool {
        self.0.is_active()
    }

    fn protocol_version(&self) -> Option<ProtocolVersion> {
        self.0.protocol_version()
    }

    fn is_closing(&self) -> bool {
        self.0.is_closing()
    }

    fn is_closed(&self) -> bool {
        self.0.is_closed()
    }

    fn close(&mut self) -> Result<(), DtlsImplError> {
        self.0.close()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn alerts_in_the_clear_are_taken_out_and_all_else_is_left() {
        let record = |kind, epoch, body: &[u8]| {
            let mut out = vec![kind, 254, 253, 0, epoch, 0, 0, 0, 0, 0, 7, 0, body.len() as u8];
            out.extend_from_slice(body);
            out
        };
        let (fatal, warning) = (record(21, 0, &[2, 40]), record(21, 0, &[1, 0]));
        let (sealed, hello) = (record(21, 1, &[2, 40]), record(22, 0, &[1, 2, 3]));
        let check = |records: &[&[u8]], kept: &[&[u8]], alert| {
            assert_eq!(without_clear_alerts(&records.concat()), (Cow::Owned(kept.concat()), alert));
        };
        check(&[&fatal], &[], Some(40));
        check(&[&warning], &[], None);
        check(&[&sealed], &[&sealed], None);
        check(&[&hello, &fatal, &sealed, &warning], &[&hello, &sealed], Some(40));
        check(&[&fatal, &record(21, 0, &[2, 43])], &[], Some(43));
        check(&[&fatal, &hello], &[&hello], Some(40));
        check(&[&fatal[..14]], &[&fatal[..14]], None);
        check(&[&hello, &fatal[..12]], &[&hello, &fatal[..12]], None);
        check(&[&record(21, 0, &[])], &[], None);
        check(&[], &[], None);
    }
}

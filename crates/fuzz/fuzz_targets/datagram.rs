//! Datagrams on the media port, before anything is decrypted.

use media::datagram::{
    is_stun_success, nominates, rtp_extension, rtp_ssrc, stun_local_ufrag, without_clear_alerts,
};

/// What is read lies within the datagram, and what is taken out is gone.
pub(crate) fn run(bytes: &[u8]) {
    if let Some(name) = stun_local_ufrag(bytes) {
        assert!(name.len() + 24 <= bytes.len() && !name.contains(':'));
    }
    assert!(!nominates(bytes) || bytes.len() >= 24 && !is_stun_success(bytes));
    let values = (0..=u8::MAX).filter_map(|id| rtp_extension(bytes, id));
    assert!(values.map(<[u8]>::len).max().unwrap_or(0) + 17 <= bytes.len().max(17));
    assert!(rtp_ssrc(bytes).is_none() || bytes.len() >= 12);
    let (kept, alert) = without_clear_alerts(bytes);
    assert!(kept.len() <= bytes.len() && (alert.is_none() || kept.len() + 15 <= bytes.len()));
    assert_eq!(without_clear_alerts(&kept), (kept.clone(), None));
}

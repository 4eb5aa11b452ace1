//! The ciphers of SRTP, which note what they open. str0m drops in silence what does not decrypt, so nothing else tells a peer's packet
//! from one that somebody sends under its address.

use std::cell::Cell;

use str0m::crypto::{
    AeadAes128GcmCipher, AeadAes256GcmCipher, Aes128CmSha1_80Cipher, CryptoError, SrtpProvider,
    SupportedAeadAes128Gcm, SupportedAeadAes256Gcm, SupportedAes128CmSha1_80,
};

thread_local! {
    static OPENED: Cell<bool> = const { Cell::new(false) };
}

/// This thread has opened a packet with its sender's key since it was asked last.
pub(crate) fn take_opened() -> bool {
    OPENED.take()
}

/// str0m's own ciphers, noted.
#[derive(Debug)]
pub(crate) struct Noting;

fn own() -> &'static dyn SrtpProvider {
    str0m::crypto::from_feature_flags().srtp_provider
}

fn note<R>(opened: Result<R, CryptoError>) -> Result<R, CryptoError> {
    if opened.is_ok() {
        OPENED.set(true);
    }
    opened
}

impl SrtpProvider for Noting {
    fn aes_128_cm_sha1_80(&self) -> &'static dyn SupportedAes128CmSha1_80 {
        &Noting
    }

    fn aead_aes_128_gcm(&self) -> &'static dyn SupportedAeadAes128Gcm {
        &Noting
    }

    fn aead_aes_256_gcm(&self) -> &'static dyn SupportedAeadAes256Gcm {
        &Noting
    }

    fn srtp_aes_128_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        own().srtp_aes_128_ecb_round(key, input, output);
    }

    fn srtp_aes_256_ecb_round(&self, key: &[u8], input: &[u8], output: &mut [u8]) {
        own().srtp_aes_256_ecb_round(key, input, output);
    }
}

impl SupportedAes128CmSha1_80 for Noting {
    fn create_cipher(&self, key: [u8; 16], encrypt: bool) -> Box<dyn Aes128CmSha1_80Cipher> {
        let cipher = own().aes_128_cm_sha1_80().create_cipher(key, encrypt);
        if encrypt { cipher } else { Box::new(Opening(cipher)) }
    }
}

impl SupportedAeadAes128Gcm for Noting {
    fn create_cipher(&self, key: [u8; 16], encrypt: bool) -> Box<dyn AeadAes128GcmCipher> {
        let cipher = own().aead_aes_128_gcm().create_cipher(key, encrypt);
        if encrypt { cipher } else { Box::new(Opening(cipher)) }
    }
}

impl SupportedAeadAes256Gcm for Noting {
    fn create_cipher(&self, key: [u8; 32], encrypt: bool) -> Box<dyn AeadAes256GcmCipher> {
        let cipher = own().aead_aes_256_gcm().create_cipher(key, encrypt);
        if encrypt { cipher } else { Box::new(Opening(cipher)) }
    }
}

#[derive(Debug)]
struct Opening<C>(C);

/// str0m decrypts counter mode only after the authentication tag was found right.
impl Aes128CmSha1_80Cipher for Opening<Box<dyn Aes128CmSha1_80Cipher>> {
    fn encrypt(&mut self, iv: &[u8; 16], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        self.0.encrypt(iv, input, output)
    }

    fn decrypt(&mut self, iv: &[u8; 16], input: &[u8], output: &mut [u8]) -> Result<(), CryptoError> {
        note(self.0.decrypt(iv, input, output))
    }
}

/// The ciphers of both key lengths have the same two functions.
macro_rules! opening_gcm {
    ($cipher:ident) => {
        impl $cipher for Opening<Box<dyn $cipher>> {
            fn encrypt(
                &mut self,
                iv: &[u8; 12],
                aad: &[u8],
                input: &[u8],
                output: &mut [u8],
            ) -> Result<(), CryptoError> {
                self.0.encrypt(iv, aad, input, output)
            }

            fn decrypt(
                &mut self,
                iv: &[u8; 12],
                aads: &[&[u8]],
                input: &[u8],
                output: &mut [u8],
            ) -> Result<usize, CryptoError> {
                note(self.0.decrypt(iv, aads, input, output))
            }
        }
    };
}

opening_gcm!(AeadAes128GcmCipher);
opening_gcm!(AeadAes256GcmCipher);

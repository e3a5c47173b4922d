//! Certificates that vouch for themselves: no client trusts one, so the key beside it opens nothing but a local test.

use source::{EntryKind, MAX_CONFIG_BYTES, directory_of, file_name};

use crate::inventory::Inventory;

/// The certificate beside a private key whose issuer is its own subject. Where several files beside it could be the one, the
/// name decides.
pub(super) fn self_signed(inventory: &Inventory<'_>, key: &str) -> Option<String> {
    let folder = directory_of(key);
    let beside = inventory.below(folder).iter().filter(|entry| {
        entry.kind == EntryKind::File && directory_of(&entry.path) == folder && is_certificate(&entry.path)
    });
    let paths: Vec<&str> = beside.map(|entry| entry.path.as_str()).filter(|path| *path != key).collect();
    let of_name = paths.iter().find(|path| stem(path) == stem(key));
    let only = || paths.first().filter(|_| paths.len() == 1);
    let path = of_name.or_else(only)?;
    let bytes = inventory.tree().read(path, MAX_CONFIG_BYTES).ok()?;
    signs_itself(&String::from_utf8_lossy(&bytes)).then(|| (*path).to_owned())
}

fn is_certificate(path: &str) -> bool {
    let ending = file_name(path).rsplit_once('.').map_or("", |(_, ending)| ending);
    matches!(ending, "crt" | "cert" | "cer" | "pem")
}

/// The part of a name before its ending: `server` of `server.key`.
fn stem(path: &str) -> &str {
    file_name(path).rsplit_once('.').map_or("", |(stem, _)| stem)
}

/// Whether the first certificate of a PEM text has the same issuer and subject. Sources: RFC 7468, section 5; RFC 5280,
/// section 4.1.
fn signs_itself(text: &str) -> bool {
    let inside = text
        .split_once("-----BEGIN CERTIFICATE-----")
        .and_then(|(_, rest)| rest.split_once("-----END CERTIFICATE-----"));
    let Some((body, _)) = inside else { return false };
    let Some(der) = base64(body) else { return false };
    names(&der).is_some_and(|(issuer, subject)| issuer == subject)
}

/// The encoded issuer and subject of a certificate.
fn names(der: &[u8]) -> Option<(&[u8], &[u8])> {
    /// The tag of the optional version.
    const VERSION: u8 = 0xA0;
    let (certificate, _) = element(der)?;
    let (signed, _) = element(certificate)?;
    let mut rest = signed;
    if *rest.first()? == VERSION {
        (_, rest) = element(rest)?;
    }
    // The serial number and the algorithm.
    (_, rest) = element(rest)?;
    (_, rest) = element(rest)?;
    let (issuer, rest) = element(rest)?;
    let (_validity, rest) = element(rest)?;
    let (subject, _) = element(rest)?;
    Some((issuer, subject))
}

/// The content of the first element of a DER text, and what follows it. Source: X.690, section 8.1.
fn element(der: &[u8]) -> Option<(&[u8], &[u8])> {
    /// Set where the first byte of a length tells how many bytes it has.
    const LONG: u8 = 0x80;
    let first = *der.get(1)?;
    let (length, start) = if first & LONG == 0 {
        (usize::from(first), 2)
    } else {
        let size = usize::from(first & !LONG);
        let bytes = der.get(2..2 + size).filter(|bytes| bytes.len() <= 3)?;
        (bytes.iter().fold(0, |length, byte| length << 8 | usize::from(*byte)), 2 + size)
    };
    Some((der.get(start..start + length)?, der.get(start + length..)?))
}

/// The bytes of a text in base64, blanks left out. Source: RFC 4648, section 4.
fn base64(text: &str) -> Option<Vec<u8>> {
    const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut found = Vec::new();
    let (mut bits, mut count) = (0_u32, 0);
    for byte in text.bytes().filter(|byte| !byte.is_ascii_whitespace() && *byte != b'=') {
        let value = LETTERS.iter().position(|letter| *letter == byte)?;
        bits = bits << 6 | u32::try_from(value).ok()?;
        count += 6;
        if count >= 8 {
            count -= 8;
            found.push(u8::try_from(bits >> count & 0xFF).ok()?);
            bits &= (1 << count) - 1;
        }
    }
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::{base64, element, names};

    /// `SEQUENCE { SEQUENCE { [0] 2, 1, SEQUENCE {}, issuer, SEQUENCE {}, subject } }`.
    fn certificate(issuer: &[u8], subject: &[u8]) -> Vec<u8> {
        let one = |tag: u8, inside: &[u8]| {
            let mut all = vec![tag, u8::try_from(inside.len()).unwrap_or(u8::MAX)];
            all.extend_from_slice(inside);
            all
        };
        let parts = [
            one(0xA0, &[2, 1, 2]),
            one(2, &[1]),
            one(0x30, &[]),
            one(0x30, issuer),
            one(0x30, &[]),
            one(0x30, subject),
        ];
        one(0x30, &one(0x30, &parts.concat()))
    }

    #[test]
    fn the_names_of_a_certificate() {
        let der = certificate(b"a", b"b");
        assert_eq!(names(&der), Some((&b"a"[..], &b"b"[..])));
        assert_eq!(names(&der[..der.len() - 1]), None);
        assert_eq!(element(&[0x30, 0x82, 0, 1, 7, 9]), Some((&[7][..], &[9][..])));
        assert_eq!(element(&[0x30, 0x88]), None);
    }

    #[test]
    fn base64_is_read_over_lines() {
        assert_eq!(base64("TWFu\nTWE=").as_deref(), Some(&b"ManMa"[..]));
        assert_eq!(base64("%"), None);
    }
}

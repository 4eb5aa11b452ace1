//! SDP as lines (RFC 8866 §5): what is not of that form is refused, and no more is understood here than sections and attributes.

use base::limits::{SDP_BYTES_MAX, SDP_MEDIA_MAX};

use super::refusal::Refusal;

/// Bytes of one line.
pub(super) const LINE_BYTES_MAX: usize = 2_048;

/// A description: what stands before the first `m=` line, and a section for each of them.
#[derive(Debug)]
pub(super) struct Description<'a> {
    pub(super) session: Section<'a>,
    pub(super) media: Vec<Section<'a>>,
}

/// Lines from an `m=` line to the next one.
#[derive(Debug, Default)]
pub(super) struct Section<'a> {
    /// What stands behind `m=`; empty for the session.
    pub(super) media: &'a str,
    /// What stands behind `o=`; only the session has it.
    pub(super) origin: &'a str,
    attributes: Vec<&'a str>,
}

impl<'a> Section<'a> {
    /// All attributes, as name and value.
    pub(super) fn attributes(&self) -> impl Iterator<Item = (&'a str, Option<&'a str>)> {
        self.attributes.iter().map(|text| match text.split_once(':') {
            Some((name, value)) => (name, Some(value)),
            None => (*text, None),
        })
    }

    /// Values of an attribute, in order.
    pub(super) fn values(&self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.attributes().filter(move |(n, _)| *n == name).filter_map(|(_, value)| value)
    }

    /// Value of an attribute that is there once.
    pub(super) fn value(&self, name: &'a str) -> Option<&'a str> {
        self.values(name).next()
    }

    /// An attribute without a value is there.
    pub(super) fn flag(&self, name: &str) -> bool {
        self.attributes().any(|(n, value)| n == name && value.is_none())
    }
}

/// Divides a description into its sections.
pub(super) fn read(text: &str) -> Result<Description<'_>, Refusal> {
    if text.len() > SDP_BYTES_MAX {
        return Err(Refusal::TooLarge(text.len()));
    }
    let lines = text.split('\n').filter(|line| line.starts_with("m=")).count();
    if lines > SDP_MEDIA_MAX {
        return Err(Refusal::TooManyLines(lines));
    }
    let mut session = Section::default();
    let mut media: Vec<Section<'_>> = Vec::with_capacity(lines);
    let mut begun = false;
    for (at, line) in text.split('\n').enumerate() {
        let line = line.strip_suffix('\r').unwrap_or(line).trim_end_matches([' ', '\t']);
        if !begun && line != "v=0" {
            return Err(Refusal::NoVersion);
        }
        begun = true;
        if line.is_empty() {
            continue;
        }
        match checked(at + 1, line)? {
            ('m', value) => media.push(Section { media: value, ..Section::default() }),
            ('a', value) => media.last_mut().unwrap_or(&mut session).attributes.push(value),
            ('o', value) if media.is_empty() => session.origin = value,
            _ => {}
        }
    }
    if media.is_empty() {
        return Err(Refusal::NoMedia);
    }
    Ok(Description { session, media })
}

/// Type and value of a line.
fn checked(number: usize, line: &str) -> Result<(char, &str), Refusal> {
    if line.len() > LINE_BYTES_MAX {
        return Err(Refusal::LongLine { line: number, max: LINE_BYTES_MAX });
    }
    if line.chars().any(|c| c.is_control() && c != '\t') {
        return Err(Refusal::Control(number));
    }
    let Some((letter, value)) = line.split_once('=') else { return Err(Refusal::NoType(number)) };
    match *letter.as_bytes() {
        [letter @ b'a'..=b'z'] if b"vosiuepcbtrzkam".contains(&letter) => Ok((char::from(letter), value)),
        [letter @ b'a'..=b'z'] => Err(Refusal::UnknownType { line: number, letter: char::from(letter) }),
        _ => Err(Refusal::NoType(number)),
    }
}

/// A `token` of RFC 8866 §9 of at most so many characters.
pub(super) fn is_token(text: &str, max: usize) -> bool {
    let mark = |c: u8| b"!#$%&'*+-.^_`{|}~".contains(&c);
    (1..=max).contains(&text.len()) && text.bytes().all(|c| c.is_ascii_alphanumeric() || mark(c))
}

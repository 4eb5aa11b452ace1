//! Reads what clients send, and says what is wrong with it so that somebody can mend it.

use std::fmt;

use base::CommandKey;
use serde_json::Value;

use crate::{Act, ClientFrame, once};

/// Letters of an unknown name that are compared with known ones, which are all shorter.
const COMPARED_MAX: usize = 64;

const NO_FRAME: &str = "a frame is an object with a text k";

/// What is wrong with a text, in words.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unreadable {
    /// What is wrong, and where.
    pub detail: String,
    /// The known name that comes nearest to the unknown one.
    pub nearest: Option<String>,
}

impl Unreadable {
    fn new(detail: impl ToString) -> Self {
        Self { detail: detail.to_string(), nearest: None }
    }
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.nearest {
            Some(nearest) => write!(f, "{}; did you mean {nearest}?", self.detail),
            None => f.write_str(&self.detail),
        }
    }
}

impl std::error::Error for Unreadable {}

/// Reads a frame of a client.
///
/// # Errors
/// [`Unreadable`] says what is wrong, with the field and the nearest known name.
pub fn frame(text: &str) -> Result<ClientFrame, Unreadable> {
    if !text.trim_ascii_start().starts_with('{') {
        let no_object = |_: Value| Unreadable::new(NO_FRAME);
        return Err(serde_json::from_str(text).map_or_else(not_json, no_object));
    }
    once::check(text.as_bytes()).map_err(not_json)?;
    serde_json::from_str(text).map_err(|error| wrong_frame(text, error))
}

/// Reads an act: the body of a command over HTTP.
///
/// # Errors
/// As [`frame`].
pub fn act(bytes: &[u8]) -> Result<Act, Unreadable> {
    once::check(bytes).map_err(not_json)?;
    let value = serde_json::from_slice(bytes).map_err(not_json)?;
    act_of(&value)
}

fn not_json(error: serde_json::Error) -> Unreadable {
    Unreadable::new(format!("not JSON: {error}"))
}

/// What is wrong with a frame; serde's own error of a tagged enum names neither the field nor the act within.
fn wrong_frame(text: &str, error: serde_json::Error) -> Unreadable {
    let value: Value = match serde_json::from_str(text) {
        Ok(value) => value,
        Err(error) => return not_json(error),
    };
    let Some(kind) = value.get("k").and_then(Value::as_str) else {
        return Unreadable::new(NO_FRAME);
    };
    if let (true, Some(Err(wrong))) = (kind == "cmd", value.get("do").map(act_of)) {
        return wrong;
    }
    if let Some(error) = unknown_kind(kind) {
        return Unreadable { detail: format!("unknown kind of frame {kind:?}"), nearest: nearest_in(&error) };
    }
    let error = serde_json::from_value::<ClientFrame>(value.clone()).err().unwrap_or(error).to_string();
    Unreadable::new(format!("{kind}: {}", strange_id(&value, &["key", "client"]).unwrap_or(error)))
}

/// What serde says of a kind that no frame has. A field within a frame may be an unknown variant as well, so the kind is asked by itself.
fn unknown_kind(kind: &str) -> Option<String> {
    let error = serde_json::from_value::<ClientFrame>(serde_json::json!({ "k": kind })).err()?.to_string();
    error.starts_with("unknown variant").then_some(error)
}

/// What is wrong with the first of these fields that is a text and no id.
fn strange_id(object: &Value, fields: &[&str]) -> Option<String> {
    fields.iter().find_map(|field| {
        let wrong = CommandKey::new(object.get(field)?.as_str()?).err()?;
        Some(format!("{field}: {wrong}"))
    })
}

fn act_of(value: &Value) -> Result<Act, Unreadable> {
    let name = match value.as_object().map(|object| object.keys().collect::<Vec<_>>()) {
        Some(keys) if keys.len() == 1 => keys[0],
        Some(_) | None => {
            return Err(Unreadable::new("an act is an object with one key, its name, as in {\"take\":{}}"));
        }
    };
    serde_path_to_error::deserialize(value).map_err(|error| {
        let inner = error.inner().to_string();
        let nearest = nearest_in(&inner);
        let place = error.path().iter().map(ToString::to_string).collect::<Vec<_>>();
        let detail = match place.is_empty() && inner.starts_with("unknown variant") {
            true => format!("unknown act {name:?}"),
            false => format!("{}: {inner}", place.join(": ")),
        };
        Unreadable { detail, nearest }
    })
}

/// The known name nearest to the unknown one of an error of serde, which lists the known ones.
fn nearest_in(error: &str) -> Option<String> {
    let unknown =
        ["unknown variant `", "unknown field `"].iter().find_map(|start| error.strip_prefix(start))?;
    let (name, known) = unknown.rsplit_once("`, expected ")?;
    nearest(name, &known.split('`').skip(1).step_by(2).collect::<Vec<_>>())
}

/// The known name that differs least; none if even that one has little in common.
fn nearest(name: &str, known: &[&str]) -> Option<String> {
    let name: String = name.chars().take(COMPARED_MAX).collect();
    let far = |known: &str| match known.starts_with(&name) && !name.is_empty() {
        true => 0,
        false => strsim::levenshtein(&name, known),
    };
    let best = known.iter().min_by_key(|known| far(known))?;
    (far(best) <= best.len().div_ceil(2)).then(|| (*best).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_command_is_named() {
        let check = |text: &str, detail: &str, nearest: Option<&str>| {
            let bad = act(text.as_bytes()).unwrap_err();
            assert!(bad.detail.contains(detail), "{text}: {}", bad.detail);
            assert_eq!(bad.nearest.as_deref(), nearest, "{text}");
        };
        check("{", "not JSON", None);
        check("[]", "an object with one key", None);
        check("{}", "an object with one key", None);
        check(r#"{"take":{},"slate":{}}"#, "an object with one key", None);
        check(r#"{"tkae":{}}"#, "unknown act \"tkae\"", Some("take"));
        check(r#"{"callon":{}}"#, "unknown act \"callon\"", Some("call_on"));
        check(r#"{"selfdestruct":{}}"#, "unknown act", None);
        check(r#"{"ta`ke":{}}"#, "unknown act \"ta`ke\"", Some("take"));
        check(
            r#"{"take":{"expect_previeuw":"a"}}"#,
            "unknown field `expect_previeuw`",
            Some("expect_preview"),
        );
        check(r#"{"take":{"expect":"a"}}"#, "unknown field `expect`", Some("expect_preview"));
        check(r#"{"start":{"now":1}}"#, "unknown field `now`", None);
        check(r#"{"call_on":{"venue":"a b"}}"#, "call_on: venue: an id is made of", None);
        check(r#"{"take":{"expect_preview":""}}"#, "take: expect_preview: an id must not be empty", None);
        check(
            r#"{"call_on":{"venue":"v1","limit_s":"30 s"}}"#,
            "call_on: limit_s: invalid type: string \"30 s\", expected u32",
            None,
        );
        check(r#"{"call_on":{}}"#, "missing field `venue`", None);
        check(r#"{"call_on":{"venue":"v1","limit_s":-1}}"#, "invalid value", None);
    }

    #[test]
    fn a_name_that_stands_twice_in_one_object_is_refused_at_any_depth() {
        for twice in [
            r#"{"k":"ready","k":"cmd","key":"1","do":{"mute_all":{}}}"#,
            r#"{"k":"cmd","key":"1","key":"2","do":{"mute_all":{}}}"#,
            r#"{"k":"cmd","key":"1","do":{"start":{},"start":{}}}"#,
            r#"{"k":"cmd","key":"1","do":{"preview":{"source":"a","source":"b"}}}"#,
            r#"{"k":"cmd","key":"1","do":{"end":{}},"d\u006f":{"start":{}}}"#,
            r#"{"k":"report","level":-20,"level":0}"#,
        ] {
            let wrong = frame(twice).unwrap_err().to_string();
            assert!(wrong.contains("duplicate field `"), "{twice}: {wrong}");
        }
        for twice in [r#"{"start":{},"start":{}}"#, r#"{"preview":{"source":"a","source":"b"}}"#] {
            let wrong = act(twice.as_bytes()).unwrap_err().to_string();
            assert!(wrong.contains("duplicate field `"), "{twice}: {wrong}");
        }
        assert!(frame(r#"{"k":"cmd","key":"1","do":{"call_on":{"venue":"v1","source":"v1"}}}"#).is_ok());
    }

    #[test]
    fn every_kind_of_act_has_a_form_here() {
        for kind in base::ActKind::ALL {
            let read = act(format!("{{\"{}\":{{}}}}", kind.name()).as_bytes());
            assert!(!read.is_err_and(|wrong| wrong.detail.starts_with("unknown act")), "{kind}");
        }
    }

    #[test]
    fn fields_are_named_and_never_taken_by_their_place() {
        for act_in_a_list in
            [r#"{"start":[]}"#, r#"{"preview":["v1"]}"#, r#"{"call_on":["v1",null,null,60,null]}"#]
        {
            assert!(act(act_in_a_list.as_bytes()).is_err(), "{act_in_a_list}");
            let text = format!(r#"{{"k":"cmd","key":"a","do":{act_in_a_list}}}"#);
            let wrong = frame(&text).unwrap_err().to_string();
            assert!(wrong.contains("invalid type: sequence"), "{text}: {wrong}");
        }
        for list in [r#"["resync"]"#, r#"["cmd","a",{"start":{}}]"#] {
            assert!(frame(list).is_err(), "{list}");
        }
    }

    #[test]
    fn what_is_wrong_with_a_frame_is_named() {
        let check = |text: &str, want: &str| {
            let line = frame(text).unwrap_err().to_string();
            assert!(line.contains(want), "{text}: {line}");
        };
        check("", "not JSON");
        check("7", "an object with a text k");
        check(r#"{"k":7}"#, "an object with a text k");
        check(r#"{"k":"helo"}"#, "did you mean hello?");
        check(r#"{"k":"hello"}"#, "hello: missing field `v`");
        check(r#"{"k":"resync","k":"resync"}"#, "duplicate field `k`");
        check(r#"{"k":"cmd","key":"1","do":{"taek":{}}}"#, "did you mean take?");
        check(r#"{"k":"cmd","do":{"take":{}}}"#, "missing field `key`");
        check(r#"{"k":"cmd","key":"a b","do":{"take":{}}}"#, "cmd: key: an id is made of");
        check(r#"{"k":"report","level":-1000}"#, "report: ");
        check(r#"{"k":"report","microphone":"zz"}"#, "report: unknown variant `zz`, expected one of `open`");
        check(r#"{"k":"report","sound":"zz"}"#, "report: unknown variant `zz`");
        assert!(frame(r#"{"k":"report","level":-20,"hidden":false}"#).is_ok());
    }
}

//! Reads what clients send, and says what is wrong with it so that somebody can mend it.

use base::CommandKey;
use directory::policy::ActKind;
use serde_json::Value;
use wire::{Act, ClientFrame};

/// What is wrong with a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Bad {
    pub(crate) detail: String,
    /// The known name that comes nearest to the unknown one.
    pub(crate) nearest: Option<String>,
}

impl Bad {
    pub(crate) fn new(detail: impl ToString) -> Self {
        Self { detail: detail.to_string(), nearest: None }
    }

    /// In one line.
    pub(crate) fn line(&self) -> String {
        match &self.nearest {
            Some(nearest) => format!("{}; did you mean {nearest}?", self.detail),
            None => self.detail.clone(),
        }
    }
}

const FRAMES: [&str; 6] = ["hello", "ready", "resync", "cmd", "report", "view"];

/// Reads a frame.
pub(crate) fn frame(text: &str) -> Result<ClientFrame, Bad> {
    let value: Value = serde_json::from_str(text).map_err(|error| Bad::new(format!("not JSON: {error}")))?;
    let Some(kind) = value.get("k").and_then(Value::as_str) else {
        return Err(Bad::new("a frame is an object with a text k"));
    };
    if !FRAMES.contains(&kind) {
        return Err(Bad {
            detail: format!("unknown kind of frame {kind:?}"),
            nearest: nearest(kind, &FRAMES),
        });
    }
    if let (true, Some(act)) = (kind == "cmd", value.get("do")) {
        self::act(act)?;
    }
    let kind = kind.to_owned();
    let strange = strange_id(&value, &["key", "client"]);
    serde_json::from_value(value).map_err(|error| Bad::new(said(&kind, strange, &error)))
}

/// What is wrong with the first of these fields that is a text and no id, for errors of serde do not name a field whose value is bad.
fn strange_id(object: &Value, fields: &[&str]) -> Option<String> {
    fields.iter().find_map(|field| {
        let wrong = CommandKey::new(object.get(field)?.as_str()?).err()?;
        Some(format!("{field}: {wrong}"))
    })
}

fn said(what: &str, strange: Option<String>, error: &serde_json::Error) -> String {
    format!("{what}: {}", strange.unwrap_or_else(|| error.to_string()))
}

/// Reads the body of a command over HTTP.
pub(crate) fn body(bytes: &[u8]) -> Result<Act, Bad> {
    let value = serde_json::from_slice(bytes).map_err(|error| Bad::new(format!("not JSON: {error}")))?;
    act(&value)
}

fn act(value: &Value) -> Result<Act, Bad> {
    let name = match value.as_object().map(|object| object.keys().collect::<Vec<_>>()) {
        Some(keys) if keys.len() == 1 => keys[0].clone(),
        Some(_) | None => {
            return Err(Bad::new("an act is an object with one key, its name, as in {\"take\":{}}"));
        }
    };
    let Some(kind) = ActKind::ALL.into_iter().find(|kind| kind.name() == name) else {
        let nearest = nearest(&name, &ActKind::ALL.map(ActKind::name));
        return Err(Bad { detail: format!("unknown act {name:?}"), nearest });
    };
    serde_json::from_value(value.clone()).map_err(|error| {
        let known = fields(kind);
        let given = value[&name].as_object();
        let unknown = given.and_then(|given| given.keys().find(|field| !known.contains(&field.as_str())));
        let ids: Vec<&str> = known.iter().copied().filter(|field| *field != "limit_s").collect();
        let detail = said(&name, strange_id(&value[&name], &ids), &error);
        Bad { detail, nearest: unknown.and_then(|field| nearest(field, known)) }
    })
}

/// Names of the fields of an act.
fn fields(kind: ActKind) -> &'static [&'static str] {
    match kind {
        ActKind::Start
        | ActKind::End
        | ActKind::Slate
        | ActKind::EndCallOn
        | ActKind::MuteAll
        | ActKind::Withdraw => &[],
        ActKind::Preview => &["source"],
        ActKind::Take => &["expect_preview"],
        ActKind::CallOn => &["venue", "source", "person", "limit_s", "request"],
        ActKind::OpenFloor | ActKind::CloseFloor => &["venue"],
        ActKind::Raise => &["person"],
        ActKind::Drop => &["request"],
        ActKind::Item => &["item"],
    }
}

/// The known name that differs least; none if even that one has little in common.
fn nearest(name: &str, known: &[&str]) -> Option<String> {
    let far =
        |known: &str| if known.starts_with(name) && !name.is_empty() { 0 } else { distance(name, known) };
    let best = known.iter().min_by_key(|known| far(known))?;
    (far(best) <= best.len().div_ceil(2)).then(|| (*best).to_owned())
}

/// Levenshtein's distance; long names are cut, for they resemble nothing known.
fn distance(a: &str, b: &str) -> usize {
    let a: Vec<char> = a.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=a.len()).collect();
    for (i, b) in b.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], i + 1);
        for (j, a) in a.iter().enumerate() {
            let cost = (corner + usize::from(*a != b)).min(row[j] + 1).min(row[j + 1] + 1);
            corner = std::mem::replace(&mut row[j + 1], cost);
        }
    }
    row[a.len()]
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_with_a_command_is_named() {
        let check = |text: &str, detail: &str, nearest: Option<&str>| {
            let bad = body(text.as_bytes()).unwrap_err();
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
            "invalid type: string \"30 s\", expected u32",
            None,
        );
        check(r#"{"call_on":{}}"#, "missing field `venue`", None);
        check(r#"{"call_on":{"venue":"v1","limit_s":-1}}"#, "invalid value", None);
    }

    #[test]
    fn what_is_wrong_with_a_frame_is_named() {
        let check = |text: &str, want: &str| {
            let line = frame(text).unwrap_err().line();
            assert!(line.contains(want), "{text}: {line}");
        };
        check("", "not JSON");
        check("7", "an object with a text k");
        check(r#"{"k":7}"#, "an object with a text k");
        check(r#"{"k":"helo"}"#, "did you mean hello?");
        check(r#"{"k":"hello"}"#, "missing field");
        check(r#"{"k":"cmd","key":"1","do":{"taek":{}}}"#, "did you mean take?");
        check(r#"{"k":"cmd","do":{"take":{}}}"#, "missing field `key`");
        check(r#"{"k":"cmd","key":"a b","do":{"take":{}}}"#, "cmd: key: an id is made of");
        check(r#"{"k":"report","level":-1000}"#, "report: ");
        assert!(frame(r#"{"k":"report","level":-20,"hidden":false}"#).is_ok());
    }
}

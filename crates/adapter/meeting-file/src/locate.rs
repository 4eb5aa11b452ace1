//! Where in a meeting file something stands: line and key.

use std::ops::Range;
use std::rc::Rc;

use serde_json::Value;
use toml::de::{DeTable, DeValue};

use crate::fault::{Fault, nearest};
use crate::resolve::{Problem, Step};

/// A syntax error.
pub(crate) fn syntax(text: &str, error: &toml::de::Error) -> Fault {
    Fault { line: line(text, error.span()), key: String::new(), what: error.message().to_owned() }
}

/// A value of the wrong form.
pub(crate) fn value(text: &str, table: &DeTable<'_>, error: &toml::de::Error) -> Fault {
    let span = error.span();
    let mut key = String::new();
    if let Some(span) = &span {
        key_at(table, span, &mut key);
    }
    Fault { line: line(text, span), key, what: error.message().to_owned() }
}

/// Something that does not fit the rest of the file.
pub(crate) fn problem(text: &str, table: &DeTable<'_>, problem: &Problem) -> Fault {
    let mut key = String::new();
    let mut span = None;
    let mut here = Some(Place::Table(table));
    for step in &problem.at {
        match step {
            Step::Key(name) => push_key(&mut key, name),
            Step::Index(index) => push_index(&mut key, *index),
        }
        here = here.and_then(|place| place.enter(step, &mut span));
    }
    Fault { line: line(text, span), key, what: problem.what.clone() }
}

/// Keys that the schema does not know, in the order of the file.
/// At most `most`, since each costs a look through the text.
pub(crate) fn unknown_keys(text: &str, table: &DeTable<'_>, most: usize) -> Vec<Fault> {
    let schema = crate::file::schema();
    let mut walk = Walk { root: &schema, unknown: Vec::new() };
    walk.table(table, &[&schema], "");
    walk.unknown.sort_by_key(|unknown| unknown.span.start);
    let faults = walk.unknown.into_iter().take(most);
    faults.map(|unknown| unknown.fault(text)).collect()
}

/// A key that the schema does not know.
struct Unknown<'w> {
    key: String,
    name: String,
    span: Range<usize>,
    /// What is known where it stands.
    known: Rc<[&'w str]>,
}

impl Unknown<'_> {
    fn fault(self, text: &str) -> Fault {
        let what = match nearest(&self.name, self.known.iter().copied()) {
            Some(word) => format!("unknown key; the nearest known key is `{word}`"),
            None => {
                let all: Vec<String> = self.known.iter().map(|key| format!("`{key}`")).collect();
                format!("unknown key; known are {}", all.join(", "))
            }
        };
        Fault { line: line(text, Some(self.span)), key: self.key, what }
    }
}

#[derive(Clone, Copy)]
enum Place<'t, 'i> {
    Table(&'t DeTable<'i>),
    Value(&'t DeValue<'i>),
}

impl<'t, 'i> Place<'t, 'i> {
    fn enter(self, step: &Step, span: &mut Option<Range<usize>>) -> Option<Self> {
        match (self, step) {
            (Self::Table(table), Step::Key(name)) | (Self::Value(DeValue::Table(table)), Step::Key(name)) => {
                let (key, value) = table.iter().find(|(key, _)| key.get_ref().as_ref() == *name)?;
                *span = Some(key.span());
                Some(Self::Value(value.get_ref()))
            }
            (Self::Value(DeValue::Array(array)), Step::Index(index)) => {
                let value = array.get(*index)?;
                *span = Some(value.span());
                Some(Self::Value(value.get_ref()))
            }
            (Self::Table(_) | Self::Value(_), Step::Key(_) | Step::Index(_)) => None,
        }
    }
}

/// Compares a file with its schema, both from the top down.
struct Walk<'w> {
    root: &'w Value,
    unknown: Vec<Unknown<'w>>,
}

impl<'w> Walk<'w> {
    /// `forms` are the schemas that the table may have; a key that one of them knows is known.
    fn table(&mut self, table: &DeTable<'_>, forms: &[&'w Value], at: &str) {
        let forms = self.resolved(forms);
        let known: Vec<(&'w str, &'w Value)> = forms
            .iter()
            .filter_map(|form| form.get("properties")?.as_object())
            .flatten()
            .map(|(key, form)| (key.as_str(), form))
            .collect();
        if known.is_empty() {
            // No form of it is a table; the value's own error says so.
            return;
        }
        let names: Rc<[&'w str]> = known.iter().map(|(key, _)| *key).collect();
        // Languages are more than a schema names; whether a key is one is said when its text is checked.
        let open = forms.iter().any(|form| form.get("patternProperties").is_some());
        for (key, value) in table {
            let name = key.get_ref().as_ref();
            let mut path = at.to_owned();
            push_key(&mut path, name);
            let below: Vec<&'w Value> =
                known.iter().filter(|(known, _)| *known == name).map(|(_, form)| *form).collect();
            if below.is_empty() && !open {
                let known = Rc::clone(&names);
                self.unknown.push(Unknown { key: path, name: name.to_owned(), span: key.span(), known });
            } else {
                self.value(value.get_ref(), &below, &path);
            }
        }
    }

    fn value(&mut self, value: &DeValue<'_>, forms: &[&'w Value], at: &str) {
        match value {
            DeValue::Table(table) => self.table(table, forms, at),
            DeValue::Array(array) => {
                let forms = self.resolved(forms);
                let below: Vec<&'w Value> = forms.iter().filter_map(|form| form.get("items")).collect();
                for (index, value) in array.iter().enumerate() {
                    let mut path = at.to_owned();
                    push_index(&mut path, index);
                    self.value(value.get_ref(), &below, &path);
                }
            }
            DeValue::String(_)
            | DeValue::Integer(_)
            | DeValue::Float(_)
            | DeValue::Boolean(_)
            | DeValue::Datetime(_) => {}
        }
    }

    /// Follows references and alternatives down to schemas that say something themselves.
    fn resolved(&self, forms: &[&'w Value]) -> Vec<&'w Value> {
        let mut resolved = Vec::new();
        let mut open: Vec<&'w Value> = forms.to_vec();
        while let Some(form) = open.pop() {
            if let Some(name) = form.get("$ref").and_then(Value::as_str) {
                open.extend(self.root.pointer(name.trim_start_matches('#')));
            }
            for key in ["anyOf", "oneOf", "allOf"] {
                open.extend(form.get(key).and_then(Value::as_array).into_iter().flatten());
            }
            resolved.push(form);
        }
        resolved
    }
}

/// The key of the innermost value that has the span in it.
fn key_at(table: &DeTable<'_>, span: &Range<usize>, path: &mut String) {
    for (key, value) in table {
        if holds(&key.span(), span) || holds(&value.span(), span) || inside(value.get_ref(), span) {
            push_key(path, key.get_ref().as_ref());
            value_at(value.get_ref(), span, path);
            return;
        }
    }
}

fn value_at(value: &DeValue<'_>, span: &Range<usize>, path: &mut String) {
    match value {
        DeValue::Table(table) => key_at(table, span, path),
        DeValue::Array(array) => {
            let found = array
                .iter()
                .enumerate()
                .find(|(_, value)| holds(&value.span(), span) || inside(value.get_ref(), span));
            if let Some((index, value)) = found {
                push_index(path, index);
                value_at(value.get_ref(), span, path);
            }
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => {}
    }
}

/// A table under its own header has the span of the header alone, so what is in it is asked as well.
fn inside(value: &DeValue<'_>, span: &Range<usize>) -> bool {
    match value {
        DeValue::Table(table) => table.iter().any(|(key, value)| {
            holds(&key.span(), span) || holds(&value.span(), span) || inside(value.get_ref(), span)
        }),
        DeValue::Array(array) => {
            array.iter().any(|value| holds(&value.span(), span) || inside(value.get_ref(), span))
        }
        DeValue::String(_)
        | DeValue::Integer(_)
        | DeValue::Float(_)
        | DeValue::Boolean(_)
        | DeValue::Datetime(_) => false,
    }
}

fn holds(outer: &Range<usize>, inner: &Range<usize>) -> bool {
    outer.start <= inner.start && inner.end <= outer.end
}

fn push_key(path: &mut String, key: &str) {
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(key);
}

/// People count from one.
fn push_index(path: &mut String, index: usize) {
    path.push_str(&format!("[{}]", index + 1));
}

fn line(text: &str, span: Option<Range<usize>>) -> usize {
    let before = span.and_then(|span| text.as_bytes().get(..span.start)).unwrap_or_default();
    1 + before.iter().filter(|byte| **byte == b'\n').count()
}

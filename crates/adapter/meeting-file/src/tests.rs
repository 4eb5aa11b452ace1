//! The meeting file: what is taken, what is refused and how that is said.

use std::path::PathBuf;

use base::Wall;
use directory::change::changes;
use directory::{Codec, Text};

use crate::{FileError, Prepared, lines, parse, read, schema};

fn project(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..").join(path)
}

const SMALL: &str = r#"
organisation = "Yunling"
tiers = ["Head", "Branch"]

[[units]]
id = "head"
name = "Head"

[[units]]
id = "b"
upper = "head"
name = { zh = "宁波分部", en = "Ningbo Branch" }
short = { zh = "宁波", en = "Ningbo" }

[[venues]]
id = "main"
unit = "head"
name = "Main"

[[venues]]
id = "v002"
unit = "b"
name = { zh = "宁波会场", en = "Ningbo" }
technician = { name = "Wang", phone = "8001" }

[[people]]
id = "p1"
unit = "head"
name = "Li Ming"

[meeting]
id = "m1"
title = "Meeting"
chair_venue = "main"

[[items]]
id = "i1"
title = "Opening"
minutes = 5
"#;

fn small() -> Prepared {
    taken(SMALL)
}

fn taken(text: &str) -> Prepared {
    parse(text).unwrap_or_else(|faults| {
        panic!("{}", faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"))
    })
}

/// The small file with one text in it replaced.
fn with(old: &str, new: &str) -> String {
    assert!(SMALL.contains(old), "{old}");
    SMALL.replacen(old, new, 1)
}

/// What is said of a file that is refused.
fn said(text: &str) -> String {
    match parse(text) {
        Ok(_) => panic!("this was taken:\n{text}"),
        Err(faults) => faults.iter().map(ToString::to_string).collect::<Vec<_>>().join("\n"),
    }
}

#[test]
fn the_example_is_taken_whole() {
    let prepared = read(&project("examples/annual-meeting.toml")).unwrap_or_else(|error| panic!("{error}"));
    assert_eq!(prepared.directory.units().len(), 5);
    let venues: Vec<&str> = prepared.plan.venues.iter().map(|venue| venue.as_str()).collect();
    assert_eq!(venues, ["main", "annexe", "qingting", "liuzhu", "wangchuan", "cangyu"]);
    assert_eq!(prepared.directory.venues()[0].sources[1].id.as_str(), "main.2");
    // 09:00 in Shanghai is 01:00 UTC.
    assert_eq!(prepared.plan.start, Some(Wall(1_797_382_800_000)));
    let starts: Vec<i64> =
        prepared.plan.items.iter().map(|item| (item.start.unwrap().0 - 1_797_382_800_000) / 60_000).collect();
    assert_eq!(starts, [0, 5, 25, 35, 45, 80]);
}

#[test]
fn what_a_file_leaves_out_is_filled_in() {
    let prepared = small();
    let venue = &prepared.directory.venues()[1];
    assert_eq!(venue.short, Text::new("宁波会场", "Ningbo"));
    assert_eq!((venue.sources.len(), venue.sources[0].id.as_str()), (1, "v002.1"));
    assert_eq!(venue.sources[0].name, Text::new("机位 1", "cam 1"));
    assert_eq!(venue.search, ["v002", "ningbohuichang", "nbhc", "ningbo"]);
    assert_eq!(prepared.directory.venues()[0].name, Text::new("Main", "Main"));
    assert_eq!((prepared.plan.codec, prepared.plan.start), (Codec::Vp8, None));
    assert_eq!(prepared.plan.items[0].start, None);
}

#[test]
fn rank_is_the_order_of_the_file_unless_it_is_given() {
    let more = "\n[[venues]]\nid = 'x'\nunit = 'b'\nname = 'X'\n[[venues]]\nid = 'y'\nunit = 'b'\nname = 'Y'\nrank = 1\n[meeting]";
    let text = with("\n[meeting]", more).replace("phone = \"8001\" }", "phone = \"8001\" }\nrank = 5");
    let prepared = taken(&text);
    let order: Vec<&str> = prepared.plan.venues.iter().map(|venue| venue.as_str()).collect();
    assert_eq!(order, ["main", "y", "x", "v002"]);
}

#[test]
fn the_venue_of_the_chair_comes_first_and_always_takes_part() {
    let prepared = taken(&with("chair_venue = \"main\"", "chair_venue = \"v002\""));
    assert_eq!(prepared.plan.venues[0].as_str(), "v002");
    assert_eq!(prepared.plan.venues.len(), 2);
    let prepared = taken(&with("chair_venue = \"main\"", "chair_venue = \"main\"\nvenues = [\"v002\"]"));
    assert_eq!(prepared.plan.venues.len(), 2);
    let prepared = taken(&with("chair_venue = \"main\"", "chair_venue = \"main\"\nvenues = []"));
    assert_eq!(prepared.plan.venues.len(), 1);
}

#[test]
fn a_start_may_be_written_in_several_ways() {
    let check = |line: &str, want: i64| {
        let text = with("chair_venue = \"main\"", &format!("chair_venue = \"main\"\n{line}"));
        assert_eq!(taken(&text).plan.start, Some(Wall(want)), "{line}");
    };
    let nine_in_shanghai = 1_796_086_800_000;
    check("start = 2026-12-01T09:00:00+08:00", nine_in_shanghai);
    check("start = 2026-12-01T01:00:00Z", nine_in_shanghai);
    check("start = \"2026-12-01T09:00:00+08:00\"", nine_in_shanghai);
    check("start = \"2026-12-01T09:00[Asia/Shanghai]\"", nine_in_shanghai);
    check("start = 2026-12-01 09:00:00\nzone = \"Asia/Shanghai\"", nine_in_shanghai);
    check("start = \"2026-12-01 09:00\"\nzone = \"Asia/Shanghai\"", nine_in_shanghai);
}

#[test]
fn the_id_of_a_meeting_leaves_room_for_that_of_its_run() {
    let named = |length: usize| with("id = \"m1\"", &format!("id = \"{}\"", "m".repeat(length)));
    assert_eq!(taken(&named(59)).plan.id.as_str().len(), 59);
    assert!(said(&named(60)).contains("meeting.id: the id of a meeting has at most 59 characters"));
}

#[test]
fn items_follow_each_other_and_a_time_alone_is_of_the_meetings_day() {
    let start = "chair_venue = \"main\"\nstart = 2026-12-01T23:30:00+08:00";
    let items = "minutes = 20\n[[items]]\nid = 'i2'\ntitle = 'Two'\nminutes = 5\n[[items]]\nid = 'i3'\ntitle = 'Three'\nminutes = 1\nstart = 00:10:00";
    let text = with("chair_venue = \"main\"", start).replace("minutes = 5\n", items);
    let prepared = taken(&text);
    let begun = prepared.plan.start.unwrap().0;
    let starts: Vec<i64> =
        prepared.plan.items.iter().map(|item| (item.start.unwrap().0 - begun) / 60_000).collect();
    assert_eq!(starts, [0, 20, 40]);
}

#[test]
fn an_id_that_means_a_folder_in_an_address_is_refused() {
    for dots in [".", ".."] {
        let check = |text: String, key: &str| {
            let said = said(&text);
            assert!(said.contains(key) && said.contains("means a folder in an address"), "{said}");
        };
        check(with("id = \"m1\"", &format!("id = \"{dots}\"")), "meeting.id: \"");
        check(with("id = \"v002\"", &format!("id = \"{dots}\"")), "line 21: venues[");
    }
    taken(&with("id = \"m1\"", "id = \"...\""));
}

#[test]
fn a_time_that_the_clocks_leave_out_or_show_twice_is_refused() {
    let check = |line: &str, want: &str| {
        let said = said(&with("chair_venue = \"main\"", &format!("chair_venue = \"main\"\n{line}")));
        assert!(said.contains("line 35: meeting.start: ") && said.contains(want), "{line}: {said}");
    };
    let left_out = "the clocks leave out 02:30 on that day";
    check("start = 2027-03-28T02:30:00\nzone = \"Europe/Berlin\"", left_out);
    check("start = \"2027-03-28T02:30[Europe/Berlin]\"", left_out);
    let twice = "the clocks show 02:30 twice on that day";
    check("start = 2027-10-31T02:30:00\nzone = \"Europe/Berlin\"", twice);
    check("start = \"2027-10-31T02:30[Europe/Berlin]\"", twice);
    let start = |line: &str| {
        let text = with("chair_venue = \"main\"", &format!("chair_venue = \"main\"\n{line}"));
        taken(&text).plan.start.unwrap().0
    };
    let (first, second) = (
        start("start = \"2027-10-31T02:30+02:00[Europe/Berlin]\""),
        start("start = 2027-10-31T02:30:00+01:00\nzone = \"Europe/Berlin\""),
    );
    assert_eq!(second - first, 3_600_000);
    start("start = 2027-03-28T03:00:00\nzone = \"Europe/Berlin\"");
}

#[test]
fn a_wrong_start_says_what_is_wanted() {
    let check = |line: &str, want: &str| {
        let said = said(&with("chair_venue = \"main\"", &format!("chair_venue = \"main\"\n{line}")));
        assert!(said.contains(want), "{line}: {said}");
    };
    check(
        "start = 2026-12-01T09:00:00",
        "line 35: meeting.start: this time names no zone; give meeting.zone",
    );
    check("start = 2026-12-01", "is not a date and time");
    check("start = \"tomorrow\"", "meeting.start: \"tomorrow\" is not a date and time");
    check("start = true", "line 35: meeting.start: a date and time is wanted");
    check("zone = \"localtime\"", "line 35: meeting.zone: there is no time zone \"localtime\"");
    check("zone = \"Asia/Nowhere\"", "line 35: meeting.zone: there is no time zone \"Asia/Nowhere\"");
    let said = said(&with("minutes = 5", "minutes = 5\nstart = 09:05:00"));
    assert!(said.contains("line 40: items[1].start: a time alone is one of the meeting's day"), "{said}");
}

#[test]
fn of_many_unknown_keys_the_first_are_named() {
    let many: String = (0..40_000).map(|n| format!("k{n:05} = 1\n")).collect();
    let faults = parse(&format!("[meeting]\n{many}")).unwrap_err();
    let lines: Vec<_> = faults.iter().map(|fault| (fault.line, fault.key.as_str())).collect();
    assert_eq!((lines.len(), lines[0], lines[19]), (20, (2, "meeting.k00000"), (21, "meeting.k00019")));
}

#[test]
fn an_unknown_key_is_named_with_its_line_and_the_nearest_known_one() {
    let check = |text: String, want: &str| assert_eq!(said(&text), want);
    check(
        with("phone = \"8001\" }", "fone = \"8001\" }"),
        "line 24: venues[2].technician.fone: unknown key; the nearest known key is `phone`",
    );
    check(
        with("short = {", "shrt = {"),
        "line 13: units[2].shrt: unknown key; the nearest known key is `short`",
    );
    check(with("[meeting]", "[meetng]"), "line 31: meetng: unknown key; the nearest known key is `meeting`");
    let two = with("minutes = 5", "minutess = 5").replace("chair_venue", "chairvenue");
    assert_eq!(
        said(&two),
        "line 34: meeting.chairvenue: unknown key; the nearest known key is `chair_venue`\n\
         line 39: items[1].minutess: unknown key; the nearest known key is `minutes`"
    );
}

#[test]
fn a_text_takes_any_language_and_names_a_tag_that_is_none() {
    let short = |short: &str| with("short = { zh = \"宁波\", en = \"Ningbo\" }", &format!("short = {short}"));
    let taken = |text: &str| taken(&short(text)).directory.units()[1].short.clone();
    let text = taken("{ zh = \"宁波\", en = \"Ningbo\", pt-BR = \"Ningbó\" }");
    let languages: Vec<_> = text.iter().map(|(language, text)| (language.as_str(), text)).collect();
    assert_eq!(languages, [("zh", "宁波"), ("en", "Ningbo"), ("pt-BR", "Ningbó")]);
    assert_eq!(taken("{ zh = \"宁波\" }"), Text::new("宁波", ""));

    let check =
        |text: &str, want: &str| assert_eq!(said(&short(text)), format!("line 13: units[2].short: {want}"));
    check("{ zh = \"宁波\", xx = \"Ningbo\" }", "\"xx\" names no language: ISO 639-1 has no such code");
    check(
        "{ Chinese = \"宁波\", en = \"Ningbo\" }",
        "\"Chinese\" is no language tag; they are written as zh, en, pt-BR or zh-Hant",
    );
    check("{}", "must be in one language at least");
    check(
        "{ zh = \"宁波\", en = \" \" }",
        "must not be empty; the same text may serve all languages, and one may be left out",
    );
    let many: Vec<String> = (b'a'..=b'q').map(|letter| format!("qa{} = \"N\"", letter as char)).collect();
    check(&format!("{{ {} }}", many.join(", ")), "a text is in 17 languages, at most 16");
    check(&format!("{{ ug = \"{}\" }}", "N".repeat(121)), "the text in ug has more than 120 characters");
}

#[test]
fn a_value_of_the_wrong_form_is_named() {
    let check = |text: String, want: &[&str]| {
        let said = said(&text);
        for want in want {
            assert!(said.contains(want), "{want}\n{said}");
        }
    };
    check(with("minutes = 5", "minutes = \"5\""), &["line 39: items[1].minutes: ", "u32"]);
    check(with("minutes = 5", "minutes = -5"), &["line 39: items[1].minutes: "]);
    check(with("id = \"v002\"", "id = \"v 2\""), &["line 21: venues[2].id: ", "not ' '"]);
    check(with("name = \"Li Ming\"", "name = 7"), &["line 29: people[1].name: a text is wanted, or { zh"]);
    check(with("name = \"Main\"\n", ""), &["venues[1]", "missing field `name`"]);
    check(
        with("title = \"Meeting\"", "title = \"Meeting\"\ncodec = \"vp9\""),
        &["line 34: meeting.codec: ", "vp9", "`vp8`"],
    );
    check(
        with("title = \"Meeting\"", "title = \"Meeting\"\nvenues = \"some\""),
        &["line 34: meeting.venues: \"all\" is wanted, or a list"],
    );
    check(with("tiers = [\"Head\", \"Branch\"]", "tiers = \"Head\""), &["line 3: tiers: "]);
    check(with("[meeting]", "[[meeting]]"), &["line 31: meeting"]);
    check("organisation = \n".to_owned(), &["line 1: "]);
    check("organisation = \"x\"\norganisation = \"y\"\n".to_owned(), &["line 2: ", "duplicate key"]);
    check(String::new(), &["missing field `organisation`"]);
}

#[test]
fn names_that_do_not_fit_each_other_are_found_all_at_once() {
    let text = with("upper = \"head\"", "upper = \"haed\"")
        .replace("chair_venue = \"main\"", "chair_venue = \"mian\"\nchair = \"p2\"\nvenues = [\"v003\"]")
        .replace("minutes = 5", "minutes = 5\nperson = \"p11\"\nvenue = \"v02\"");
    assert_eq!(
        said(&text),
        "line 11: units[2].upper: there is no unit haed; the nearest is head\n\
         line 35: meeting.chair: there is no person p2; the nearest is p1\n\
         line 34: meeting.chair_venue: there is no venue mian; the nearest is main\n\
         line 36: meeting.venues[1]: there is no venue v003; the nearest is v002\n\
         line 42: items[1].person: there is no person p11; the nearest is p1\n\
         line 43: items[1].venue: there is no venue v02; the nearest is v002"
    );
}

#[test]
fn what_makes_no_directory_is_named_where_it_stands() {
    let check = |text: String, want: &str| {
        let said = said(&text);
        assert!(said.contains(want), "{want}\n{said}");
    };
    check(with("id = \"v002\"", "id = \"main\""), "line 21: venues[2].id: venue main is there twice");
    check(with("id = \"b\"", "id = \"head\""), "units[2].id: unit head is there twice");
    check(
        with("tiers = [\"Head\", \"Branch\"]", "tiers = [\"Head\"]"),
        "line 11: units[2].upper: unit b stands deeper",
    );
    check(with("name = \"Head\"", "name = \"Head\"\nupper = \"b\""), "deeper than the tiers");
    for hidden in ["\u{200b}", "\u{200d}", "\u{301}\u{302}"] {
        let short = format!("short = \"{hidden}\"");
        check(with("short = { zh = \"宁波\", en = \"Ningbo\" }", &short), "must not be empty");
    }
    for title in ["a\\nb\\nc\\nd", "a\\n \\nb", "a\\tb"] {
        check(
            with("title = \"Meeting\"", &format!("title = \"{title}\"")),
            "turns or breaks lines more than twice",
        );
    }
    for mark in ["\u{feff}a", "a\u{fff9}b", "a\u{61c}b"] {
        let short = format!("short = \"{mark}\"");
        check(with("short = { zh = \"宁波\", en = \"Ningbo\" }", &short), "turns or breaks lines");
    }
    check(
        with("short = { zh = \"宁波\", en = \"Ningbo\" }", "short = \"Ningbo Branch\""),
        "line 13: units[2].short: unit b: the short name \"Ningbo Branch\" is longer",
    );
    check(
        with("short = { zh = \"宁波\", en = \"Ningbo\" }", ""),
        "units[2]: needs a short name: its name is longer than 12 letters, of which a Han character counts as two",
    );
    check(
        with("name = \"Main\"\n", "name = \"Main\"\nsources = []\n"),
        "venues[1].sources: venue main has no camera position",
    );
    let clash = "name = \"Main\"\nsources = [{ id = \"v002\" }]\n";
    check(with("name = \"Main\"\n", clash), "venue and source v002");
    let nine = format!("name = \"Main\"\nsources = [{}]\n", "{},".repeat(9));
    check(with("name = \"Main\"\n", &nine), "9 camera positions of a venue, at most 8");
    check(with("title = \"Opening\"", "title = \" \""), "line 38: items[1].title: must not be empty");
    // Nothing of these is to be seen.
    for blank in ["\\u200b\\u200b", "\\u2060", "\\ufeff", "\\u3164", "\\u2800", "\\u00ad"] {
        let title = format!("title = \"{blank}\"");
        check(with("title = \"Opening\"", &title), "line 38: items[1].title: must not be empty");
    }
    check(with("phone = \"8001\"", "phone = \"\""), "line 24: venues[2].technician.phone: must have 1 to 40");
    check(
        with("minutes = 5", "minutes = 5000"),
        "line 39: items[1].minutes: an item takes at most 1440 minutes",
    );
    check(
        with("name = \"Li Ming\"", "name = \"Li\\u202eMing\""),
        "people[1].name: has a character that turns",
    );
    check(
        with("title = \"Meeting\"", &format!("title = \"{}\"", "x".repeat(121))),
        "has more than 120 characters",
    );
    let twice = "minutes = 5\n[[items]]\nid = \"i1\"\ntitle = \"x\"\nminutes = 1";
    check(with("minutes = 5", twice), "line 41: items[2].id: item i1 is there twice");
}

#[test]
fn a_venue_that_does_not_take_part_cannot_be_in_the_rundown() {
    let text = with("chair_venue = \"main\"", "chair_venue = \"main\"\nvenues = [\"v002\"]")
        .replace("[meeting]", "[[venues]]\nid = 'z'\nunit = 'b'\nname = 'Z'\n[meeting]")
        .replace("minutes = 5", "minutes = 5\nvenue = \"z\"");
    assert!(
        said(&text).contains("items[1].venue: venue z does not take part in the meeting"),
        "{}",
        said(&text)
    );
}

#[test]
fn a_file_that_is_too_long_not_text_or_not_there_is_named() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("meeting.toml");
    let check = |want: &str| {
        let error = read(&path).unwrap_err().to_string();
        assert!(error.contains("meeting.toml") && error.contains(want), "{error}");
    };
    check("cannot be read");
    std::fs::write(&path, vec![b'#'; base::limits::FILE_BYTES_MAX + 1]).unwrap();
    check("is longer than 4194304 bytes");
    std::fs::write(&path, b"# one\n# two \xff\n").unwrap();
    check("is not UTF-8 text from line 2 on");
    std::fs::write(&path, with("short = {", "shrt = {")).unwrap();
    check("is not right:\n  line 13: units[2].shrt: unknown key");
    assert!(matches!(read(&path), Err(FileError::Wrong { faults, .. }) if faults.len() == 1));
}

#[test]
fn nothing_in_a_file_can_break_the_reader() {
    for text in
        ["[[[[", "a.b.c = {", "\u{0}", "units = 3", "[meeting.venues.x]", "venues = [[[[]]]]", "items = [{}]"]
    {
        assert!(parse(text).is_err(), "{text}");
    }
    // Cut anywhere, a file is taken or refused, and a refusal names a line of it.
    for end in (0..SMALL.len()).filter(|end| SMALL.is_char_boundary(*end)) {
        if let Err(faults) = parse(&SMALL[..end]) {
            let lines = SMALL[..end].lines().count() + 1;
            assert!(!faults.is_empty() && faults.iter().all(|fault| (1..=lines).contains(&fault.line)));
        }
    }
    let many = (0..100).fold(SMALL.to_owned(), |text, n| format!("{text}x{n} = 1\n"));
    assert_eq!(parse(&many).unwrap_err().len(), 20);
}

/// What one file changes after another, in lines.
fn changed(before: Option<&Prepared>, after: &Prepared) -> Vec<String> {
    let (directory, plan) = (before.map(|file| &file.directory), before.map(|file| &file.plan));
    let changes = changes(directory, plan, &after.directory, &after.plan);
    lines(&changes, &after.zone).iter().map(ToString::to_string).collect()
}

#[test]
fn a_first_file_adds_everything() {
    assert_eq!(
        changed(None, &small()),
        [
            "~ organisation (none) → Yunling",
            "~ tiers (none) → Head, Branch",
            "+ unit head Head",
            "+ unit b 宁波分部 / Ningbo Branch",
            "+ venue main Main",
            "+ venue v002 宁波会场 / Ningbo",
            "+ person p1 Li Ming",
            "+ meeting m1 Meeting",
            "+ venue of the meeting main",
            "+ venue of the meeting v002",
            "+ item i1 Opening",
        ]
    );
}

#[test]
fn a_further_language_is_shown_with_its_tag() {
    let text =
        with("short = { zh = \"宁波\", en = \"Ningbo\" }", "short = { zh = \"宁波\", ug = \"Ningbo\" }")
            .replace(
                "title = \"Opening\"",
                "title = { zh = \"Opening\", en = \"Opening\", bo = \"Opening\" }",
            );
    assert_eq!(
        changed(Some(&small()), &taken(&text)),
        [
            "~ unit b short name 宁波 / Ningbo → zh: 宁波 / ug: Ningbo",
            "~ item i1 name Opening → Opening / bo: Opening",
        ]
    );
}

#[test]
fn a_second_file_shows_what_changes_and_the_same_file_nothing() {
    assert!(changed(Some(&small()), &small()).is_empty());
    let text = with("short = { zh = \"宁波\", en = \"Ningbo\" }", "short = { zh = \"甬\", en = \"Ningbo\" }")
        .replace("id = \"v002\"", "id = \"v003\"")
        .replace("name = \"Li Ming\"", "name = \"Li Meng\"")
        .replace(
            "title = \"Meeting\"",
            "title = \"Meeting\"\nstart = 2026-12-01T09:00:00+08:00\nchair = \"p1\"",
        )
        .replace("minutes = 5", "minutes = 15");
    assert_eq!(
        changed(Some(&small()), &taken(&text)),
        [
            "~ unit b short name 宁波 / Ningbo → 甬 / Ningbo",
            "+ venue v003 宁波会场 / Ningbo",
            "- venue v002 宁波会场 / Ningbo",
            "~ person p1 name Li Ming → Li Meng",
            "~ meeting m1 start (none) → 2026-12-01 09:00 +08:00",
            "~ meeting m1 time zone UTC → Etc/GMT-8",
            "~ meeting m1 chair (none) → p1",
            "+ venue of the meeting v003",
            "- venue of the meeting v002",
            "~ item i1 minutes 5 → 15",
            "~ item i1 start (none) → 2026-12-01 09:00 +08:00",
        ]
    );
}

/// `ONEHALL_WRITE_SCHEMA=1 cargo test -p onehall-meeting-file schema` writes it anew.
#[test]
fn the_committed_schema_is_current() {
    let path = project("docs/schema/meeting-file.schema.json");
    let current = serde_json::to_string_pretty(&schema()).unwrap() + "\n";
    if std::env::var_os("ONEHALL_WRITE_SCHEMA").is_some() {
        std::fs::write(&path, &current).unwrap();
    }
    let committed = std::fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == current,
        "{} is not what the code says; write it anew with ONEHALL_WRITE_SCHEMA=1",
        path.display()
    );
}

/// A million characters of keys under a key that takes none cost no more than reading them.
#[test]
fn a_large_file_is_read_in_one_pass() {
    let venues: String = (0..900)
        .map(|n| format!("[[venues]]\nid = 'w{n}'\nunit = 'b'\nname = 'W{n}'\nsearch = ['a{n}', 'b{n}']\n"))
        .collect();
    let prepared = taken(&with("\n[meeting]", &format!("\n{venues}\n[meeting]")));
    assert_eq!(prepared.plan.venues.len(), 902);
}

#[test]
fn the_smallest_file_of_the_guide_is_taken() {
    let guide = std::fs::read_to_string(project("docs/how-to/meeting-file.md")).unwrap();
    let smallest = guide.split("```toml\n").nth(1).and_then(|rest| rest.split("```").next()).unwrap();
    assert_eq!(taken(smallest).plan.venues.len(), 2);
}

//! What to try first, as the terminal says it: five lines in each language, true for how the demo begins.

/// How a demo begins.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Beginning {
    /// The script of the first minute runs.
    Opened,
    /// A run that is under way.
    GoesOn,
    /// On the slate, with synthetic venues.
    Slate,
    /// Without synthetic venues: nobody gives a picture.
    Dark,
}

/// The lines of one language: what is on air and in NEXT, how a venue comes there, hands, the slate, and what else there is.
#[derive(Debug)]
pub(crate) struct Hints {
    pub(crate) title: &'static str,
    pub(crate) lines: [&'static str; 5],
}

impl Beginning {
    pub(crate) const fn hints(self) -> [Hints; 2] {
        let (zh_now, en_now) = match self {
            Self::Opened => (
                "主会场全景即将播出，讲台在预监：按空格键切换，两个画面互换。",
                "Main's hall comes on air, its podium to NEXT: Space is TAKE and swaps them.",
            ),
            Self::GoesOn => (
                "会议从上次的状态继续：按 H 把主会场送入预监。",
                "The meeting goes on from where it was: H brings Main to NEXT.",
            ),
            Self::Slate => (
                "正在播出垫片，预监为空：按 H 把主会场送入预监。",
                "The slate is on air and NEXT is empty: H brings Main to NEXT.",
            ),
            Self::Dark => (
                "尚无会场有画面：打开上面来宾会场的地址，用自己的摄像机入会。",
                "No venue has a picture yet: join with your camera by the guest's address.",
            ),
        };
        let (zh_hands, en_hands) = match self {
            Self::Opened => (
                "20 秒后有会场举手：按 N 送入预监，按住 R 点名发言，按住 E 结束。",
                "A hand goes up 20 s later: N brings it to NEXT, hold R to call, E to end.",
            ),
            Self::GoesOn | Self::Slate => (
                "不时有会场举手：按 N 送入预监，按住 R 点名发言，按住 E 结束。",
                "Hands go up now and then: N brings one to NEXT, hold R to call, E to end.",
            ),
            Self::Dark => (
                "在值机台按 S 举手；在导播台按 N 送入预监，按住 R 点名，按住 E 结束。",
                "S on a technician's page is a hand: N brings it to NEXT, hold R, E to end.",
            ),
        };
        [
            Hints {
                title: "先在导播台上试试：",
                lines: [
                    zh_now,
                    "点一个会场，或按 1 至 9：送入预监；再按空格键即播出。",
                    zh_hands,
                    "按住 B 播垫片，再按空格键回到刚才的画面；按住 M 全部静音。",
                    "“下一环节”推进流程单；按 / 查找会场，按 ? 看全部按键。",
                ],
            },
            Hints {
                title: "To try first, on the desk:",
                lines: [
                    en_now,
                    "Press a venue, or 1 to 9: it comes to NEXT. Space puts it on air.",
                    en_hands,
                    "Hold B for the slate; Space brings the picture back. Hold M: mute all.",
                    "\"Next item\" moves the rundown on; / finds a venue, ? lists all keys.",
                ],
            },
        ]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Columns of a terminal: a Chinese character takes two, and quotation marks may.
    fn columns(text: &str) -> usize {
        text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum()
    }

    #[test]
    fn every_line_fits_a_terminal_of_80_columns_and_is_said_in_both_languages() {
        for beginning in [Beginning::Opened, Beginning::GoesOn, Beginning::Slate, Beginning::Dark] {
            let [zh, en] = beginning.hints();
            for line in zh.lines.iter().chain(&en.lines) {
                // With the number before it.
                assert!(columns(line) + 5 <= 80, "{} columns: {line}", columns(line));
            }
            for (zh, en) in zh.lines.iter().zip(en.lines) {
                assert!(en.is_ascii() && !zh.is_ascii(), "{zh} {en}");
                // Both name the same keys.
                for key in ['B', 'E', 'H', 'M', 'N', 'R', 'S'] {
                    let named = |text: &str| {
                        text.split(|c: char| !c.is_ascii_alphanumeric()).any(|word| word == key.to_string())
                    };
                    assert_eq!(named(zh), named(en), "{key}: {zh} {en}");
                }
            }
        }
    }
}
